"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 87feeb69a7eb); do not edit.
"""
