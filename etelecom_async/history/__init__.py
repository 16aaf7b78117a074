"""Read the call history in columns: into tables, frames and files."""
