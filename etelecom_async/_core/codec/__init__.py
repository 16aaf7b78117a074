"""Bytes to models and back, without I/O: requests, responses, error bodies."""
