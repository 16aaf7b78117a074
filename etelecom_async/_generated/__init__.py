"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 c1d25c52c20b); do not edit.
"""
