"""The table of operations, by public name: what the SDK can call, and what is known of each call."""

from etelecom_async._core.operation import Effect, KeyKind, Operation
from etelecom_async._generated.operations import OPERATIONS

__all__ = ["OPERATIONS", "Effect", "KeyKind", "Operation"]
