"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 1130781fde68); do not edit.
"""
