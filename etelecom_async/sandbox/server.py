"""
A sandbox that listens: settings in, keys and a base URL out.

The room knows sockets and files; what is answered is in `app`.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

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
from etelecom_async.sandbox.world.content import Content

# Seconds that open requests are given at the end.
_SHUTDOWN_TIMEOUT: Final = 1.0
_DEFAULTS: Final = Content()


class Sandbox:
    """
    An eTelecom of one's own, on this machine, for as long as the `async with` lasts.

    Args:
        port: Port to listen on; 0 takes a free one.
        host: Address to listen on; one of this machine's loopback addresses.
        allow_remote: Let *host* be any address, so that other machines can reach it.
        data: File to keep the state in; without one it is gone at the end. A file that has state already is
            used as it is: nothing is seeded, and the keys are those from before.
        seed: Decides the seeded records, ids and keys.
        tenants: Tenants, each of a shop of its own; the first is that of the keys below, and active.
        hotlines: Hotlines of the partner; half of them are on the first tenant.
        users: Employees of the first shop.
        extensions: Extensions of the first tenant.
        call_logs: Calls of the first shop.
        official_accounts: Zalo official accounts of the first shop: the first can send, the grant of the
            second has run out, the third is not connected any more.
        followers: Zalo users who have had to do with them, most of them with the first.
        zns_messages: ZNS of the first one, in all states; journeys and consents come with them.
        sms_quota: How many messages the SMS service takes.
        sms_whitelist: Addresses or networks (`127.0.0.1`, `10.0.0.0/8`) from which alone the SMS service may
            be called; everybody may where it is left out.
        until: When the seeded history ends.
        faults: What goes wrong from the start; `faults.add` adds to it.

    Raises:
        ValueError: The host is not a loopback address, a number is negative, a time has no zone, the white
            list has what is no address, there are extensions or calls and no tenant or hotline to be on, or
            followers or ZNS and no official account. When entered: the file is something else.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        allow_remote: bool = False,
        data: str | Path | None = None,
        seed: int = _DEFAULTS.seed,
        tenants: int = _DEFAULTS.tenants,
        hotlines: int = _DEFAULTS.hotlines,
        users: int = _DEFAULTS.users,
        extensions: int = _DEFAULTS.extensions,
        call_logs: int = _DEFAULTS.call_logs,
        official_accounts: int = _DEFAULTS.official_accounts,
        followers: int = _DEFAULTS.followers,
        zns_messages: int = _DEFAULTS.zns_messages,
        sms_quota: int = _DEFAULTS.sms_quota,
        sms_whitelist: Sequence[str] | None = None,
        until: datetime = _DEFAULTS.until,
        faults: Iterable[Fault] = (),
    ) -> None:
        if not (allow_remote or _is_loopback(host)):
            raise ValueError(f"{host} can be reached from other machines; allow_remote allows that")
        self._host: Final = host
        self._port: Final = port
        self._data: Final = data
        self._content: Final = Content(
            seed=seed,
            tenants=tenants,
            hotlines=hotlines,
            users=users,
            extensions=extensions,
            call_logs=call_logs,
            official_accounts=official_accounts,
            followers=followers,
            zns_messages=zns_messages,
            sms_quota=sms_quota,
            until=until,
        )
        self._sms_whitelist: Final = None if sms_whitelist is None else read_networks(sms_whitelist)
        self._faults: Final = tuple(faults)
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            # Off the loop: a large content takes seconds.
            state = await asyncio.to_thread(self._open)
            stack.callback(state.close)
            clock = Clock(state)
            app = App(state, clock, FaultInjector(self._faults), sms_whitelist=self._sms_whitelist)
            runner = web.AppRunner(
                app.web, access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN_TIMEOUT
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await Listener(runner, self._host, self._port, app.faults).start()
            port: int = runner.addresses[0][1]
            origin = f"http://{_shown(self._host)}:{port}"
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
        """`base_url` of the clients."""
        return f"{self._now.origin}/v1"

    @property
    def partner_api_key(self) -> str:
        """The partner's own key."""
        return self._now.state.setting("partner_api_key")

    @property
    def shop_api_key(self) -> str:
        """The first shop's own key."""
        return self._shop_column("api_key")

    @property
    def shop_key(self) -> str:
        """The partner's key for the first shop; empty while the shop has no link with the partner."""
        return self._shop_column("shop_key")

    def _shop_column(self, column: str) -> str:
        state = self._now.state
        row = state.fetch_one(
            "SELECT api_key, shop_key FROM shop WHERE id = ?", int(state.setting("shop_id"))
        )
        return str(row[column] or "")

    @property
    def sms_base_url(self) -> str:
        """`base_url` of the SMS client."""
        return self._now.origin

    @property
    def sms_username(self) -> str:
        """User name for the SMS client."""
        return self._now.state.setting("sms_username")

    @property
    def sms_password(self) -> str:
        """Password for the SMS client."""
        return self._now.state.setting("sms_password")

    @property
    def requests(self) -> Mapping[str, int]:
        """How often each operation was asked for so far, by public name; refused requests count too."""
        return dict(self._now.app.requests)

    @property
    def processed(self) -> Mapping[str, int]:
        """How often each operation was done, by public name, whether or not its answer arrived."""
        return dict(self._now.app.processed)

    @property
    def faults(self) -> FaultInjector:
        """What goes wrong on purpose: `faults.add(Fault(kind="reset_after"))`, `faults.clear()`."""
        return self._now.app.faults

    @property
    def now(self) -> datetime:
        """What the sandbox's clock shows: the time of this machine, and what it was advanced by."""
        return self._now.clock.now()

    def advance(self, by: timedelta) -> datetime:
        """
        Drive the sandbox's clock; return what it shows then.

        Messages arrive, people answer, quotas are renewed and grants run out by this clock alone. Nothing has
        to be waited for: the next call finds everything as it is by then.

        Raises:
            ValueError: The clock would go backwards, or past 2150.
        """
        return self._now.clock.advance(by)

    def unlink_shop(self, shop_id: str) -> bool:
        """End a shop's link with the partner, as its owner can; return whether there was one."""
        return unlink(self._now.state, int(shop_id))

    def as_json(self) -> dict[str, str]:
        """Return what a program needs to use the sandbox, as `etelecom sandbox --json` prints it."""
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
        """Return the variables by which the clients find the sandbox without arguments."""
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


def _shown(host: str) -> str:
    """Return a host as it stands in a URL that is opened on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    is_v4 = isinstance(address, ipaddress.IPv4Address)
    if address.is_unspecified:
        return "127.0.0.1" if is_v4 else "[::1]"
    return host if is_v4 else f"[{host}]"
