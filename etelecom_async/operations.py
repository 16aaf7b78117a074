"""Table of operations by public name: one row describes one operation."""

from etelecom_async._core.operation import Effect, KeyKind, Operation
from etelecom_async._generated.operations import OPERATIONS

__all__ = ["OPERATIONS", "Effect", "KeyKind", "Operation"]
