"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 bff9aa65f304); do not edit.
"""
