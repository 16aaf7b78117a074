"""Ten ways to use a command wrongly, or to stop it, in one table: exit code and one line, no traceback."""

from __future__ import annotations

import itertools
import json
import signal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from etelecom_async.cli import calling
from etelecom_async.cli.exit_codes import FAILED, INTERRUPTED, KEY, USAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROWS: Final = 100
"""Rows in a page of the endless list."""
NO_SHOP: Final = {"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""}
LIST: Final = "shop call-logs list"


class Case(NamedTuple):
    """A command, and how it ends."""

    line: str
    code: int
    problem: str
    """The line on stderr has this; empty if there is none."""
    variables: Mapping[str, str] = {}
    stop: str = ""
    """What stops the command after its first row: `pipe` or `Ctrl-C`."""


CASES: Final = {
    "unknown command": Case("shop call-log list", USAGE, "'call-log'. Did you mean 'call-logs'? Help: "),
    "wrong enum": Case(f"{LIST} --direction inn", USAGE, "'inn' is not listed: did you mean 'in'? Values: "),
    "wrong date": Case(f"{LIST} --date-from 28/11/2026", USAGE, "'28/11/2026' names no day; write today, "),
    "missing key": Case(LIST, KEY, "set ETELECOM_SHOP_API_KEY or ETELECOM_SHOP_KEY", NO_SHOP),
    "key of the wrong kind": Case(
        "partner tenants list",
        KEY,
        "this is a shop_key (`shop<digits>:...`), which acts for one shop. `etelecom partner …` takes ",
        {"ETELECOM_PARTNER_API_KEY": "shop1:canary-key"},
    ),
    "unknown shop": Case(f"{LIST} --shop Mây", USAGE, "no shop of the partner has the name 'Mây' (--shop)."),
    "no network": Case(
        LIST,
        FAILED,
        "[4 attempts] Nothing was sent, so it is safe to try again; check the base URL and the network.",
        {"ETELECOM_BASE_URL": "http://127.0.0.1:9/v1"},
    ),
    "wrong limit": Case(f"{LIST} --limit x", USAGE, "'--limit': 'x' is no whole number. Help: "),
    "closed pipe": Case(f"{LIST} --jsonl", FAILED, "", stop="pipe"),
    "Ctrl-C in a list": Case(f"{LIST} --jsonl", INTERRUPTED, "interrupted", stop="Ctrl-C"),
}


@pytest.fixture
def governed(monkeypatch: pytest.MonkeyPatch, waits: Any) -> None:
    """Let no wait of a client take time."""
    make = calling._made

    def governed(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        waits.govern(made)
        return made

    monkeypatch.setattr(calling, "_made", governed)


@pytest.fixture
def ended(
    etl: Any, start: Callable[..., Any], surroundings: dict[str, str], peer: Any, governed: None
) -> Callable[[Case], tuple[int, str, str]]:
    """Run the command of a case: in this process, or in its own if something stops it."""
    del governed
    pages = itertools.count(1)  # "0" would be no cursor

    def page(_: object) -> Any:
        number = next(pages)
        rows = [{"id": f"{number}-{row}"} for row in range(ROWS)]
        return peer.json({"call_logs": rows, "paging": {"next": str(number)}})

    def ended(case: Case) -> tuple[int, str, str]:
        etl.set(case.variables)
        if not case.stop:
            result: tuple[int, str, str] = etl(*case.line.split())
            return result
        peer.always = page
        if case.stop == "Ctrl-C":
            peer.respond_with(page(None), peer.HANG)
        variables = {
            "ETELECOM_BASE_URL": peer.base_url,
            "ETELECOM_SHOP_API_KEY": "1161512386239479010:canary",
        }
        with start(*case.line.split(), env=surroundings | variables) as running:
            # The whole page: a list that is not endless has ended then, and nothing can stop it any more.
            assert all(json.loads(running.line()) for _ in range(ROWS))
            if case.stop == "pipe":
                running.process.stdout.close()
            else:
                running.process.send_signal(signal.SIGINT)
                assert all(map(json.loads, running.process.stdout))  # each row is whole
            return running.process.wait(), "", running.process.stderr.read()

    return ended


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_wrong_input(ended: Callable[[Case], tuple[int, str, str]], case: Case) -> None:
    """A wrong or stopped command ends with its exit code and one line, or none for a closed pipe."""
    code, out, err = ended(case)
    assert (code, out) == (case.code, ""), err
    assert err.count("\n") == bool(case.problem)
    assert case.problem in err
    assert err.startswith("etelecom: ") is bool(case.problem)
    assert "canary" not in err
