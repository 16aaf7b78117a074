"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 3cfcb2acf86f); do not edit.
"""
