"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 2c29a65d2d55); do not edit.
"""
