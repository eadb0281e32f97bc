"""What an object can say: one class for each Kubernetes kind and type, one module for each API group and version."""
