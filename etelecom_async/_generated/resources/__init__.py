"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 bff9aa65f304); do not edit.
"""
