"""How a run decides what the user alone can decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from etelecom_async.bulk.events import Event
from etelecom_async.bulk.ledger import Ledger

PATIENCE: Final = timedelta(minutes=5)
"""How long a run waits for a server that cannot be reached, by default."""


@attrs.frozen(kw_only=True)
class RunOptions:
    """The options of `run`."""

    settle_after: timedelta | None = None
    resend_unknown: bool = False
    ledger: Ledger | None = None
    patience: timedelta = PATIENCE
    on_event: Callable[[Event], object] | None = None
