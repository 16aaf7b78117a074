"""
What a caller can set for all calls of a client; every setting is checked where it is given.

The room knows no call.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final

import attrs

from etelecom_async._core.hooks import Hook
from etelecom_async._core.operation import is_wire_name
from etelecom_async._core.retry import RetryPolicy, Sleep
from etelecom_async.errors import ConfigurationError

NO_TIMEOUT: Final = math.inf
"""Switches a time limit off; `None` means the default."""


@attrs.frozen(kw_only=True)
class Options:
    """What a caller can set for all calls of a client."""

    deadline: float = 120.0
    """Seconds for a call with all its attempts and waits."""
    attempt_timeout: float = 30.0
    """Seconds for one attempt, from its first byte out to its last byte in."""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    wire_names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """`Service/Method` by public name, in place of the row's."""
    hooks: tuple[Hook, ...] = ()
    """Called with an `Attempt` after each attempt."""
    sleep: Sleep = asyncio.sleep
    """Waits between attempts; replaced in tests that must not wait."""

    def __attrs_post_init__(self) -> None:
        for name in ("deadline", "attempt_timeout"):
            if not getattr(self, name) > 0:
                message = (
                    f"{name} is a number of seconds above 0, or NO_TIMEOUT; not {getattr(self, name)!r}."
                )
                raise ConfigurationError(message)
        for name, wire_name in self.wire_names.items():
            if not is_wire_name(wire_name):
                message = f"wire_names[{name!r}] is written 'Service/Method', not {wire_name!r}."
                raise ConfigurationError(message)
