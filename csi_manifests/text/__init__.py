"""Texts, places and plain data: what knows no Kubernetes."""
