"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 3cfcb2acf86f); do not edit.
"""
