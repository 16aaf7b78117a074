"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 c1d25c52c20b); do not edit.
"""
