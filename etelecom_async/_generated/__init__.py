"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 fca612dd3559); do not edit.
"""
