"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 a098f4fc9432); do not edit.
"""
