"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 6b6574033de0); do not edit.
"""
