"""1xx: what can be wrong with one object, by itself."""
