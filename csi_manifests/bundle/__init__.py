"""Objects in their order: read, gathered, compared."""
