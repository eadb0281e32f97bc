"""YAML as kubectl reads it: text to plain data and back."""
