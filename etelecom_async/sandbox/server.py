"""
The public class of the sandbox: its options, its start and end, its keys and its base URL.

The module handles the socket and the file; `app` handles requests.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Unpack

import attrs
from aiohttp import web

from etelecom_async.sandbox.app import App
from etelecom_async.sandbox.faults import Fault, FaultInjector
from etelecom_async.sandbox.faults.listener import Listener
from etelecom_async.sandbox.seed import populate
from etelecom_async.sandbox.services.account.handlers import unlink
from etelecom_async.sandbox.services.sms.auth import read_networks
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import Content, ContentOptions

# Seconds to wait for open requests when the sandbox ends.
_SHUTDOWN_TIMEOUT: Final = 1.0


class Sandbox:
    """
    An eTelecom service on this machine, which runs inside an `async with`.

    Args:
        port: Port to listen on; 0 chooses a free one.
        host: Address to listen on; by default it must be a loopback address.
        allow_remote: Whether *host* may be another address, so that other machines can connect.
        data: File for the state; without one, the state is lost when the sandbox ends. The state of an
            existing file is used unchanged: nothing is seeded, and its keys stay valid.
        sms_whitelist: Addresses or networks (`127.0.0.1`, `10.0.0.0/8`) that may call the SMS service; `None`
            for all.
        faults: Faults that are active from the start; `faults.add` adds others.
        allow_duplicates: Whether a number may be used again for another employee, extension or hotline. A
            test that nothing is created twice can then fail.
        **content: The content of a new sandbox; see `ContentOptions`.

    Raises:
        ValueError: The host is not a loopback address, the whitelist has a text that is not an address, or
            the content is wrong (see `Content`). When entered: the file is not a state file.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        allow_remote: bool = False,
        data: str | Path | None = None,
        sms_whitelist: Sequence[str] | None = None,
        faults: Iterable[Fault] = (),
        allow_duplicates: bool = False,
        **content: Unpack[ContentOptions],
    ) -> None:
        if not (allow_remote or _is_loopback(host)):
            raise ValueError(
                f"{host} can be reached from other machines; pass allow_remote=True to allow that"
            )
        self._host: Final = host
        self._port: Final = port
        self._data: Final = data
        self._content: Final = Content(**content)
        self._sms_whitelist: Final = None if sms_whitelist is None else read_networks(sms_whitelist)
        self._faults: Final = tuple(faults)
        self._allow_duplicates: Final = allow_duplicates
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            # In a thread, because seeding a large content takes seconds.
            state = await asyncio.to_thread(self._open)
            stack.callback(state.close)
            clock = Clock(state)
            app = App(
                state,
                clock,
                FaultInjector(self._faults),
                sms_whitelist=self._sms_whitelist,
                allow_duplicates=self._allow_duplicates,
            )
            runner = web.AppRunner(
                app.web, access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN_TIMEOUT
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await Listener(runner, self._host, self._port, app.faults).start()
            port: int = runner.addresses[0][1]
            origin = f"http://{_url_host(self._host)}:{port}"
            self._running = _Running(state, clock, app, origin, stack.pop_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running, self._running = self._now, None
        await running.stack.aclose()

    def _open(self) -> State:
        state = State(self._data)
        if state.is_new:
            try:
                with state.create():
                    populate(state, self._content)
            except BaseException:
                state.close()
                raise
        return state

    @property
    def _now(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the sandbox is not running; enter it with `async with`")
        return self._running

    @property
    def base_url(self) -> str:
        """Return the `base_url` of the clients."""
        return f"{self._now.origin}/v1"

    @property
    def partner_api_key(self) -> str:
        """Return the partner's own key."""
        return self._now.state.setting("partner_api_key")

    @property
    def shop_api_key(self) -> str:
        """Return the first shop's own key."""
        return self._shop_column("api_key")

    @property
    def shop_key(self) -> str:
        """Return the partner's key for the first shop; empty while the shop is not linked."""
        return self._shop_column("shop_key")

    def _shop_column(self, column: str) -> str:
        state = self._now.state
        row = state.fetch_one(
            "SELECT api_key, shop_key FROM shop WHERE id = ?", int(state.setting("shop_id"))
        )
        return str(row[column] or "")

    @property
    def sms_base_url(self) -> str:
        """Return the `base_url` of the SMS client."""
        return self._now.origin

    @property
    def sms_username(self) -> str:
        """Return the user name for the SMS client."""
        return self._now.state.setting("sms_username")

    @property
    def sms_password(self) -> str:
        """Return the password for the SMS client."""
        return self._now.state.setting("sms_password")

    @property
    def requests(self) -> Mapping[str, int]:
        """Return the number of requests by public name of the operation, rejected requests included."""
        return dict(self._now.app.requests)

    @property
    def processed(self) -> Mapping[str, int]:
        """Return the number of executed calls by public name, whether or not the response arrived."""
        app = self._now.app
        app.late_calls.execute_due()
        return dict(app.processed)

    @property
    def faults(self) -> FaultInjector:
        """Return the active faults: `faults.add(Fault(kind="reset_after"))`, `faults.clear()`."""
        return self._now.app.faults

    @property
    def now(self) -> datetime:
        """Return the time of the sandbox: the time of this machine plus all advances."""
        return self._now.clock.now()

    def advance(self, by: timedelta) -> datetime:
        """
        Advance the clock of the sandbox; return its new time.

        Only this clock delivers messages, sends replies, renews quotas and ends grants. The next call sees
        all changes that are due, so no program has to wait.

        Raises:
            ValueError: The clock would go back or past 2150.
        """
        return self._now.clock.advance(by)

    def unlink_shop(self, shop_id: str) -> bool:
        """End the link of a shop with the partner, as its owner can; return whether there was a link."""
        return unlink(self._now.state, int(shop_id))

    def as_json(self) -> dict[str, str]:
        """Return the settings for a client, as `etelecom sandbox --json` prints them."""
        return {
            "base_url": self.base_url,
            "partner_api_key": self.partner_api_key,
            "shop_api_key": self.shop_api_key,
            "shop_key": self.shop_key,
            "sms_base_url": self.sms_base_url,
            "sms_username": self.sms_username,
            "sms_password": self.sms_password,
        }

    def environment(self) -> dict[str, str]:
        """Return the environment variables that make clients use the sandbox."""
        return {
            "ETELECOM_BASE_URL": self.base_url,
            "ETELECOM_PARTNER_API_KEY": self.partner_api_key,
            "ETELECOM_SHOP_API_KEY": self.shop_api_key,
            "ETELECOM_SMS_BASE_URL": self.sms_base_url,
            "ETELECOM_SMS_USERNAME": self.sms_username,
            "ETELECOM_SMS_PASSWORD": self.sms_password,
        }


@attrs.frozen
class _Running:
    state: State
    clock: Clock
    app: App
    origin: str
    stack: AsyncExitStack


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url_host(host: str) -> str:
    """Return a host as a URL on this machine needs it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    is_v4 = isinstance(address, ipaddress.IPv4Address)
    if address.is_unspecified:
        return "127.0.0.1" if is_v4 else "[::1]"
    return host if is_v4 else f"[{host}]"
