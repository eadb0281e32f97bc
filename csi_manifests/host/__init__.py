"""The host's side of a setup: the feature gates of Kubernetes' own components, and kube-apiserver's own manifest."""
