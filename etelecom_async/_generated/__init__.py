"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 40b95d7c07e3); do not edit.
"""
