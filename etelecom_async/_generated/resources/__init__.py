"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 fca612dd3559); do not edit.
"""
