"""2xx: what can be wrong between the objects of a bundle."""
