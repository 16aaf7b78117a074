"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 4016c8e61ee5); do not edit.
"""
