"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 98253b1f832d); do not edit.
"""
