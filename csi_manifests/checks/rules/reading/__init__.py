"""0xx: what can be wrong before there is an object."""
