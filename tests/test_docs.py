"""README, CONTRIBUTING and docs/ are correct: each code block runs, loads, or is an existing command."""

from __future__ import annotations

import argparse
import ast
import asyncio
import importlib.util
import json
import math
import os
import pydoc
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import attrs
import pytest
from yarl import URL

from etelecom_async import (
    Attempt,
    Call,
    CallEnd,
    KeyKind,
    NewClientOptions,
    PartnerClient,
    Secret,
    ShopClient,
    SmsClient,
    Stats,
    _client,
    attempt_hook,
    cli,
    errors,
)
from etelecom_async._core import logs
from etelecom_async._core.calls import engine
from etelecom_async._core.calls.options import Options
from etelecom_async._core.calls.policy import Failure
from etelecom_async._core.hooks import CANCELLED, OK
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async.cli import profiles
from etelecom_async.cli.command import Command, CommandWithGroup
from etelecom_async.cli.settings import SETTINGS
from etelecom_async.models import CallLog, CallTarget, LoginRequired
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.faults import load_faults
from etelecom_async.testing import sandbox
from etelecom_async.webhooks import Event, UnknownEvent, drops
from etelecom_async.webhooks.events import KINDS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTEBOOK = "notebooks.md"
"""The page whose blocks are the cells of one notebook."""
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?( from=\S+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A code block of a page."""

    page: str
    line: int
    language: str
    file: str
    code: str
    is_included: bool
    """Whether the block shows code of a tested file; see tests/tools/test_included.py."""


def read(page: Path) -> list[Block]:
    """Return the blocks of a page, first to last."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page.name,
            text.count("\n", 0, found.start()) + 1,
            found[1],
            found[2] or "",
            found[4],
            bool(found[3]),
        )
        for found in BLOCK.finditer(text)
    ]


def cases(*languages: str) -> list[Any]:
    """Return a test case for each block in one of *languages* that runs by itself, without signals."""
    return [
        pytest.param(block, id=f"{block.page}:{block.line}")
        for block in BLOCKS
        if block.language in languages
        and not block.file
        and not block.is_included
        and block.page != NOTEBOOK
        and "signal.signal(" not in block.code
    ]


def following(block: Block, language: str) -> Block | None:
    """Return the block after *block* on its page, if it is in this language."""
    index = BLOCKS.index(block) + 1
    if index < len(BLOCKS) and (BLOCKS[index].page, BLOCKS[index].language) == (block.page, language):
        return BLOCKS[index]
    return None


BLOCKS = [block for page in PAGES for block in read(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_tested(page: Path) -> None:
    """The pattern finds every fence, and each language has a test; a `text` block is output or a drawing."""
    fences = re.findall(r"^\s*(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
    blocks = read(page)
    assert len(fences) == 2 * len(blocks)
    # tests/test_docs_command_line.py reads the Dockerfile.
    known = {"console", "dockerfile", "http", "json", "python", "sh", "text", "toml", "yaml"}
    assert {block.language for block in blocks} <= known
    assert {block.language for block in blocks if block.file} <= {"python", "toml"}


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
@pytest.mark.parametrize("block", cases("python"))
async def test_python(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A block runs as a script or a notebook's cell; a `text` block after it is exactly its output."""
    monkeypatch.chdir(tmp_path)  # a block may write files
    async with sandbox() as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        # In its own thread, because a script starts its own event loop.
        await asyncio.to_thread(_run, block)

    printed = capsys.readouterr()
    assert not printed.err
    if output := following(block, "text"):
        assert printed.out == output.code


def _run(block: Block) -> None:
    compiled = compile(block.code, block.page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    names: dict[str, Any] = {"__name__": "__main__"}
    handlers, level = logs.LOGGER.handlers.copy(), logs.LOGGER.level
    try:
        result = eval(compiled, names)
        if asyncio.iscoroutine(result):
            asyncio.run(result)
    finally:
        logs.LOGGER.handlers[:] = handlers
        logs.LOGGER.setLevel(level)


SIGNALS = [block for block in BLOCKS if "signal.signal(" in block.code]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send Ctrl-C to one other process")
async def test_soft_stop() -> None:
    """After a real Ctrl-C, a block ends without a traceback, and prints each call that was executed."""
    (block,) = SIGNALS
    async with sandbox() as service:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            block.code,
            env={**os.environ, **service.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout
        first = await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors_printed = await process.communicate()
        executed = service.processed["shop.extensions.create"]
    lines = (first + rest).decode().splitlines()
    assert (process.returncode, errors_printed) == (0, b"")
    assert all(line.endswith(" created") for line in lines)
    assert len(lines) == executed < 3000


async def _run_cell(block: Block, names: dict[str, Any]) -> None:
    """Run a cell in the event loop of its kernel."""
    result = eval(
        compile(block.code, block.page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True), names
    )
    if asyncio.iscoroutine(result):
        await result


CELLS = [block for block in BLOCKS if block.page == NOTEBOOK and block.language == "python"]


@pytest.mark.parametrize(
    "skipped", ["shop = ShopClient()", "service = await sandbox("], ids=["sandbox", "key"]
)
@pytest.mark.filterwarnings("default::etelecom_async.ProvisionalOperationWarning")
async def test_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], skipped: str, tmp_path: Path
) -> None:
    """The cells run one after the other in one kernel; each can run twice, and the last one closes all."""
    monkeypatch.chdir(tmp_path)  # a cell writes a journal
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in CELLS if skipped not in cell.code]
    assert len(cells) == len(CELLS) - 1
    async with sandbox(until=datetime.now(UTC)) as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        for cell in cells[:-1]:
            for _ in range(2):
                await _run_cell(cell, names)
                if output := following(cell, "text"):
                    assert capsys.readouterr().out.endswith(output.code)
        assert len(names["collected"]) >= 250
        for _ in range(2):
            await _run_cell(cells[-1], names)
        assert not capsys.readouterr().err
        with pytest.raises(errors.ClientClosedError):
            await names["shop"].account()


class Reading:
    """The cells that read a long list, in a notebook of their own with 450 calls."""

    def __init__(self, on_page: Callable[[int], None]) -> None:
        (first,) = (index for index, cell in enumerate(CELLS) if "collected = {}" in cell.code)
        self._filters, self._reads, self._continues = CELLS[first - 1 : first + 2]
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._on_page = on_page
        self._pages = count(1)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Run a sandbox and its client, and compute the filters."""
        hooks = [attempt_hook(lambda _: self._on_page(next(self._pages)))]
        async with (
            sandbox(call_logs=450, until=datetime.now(UTC)) as service,
            ShopClient(service.shop_api_key, base_url=service.base_url, hooks=hooks) as shop,
        ):
            self._names["shop"] = shop
            await _run_cell(self._filters, self._names)
            yield

    async def start(self) -> None:
        """Run the cell that starts."""
        await _run_cell(self._reads, self._names)

    async def go_on(self) -> None:
        """Run the cell that continues."""
        await _run_cell(self._continues, self._names)

    def size(self) -> int:
        """Return the number of rows so far; each has the key of its own id."""
        assert all(key == call.id for key, call in self._names["collected"].items())
        return len(self._names["collected"])


async def test_stopped_cell() -> None:
    """A cell that is stopped while it reads a list keeps its rows, and the cell after it adds the others."""
    running: list[asyncio.Future[None]] = []

    def stop(page: int) -> None:
        if page in {2, 4}:
            running[-1].cancel()

    reading = Reading(stop)
    async with reading.open():
        sizes: list[int] = []
        for cell in (reading.start, reading.go_on):
            running.append(asyncio.ensure_future(cell()))
            with pytest.raises(asyncio.CancelledError):
                await running[-1]
            sizes.append(reading.size())
        await reading.go_on()
        assert 0 < sizes[0] < sizes[1] < reading.size() == 450


def test_cell_that_stays_in_the_background() -> None:
    """IPython in a terminal leaves the task of a stopped cell in its loop; the next cell replaces it."""
    loop = asyncio.new_event_loop()

    def stop(page: int) -> None:
        if page == 2:
            loop.stop()

    reading = Reading(stop)
    notebook = reading.open()
    loop.run_until_complete(notebook.__aenter__())
    stopped = loop.create_task(reading.start())
    with pytest.raises(RuntimeError, match="stopped before"):
        loop.run_until_complete(stopped)
    assert not stopped.done()
    before = reading.size()
    loop.run_until_complete(reading.go_on())
    assert stopped.cancelled()
    assert before < reading.size() == 450
    loop.run_until_complete(notebook.__aexit__(None, None, None))
    loop.close()


@pytest.mark.parametrize("page", sorted({block.page for block in BLOCKS if block.file}))
def test_files(page: str, tmp_path: Path) -> None:
    """The files of a page work in one folder: the tests pass without warnings, and import all modules."""
    files = {block.file: block.code for block in BLOCKS if block.page == page and block.file}
    for name, code in files.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    tests = [name for name in files if name.startswith("test_")]
    code_of_tests = "\n".join(files[name] for name in tests)
    imports = "\n".join(re.findall(r"^(?:from|import) .*", code_of_tests, re.MULTILINE))
    others = [name for name in files if name not in tests and name.endswith(".py")]
    modules = [name.removesuffix(".py") for name in others]
    assert [module for module in modules if not re.search(rf"\b{module}\b", imports)] == []

    # The pages name only one plugin of others, so no more are loaded.
    plugins = ("-p", "pytest_asyncio.plugin", "-p", "pytest_etelecom")
    command = [sys.executable, "-m", "pytest", *plugins, "-q", "-W", "error"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if "pyproject.toml" not in files:  # a page that has the file shows all that its tests need
        command += ["-o", "asyncio_mode=auto"]
    command += ["-o", "asyncio_default_fixture_loop_scope=function", *tests]
    process = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    expected = sum(files[name].count("\nasync def test_") for name in tests)
    assert expected >= len(tests)
    passed = re.search(r"^(\d+) passed in", process.stdout, re.MULTILINE)  # and nothing else
    assert passed, process.stdout + process.stderr
    assert int(passed[1]) >= expected  # a test may have several cases


@pytest.mark.parametrize("block", cases("http"))
async def test_http(block: Block) -> None:
    """A new sandbox returns 200 for the request; a `json` block after it is exactly the response."""
    head, _, body = block.code.strip().partition("\n\n")
    line, *lines = head.splitlines()
    method, path = line.split()
    headers = dict(each.split(": ", 1) for each in lines)
    async with (
        sandbox() as service,
        aiohttp.ClientSession(service.sms_base_url) as http,
        http.request(method, path, data=body or None, headers=headers) as response,
    ):
        assert response.status == 200
        if expected := following(block, "json"):
            assert await response.json() == json.loads(expected.code)


def test_json_follows_http() -> None:
    """Each `json` block is the response to the request before it, so `test_http` compares it."""
    responses = [following(block, "json") for block in BLOCKS if block.language == "http"]
    assert [block for block in BLOCKS if block.language == "json"] == [block for block in responses if block]


@pytest.mark.parametrize("block", cases("toml"))
def test_toml(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox loads the block as a file of faults, or the command line as the file of the profiles."""
    file = tmp_path / "file.toml"
    file.write_text(block.code, encoding="utf-8")
    if "[profiles." in block.code:
        file.chmod(0o600)
        monkeypatch.setattr(profiles, "path", lambda: file)
        assert profiles.read(tuple(SETTINGS)).by_name
    else:
        assert load_faults(file)


@pytest.mark.parametrize("block", cases("console", "sh"))
def test_commands(block: Block) -> None:
    """The project's own commands exist: `etelecom` takes the arguments, nox has the session."""
    lines = block.code.splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert lines
    for line in lines:
        for command in re.split(r"(?:&&|\|) ", re.sub(r" > \S+$", "", line)):
            _check(shlex.split(command, comments=True))


_OTHERS = {"docker", "export", "pass", "pipx", "uv", "uvicorn"}
"""Programs of other projects, and of the shell: `nox -s installers` runs pipx and uv."""


def _check(parts: list[str]) -> None:
    program, *arguments = parts
    program = program.removeprefix(".venv/bin/")
    assert program in {".", "curl", "echo", "etelecom", "nox", "pytest", "python", "python3"} | _OTHERS
    if program == "etelecom":
        assert _parse(arguments), f"unknown: {shlex.join(parts)}"
    elif program == "nox":
        if arguments[:1] == ["-s"]:
            named = list(takewhile(lambda part: part[0] not in "->", arguments[1:]))
            assert named
            assert {re.sub(r"-3\.\d+$", "", name) for name in named} <= _sessions()
    elif arguments[:1] == ["-m"] and arguments[1] not in {"pip", "nox", "venv"}:
        assert importlib.util.find_spec(arguments[1]) or (ROOT / arguments[1] / "__main__.py").is_file()


def _parse(arguments: list[str]) -> bool:
    """Return whether `etelecom` takes these arguments; nothing runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Command, "invoke", lambda *_: 0)
        patch.setattr(CommandWithGroup, "run", lambda *_, **__: 0)
        return cli.main(arguments) == 0


CURL = argparse.ArgumentParser(exit_on_error=False)
CURL.add_argument("-X", dest="method")
CURL.add_argument("-H", dest="headers", action="append", default=[])
CURL.add_argument("-d", dest="data")
CURL.add_argument("url")


async def test_curl() -> None:
    """Each `curl` goes to the port of the sandbox before it, and a new sandbox returns 200 for it."""
    lines = "\n".join(block.code for block in BLOCKS if block.language == "sh").splitlines()
    commands = [CURL.parse_args(shlex.split(line)[1:]) for line in lines if line.startswith("curl ")]
    assert len(commands) >= 3
    (port,) = {re.sub(r".*--port (\d+).*", r"\1", line) for line in lines if "sandbox --port" in line}
    async with sandbox() as service, aiohttp.ClientSession() as http:
        for command in commands:
            shown = URL(command.url)
            assert str(shown.origin()) == f"http://127.0.0.1:{port}"
            url = shown.with_port(URL(service.base_url).port)
            method = command.method or ("GET" if command.data is None else "POST")
            headers = dict(header.split(": ") for header in command.headers)
            async with http.request(method, url, headers=headers, data=command.data) as response:
                assert response.status == 200


def _sessions() -> set[str]:
    """Return the names of the nox sessions."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator).startswith("nox.session") for decorator in node.decorator_list)
    }


def test_links() -> None:
    """Each link to a project file has a target, and README or another page links to each page of docs/."""
    linked = set[Path]()
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            file = (page.parent / target).resolve()
            assert file.exists(), f"{page.name}: {target}"
            linked.add(file)
    assert {page for page in PAGES if page.parent.name == "docs"} <= linked


def table(page: str, title: str) -> list[list[str]]:
    """Return the cells of each table on a page of docs/ whose first column has this title."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    tables = re.findall(rf"^\| {title} \|.*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in "".join(tables).splitlines()]


def code(cell: str) -> list[str]:
    """Return the code spans of a cell."""
    return re.findall(r"`([^`]+)`", cell)


class Option(NamedTuple):
    """An option, as a docstring describes it."""

    type: str
    text: str
    default: str


def documented_options(doc: str) -> dict[str, Option]:
    """Return the options of a docstring, by name."""
    lines = re.findall(r"^(    \w+ \([^)]*\): .*(?:\n     +.*)*)", doc, re.MULTILINE)
    found: dict[str, Option] = {}
    for line in lines:
        name, kind, text, default = re.fullmatch(
            r"(\w+) \((.*?)\): (.*)\. Default: (.*)\.", " ".join(line.split())
        ).groups()
        found[name] = Option(kind, text, default)
    return found


OPTIONS = documented_options(ShopClient.__doc__)


@pytest.mark.parametrize("client", [PartnerClient, ShopClient, SmsClient])
def test_help_lists_the_options(client: type) -> None:
    """`help()` of each client lists each option with its type, its unit first, and its default."""
    assert documented_options(client.__doc__) == OPTIONS
    declared = NewClientOptions.__annotations__
    assert {name: option.type for name, option in OPTIONS.items()} == {
        name: kind.__forward_arg__ for name, kind in declared.items()
    }
    page = pydoc.plain(pydoc.render_doc(client))
    assert [name for name, option in OPTIONS.items() if f"{name} ({option.type}): " not in page] == []
    units = {
        name: option.text.split()[0]
        for name, option in OPTIONS.items()
        if option.type.startswith(("int", "float"))
    }
    assert units == {
        "deadline": "Seconds",
        "attempt_timeout": "Seconds",
        "queue_timeout": "Seconds",
        "retries": "Retries",
        "concurrency": "Attempts",
        "rate": "Attempts",
        "max_response_bytes": "Bytes",
    }


def test_defaults_of_the_options() -> None:
    """The documented defaults are those of the code."""
    options, connection = Options(), ConnectionConfig()
    actual = {
        **{field.name: getattr(options, field.name) for field in attrs.fields(Options)},
        **{field.name: getattr(connection, field.name) for field in attrs.fields(ConnectionConfig)},
        "retries": options.retry.retries,
        "session": None,
    }
    for name, option in OPTIONS.items():
        default = option.default.strip("`")
        number = re.fullmatch(r"(\d+)( MiB)?", default)
        if number:
            assert actual[name] == int(number[1]) * (2**20 if number[2] else 1)
        elif default == "False":
            assert actual[name] is False
        elif default == "no limit":
            assert actual[name] == math.inf
        else:
            assert default == "none" or name in {"session", "tls"}
            assert not actual[name]


def option_rows(page: str) -> list[list[str]]:
    """Return the cells of the tables of options on a page of the project; a cell may have an escaped pipe."""
    text = (ROOT / page).read_text(encoding="utf-8")
    tables = re.findall(r"^\| option \| .*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    rows = (re.split(r"(?<!\\)\|", row.strip("|")) for row in "".join(tables).splitlines())
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def test_tables_of_options() -> None:
    """The tables of README and of its page have the options of `help()`, with type, unit and default."""
    page, readme = option_rows("docs/options.md"), option_rows("README.md")
    assert len(page) == len(readme) == len(OPTIONS)
    for (name, option), in_page, in_readme in zip(OPTIONS.items(), page, readme, strict=True):
        kind = f"`{option.type.replace(' | ', '|')}`"
        assert in_page[:3] == [f"`{name}`", kind, option.default]
        kind, _, unit = in_readme[1].partition("`, ")
        assert [in_readme[0], kind.strip("`"), in_readme[2]] == [
            f"`{name}`",
            re.sub(r"\s", "", option.type),
            option.default,
        ]
        assert bool(unit) == option.type.startswith(("int", "float"))
        for text in (in_page[3], option.text.lower()):
            assert text.startswith(unit.replace("/", " a "))


def test_variables_are_complete() -> None:
    """The table of environment variables names each variable that a client reads."""
    variables = {
        value
        for module in (_client, engine)
        for name, value in vars(module).items()
        if name.endswith("_VARIABLE")
    }
    assert {name for cell, _, _ in table("options.md", "variable") for name in code(cell)} == variables


def test_fields_of_hooks_are_complete() -> None:
    """The table of hook objects names each field of each class, in order."""
    expected = {cls.__name__: [field.name for field in attrs.fields(cls)] for cls in (Call, Attempt, CallEnd)}
    assert {code(name)[0]: code(fields) for name, fields in table("hooks.md", "object")} == expected


def test_errors_of_the_api_are_complete() -> None:
    """The table of codes has each code of the API with its class and its usual status, as the client has."""
    named = [(code(row[0])[0], code(row[1])[0], int(row[2])) for row in table("errors.md", "code")]
    kinds = [kind for kind in errors.APIError.__subclasses__() if kind.code is not None]
    expected = [(kind.code, kind.__name__, kind.status) for kind in kinds if "code" in vars(kind)]
    assert named == expected
    assert all(errors.by_code(name).__name__ == kind for name, kind, _ in named)


def test_errors_have_the_attributes_of_the_page() -> None:
    """An instance of each class has the attributes that the tables of attributes name."""
    result = object()
    instances: dict[str, errors.EtelecomError] = {
        "InvalidRequestError": errors.InvalidRequestError(("no",)),
        "ShopNotConnectedError": errors.ShopNotConnectedError("no", shop_id="1"),
        "KeyStoreError": errors.KeyStoreError("no"),
        "LoginRequiredError": errors.LoginRequiredError(
            "no", result=LoginRequired(auth_url=Secret("u")), shop_id="1"
        ),
        "APIError": errors.APIError("no"),
        "DecodeError": errors.DecodeError(("no",), status=200, body=""),
        "DeliveryError": errors.DeliveryError("no", result=result),
        "NotAppliedError": errors.NotAppliedError("no", result=result),
        "SmsError": errors.SmsError("no", result=result),
        "PagingError": errors.PagingError("no"),
    }
    rows = [row for row in table("errors.md", "error") if code(row[0])[0] in instances and code(row[1])]
    named = {name for row in rows for name in code(row[0])}
    assert named == set(instances)
    for row in rows:
        for name in code(row[0]):
            assert [field for field in code(row[1]) if not hasattr(instances[name], field)] == []
    common = [name for row in table("errors.md", "attribute") for name in code(row[0])]
    assert "can_verify" in common
    for error in instances.values():
        assert [name for name in common if not hasattr(error, name)] == []


def test_reads_of_verify_are_complete() -> None:
    """The table of `verify()` names each operation with a read, its reads, and the class that they show."""
    expected = []
    for row in sorted(OPERATIONS.values(), key=lambda row: row.name):
        if rule := row.verify:
            reads = [name for name in (rule.first, rule.read) if name]
            shown = "True" if rule.is_absent else OPERATIONS[rule.read].response.__name__
            expected.append(([row.name], reads, [shown]))
    assert [tuple(map(code, row)) for row in table("errors.md", "call")] == expected


def test_fields_of_log_records_are_complete() -> None:
    """The tables of logs name each field of a record, and each reason with its text."""
    assert [code(row[0])[0] for row in table("hooks.md", "field of a record")] == list(logs.FIELDS)
    assert {code(row[0])[0]: row[1] for row in table("hooks.md", "reason")} == logs.REASONS


def test_tables_of_webhooks_are_complete() -> None:
    """The tables of webhooks name each kind of event with its class, and each reason for a drop."""
    rows = [(code(kind), code(shown)[0]) for kind, shown, _ in table("webhooks.md", "kind")]
    classes = [UnknownEvent, *(kind for kind in Event.__subclasses__() if kind is not UnknownEvent)]
    assert {(kind, name) for (kind,), name in rows} == {(each.kind, each.__name__) for each in classes}
    assert [kind for (kind,), _ in rows] == list(KINDS)
    assert {code(name)[0]: text for name, text in table("webhooks.md", "dropped")} == drops.REASONS


async def test_kinds_of_log_records(caplog: pytest.LogCaptureFixture) -> None:
    """Each kind of record has the level and the fields that the tables name."""
    caplog.set_level("DEBUG", logger="etelecom_async")
    logs.attempt_ended(
        Attempt(operation="a", number=1, seconds=1.0, outcome="throttled", status=429, wait=6.0)
    )
    logs.paused("a", 6.0)
    error = errors.InternalError("no", operation="a")
    error.attempts = (Attempt(operation="a", number=1, seconds=1.0, outcome="server_fault", status=500),)
    logs.gave_up(error, "retries", 1.0)
    logs.hook_failed("a", "a hook failed", failure=ValueError())
    documented = [(code(kind)[0], level) for kind, level, _ in table("hooks.md", "kind")]
    assert [(record.kind, record.levelname) for record in caplog.records] == documented
    for name, kinds, _ in table("hooks.md", "field of a record"):
        field = code(name)[0]
        found = [record.kind for record in caplog.records if getattr(record, field) is not None]
        assert found == (code(kinds) or [kind for kind, _ in documented]), field


def test_outcomes_are_complete() -> None:
    """The table of outcomes has each outcome that a hook can see."""
    named = [code(row[0])[0] for row in table("hooks.md", "outcome of an attempt")]
    assert named == [OK, CANCELLED, *Failure]


def test_fields_of_stats_are_complete() -> None:
    """The table of statistics names each field, in order."""
    assert [name for row in table("hooks.md", "field") for name in code(row[0])] == list(Stats._fields)


def test_fields_of_call_logs_are_complete() -> None:
    """The tables of call logs name each field of a call and of its targets."""
    named = {name for row in table("call-logs.md", "field") for name in code(row[0])}
    assert named == {field.name for field in attrs.fields(CallLog)}
    targets = {name for row in table("call-logs.md", "field of a target") for name in code(row[0])}
    assert targets == {field.name for field in attrs.fields(CallTarget)}


def test_keys_are_those_of_the_operations() -> None:
    """The table of keys gives each operation of a `ShopClient` to the keys that the documentation names."""
    names = [name for name in OPERATIONS if name.startswith(("shop.", "webhooks.")) or name == "account"]
    rest = set(names)
    for operations, own, partners in table("partners.md", "operations"):
        patterns = [re.escape(each).replace(r"\*", ".*") for each in code(operations) if each != "ShopClient"]
        found = {name for name in names if any(re.fullmatch(pattern, name) for pattern in patterns)}
        expected = found or rest
        assert expected
        rest -= found
        for name in expected:
            callers = OPERATIONS[name].callers
            assert (KeyKind.SHOP_API_KEY in callers) == own.startswith("yes"), name
            assert (KeyKind.PARTNER_SHOP_KEY in callers) == partners.startswith("yes"), name


def test_statuses_of_services() -> None:
    """The page names each error with the status that the services give it, in their order."""
    file = ROOT / "examples" / "services" / "replies.py"
    statuses = runpy.run_path(str(file))["STATUSES"]
    (in_doubt, *rows, others) = table("web-services.md", "error of the SDK")
    assert (in_doubt[:2], others[1]) == (["`may_have_happened` is true", "500"], "502")
    documented = [(int(status), name) for names, status, _ in rows for name in code(names)]
    given = [(status, kind.__name__) for status, kinds in statuses for kind in kinds]
    assert documented == given
