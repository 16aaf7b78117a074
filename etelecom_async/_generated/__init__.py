"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 40465149567d); do not edit.
"""
