"""The JSON Schemas of the files that are read and written; ``schemas/NAME.schema.json`` is a copy of each."""
