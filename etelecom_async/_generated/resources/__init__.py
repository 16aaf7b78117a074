"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 74fe044b5f74); do not edit.
"""
