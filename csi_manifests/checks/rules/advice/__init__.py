"""A folder of rules: ``FOLDERS`` in ``checks/rule.py`` says what they are about."""
