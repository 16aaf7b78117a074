"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 0bbf6c32a0df); do not edit.
"""
