"""Tests against a real Kubernetes API server and its controllers; ``build.sh`` makes the binaries they need."""
