"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 74fe044b5f74); do not edit.
"""
