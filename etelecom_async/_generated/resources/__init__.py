"""
Methods of the clients, by namespace.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""
