"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 40465149567d); do not edit.
"""
