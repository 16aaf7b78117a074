"""
What differs from operation to operation.

Written by `python -m codegen` (sha256 84f7e02d227d); do not edit.
"""
