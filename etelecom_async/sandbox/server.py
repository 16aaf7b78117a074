"""
The public class of the sandbox: its options, its start and end, its keys and its base URL.

The module handles the socket and the file; `app` handles requests.
"""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import logging
import os
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack, cast

import attrs
from aiohttp import web
from aiohttp.http import HttpProcessingError

from etelecom_async._core.values import kind_of
from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.app import App
from etelecom_async.sandbox.deliveries import Deliveries, Dispatcher
from etelecom_async.sandbox.deliveries.manual import SmsStatus, queue_oa_event, queue_sms_status
from etelecom_async.sandbox.faults import Fault, FaultInjector
from etelecom_async.sandbox.faults.listener import Listener
from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.journal import Requests
from etelecom_async.sandbox.params import read_url
from etelecom_async.sandbox.records import RecordBook, RecordNamespaces, add_document, load_document
from etelecom_async.sandbox.records.namespaces import NamespaceT
from etelecom_async.sandbox.rules import RuleOptions, Rules
from etelecom_async.sandbox.seed import create_in_memory, populate
from etelecom_async.sandbox.sender import Sender, read_key, read_test_name
from etelecom_async.sandbox.services.account.handlers import unlink
from etelecom_async.sandbox.services.account.seed import randomize_keys
from etelecom_async.sandbox.services.sms.auth import read_networks
from etelecom_async.sandbox.snapshots import Snapshot
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.lock import lock
from etelecom_async.sandbox.store.state import State, StateFileError, describe_storage_failure
from etelecom_async.sandbox.views import View
from etelecom_async.sandbox.web import heads
from etelecom_async.sandbox.web.access import AccessControl, is_loopback
from etelecom_async.sandbox.world.content import Content, ContentOptions

# Seconds to wait for open requests when the sandbox ends.
_SHUTDOWN_TIMEOUT: Final = 1.0
_HTTP_LOG: Final = logging.getLogger(__name__)


class SandboxOptions(ContentOptions, RuleOptions, total=False):
    """The options of the content and of the rules."""


class Sandbox(RecordNamespaces):
    """
    An eTelecom service on this machine, which runs inside an `async with`, or from `start` to `stop`.

    Args:
        port: Port to listen on; 0 chooses a free one.
        host: Address to listen on; by default it must be a loopback address.
        allow_remote: Whether *host* may be another address, so that other machines can connect. The keys are
            then random; keys that a file of the state has from its seed are replaced once.
        allow_hosts: Names of the sandbox in requests, besides `localhost`, the loopback addresses and the
            address on which a request arrives. Other names are rejected, because a web page can point its own
            name to this machine.
        data: File for the state; without one, the state is lost when the sandbox ends. The state of an
            existing file is used unchanged: nothing is seeded, and its keys stay valid. One sandbox at a time
            can use a file.
        sms_whitelist: Addresses or networks (`127.0.0.1`, `10.0.0.0/8`) that may call the SMS service; `None`
            for all.
        content: Records of a new sandbox besides the seeded ones: a file, JSON or YAML, or the same as a
            mapping: `{"calls": [{"caller": "0901234567"}]}`. `calls.add` and others add more later.
        faults: Faults that are active from the start; `faults.add` adds others.
        sms_webhook: URL for the states of SMS messages, which eTelecom's staff sets up for an account; `None`
            for none.
        allow_remote_webhooks: Whether the sandbox may post events to other machines. Without it, an address
            elsewhere gets nothing, and the error of its webhook says so.
        allow_duplicates: Whether a number may be used again for another employee, extension or hotline. A
            test that nothing is created twice can then fail.
        strict: Whether requests must have the documented form. Without it, the sandbox also accepts requests
            as public programs send them; docs/sandbox.md lists these leniencies.
        **options: The seeded content of a new sandbox, see `ContentOptions`; and the rules that the
            documentation leaves open, see `Rules`.

    Raises:
        TypeError: There is no option with a given name, or *content* is neither a file nor a mapping.
        ValueError: The host is not a loopback address. *allow_hosts* has a text that is not a host, the
            whitelist one that is not an address, or *sms_webhook* is not a URL. The content or a rule is
            wrong (see `Content` and `Rules`). The file of *content* cannot be read.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        allow_remote: bool = False,
        allow_hosts: Sequence[str] = (),
        data: str | Path | None = None,
        sms_whitelist: Sequence[str] | None = None,
        content: str | Path | Mapping[str, Any] | None = None,
        faults: Iterable[Fault] = (),
        sms_webhook: str | None = None,
        allow_remote_webhooks: bool = False,
        allow_duplicates: bool = False,
        strict: bool = False,
        **options: Unpack[SandboxOptions],
    ) -> None:
        seeded, rules = _split(options)
        if not (allow_remote or is_loopback(host)):
            raise ValueError(
                f"{host} can be reached from other machines; pass allow_remote=True to allow that"
            )
        self._host: Final = host
        self._port: Final = port
        self._allow_remote: Final = allow_remote
        self._access: Final = AccessControl(host, allow_hosts)
        # The one name of the file, also for sandboxes that use it by another path.
        self._data: Final = None if data is None else Path(os.path.realpath(data))
        # The default end of the history is the day of the start, so only the start keeps the content.
        self._seeded: Final = seeded
        Content(**seeded)
        self._rules: Final = Rules(**rules)
        self._records_source: Final = str(content) if isinstance(content, str | Path) else ""
        self._records: Final = _load_records(content)
        self._sms_whitelist: Final = None if sms_whitelist is None else read_networks(sms_whitelist)
        self._faults: Final = tuple(faults)
        self._sms_webhook: Final = None if sms_webhook is None else _read_webhook(sms_webhook)
        self._allow_remote_webhooks: Final = allow_remote_webhooks
        self._allow_duplicates: Final = allow_duplicates
        self._strict: Final = strict
        self._is_started = False
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> Self:
        """
        Start the sandbox, for example in a cell of a notebook; `async with` starts and stops it.

        Returns:
            The sandbox itself.

        Raises:
            RuntimeError: The sandbox runs already.
            StateFileError: The file of the state is in use, damaged or another file, or the disk is full.
            RecordError: A record of *content* is wrong; it has all mistakes.
            OSError: The sandbox cannot listen on its address.
        """
        if self._is_started:
            raise RuntimeError("the sandbox runs already; stop it first")
        self._is_started = True
        try:
            self._running = await self._start()
        except BaseException:
            self._is_started = False
            raise
        return self

    async def stop(self) -> None:
        """Stop the sandbox, if it runs; it can start again."""
        running, self._running = self._running, None
        if running is not None:
            try:
                await running.stack.aclose()
            finally:
                self._is_started = False

    async def _start(self) -> _Running:
        async with AsyncExitStack() as stack:
            if self._data is not None:
                stack.enter_context(_locked(self._data))
            state = await self._open_in_thread()
            stack.callback(state.close)
            with _naming_damage(self._data):
                _read_credentials(state)
                clock = Clock(state)
            app = App(
                state,
                clock,
                FaultInjector(self._faults),
                self._access,
                Dispatcher(
                    state,
                    clock,
                    is_remote_allowed=self._allow_remote_webhooks,
                    sms_webhook=self._sms_webhook,
                ),
                sms_whitelist=self._sms_whitelist,
                allow_duplicates=self._allow_duplicates,
                strict=self._strict,
                rules=self._rules,
            )
            runner = web.AppRunner(
                app.web,
                access_log=None,
                handle_signals=False,
                keepalive_timeout=heads.TIMEOUT,
                logger=_HTTP_LOG,
                shutdown_timeout=_SHUTDOWN_TIMEOUT,
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await Listener(runner, self._host, self._port, app.faults, app.first_heads.watch).start()
            port: int = runner.addresses[0][1]
            origin = f"http://{_url_host(self._host)}:{port}"
            app.dispatcher.start(origin)
            stack.push_async_callback(app.dispatcher.close)
            return _Running(state, clock, app, origin, stack.pop_all())

    async def _open_in_thread(self) -> State:
        """Open the state in a thread, because seeding a large content takes seconds."""
        opening = asyncio.create_task(asyncio.to_thread(self._open))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Nothing can stop the thread. The lock of the file has to last until it ends.
            with suppress(Exception):
                (await opening).close()
            raise

    def _open(self) -> State:
        state = State(self._data)
        try:
            if state.is_new:
                self._fill(state, Content(**self._seeded))
            if self._allow_remote:
                with _naming_damage(self._data), state.transaction():
                    randomize_keys(state)
        except BaseException:
            state.close()
            raise
        return state

    def _fill(self, state: State, content: Content) -> None:
        """Add the content and the records to a new state; a file gets all of them, or stays empty."""
        if self._data is None:
            create_in_memory(state, content)
            with state.transaction():
                self._add_records(state)
        else:
            with state.create():
                populate(state, content)
                self._add_records(state)

    def _add_records(self, state: State) -> None:
        if self._records is not None:
            book = RecordBook(state, Clock(state), allow_duplicates=self._allow_duplicates)
            add_document(book, self._records, self._records_source)

    @property
    def _now(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the sandbox is not running; use `async with`, or `await` its `start()`")
        return self._running

    @property
    def base_url(self) -> str:
        """Return the `base_url` of the clients."""
        return f"{self._now.origin}/v1"

    @property
    def partner_api_key(self) -> str:
        """Return the partner's own key."""
        return self._credential("partner_api_key")

    @property
    def shop_api_key(self) -> str:
        """Return the first shop's own key."""
        return self._credential("shop_api_key")

    @property
    def shop_key(self) -> str:
        """Return the partner's key for the first shop; empty while the shop is not linked."""
        return self._credential("shop_key")

    def _credential(self, name: str) -> str:
        return _read_credentials(self._now.state)[name]

    @property
    def sms_base_url(self) -> str:
        """Return the `base_url` of the SMS client."""
        return self._now.origin

    @property
    def sms_username(self) -> str:
        """Return the user name for the SMS client."""
        return self._credential("sms_username")

    @property
    def sms_password(self) -> str:
        """Return the password for the SMS client."""
        return self._credential("sms_password")

    @property
    def rules(self) -> Rules:
        """Return the rules that the documentation leaves open."""
        return self._rules

    @property
    def requests(self) -> Requests:
        """
        Return the requests that arrived, oldest first, rejected ones included.

        `requests.counts` has the number of requests by public name of the operation. Of many requests, only
        the newest are kept, but all are counted.
        """
        app = self._now.app
        app.late_calls.execute_due()
        return app.journal.requests()

    @property
    def processed(self) -> Mapping[str, int]:
        """Return the number of executed calls by public name, whether or not the response arrived."""
        app = self._now.app
        app.late_calls.execute_due()
        return app.journal.executed()

    @property
    def deliveries(self) -> Deliveries:
        """
        Return the attempts to deliver events to webhooks, oldest first.

        `deliveries.receivers` has the state of each receiver, and `deliveries.waiting` the number of events
        that wait. Of many attempts, only the newest are kept.
        """
        return self._now.app.dispatcher.read()

    async def deliver(self) -> Deliveries:
        """
        Deliver the events that are due now, and wait until each attempt has ended.

        The sandbox also delivers them by itself; with this method, a test knows when. A retry is due after
        its pause, so advance the clock first.

        Returns:
            The attempts so far, and the state of each receiver.
        """
        await self._now.app.dispatcher.drain()
        return self.deliveries

    def add_oa_event(self, event_name: str, *, oa_id: str | None = None) -> None:
        """
        Send an event of an official account to its webhook URL; the event has nothing but its name.

        Args:
            event_name: The name, for example `user_send_text`.
            oa_id: The account; by default the oldest one with a webhook URL.

        Raises:
            ValueError: The name is blank, or there is no such account with a webhook URL.
        """
        queue_oa_event(self._now.state, self._now.app.dispatcher.events, event_name, oa_id)

    def add_sms_status(self, **fields: Unpack[SmsStatus]) -> dict[str, Any]:
        """
        Send the state of an SMS to *sms_webhook*; return its fields.

        Args:
            **fields: Fields of the state; missing ones get the values of an SMS that arrived.

        Raises:
            ValueError: A field is unknown or has a wrong type, or the sandbox has no *sms_webhook*.
        """
        return queue_sms_status(self._now.state, self._now.app.dispatcher.events, fields)

    def for_test(self, name: str) -> View:
        """
        Return the faults, requests and counts of one test.

        A request belongs to a test by its header `X-Sandbox-Test`; `headers` of the result has it.

        Raises:
            ValueError: The name is blank or too long, or has a control character or a space at an end.
        """
        return self._view(Sender(test=read_test_name(name)))

    def for_key(self, key: str) -> View:
        """
        Return the faults, requests and counts of one API key.

        Raises:
            ValueError: The text cannot be a key.
        """
        return self._view(Sender(key=read_key(key)))

    def _view(self, sender: Sender) -> View:
        app = self._now.app
        return View(sender, app.faults, app.journal, app.late_calls)

    def snapshot(self) -> Snapshot:
        """
        Return a snapshot of the whole sandbox, so that tests seed once and each has the same start.

        It has the records, the clock and the changes that it will apply, the faults, the requests and the
        counts. It also has the events that wait for their receivers. It lasts until the sandbox stops.
        """
        return self._now.app.snapshots.take()

    def restore(self, snapshot: Snapshot) -> None:
        """
        Return to a snapshot; the clock goes back, too.

        A call that is under way is not executed any more; its caller gets the error `aborted`.

        Raises:
            ValueError: The snapshot belongs to another run of a sandbox.
            StateFileError: The file of the state cannot be written.
        """
        self._now.app.snapshots.restore(snapshot)

    @property
    def faults(self) -> FaultInjector:
        """Return the active faults: `faults.add(Fault(kind="reset_after"))`, `faults.clear()`."""
        return self._now.app.faults

    def _namespace(self, kind: type[NamespaceT]) -> NamespaceT:
        return kind(self._now.app.records, self._now.origin)

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
        urls = {"base_url": self.base_url, "sms_base_url": self.sms_base_url}
        return urls | _read_credentials(self._now.state)

    def environment(self) -> dict[str, str]:
        """
        Return the environment variables that make clients use the sandbox.

        `ShopClient()` reads `ETELECOM_SHOP_API_KEY`, the shop's own key. No client reads `ETELECOM_SHOP_KEY`,
        the partner's key for the shop; a program gives it to `ShopClient` or `for_shop`.
        """
        return {f"ETELECOM_{name.upper()}": value for name, value in self.as_json().items()}


def _split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options of the content and those of the rules."""
    rules = [field.name for field in attrs.fields(Rules)]
    known = [*(field.name for field in attrs.fields(Content)), *rules]
    for name in options:
        if name not in known:
            others = (name for name in inspect.signature(Sandbox).parameters if name != "options")
            hint = did_you_mean(name, (*known, *others))
            raise TypeError(f"the sandbox has no option {name!r}{hint}")
    found = {name: value for name, value in options.items() if name in rules}
    return {name: value for name, value in options.items() if name not in rules}, found


def _read_webhook(url: str) -> str:
    try:
        return read_url(url, "sms_webhook")
    except InvalidArgumentError as error:
        raise ValueError(error.message) from None


def _load_records(content: object) -> Mapping[str, Any] | None:
    """Return the document of *content*, which is a file or the document itself."""
    if isinstance(content, str | Path):
        return load_document(content)
    if content is None or isinstance(content, Mapping):
        return cast("Mapping[str, Any] | None", content)
    raise TypeError(f"content takes a file or a mapping of records, not {kind_of(content)}")


@attrs.frozen
class _Running:
    state: State
    clock: Clock
    app: App
    origin: str
    stack: AsyncExitStack


@contextmanager
def _locked(data: Path) -> Generator[None]:
    """Hold the lock of a state file; two sandboxes on one file would have two clocks."""
    if data.is_dir():
        raise StateFileError(f"{data} cannot hold the state of a sandbox: it is a folder; choose a file")
    file = Path(f"{data}.lock")
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(file))
        except BlockingIOError:
            raise StateFileError(f"another sandbox uses {data}: stop it, or choose another file") from None
        except OSError as error:
            problem = (
                f"{file.name} beside it cannot be locked ({error.strerror or error}); choose another file"
            )
            raise StateFileError(f"{data} cannot hold the state of a sandbox: {problem}") from error
        yield


@contextmanager
def _naming_damage(data: Path | None) -> Generator[None]:
    """Raise `StateFileError` if a setting is missing or wrong, or the file cannot be used."""
    try:
        yield
    except (LookupError, OverflowError, ValueError, sqlite3.Error) as error:
        problem = describe_storage_failure(error) or f"it is damaged ({error}); start with another file"
        raise StateFileError(f"{data} cannot hold the state of a sandbox: {problem}") from error


def _read_credentials(state: State) -> dict[str, str]:
    shop = state.fetch_one("SELECT api_key, shop_key FROM shop WHERE id = ?", int(state.setting("shop_id")))
    return {
        "partner_api_key": state.setting("partner_api_key"),
        "shop_api_key": shop["api_key"],
        "shop_key": shop["shop_key"] or "",
        "sms_username": state.setting("sms_username"),
        "sms_password": state.setting("sms_password"),
    }


def _is_failure(record: logging.LogRecord) -> bool:
    """Return whether a record of the HTTP server is not about a request that is not valid HTTP."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError)


_HTTP_LOG.addFilter(_is_failure)


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
