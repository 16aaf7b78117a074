"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 84f7e02d227d); do not edit.
"""
