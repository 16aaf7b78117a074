"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 877fd6c51c0f); do not edit.
"""
