"""The state of a sandbox in SQLite, the lock of its file, and its clock."""
