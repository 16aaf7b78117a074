"""Jobs of `etelecom provision` are asked for, stopped, refused and shown, against a server of the test."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.bulk.states import State
from etelecom_async.cli.provision_job import show_result
from etelecom_async.provisioning import CredentialsFile
from etelecom_async.provisioning.results import Result, ResultRow

SHOP = "1161512386239479010"


class Telephones:
    """
    A service with one shop, which keeps the employees that it creates.

    Args:
        peer: The server.
    """

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.users: list[dict[str, Any]] = []
        self.on_create: Any = lambda: None
        self.refusal: Any = None
        peer.always = self._respond

    def _respond(self, asked: Any) -> Any:
        if "CreateAccountUser" in asked.path:
            self.on_create()
            if self.refusal is not None:
                return self.refusal
            user = {"id": str(len(self.users) + 1), "full_name": "Lan", "phone": asked.json["phone"]}
            self.users.append({**user, "user_id": user["id"]})
            return self.peer.json(user)
        if "GetAccountUsers" in asked.path:
            phone = (asked.json.get("filter") or {}).get("phone")
            found = [user for user in self.users if phone in (None, user["phone"])]
            return self.peer.json({"account_users": found, "paging": {"next": ""}})
        if "GetExtensions" in asked.path:
            return self.peer.json({"extensions": [], "paging": {"next": ""}})
        if "GetHotlines" in asked.path:
            return self.peer.json({"hotlines": [], "paging": {"next": ""}})
        return self.peer.json({"id": SHOP, "name": "May"})


@pytest.fixture
def telephones(at_peer: Any, peer: Any) -> Telephones:
    """The service, and the partner's key for its shop."""
    at_peer.set({"ETELECOM_SHOP_API_KEY": ""})
    return Telephones(peer)


def many(folder: Path, count: int) -> str:
    """Write a roster of employees; return the file."""
    file = folder / "a.csv"
    rows = [f"Lan,0901{place:06}" for place in range(count)]
    file.write_text("\n".join(["full_name,phone", *rows]), encoding="utf-8")
    return str(file)


APPLY = ("provision", "apply")


def test_interrupt_drains_and_continues(at_peer: Any, telephones: Telephones, tmp_path: Path) -> None:
    """Ctrl-C lets the calls in flight end; the same command makes the others, and no employee twice."""
    file = many(tmp_path, 200)
    once = threading.Lock()
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        if once.acquire(blocking=False):
            signal.pthread_kill(main, signal.SIGINT)

    telephones.on_create = press
    first = at_peer(*APPLY, file, "--yes")
    assert first.code == 130
    assert first.err.endswith("etelecom: interrupted; the same command again continues\n")
    assert 0 < len(telephones.users) < 200
    shown = at_peer("provision", "status", f"{file}.journal", "--json").json
    assert (shown["done"], shown["skipped"]) == (len(telephones.users), 200 - len(telephones.users))
    assert at_peer(*APPLY, file, "--yes", "--quiet") == (0, "", "")
    assert len({user["phone"] for user in telephones.users}) == len(telephones.users) == 200
    assert len(CredentialsFile.read(f"{file}.credentials")) == 200


def test_refused_key(at_peer: Any, peer: Any, telephones: Telephones, tmp_path: Path) -> None:
    """A key that is refused in the middle stops the job with exit code 4; the job can continue."""
    file = many(tmp_path, 1)
    telephones.refusal = peer.refusal("unauthenticated", 401)
    result = at_peer(*APPLY, file, "--yes", "--json")
    assert result.code == 4
    assert result.out == '{"done": 0, "failed": 0, "unknown": 0, "skipped": 1, "blocked": 0}\n'
    assert "The key is missing or refused" in result.err
    telephones.refusal = None
    assert at_peer(*APPLY, file, "--yes", "--quiet") == (0, "", "")


def test_questions(terminal: Any, office: Any, tmp_path: Path) -> None:
    """On a terminal, the plan is shown before the question, and a bar shows the progress."""
    file = tmp_path / "a.csv"
    file.write_text("full_name,phone\nLan,0903999001\n", encoding="utf-8")
    terminal.environment |= {"ETELECOM_SHOP_KEY": office.key, "ETELECOM_SHOP_API_KEY": ""}
    code, shown = terminal(*APPLY, str(file), answer="n\n", after="Continue?")
    assert code == 1
    assert "1 change to make." in shown
    assert (
        "1 change in 1 shop: 1 create user; the API cannot delete employees and extensions. Continue?"
        in shown
    )
    code, shown = terminal(*APPLY, str(file), answer="y\n", after="Continue?")
    assert code == 0
    assert "Changing" in shown
    assert "1 change: 1 done" in shown


def test_results_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The counts come first, and remarks about what is done are shown."""
    rows = (
        ResultRow(row=2, shop="1", what="create user", state=State.DONE, reason="The response was lost."),
    )
    given = {"results": str(tmp_path / "none" / "r.csv"), "json": True, "quiet": False}
    with pytest.raises(FileNotFoundError):
        show_result(Result(rows=rows * 2), given)
    assert capsys.readouterr().out.startswith('{"done": 2, ')
    show_result(Result(rows=rows * 2), {"results": None, "json": False, "quiet": False})
    assert capsys.readouterr().err.splitlines() == [
        "etelecom: 2 changes: 2 done",
        "etelecom: 2 of those done: The response was lost.",
    ]


def test_many_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Of many rows that are not done, a thousand are shown; a note tells of the others."""
    row = ResultRow(row=2, shop="1", what="assign extension 1", state=State.FAILED, reason="no")
    given = {"results": None, "json": False, "quiet": False}
    show_result(Result(rows=(row,) * 1002), given)
    out, err = capsys.readouterr()
    assert out.count("\n") == 1000
    assert err.splitlines() == [
        "etelecom: and 2 more rows; --results FILE writes all",
        "etelecom: 1,002 changes: 1,002 failed",
    ]
    show_result(Result(rows=(row,)), {**given, "quiet": True})
    assert capsys.readouterr() == ("2\t1\tassign extension 1\tfailed\tno\n", "")
