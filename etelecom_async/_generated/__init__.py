"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 877fd6c51c0f); do not edit.
"""
