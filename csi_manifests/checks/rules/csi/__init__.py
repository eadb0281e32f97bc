"""4xx: what keeps a CSI driver, its sidecars and its snapshots from working."""
