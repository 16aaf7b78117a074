"""Convert between bytes and models, without I/O: requests, responses, error bodies."""
