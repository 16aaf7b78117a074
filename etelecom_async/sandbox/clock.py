"""
The time in the sandbox: that of this machine, and as far ahead of it as it was driven.

It goes on by itself, and forwards only: what has happened cannot be undone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from etelecom_async.sandbox.state import State, now

# Ids are a count of time with 63 bits, which ends in 2173.
_END: Final = datetime(2150, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Clock:
    """
    The clock of one sandbox.

    Args:
        state: Remembers how far it was driven.
    """

    def __init__(self, state: State) -> None:
        self._state: Final = state
        self._ahead = int(state.setting("clock_ahead")) * _MICROSECOND

    def now(self) -> datetime:
        """Return what the clock shows."""
        return now() + self._ahead

    def look(self) -> datetime:
        """Return what the clock shows, once all that is due by then has happened."""
        moment = self.now()
        if self._state.is_due(moment):
            with self._state.transaction():
                self._state.catch_up(moment)
        return moment

    def advance(self, by: timedelta) -> datetime:
        """
        Drive the clock; return what it shows then.

        Raises:
            ValueError: It would go backwards, or past 2150.
        """
        if by < timedelta(0):
            raise ValueError("the clock goes forwards only")
        if by > _END - self.now():
            raise ValueError(f"the clock ends in {_END.year}")
        ahead = self._ahead + by
        self._state.keep(clock_ahead=str(ahead // _MICROSECOND))
        self._ahead = ahead
        return self.now()

    def advance_to(self, moment: datetime) -> datetime:
        """
        Drive the clock to a moment; return what it shows then.

        Raises:
            ValueError: The moment is past, is after 2150, or has no zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a time without a zone is not a moment")
        return self.advance(moment - self.now())
