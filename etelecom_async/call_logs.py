"""
Say which calls are missed calls.

    shop.call_logs.list(**call_logs.MISSED, **times.day("yesterday").filter)

The documentation names no missed calls. A call from outside that was not answered has the direction `in` and
the state `not_answered`. Unanswered calls between extensions have other directions, for example `ext`. A call
that is not over has the state `unknown`, so it is not missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Container

    from etelecom_async._generated.models.pbx import CallLog

__all__ = ["MISSED", "MissedFilter", "is_missed", "rang_at"]


class MissedFilter(TypedDict):
    """The arguments of `shop.call_logs.list` that select missed calls."""

    direction: Literal["in"]
    call_state: Literal["not_answered"]


MISSED: Final[MissedFilter] = {"direction": "in", "call_state": "not_answered"}
"""Arguments of `shop.call_logs.list` for the missed calls."""


def is_missed(call: CallLog) -> bool:
    """Return whether a call came from outside and was not answered."""
    return call.direction == MISSED["direction"] and call.call_state == MISSED["call_state"]


def rang_at(call: CallLog, numbers: Container[str]) -> bool:
    """
    Return whether a call rang at one of some extensions.

    A missed call has no `extension_id` and no `user_id`. Its `call_targets` name the extensions that rang.

    Args:
        call: The call.
        numbers: Numbers of extensions.
    """
    return any(target.target_number in numbers for target in call.call_targets)
