"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 4fbd59d55f74); do not edit.
"""
