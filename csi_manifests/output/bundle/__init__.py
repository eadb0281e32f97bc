"""A bundle as YAML and as JSON."""
