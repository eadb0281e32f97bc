"""What came of a demonstration: for people, for programs, for a CI server."""
