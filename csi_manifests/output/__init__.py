"""What is written: a folder for each thing, a module for each format."""
