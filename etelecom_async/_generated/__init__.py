"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 4fbd59d55f74); do not edit.
"""
