"""Test the command line as a whole: wrong input, errors of the service, and what a command loads."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.cli import exit_codes

if TYPE_CHECKING:
    from collections.abc import Callable

NO_KEY = {"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""}


@pytest.mark.parametrize(
    ("line", "variables", "code", "problem"),
    [
        ("shop extensionz list", {}, 2, "No such command 'extensionz'. Did you mean 'extensions'? Help: "),
        ("shop extensions lst", {}, 2, "No such command 'lst'. Did you mean 'list'? Help: "),
        ("shop extensions list --limt 3", {}, 2, "'--limt'. Did you mean '--limit'? Help: "),
        ("shop extensions list extra", {}, 2, "extra"),
        ("shop call-logs list --direction inn", {}, 2, "'inn' is not listed: did you mean 'in'? Values: "),
        ("shop call-logs list --date-from 2026-13-01", {}, 2, "2026-13-01 is not in the calendar"),
        ("shop call-logs list --date-from 12:61", {}, 2, "'12:61' is no time"),
        ("shop extensions list --limit x", {}, 2, "'x' is no whole number"),
        ("shop extensions list --limit 0", {}, 2, "0 is below 1"),
        ("shop extensions list --columns idd", {}, 2, "no column 'idd'. Did you mean 'id'?"),
        ("shop extensions list --json --csv", {}, 2, "--json and --csv exclude each other"),
        ("shop extensions list", NO_KEY, 4, "ETELECOM_SHOP_API_KEY or ETELECOM_SHOP_KEY"),
        ("shop extensions list", {**NO_KEY, "ETELECOM_SHOP_KEY": "request:abcdefgh"}, 4, "request token"),
        ("shop extensions list", {**NO_KEY, "ETELECOM_SHOP_API_KEY": "1:canary"}, 4, "unauthenticated"),
        ("partner tenants list", {"ETELECOM_PARTNER_API_KEY": "shop1:canary-key"}, 4, "etelecom shop"),
        ("shop tenant get", {"ETELECOM_SHOP_KEY": ""}, 4, "permission_denied"),
        ("partner shops authorize --shop-id 1 --redirect-url https://a.example", {}, 1, "permission_denied"),
        ("sms templates list", {"ETELECOM_SMS_USERNAME": ""}, 4, "ETELECOM_SMS_USERNAME"),
        ("shop extensions list", {"ETELECOM_BASE_URL": "ftp://a.example"}, 2, "ETELECOM_BASE_URL"),
        ("shop extensions list --base-url ftp://a.example", {}, 2, "--base-url is not a valid web address"),
        (
            "shop extensions list",
            {**NO_KEY, "ETELECOM_SHOP_KEY": "'canary'"},
            4,
            "ETELECOM_SHOP_KEY contains quotes",
        ),
        ("shop extensions list", {"ETELECOM_WIRE_NAMES": "nonsense"}, 2, "ETELECOM_WIRE_NAMES"),
        ("shop extensions get --extension-number 9999", {}, 1, "not_found"),
        ("shop extensions list --resume nonsense", {}, 2, "--resume is not a checkpoint"),
        ("shop call-logs list --date-from today --date-to yesterday", {}, 2, "--date-from is not before"),
        ("extensions list", {}, 2, "No such command 'extensions'. Did you mean 'shop extensions'? Help: "),
        ("hotlines list", {}, 2, "Did you mean 'partner hotlines' or 'shop hotlines'? Help: "),
        ("zns messages send --message x", {}, 2, "No such option '--message'"),
        (
            "zalo messages send-transaction --message.buttons.title x",
            {},
            2,
            "only --body FILE can have this part",
        ),
        ("shop users create --password canary", {}, 2, "Did you mean '--password-file'?"),
        (
            "shop users create --full-name A --phone 1 --password-file canary",
            {},
            2,
            "the file of --password-file cannot be read",
        ),
        ("shop extensions list --key-file 1:canary", {}, 2, "the file of --key-file cannot be read"),
        ("api Etelecom/GetExtension", {}, 2, "did you mean Etelecom/GetExtensions?"),
        ("zns messages send --oa-id 1 --phone 1 --template-data a --yes", {}, 2, "name=value"),
        ("shop users create --body missing.json", {}, 2, "missing.json cannot be read"),
        ("api GetExtensions", {}, 2, "Service/Method"),
        ("help shop extensionz", {}, 2, "'extensionz'. Did you mean 'extensions'?"),
    ],
    ids=lambda value: value.replace("/", ".") if isinstance(value, str) else "",
)
def test_wrong_input(etl: Any, line: str, variables: dict[str, str], code: int, problem: str) -> None:
    """Wrong input gives the right exit code and one line without a traceback or a key, and prints no data."""
    etl.set(variables)
    result = etl(*line.split())
    assert (result.code, result.out) == (code, ""), result
    assert problem in result.err
    assert result.err.startswith("etelecom: ")
    assert result.err.count("\n") == 1
    assert "canary" not in result.err


def test_text_of_a_server_cannot_control_the_terminal(at_peer: Any, peer: Any) -> None:
    """Control characters and line ends in an error of the server become blanks."""
    peer.always = lambda _: peer.json({"code": "not_found", "msg": "a\x1b[31mb\nc\u202ed"}, 404)
    result = at_peer("shop", "extensions", "get", "--extension-number", "1")
    assert result.code == exit_codes.FAILED
    assert result.err.startswith("etelecom: shop.extensions.get: a [31mb c d (not_found, HTTP 404).")
    assert result.err.count("\n") == 1


def test_doubt_is_named(at_peer: Any, peer: Any) -> None:
    """If the server may have executed a call, the line says to look first, and no Python."""
    peer.always = lambda _: peer.DROP
    result = at_peer("shop", "tenant", "create")
    assert result.code == exit_codes.FAILED
    assert "The server may have executed the call: look before you repeat it." in result.err
    assert "await" not in result.err


HEAVY = [
    *("aiohttp", "asyncio", "attr", "attrs", "cattrs", "msgspec", "rich", "ssl", "tenacity"),
    *("filelock", "keyring", "platformdirs", "pyarrow", "tomlkit", "tomllib"),
]
LOADED = """
import json, os, sys
from etelecom_async.cli import app, main
for line, variables in json.load(sys.stdin):
    if not os.fork():
        os.environ.update(variables)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        code = main(line.split())
        json.dump([code, sorted(sys.modules)], sys.__stdout__)
        print(file=sys.__stdout__, flush=True)
        os._exit(0)
    os.wait()
"""
"""Run each command in a fork of one process, which has loaded what every command loads."""
LIGHT = [
    ("--help", 0, ""),
    ("--version", 0, ""),
    ("shop --help", 0, ""),
    ("shop extensions list --help", 0, ""),
    ("zns messages send --help", 0, ""),
    ("auth --help", 0, ""),
    ("auth login --help", 0, ""),
    ("config set --help", 0, ""),
    ("config get shop_key_x", 2, ""),
    ("sandbox --help", 0, ""),
    ("demo --help", 0, ""),
    ("api --help", 0, ""),
    ("provision --help", 0, ""),
    ("provision apply --help", 0, ""),
    ("provision move --help", 0, ""),
    ("provision plan a.csv --numbers 5-1", 2, ""),
    ("doctor --help", 0, ""),
    ("doctor --report report.md", 2, ""),
    ("operations --json", 0, ""),
    ("users find --help", 0, ""),
    ("calls list --help", 0, ""),
    ("calls export --help", 0, ""),
    ("calls export --since 2026-11-28T09:30 --output a.csv", 2, ""),
    ("calls export --since today --output a.csv", 2, ""),
    ("calls recordings --help", 0, ""),
    ("calls recordings --since today --output a", 2, ""),
    ("calls sync --help", 0, ""),
    ("calls sync --database a.db --since -7d --every 0s", 2, ""),
    ("zns status --help", 0, ""),
    ("connect --help", 0, ""),
    ("explain --help", 0, ""),
    ("calls list --day foo", 2, ""),
    ("help exit-codes", 0, ""),
    ("completion bash", 0, ""),
    ("shop extensionz", 2, ""),
    ("shop call-logs list --direction inn", 2, ""),
    ("shop call-logs list --date-from 2026-13-01", 2, ""),
    ("shop users create --phone 0901234567", 2, ""),
    ("", 0, "etelecom shop call-logs list --direction "),
    ("", 0, "etelecom sho"),
]
"""Command lines with their exit codes, and the words to complete."""


def completion(words: str) -> dict[str, str]:
    """Return the variables with which a shell completes words."""
    if not words:
        return {}
    place = str(words.count(" "))
    return {"_ETELECOM_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}


@pytest.fixture(scope="module")
def loaded() -> dict[tuple[str, str], tuple[int, set[str]]]:
    """The exit code of each command of `LIGHT`, and the modules that it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        input=json.dumps([(line, completion(words)) for line, _, words in LIGHT]),
        capture_output=True,
        check=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "error"},
        timeout=60,
    )
    ended = [json.loads(each) for each in done.stdout.splitlines()]
    return {
        (line, words): (code, set(modules))
        for (line, _, words), (code, modules) in zip(LIGHT, ended, strict=True)
    }


@pytest.mark.parametrize(("line", "code", "words"), LIGHT)
def test_help_loads_neither_client_nor_models(loaded: Any, line: str, code: int, words: str) -> None:
    """Help, completion and usage errors load no client, no model, no event loop and no rich."""
    ended, modules = loaded[line, words]
    assert ended == code
    assert not set(HEAVY).intersection(modules)
    ours = {name for name in modules if name.startswith("etelecom_async")}
    allowed = ("etelecom_async.cli", "etelecom_async._generated.commands", "etelecom_async.times")
    packages = {"etelecom_async", "etelecom_async._generated", "etelecom_async._core"}
    small = {f"etelecom_async._core.{name}" for name in ("formulas", "private_files", "suggestions")}
    others = {*packages, *small, "etelecom_async._lazy", "etelecom_async._version"}
    assert not {name for name in ours if not name.startswith(allowed)} - others


@pytest.mark.parametrize("shell", ["bash_complete", "zsh_complete", "fish_complete"])
def test_completion(tool: Any, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    """Tab completes groups, commands, options, values of enums, days and columns, in each shell."""

    def completed(words: str) -> str:
        last = words.rpartition(" ")[2]
        place = last if shell == "fish_complete" else str(words.count(" "))
        tool.set({"_ETELECOM_COMPLETE": shell, "COMP_WORDS": words})
        monkeypatch.setenv("COMP_CWORD", place)
        result = tool()
        assert (result.code, result.err) == (0, "")
        return str(result.out)

    assert "extensions" in completed("etelecom shop ext")
    assert "change-hotline" in completed("etelecom shop extensions ")
    assert "--date-from" in completed("etelecom shop call-logs list --da")
    assert "ext_out" in completed("etelecom shop call-logs list --direction ext_o")
    assert "yesterday" in completed("etelecom shop call-logs list --date-from y")
    assert "id,caller" in completed("etelecom shop call-logs list --columns id,ca")
    assert "Etelecom/GetTenant" in completed("etelecom api Etelecom/GetT")


def test_ctrl_c_in_a_list(start: Callable[..., Any], surroundings: dict[str, str], peer: Any) -> None:
    """Ctrl-C in a list gives one line and exit code 130; the rows before are a whole JSON array."""
    first = {"extensions": [{"id": str(number)} for number in range(100)], "paging": {"next": "a"}}
    peer.respond_with(peer.json(first), peer.HANG)
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_API_KEY": "1161512386239479010:key"}
    with start("shop", "extensions", "list", "--json") as running:
        lines = running.lines_until('"id": "98"')
        running.process.send_signal(signal.SIGINT)
        out = running.process.stdout.read()
        assert running.process.stderr.read() == "etelecom: interrupted\n"
        assert running.process.wait() == exit_codes.INTERRUPTED
    assert [row["id"] for row in json.loads("".join(lines) + out)] == [str(number) for number in range(100)]


STALLED = """
import sys
from etelecom_async.cli import app, main, signals

signals._PATIENCE = app._LAST_WRITE = 0.05
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_reader_that_stops_reading(
    start: Callable[..., Any], surroundings: dict[str, str], peer: Any, form: str, number: signal.Signals
) -> None:
    """One signal ends a list whose reader has stopped reading; the command shows no traceback."""
    rows = {"extensions": [{"id": str(number)} for number in range(1000)], "paging": {"next": "a"}}
    peer.respond_with(peer.json(rows), peer.HANG)
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_API_KEY": "1161512386239479010:key"}
    command = (sys.executable, "-c", STALLED)
    with start("shop", "extensions", "list", form, command=command) as running:
        select.select([running.process.stdout], [], [])  # the pipe has less room than the rows need
        running.process.send_signal(number)
        assert running.process.wait() == exit_codes.INTERRUPTED
        assert running.process.stderr.read() == "etelecom: interrupted\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_full_disk(start: Callable[..., Any]) -> None:
    """Output that cannot be written is one line, with exit code 1."""
    with Path("/dev/full").open("w") as full, start("operations", stdout=full) as running:
        assert running.end() == (
            exit_codes.FAILED,
            None,
            "etelecom: cannot read or write: [Errno 28] No space left on device\n",
        )


def test_closed_streams(start: Callable[..., Any]) -> None:
    """Without stdin and stdout, a command still ends with its exit code and no traceback."""
    script = 'exec "$@" <&- >&-'
    for words, code in ((("operations",), 0), (("zns", "messages", "send", "--body", "-"), 2)):
        command = ("sh", "-c", script, "sh", sys.executable, "-m", "etelecom_async")
        with start(*words, command=command) as running:
            ended, _, err = running.end()
        assert (ended, err.count("\n")) == (code, code // 2)
