"""All there is to say of some rules."""
