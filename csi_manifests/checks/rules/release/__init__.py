"""3xx: what a release of Kubernetes does not serve, or needs."""
