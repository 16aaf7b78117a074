"""
Generated code: the parts that differ by operation.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""
