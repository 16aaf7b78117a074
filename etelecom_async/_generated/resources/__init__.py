"""
The methods of the clients, by namespace.

Written by `python -m codegen` (sha256 1130781fde68); do not edit.
"""
