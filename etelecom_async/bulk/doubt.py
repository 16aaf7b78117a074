"""
Decide what to do with a step in doubt: one whose call may or may not have been executed.

This module only decides. It reads nothing, sends nothing, and knows no time of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from etelecom_async._core.operation import Effect


class Found(StrEnum):
    """What a read-back has shown of a step in doubt."""

    NOT_READ = "not_read"
    """Nothing was read yet, or too early."""
    EXECUTED = "executed"
    """The object is there, and it is not older than the call."""
    REFUSED = "refused"
    """The object is there, and it says that the call failed."""
    NOTHING = "nothing"
    """The object is not there. This proves nothing while a proxy may still hold the request."""
    UNREADABLE = "unreadable"
    """The read failed, so it shows nothing."""


class Doing(StrEnum):
    """What to do with a step in doubt."""

    SETTLE_DONE = "settle_done"
    SETTLE_REFUSED = "settle_refused"
    READ_BACK = "read_back"
    WAIT = "wait"
    """Wait, and then decide again as if nothing had been read."""
    REPEAT = "repeat"
    """Make the call again."""
    STAY_UNKNOWN = "stay_unknown"


@attrs.frozen
class Action:
    """What to do, and the details."""

    doing: Doing
    seconds: float = 0.0
    """For `WAIT`: how long."""
    reason: str = ""
    """For `STAY_UNKNOWN`: why, and what the user can do. A sentence for the report."""


_REPEATABLE: Final = frozenset((Effect.READ, Effect.IDEMPOTENT, Effect.DELETE))
"""Effects whose calls may be made again at any time."""

CANNOT_TELL: Final = (
    "No read of the API can tell whether the call was executed. Look in the portal of the service, or ask "
    "eTelecom."
)
CANNOT_TELL_OF_MESSAGE: Final = (
    "No read of the API can tell whether the message was sent. resend_unknown sends it again, and the person "
    "may then get it twice."
)
NOT_SETTLED: Final = (
    "A read-back found nothing, but a proxy may still hold the request. settle_after allows to repeat the "
    "call after that time and another read-back."
)
NOT_SENT_AGAIN: Final = (
    "A read-back did not find the message, but a proxy may still hold the request. resend_unknown sends it "
    "again, and the person may then get it twice."
)
NOT_READABLE: Final = "The read-back failed, so nothing is known. Run the job again."


def decide(
    effect: Effect,
    *,
    can_verify: bool,
    found: Found,
    age: float,
    settle_after: float | None,
    resend_unknown: bool,
) -> Action:
    """
    Return what to do with a step in doubt.

    Args:
        effect: What its call does.
        can_verify: Whether a read can tell if the call was executed.
        found: What the last read-back has shown.
        age: Seconds for which the call had surely sent nothing any more when that read-back started, by the
            clock of the server. Without a read-back: until now.
        settle_after: Seconds after which no proxy holds the request any longer; `None` if not given.
        resend_unknown: Whether the user accepts that a message may be sent twice.
    """
    if effect in _REPEATABLE:
        return Action(Doing.REPEAT)
    if found in _PROOFS:
        return _PROOFS[found]
    if can_verify and found is Found.NOT_READ:
        return Action(Doing.READ_BACK)
    if reason := _reason_to_stay(
        effect, can_verify=can_verify, may_settle=settle_after is not None, may_resend=resend_unknown
    ):
        return Action(Doing.STAY_UNKNOWN, reason=reason)
    if settle_after is not None and age < settle_after:
        return Action(Doing.WAIT, seconds=settle_after - age)
    return Action(Doing.REPEAT)


_PROOFS: Final[Mapping[Found, Action]] = {
    Found.EXECUTED: Action(Doing.SETTLE_DONE),
    Found.REFUSED: Action(Doing.SETTLE_REFUSED),
    Found.UNREADABLE: Action(Doing.STAY_UNKNOWN, reason=NOT_READABLE),
}


def _reason_to_stay(effect: Effect, *, can_verify: bool, may_settle: bool, may_resend: bool) -> str:
    """Return why a call must not be made again; an empty text if it may."""
    if effect is Effect.SEND:
        reason = NOT_SENT_AGAIN if can_verify else CANNOT_TELL_OF_MESSAGE
        return "" if may_resend else reason
    if not can_verify:
        return CANNOT_TELL
    return "" if may_settle else NOT_SETTLED
