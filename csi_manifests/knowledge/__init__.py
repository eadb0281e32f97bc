"""What is known of other people's programs, as data with its sources; each file has a module that reads it when asked."""
