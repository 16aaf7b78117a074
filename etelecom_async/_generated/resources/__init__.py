"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 a098f4fc9432); do not edit.
"""
