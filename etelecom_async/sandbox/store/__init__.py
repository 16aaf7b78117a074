"""The state of a sandbox in SQLite, and its clock."""
