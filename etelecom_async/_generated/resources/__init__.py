"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 87feeb69a7eb); do not edit.
"""
