"""A bundle as YAML and as JSON; ``files`` writes a folder, and is no format."""
