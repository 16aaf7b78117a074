"""Fixtures that run the real command in its own process."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import pty
import signal
import subprocess
import sys
import sysconfig
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from etelecom_async import PartnerClient, ProvisionalOperationWarning
from etelecom_async.cli import main
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

ETELECOM = Path(sysconfig.get_path("scripts"), "etelecom")
# Seconds that a test waits at most for output.
PATIENCE = 60


class Running:
    """A running command. It is killed if it prints nothing for too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        """Return the next line of output; empty if the command has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def lines_until(self, text: str) -> list[str]:
        """Return the lines up to the one that contains a text."""
        lines: list[str] = []
        while not lines or text not in lines[-1]:
            lines.append(self.line())
            assert lines[-1], f"{text!r} never came: {lines}"
        return lines

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return the exit code, the rest of the output, and the errors."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit code, the rest of the output, and the errors."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of the commands: no settings of the developer, and warnings are errors."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "SYSTEMROOT"}}
    return {**kept, "HOME": str(tmp_path), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}


@pytest.fixture
def start(surroundings: dict[str, str]) -> Callable[..., Any]:
    """Start `etelecom ...` and yield it as `Running`; kill it at the end of the block."""

    @contextmanager
    def start(
        *arguments: str, command: tuple[str, ...] = (str(ETELECOM),), **settings: Any
    ) -> Iterator[Running]:
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": surroundings, **settings}
        with subprocess.Popen([*command, *arguments], encoding="utf-8", **settings) as process:
            alarm = threading.Timer(PATIENCE, process.kill)
            alarm.start()
            try:
                yield Running(process)
            finally:
                alarm.cancel()
                process.kill()

    return start


@pytest.fixture
def etelecom(start: Callable[..., Any]) -> Callable[..., tuple[int, str, str]]:
    """Run `etelecom ...` to its end; return exit code, output and errors."""

    def etelecom(*arguments: str, **settings: Any) -> tuple[int, str, str]:
        with start(*arguments, **settings) as running:
            result: tuple[int, str, str] = running.end()
            return result

    return etelecom


@pytest.fixture
def without_rich() -> tuple[str, ...]:
    """The command as it runs if rich is not installed."""
    code = "import sys; sys.modules['rich'] = None; from etelecom_async.cli import main; sys.exit(main())"
    return sys.executable, "-c", code


class Result(NamedTuple):
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, decoded from JSON."""
        return json.loads(self.out)


class Tool:
    """
    The command line in this process, without a terminal.

    Args:
        monkeypatch: Sets variables.
        capsys: Reads the output.
        home: Home folder, with the profiles.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
    ) -> None:
        self._monkeypatch = monkeypatch
        self.file = home / "settings" / "etelecom" / "config.toml"
        """The file of the profiles."""
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith(("ETELECOM_", "_ETELECOM_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("COLUMNS", "300")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "settings"))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    def set(self, variables: Mapping[str, str]) -> None:
        """Set environment variables; an empty text unsets one."""
        for name, value in variables.items():
            if value:
                self._monkeypatch.setenv(name, value)
            else:
                self._monkeypatch.delenv(name, raising=False)

    def write_profiles(self, text: str, mode: int = 0o600) -> None:
        """Write the file of the profiles."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text, encoding="utf-8")
        self.file.chmod(mode)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run `etelecom ...`."""
        if stdin is not None:
            self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capsys.readouterr()
        code = main(arguments)
        return Result(code, *self._capsys.readouterr())


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: Any) -> Tool:
    """Run commands in this process; no key is set, there is no profile and no keyring."""
    return Tool(monkeypatch, capsys, tmp_path_factory.mktemp("home"))


class Printed(io.TextIOWrapper):
    """Output in memory. Another thread can wait until the command has flushed a line."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8")
        self.flushed = threading.Event()

    def flush(self) -> None:
        """Let the other thread continue, if there is a line."""
        super().flush()
        if "\n" in self.text():
            self.flushed.set()

    def text(self) -> str:
        """Return the flushed text."""
        return self._bytes.getvalue().decode()


@pytest.fixture
def visit(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """
    Run a command that serves until Ctrl-C in this process, and use the service from another thread.

    The command prints one line of JSON. An asynchronous function takes it, and its result is returned. Then
    Ctrl-C has to end the command with success and no more output.
    """

    def visit(use: Callable[[Any], Awaitable[Any]], *arguments: str) -> Any:
        printed = Printed()
        has_ended = threading.Event()

        def run() -> Any:
            was_printed = printed.flushed.wait(PATIENCE)
            if has_ended.is_set():
                return None
            try:
                assert was_printed
                return asyncio.run(use(json.loads(printed.text())))
            finally:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        monkeypatch.setattr(sys, "stdout", printed)
        with ThreadPoolExecutor(1) as pool:
            used = pool.submit(run)
            try:
                result = tool(*arguments)
            finally:
                has_ended.set()
                printed.flushed.set()
        assert result == (0, "", ""), result
        assert printed.text().count("\n") == 1
        return used.result()

    return visit


class MemoryKeyring(KeyringBackend):
    """A keyring that keeps its keys in this process."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        """Return a key."""
        self._open()
        return self.keys.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a key."""
        self._open()
        self.keys[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove a key."""
        self._open()
        del self.keys[service, username]

    def _open(self) -> None:
        if self.is_locked:
            raise KeyringLocked("canary")


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """A keyring of the system."""
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def service(other_thread: asyncio.AbstractEventLoop) -> Iterator[Sandbox]:
    """A sandbox in another thread, with the records of the default seed."""
    service = sandbox()
    asyncio.run_coroutine_threadsafe(service.start(), other_thread).result()
    yield service
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()


@pytest.fixture
def etl(tool: Tool, service: Sandbox) -> Tool:
    """Run commands in this process with the sandbox and its keys."""
    tool.set(service.environment())
    return tool


@pytest.fixture
def keys(tool: Tool, service: Sandbox) -> dict[str, str]:
    """The sandbox's keys, which are not in the environment; only its URLs are."""
    environment = service.environment()
    tool.set({name: value for name, value in environment.items() if name.endswith("BASE_URL")})
    return environment


@pytest.fixture
def at_peer(tool: Tool, peer: Any) -> Tool:
    """Run commands in this process with a server that the test controls, and keys of all kinds."""
    tool.set(
        {
            "ETELECOM_BASE_URL": peer.base_url,
            "ETELECOM_SMS_BASE_URL": peer.base_url.removesuffix("/v1"),
            "ETELECOM_PARTNER_API_KEY": "1:canary-partner",
            "ETELECOM_SHOP_API_KEY": "1161512386239479010:canary-shop",
            "ETELECOM_SHOP_KEY": "shop1161512386239479010:canary-linked",
            "ETELECOM_SMS_USERNAME": "someone",
            "ETELECOM_SMS_PASSWORD": "canary-password",
        }
    )
    return tool


class Office(NamedTuple):
    """A shop of the sandbox's partner, with a hotline and without employees."""

    shop_id: str
    name: str
    key: str
    hotline_id: str
    hotline: str


_NUMBERS = itertools.count(1)


async def new_office(service: Sandbox, name: str) -> Office:
    """Make a shop that can have extensions."""
    number = next(_NUMBERS)
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        created = await partner.shops.create({"name": name, "phone": f"09019{number:05}"})
        shop = partner.for_shop(created.shop_key)
        tenant = await shop.tenant.create()
        owner = tenant.owner_id
        hotline = await partner.hotlines.create(hotline=f"02873{number:06}", name="Một", owner_id=owner)
        await partner.tenants.activate(
            tenant_id=tenant.id, owner_id=owner, connection_id=tenant.connection_id, hotline_id=hotline.id
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ProvisionalOperationWarning)
            await partner.hotlines.attach(hotline_id=hotline.id, tenant_id=tenant.id)
        return Office(created.shop.id, name, created.shop_key.reveal(), hotline.id, f"02873{number:06}")


@pytest.fixture
def office(etl: Tool, service: Sandbox) -> Office:
    """A new shop, whose key is in the environment."""
    made = asyncio.run(new_office(service, f"Quán {next(_NUMBERS)}"))
    etl.set({"ETELECOM_SHOP_KEY": made.key, "ETELECOM_SHOP_API_KEY": ""})
    return made


class Terminal:
    """
    A command on a terminal of its own.

    Args:
        environment: Its variables.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {**environment, "TERM": "xterm", "COLUMNS": "160"}

    def __call__(
        self,
        *arguments: str,
        answer: str = "",
        after: str = "",
        answers: Sequence[tuple[str, str]] = (),
        program: str = str(ETELECOM),
        **settings: Any,
    ) -> tuple[int, str]:
        """
        Run `etelecom ...` or another program; return the exit code and everything that the terminal shows.

        Args:
            *arguments: The command.
            answer: What to type.
            after: Text after which to type it.
            answers: Several texts, and what to type after each.
            program: The program.
            **settings: Streams that are not the terminal.
        """
        waiting = [(after, answer)] if answer else list(answers)
        master, slave = pty.openpty()
        streams = {"stdin": slave, "stdout": slave, "stderr": slave, **settings}
        with subprocess.Popen([program, *arguments], env=self.environment, **streams) as process:
            os.close(slave)
            shown, place = b"", 0
            alarm = threading.Timer(PATIENCE, process.kill)
            alarm.start()
            while True:
                try:
                    shown += os.read(master, 65536)
                except OSError:  # the error of Linux when the other side is closed
                    break
                if waiting and waiting[0][0].encode() in shown[place:]:
                    place = len(shown)
                    os.write(master, waiting.pop(0)[1].encode())
            alarm.cancel()
        os.close(master)
        return process.returncode, shown.decode()


@pytest.fixture
def terminal(surroundings: dict[str, str], service: Sandbox) -> Terminal:
    """Run commands on a terminal, with the sandbox and its keys."""
    return Terminal({**surroundings, **service.environment()})
