"""
The clock of the sandbox: the time of this machine plus an offset that a caller may increase.

The clock cannot go back, because applied changes cannot be undone. Only a snapshot of the whole state returns
to its own offset.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from etelecom_async.sandbox.store.state import State, utc_now
from etelecom_async.sandbox.times import LATEST

_MICROSECOND: Final = timedelta(microseconds=1)


class Clock:
    """
    The clock of one sandbox.

    Args:
        state: Stores the offset.
    """

    def __init__(self, state: State) -> None:
        self._state: Final = state
        self.on_advance: Callable[[], None] | None = None
        """Called after the clock was advanced."""
        self.reload()

    def reload(self) -> None:
        """Read the offset again, because the state was restored."""
        self._ahead = int(self._state.setting("clock_ahead")) * _MICROSECOND

    def now(self) -> datetime:
        """Return the time of the sandbox."""
        return utc_now() + self._ahead

    def apply_due(self, moment: datetime | None = None) -> datetime:
        """Apply the changes that are due now, or at an earlier moment; return that time."""
        moment = moment or self.now()
        if self._state.has_due(moment):
            with self._state.transaction():
                self._state.apply_due(moment)
        return moment

    def advance(self, by: timedelta) -> datetime:
        """
        Advance the clock; return its new time.

        Raises:
            ValueError: The clock would go back or past 2150.
        """
        if by < timedelta(0):
            raise ValueError("the clock cannot go back")
        if by > LATEST - self.now():
            raise ValueError(f"the clock cannot go past {LATEST.year}")
        ahead = self._ahead + by
        self._state.save_settings(clock_ahead=str(ahead // _MICROSECOND))
        self._ahead = ahead
        if self.on_advance is not None:
            self.on_advance()
        return self.now()

    def advance_to(self, moment: datetime) -> datetime:
        """
        Advance the clock to a time; return its new time.

        Raises:
            ValueError: The time is in the past, is after 2150, or has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("the time has no time zone")
        return self.advance(moment - self.now())
