"""The rules, a file a topic; each module is found by being here."""
