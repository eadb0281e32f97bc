"""5xx: what works, and could be better."""
