"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 2c29a65d2d55); do not edit.
"""
