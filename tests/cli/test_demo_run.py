"""Test `etelecom demo` with output to a terminal, to a file and to a program."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
from typing import TYPE_CHECKING, Any

from etelecom_async import PartnerClient
from etelecom_async.cli.extras import install_command

if TYPE_CHECKING:
    from collections.abc import Callable

# Numbers of listed records: the 3 tenants and 4 hotlines of the sandbox, and all that the demo creates.
RECORDS = {"tenants": 4, "hotlines": 7, "users": 5, "extensions": 4}


def test_figures_are_one_json_object(tool: Any) -> None:
    """With --json there is one line. Its figures agree with each other and with the arguments."""
    code, out, err = tool("demo", "--call-logs", "250", "--json")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    figures = json.loads(out)
    assert figures.items() >= {**RECORDS, "calls": 250, "pages": 3}.items()
    assert sum(figures["calls_by_direction"].values()) == sum(figures["calls_by_state"].values()) == 250
    # 4 for the call logs: the page that ends a list is empty. 5 lists have 2 pages; the rest are changes.
    assert figures["requests"] == 4 + 10 + 22
    assert figures["seconds"] > 0
    assert set(figures) == {
        *RECORDS, "calls", "calls_by_direction", "calls_by_state", "requests", "pages", "seconds",
    }  # fmt: skip


def test_seed_decides_the_calls(tool: Any) -> None:
    """The same seed gives the same figures, and another seed others. Only the time differs each time."""

    def figures(seed: str) -> dict[str, Any]:
        found: dict[str, Any] = tool("demo", "--call-logs", "250", "--json", "--seed", seed).json
        del found["seconds"]
        return found

    first = figures("1")
    assert figures("1") == first
    assert figures("2") != first


def test_output_to_a_file_is_plain(etelecom: Callable[..., Any]) -> None:
    """Without a terminal there are lines and the table, but no progress bar, colours or warning."""
    code, out, err = etelecom("demo", "--call-logs", "250")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "\r" not in out
    assert "━" not in out
    assert len(re.findall(r"^Found tenant \d{19} at \S+$", out, flags=re.MULTILINE)) == 3
    assert re.search(r"^Read 250 call logs in 3 pages$", out, flags=re.MULTILINE)
    for name, number in {**RECORDS, "pages of calls": 3}.items():
        assert re.search(rf"│\s+{name}\s+│\s+{number} │", out), name


def test_inferred_operation_is_named_once(tool: Any) -> None:
    """The output names undocumented operations in one line; Python shows no warning."""
    _, out, err = tool("demo", "--call-logs", "0")
    assert re.findall(r".*partner\.hotlines\.attach.*", out) == [
        "Not documented, so the SDK infers it and warns once: partner.hotlines.attach"
    ]
    assert err == ""


def test_terminal_shows_progress(start: Callable[..., Any], surroundings: dict[str, str]) -> None:
    """On a terminal the progress bar reaches its end, the cursor returns, and the table follows."""
    master, slave = pty.openpty()
    surroundings |= {"TERM": "xterm-256color", "COLUMNS": "100"}
    with start("demo", "--call-logs", "1200", stdout=slave) as running:
        os.close(slave)
        shown = read_terminal(master)
        assert running.end() == (0, None, "")
    os.close(master)
    assert "━" in shown
    assert "1200/1200" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("1200/1200")
    assert shown.rindex("this run") > shown.rindex("1200/1200")


def read_terminal(master: int) -> str:
    """Return everything that is shown until the command closes the terminal."""
    shown = b""
    while True:
        try:
            shown += os.read(master, 65536)
        except OSError:  # the error of Linux when the other side is closed
            return shown.decode()


def test_kept_sandbox_can_be_used(start: Callable[..., Any]) -> None:
    """With --keep the sandbox keeps the records until Ctrl-C, and clients reach it with the printed lines."""

    async def tenants(environment: dict[str, str]) -> int:
        key, base_url = environment["ETELECOM_PARTNER_API_KEY"], environment["ETELECOM_BASE_URL"]
        async with PartnerClient(key, base_url=base_url) as partner:
            return len(await partner.tenants.list().collect())

    with start("demo", "--call-logs", "10", "--keep") as running:
        lines = running.lines_until("ETELECOM_SMS_PASSWORD")
        exports = [line.removeprefix("export ").strip() for line in lines if line.startswith("export ")]
        assert asyncio.run(tenants(dict(line.split("=", 1) for line in exports))) == RECORDS["tenants"]
        assert running.stop() == (0, "", "")


def test_kept_sandbox_as_json(visit: Callable[..., Any]) -> None:
    """With --keep and --json the JSON object also contains the URL and the keys of the sandbox."""

    async def users(figures: dict[str, Any]) -> tuple[int, int]:
        service = figures["sandbox"]
        async with PartnerClient(service["partner_api_key"], base_url=service["base_url"]) as partner:
            return figures["calls"], len(await partner.for_shop(service["shop_key"]).users.list().collect())

    assert visit(users, "demo", "--call-logs", "10", "--keep", "--json") == (10, 12)


CTRL_C = """
import os, signal, sys
from etelecom_async.cli import main

def write(text, write=sys.stdout.write):
    write(text)
    if "Created shop" in text:
        os.kill(os.getpid(), signal.SIGINT)

sys.stdout.write = write
sys.exit(main())
"""
"""The command with a user who presses Ctrl-C when it has created the shop, before it reads the calls."""


def test_interruption(etelecom: Callable[..., Any]) -> None:
    """Ctrl-C during the run ends the demo with exit code 130 and one line, without a traceback."""
    code, out, err = etelecom("demo", "--call-logs", "250", command=(sys.executable, "-c", CTRL_C))
    assert (code, err) == (130, "etelecom: interrupted\n")
    assert "Created shop" in out
    assert "Read 250 call logs" not in out
    assert "this run" not in out


def test_missing_rich(etelecom: Callable[..., Any], without_rich: tuple[str, ...]) -> None:
    """Without the extra, the demo ends with exit code 2 and one line, which ends with the install command."""
    code, out, err = etelecom("demo", command=without_rich)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("etelecom: rich is not installed.")
    assert err.endswith(f"Install it: {install_command('rich')}\n")


def test_figures_need_no_rich(etelecom: Callable[..., Any], without_rich: tuple[str, ...]) -> None:
    """With --json the demo does not need rich."""
    code, out, err = etelecom("demo", "--json", "--call-logs", "10", command=without_rich)
    assert (code, err) == (0, "")
    assert json.loads(out)["calls"] == 10
