"""Jobs of `send-many` against the sandbox, and against a server that fails as the test wants."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import Effect
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.records import Entry
from etelecom_async.cli import jobs
from etelecom_async.models import OAStatus
from etelecom_async.testing import Fault, Sandbox

SEND = "shop.zns.messages.send"
HEADING = "invoice,phone,customer_name,order_code,total,due_date"
NAMES = ("Lan", "An", "Bình")


class Job:
    """
    A file of invoices, and the commands for it.

    Args:
        etl: Runs commands.
        folder: Folder of the file; its name makes the keys of this test unique.
    """

    def __init__(self, etl: Any, folder: Path) -> None:
        self.etl = etl
        self.prefix = folder.name
        self.file = folder / "invoices.csv"
        self.journal = folder / "invoices.csv.journal"
        self.oa_id, self.template = self._find()
        self.write(*NAMES)

    def _find(self) -> tuple[str, dict[str, Any]]:
        """Return an official account and a template that can be sent."""
        accounts = self.etl("zalo", "accounts", "list", "--json").json
        connected = [account for account in accounts if account["status"] == OAStatus.CONNECTED.value]
        oa_id = max(connected, key=lambda account: account["expires_at"])["oa_id"]
        templates = self.etl("zns", "templates", "list", "--oa-id", oa_id, "--json").json
        usable = [
            each for each in templates if each["template_status"] == "ENABLE" and each["type"] == "table"
        ]
        return oa_id, usable[0]

    def write(self, *names: str, phone: str = "0901234567") -> None:
        """Write a row for each name."""
        lines = [
            f"{self.prefix}-{index},{phone},{name},DH-{index},250000,30/11/2026"
            for index, name in enumerate(names)
        ]
        self.file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")

    def __call__(self, *more: str, yes: bool = True) -> Any:
        """Run `etelecom zns send-many`."""
        arguments = ["--template", str(self.template["template_id"]), "--oa-id", self.oa_id]
        arguments += [
            "--key-column",
            "invoice",
            "--column",
            "amount=total",
            *(["--yes"] if yes else []),
            *more,
        ]
        return self.etl("zns", "send-many", str(self.file), *arguments)

    def resume(self, *more: str) -> Any:
        """Run `etelecom bulk resume`."""
        return self.etl("bulk", "resume", str(self.journal), "--yes", *more)

    def sent(self) -> list[dict[str, Any]]:
        """Return the messages of this file that were accepted, by their keys."""
        options = ("--oa-id", self.oa_id, "--json")
        messages = self.etl("zns", "messages", "list", *options).json
        mine = [each for each in messages if each["tracking_id"].startswith(self.prefix)]
        return sorted((each for each in mine if not each["error_code"]), key=lambda each: each["tracking_id"])


@pytest.fixture
def job(etl: Any, tmp_path: Path) -> Job:
    """A job with three invoices."""
    return Job(etl, tmp_path)


def line(job: Job, count: str = "3", total: int = 3) -> str:
    """Return the line about number and cost."""
    price = job.template["price"]
    return (
        f"{count} ZNS of template {job.template['template_name']!r} ({job.template['template_id']}) from "
        f"{job.file}: price {price} each, {total * price} in total (unit not documented)"
    )


def test_sends_each_row_once(job: Job) -> None:
    """All rows are sent; the same command again sends nothing more, and says so."""
    assert job() == (0, "", f"etelecom: {line(job)}\netelecom: 3 messages: 3 done\n")
    assert [each["template_data"]["customer_name"] for each in job.sent()] == list(NAMES)
    assert job.sent()[0]["template_data"]["amount"] == "250000"
    assert job() == (0, "", f"etelecom: {line(job, '0 of 3', 0)}\netelecom: 3 messages: 3 done\n")
    assert job("--quiet") == (0, "", "")
    assert len(job.sent()) == 3


def test_json_and_limit(job: Job) -> None:
    """`--json` is the report as one object; `--limit` takes the first rows, and the others can follow."""
    first = job("--json", "--quiet", "--limit", "2")
    assert (first.code, first.err) == (0, "")
    assert first.json["counts"]["done"] == 2
    assert first.json["is_complete"]
    assert job("--json", "--quiet").json["counts"]["done"] == 3


def test_mistakes_come_together(job: Job) -> None:
    """Each mistake is a line with row and column; nothing is sent, and there is no journal."""
    job.write("Lan", "", "x" * 31)
    result = job()
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        "etelecom: row 3, column 'customer_name' is empty, but the template requires a text: fill it in",
        (
            "etelecom: row 4, column 'customer_name' has 31 characters; the template allows at most 30: "
            f"change the text (a value like '{'a' * 30}...')"
        ),
        f"etelecom: {job.file} has 2 mistakes; nothing was sent",
    ]
    assert not job.journal.exists()
    job.write(*[""] * 21)
    assert job().err.endswith("has 21 mistakes, 1 more than shown; nothing was sent\n")
    job.write("")
    assert job().err.endswith("has 1 mistake; nothing was sent\n")


def test_dry_run(job: Job) -> None:
    """A dry run checks everything, and prints the line about number and cost."""
    assert job("--dry-run", yes=False) == (0, f"{line(job)}\n", "")
    assert not job.sent()
    assert not job.journal.exists()


def test_needs_an_answer(job: Job) -> None:
    """Without a terminal and without `--yes`, nothing is read or sent."""
    result = job(yes=False)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("etelecom: zns send-many costs money or reaches a person: add --yes")


def test_test_message(job: Job) -> None:
    """`--test-to` sends one message with the data of the first row to that phone, with an id of its own."""
    result = job("--test-to", "0909 999 999", "--json")
    assert (result.code, result.err) == (0, "")
    assert result.json["phone"] == "84909999999"
    assert result.json["template_data"]["customer_name"] == "Lan"
    assert result.json["tracking_id"].startswith("test-")
    assert not job.sent()
    assert not job.journal.exists()
    dry = job("--test-to", "0909999999", "--dry-run")
    assert dry.out == f"1 test message with the data of '{job.prefix}-0' to 84909999999\n"


def test_refused_and_resumed(job: Job, service: Sandbox) -> None:
    """A refused message is listed, and the exit code is 3. `bulk resume` sends it again."""
    refusal = Fault(kind="status", status=400, code="invalid_argument", operation=SEND, times=1)
    service.faults.add(refusal)
    result = job()
    assert (result.code, result.out.count("\n")) == (3, 1)
    assert "\tfailed\t" in result.out
    assert result.err.endswith(
        f"etelecom: 3 messages: 2 done, 1 failed\netelecom: resume: etelecom bulk resume {job.journal}\n"
    )
    again = job.resume()
    assert again == (0, "", f"etelecom: {line(job, '1 of 3', 1)}\netelecom: 3 messages: 3 done\n")
    assert len(job.sent()) == 3


def test_nothing_was_sent(job: Job, service: Sandbox) -> None:
    """If no message was accepted, the exit code is 1."""
    refusal = Fault(kind="status", status=400, code="invalid_argument", operation=SEND, times=3)
    service.faults.add(refusal)
    assert job("--quiet").code == 1


def test_events(job: Job, tmp_path: Path) -> None:
    """`--events` appends a line for each message, and `-` writes them to stdout instead of the report."""
    events = tmp_path / "events.jsonl"
    assert job("--events", str(events), "--limit", "2").code == 0
    assert job("--events", "-", "--quiet").out.count("\n") == 1
    rows = [json.loads(each) for each in events.read_text(encoding="utf-8").splitlines()]
    assert sorted(row["key"] for row in rows) == [f"{job.prefix}-0", f"{job.prefix}-1"]
    assert {row["state"] for row in rows} == {"done"}
    assert job("--events", "-", "--json").err == "etelecom: --events - and --json exclude each other\n"
    wrong = job("--events", str(tmp_path / "none" / "a"))
    assert (wrong.code, wrong.out) == (2, "")
    assert f"--events {tmp_path}/none/a cannot be written: No such file or directory" in wrong.err


def test_ledger(job: Job, tmp_path: Path) -> None:
    """With a ledger, another journal does not send the same keys again."""
    ledger = ("--ledger", str(tmp_path / "sent.ledger"))
    assert job(*ledger).code == 0
    again = job(*ledger, "--journal", str(tmp_path / "other.journal"))
    assert again.code == 0
    assert again.err.endswith("etelecom: 3 messages: 3 skipped\n")
    assert again.out.count("\tskipped\tAnother job has sent this message.\t") == 3
    assert len(job.sent()) == 3


def test_status(job: Job, tmp_path: Path) -> None:
    """`bulk status` shows the counts without the lock, and the journal keeps no data of the messages."""
    job()
    assert job.etl("bulk", "status", str(job.journal)) == (0, "", "etelecom: 3 messages: 3 done\n")
    shown = job.etl("bulk", "status", str(job.journal), "--json").json
    assert (shown["counts"]["done"], shown["process"], shown["steps"]) == (3, None, [])
    content = b"".join(file.read_bytes() for file in tmp_path.glob("*.journal*"))
    assert b"84901234567" not in content
    assert "Bình".encode() not in content


def test_file_changes_before_a_resume(job: Job) -> None:
    """A resume says that the file has changed, sends new rows, and refuses changes of sent rows."""
    job()
    job.write(*NAMES, "Chi")
    changed = "has changed since the job started; messages that were sent must be as they were"
    note = f"etelecom: {job.file} {changed}\n"
    result = job.resume()
    assert (result.code, result.out) == (0, "")
    assert result.err == f"{note}etelecom: {line(job, '1 of 4', 1)}\netelecom: 4 messages: 4 done\n"
    job.write("Lan Anh", *NAMES[1:], "Chi")
    refused = job.resume("--quiet")
    assert (refused.code, refused.out) == (1, "")
    assert "has other arguments now" in refused.err


def test_lost_response(job: Job, service: Sandbox) -> None:
    """A message whose response was lost is found again, and is not sent twice."""
    service.faults.add(Fault(kind="reset_after", operation=SEND, times=1))
    job("--quiet")
    assert job.resume("--quiet") == (0, "", "")
    assert len(job.sent()) == 3


def test_journal_of_another_program(job: Job) -> None:
    """A journal that no command has started cannot be resumed by one."""

    async def make() -> None:
        entry = Entry(key="1", operation="sms.send", effect=Effect.SEND, account="sms", digest="x")
        async with await Journal.open(job.journal, lambda _: [entry]):
            pass

    asyncio.run(make())
    result = job.resume()
    assert (result.code, result.out) == (2, "")
    assert "was not started by send-many" in result.err
    shown = "1\tplanned\t\tRun the job again.\n"
    assert job.etl("bulk", "status", str(job.journal)) == (0, shown, "etelecom: 1 step: 1 planned\n")


def test_no_ledger_of_the_user_for_a_sandbox(job: Job) -> None:
    """A service on this machine has no ledger, unless the user names one."""
    job()
    assert not list(job.etl.file.parents[1].rglob("sent.ledger"))


def test_ledger_of_the_user(at_peer: Any, peer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For another service, all jobs of the user share a ledger in the folder of the profiles."""
    monkeypatch.setattr(jobs, "is_loopback", lambda _: False)
    counting, file = Counting(peer), many(tmp_path, 3)
    for journal in ("a", "b"):
        assert at_peer("zns", "send-many", file, *OPTIONS, "--journal", str(tmp_path / journal)).code == 0
    assert counting.sent.total() == 3
    assert (at_peer.file.parent / "sent.ledger").is_file()


TEMPLATE = {
    "template_id": 5,
    "template_name": "Hóa đơn",
    "template_status": "REJECT",
    "template_params": [{"name": "name", "require": True, "accept_null": False, "type": "STRING"}],
}


class Counting:
    """
    A service that counts the messages, by their tracking ids.

    Args:
        peer: The server.
    """

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.sent: Counter[str] = Counter()
        self.on_send: Any = lambda: None
        peer.always = self._respond

    def _respond(self, asked: Any) -> Any:
        if "GetTemplate" in asked.path:
            return self.peer.json(TEMPLATE)
        if "SendZNS" in asked.path:
            self.sent[asked.json["tracking_id"]] += 1
            self.on_send()
            return self.peer.json({"id": "1", "tracking_id": asked.json["tracking_id"], "status": "Z"})
        return self.peer.json({"id": "1", "name": "May"})


def many(folder: Path, count: int) -> str:
    """Write rows for a `Counting` service; return the file."""
    file = folder / "rows.csv"
    lines = [f"k{index},0901234567,Lan" for index in range(count)]
    file.write_text("\n".join(["key,phone,name", *lines]), encoding="utf-8")
    return str(file)


OPTIONS = ("--template", "5", "--oa-id", "7", "--key-column", "key", "--yes")


def test_interrupt_drains_and_resumes(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """Ctrl-C lets the messages in flight end; a line names the command that sends the others."""
    counting, file = Counting(peer), many(tmp_path, 300)
    once = threading.Lock()
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        if once.acquire(blocking=False):
            signal.pthread_kill(main, signal.SIGINT)

    counting.on_send = press
    first = at_peer("zns", "send-many", file, *OPTIONS)
    assert first.code == 130
    assert first.err.endswith(f"etelecom: interrupted; resume: etelecom bulk resume {file}.journal\n")
    assert 0 < counting.sent.total() < 300
    shown = at_peer("bulk", "status", f"{file}.journal", "--json").json
    assert shown["counts"]["done"] == counting.sent.total()
    assert at_peer("bulk", "resume", f"{file}.journal", "--yes", "--quiet") == (0, "", "")
    assert set(counting.sent.values()) == {1}
    assert counting.sent.total() == 300


def test_price_and_state_of_the_template(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """Without a price the line says so, and a note names the state of a template that is not approved."""
    Counting(peer)
    result = at_peer("zns", "send-many", many(tmp_path, 1), *OPTIONS, "--dry-run")
    assert result.err == "etelecom: the template has the state REJECT, so Zalo may refuse its messages\n"
    assert result.out.endswith("rows.csv: price not documented\n")


def test_refused_key(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """A key that is refused in the middle stops the job with exit code 4, and a line says how to go on."""
    counting = Counting(peer)
    peer.respond_with(peer.json(TEMPLATE), peer.json({"id": "1"}), peer.refusal("unauthenticated", 401))
    result = at_peer("zns", "send-many", many(tmp_path, 1), *OPTIONS)
    assert result.code == 4
    assert "The key is missing or refused" in result.err
    assert result.err.endswith(f"resume: etelecom bulk resume {tmp_path}/rows.csv.journal\n")
    assert at_peer("bulk", "resume", f"{tmp_path}/rows.csv.journal", "--yes", "--quiet").code == 0
    assert counting.sent == {"k0": 1}
