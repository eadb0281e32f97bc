"""A bundle as YAML, as JSON, and as a folder of files."""
