"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 88c4e92977cf); do not edit.
"""
