"""The findings of a check, for people, programs and CI servers."""
