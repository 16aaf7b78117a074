"""
The time of the server, for the moment at which a call starts.

A record is proof of a call only if it is not older than the call, by the server's own clock. A clock of this
machine that is wrong, or jumps, must not change that.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import attrs

from etelecom_async._core.calls import verify
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.operation import KeyKind
from etelecom_async._generated.operations import ACCOUNT
from etelecom_async.bulk.verdicts import KEY_ERRORS
from etelecom_async.errors import APIError, DecodeError, ResourceExhaustedError

_REFUSALS: Final = range(400, 500)


class ServerTime:
    """
    The clock of the server of one account, from one read and the monotonic clock of this machine.

    Args:
        engine: Makes the calls of the account.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._began = engine.options.clock.now()
        self.clock = verify.ServerClock(engine.options.clock, self._began)
        """Takes the time of the server, also from other calls."""
        # The SMS service has no read that shows messages, so its time is of no use.
        self._has_no_read = engine.identity.kind is KeyKind.USERNAME_PASSWORD
        self._is_known = self._has_no_read
        self._is_suspect = False
        """Whether the server has failed, so that `learn` must ask it again."""
        self._lock = asyncio.Lock()

    @property
    def is_known(self) -> bool:
        """Whether `now` returns the time of the server, or that of this machine is all that there is."""
        return self._is_known or self.clock.is_servers

    def _must_ask(self) -> bool:
        return self._is_suspect or not self.is_known

    def suspect(self) -> None:
        """Let the next `learn` find out whether the server still works, if it has a read for that."""
        self._is_suspect = not self._has_no_read

    async def learn(self) -> bool:
        """
        Take the time from the response of a READ call, once. This also checks the key.

        A server that sends no time has that of this machine.

        Returns:
            Whether a call was made now.

        Raises:
            EtelecomError: The server cannot be reached, fails, or refuses the key. The time of this machine
                would not do instead: it may be wrong by hours.
        """
        if not self._must_ask():
            return False
        async with self._lock:
            if not self._must_ask():
                return False
            reader = attrs.evolve(self._engine, server_clock=self.clock)
            try:
                await reader.call(ACCOUNT, ACCOUNT.request())
            except DecodeError:
                pass  # such a response has the time, too
            except APIError as error:
                # So has a refusal: a key may have no access to this read.
                is_refusal = error.code is not None and error.status in _REFUSALS
                if not is_refusal or isinstance(error, (*KEY_ERRORS, ResourceExhaustedError)):
                    self._is_suspect = True
                    raise
            self._is_known = True
            self._is_suspect = False
            return True

    def now(self) -> datetime:
        """Return the time of the server; before `learn`, that of this machine."""
        elapsed = self._engine.options.clock.now() - self._began
        return self.clock.call_started + timedelta(seconds=elapsed)


class ServerTimes:
    """The clocks of the servers of all accounts of a job."""

    def __init__(self) -> None:
        self._by_account: dict[str, ServerTime] = {}

    def of(self, account: str, engine: Engine) -> ServerTime:
        """Return the clock of an account."""
        if account not in self._by_account:
            self._by_account[account] = ServerTime(engine)
        return self._by_account[account]
