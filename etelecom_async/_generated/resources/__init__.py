"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 98253b1f832d); do not edit.
"""
