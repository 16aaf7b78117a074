"""How a run decides what the user alone can decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Any, Final

import attrs

from etelecom_async.bulk.events import Event
from etelecom_async.bulk.ledger import Ledger
from etelecom_async.errors import ConfigurationError

PATIENCE: Final = timedelta(minutes=5)
"""How long a run waits for a server that cannot be reached, by default."""


def _check_settle_after(_: object, __: object, value: timedelta | None) -> None:
    if value is not None and value < timedelta():
        raise ConfigurationError("settle_after takes a positive timedelta.")


async def _do_nothing(*_: object) -> None:
    pass


@attrs.frozen(kw_only=True)
class RunOptions:
    """The options of `run`."""

    settle_after: timedelta | None = attrs.field(default=None, validator=_check_settle_after)
    resend_unknown: bool = False
    ledger: Ledger | None = None
    patience: timedelta = PATIENCE
    on_event: Callable[[Event], object] | None = None
    unchanged_is_done: bool = False
    """Whether a step is done, too, if the service changes nothing because the state is as the step asks."""
    superseded: Collection[str] = ()
    """
    Keys of steps that are not called any more if they are in doubt, because another plan came after theirs.

    They are done if a read shows their state, and else failed.
    """
    may_replace: bool = False
    """Whether the plan may have no key of the journal, if no step in the journal was executed."""
    before_call: Callable[[str], Awaitable[None]] = _do_nothing
    """Awaited with the key of a step before its call, and before the journal says that it starts."""
    on_result: Callable[[str, Any], Awaitable[None]] = _do_nothing
    """
    Awaited with key and result when a response has come, before the journal says that the step is done.

    So it can save what no read shows again. If it raises, the run stops, and the step stays in doubt.
    """
