"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 0bbf6c32a0df); do not edit.
"""
