"""Canaries in the calls of a job: nothing that stays or is shown holds a key, or data of people."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import Secret, ShopClient, bulk
from tests.test_secrecy import KEY, PASSWORD, PHONE, SCENES, all_of, chain, leaks, locals_of_ours, numbers
from tests.test_secrecy import echo as echo_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.bulk.events import Ended
    from tests.conftest import Asked, Peer, Reply, Waits

NAME = "Nguyễn Canary Lan"
VALUE = "canary value Quzxvk"
DATA = ("Canary Lan", "canary value", "Quzxvk")


def accepted(peer: Peer, asked: Asked) -> Reply:
    """Execute the call, and return what a service returns: the data of the request."""
    return peer.json({"id": "1001", "user_id": "1001", "msg_id": "9", "error_code": "0", **asked.json})


CASES: dict[str, Callable[[Peer, Asked], Reply]] = {
    "accepted": accepted,
    "rejected": lambda peer, asked: peer.json({"error_code": "-1124", "error_message": asked.body.decode()}),
    **{name: scene for name, scene in SCENES.items() if name != "silent"},
}


def leaks_of_data(text: str) -> list[str]:
    """Return the secrets, the phone numbers, and the other data of people in a text."""
    return [*leaks(text), *numbers(text), *(value for value in DATA if value in text)]


def test_a_leak_is_found() -> None:
    """Each kind of canary is found in a text, so the test below can fail."""
    assert len(leaks_of_data(f"{KEY} {PASSWORD} {PHONE} {NAME} {VALUE}")) == 6


def files_of(folder: Path) -> str:
    """Return the bytes of all files in a folder as one text."""
    return "\n".join(file.read_bytes().decode("utf-8", "replace") for file in sorted(folder.iterdir()))


@pytest.mark.parametrize("scene", CASES)
async def test_job(
    peer: Peer, waits: Waits, tmp_path: Path, caplog: pytest.LogCaptureFixture, scene: str
) -> None:
    """Files, events, report, log, and what the run yields show no canary, whatever the server does."""
    caplog.set_level(logging.DEBUG)

    def reply(asked: Asked) -> Reply:
        if asked.path.endswith(("CreateAccountUser", "SendZNS", "SendMessage")):
            return CASES[scene](peer, asked)
        if asked.path.endswith("CurrentAccount"):
            return peer.json({"id": "1"}, Date="Fri, 02 Jan 2026 12:00:00 GMT")
        return echo_of(peer, asked)  # read-backs fail, and repeat the question

    peer.always = reply
    events, ended = io.StringIO(), list[Any]()
    async with (
        ShopClient(KEY, base_url=peer.base_url, retries=1) as shop,
        bulk.SqliteLedger(tmp_path / "sent.ledger") as ledger,
    ):
        waits.govern(shop)
        steps: list[bulk.Step[Any]] = [
            bulk.step("user", shop.users.create, full_name=NAME, phone=PHONE, password=Secret(PASSWORD)),
            bulk.step(
                "invoice",
                shop.zns.messages.send,
                oa_id="579745863508352884",
                phone=PHONE,
                template_id=7,
                template_data={"customer": VALUE},
            ),
        ]
        async with bulk.run(
            tmp_path / "job.journal", steps, ledger=ledger, on_event=bulk.JsonLines(events)
        ) as run:
            async for each in run:
                ended.append(each)
            while_open = files_of(tmp_path)
        report = run.report
    assert peer.requests
    assert "invoice" in while_open
    shown = {
        "files": while_open + files_of(tmp_path),
        "events": events.getvalue(),
        "report": "\n".join([str(report), repr(report), json.dumps(report.to_dict()), repr(report.lines)]),
        "log": all_of(caplog),
        "ended": "\n".join([repr(ended), str(ended), *(each.reason for each in ended)]),
        "frames": "\n".join(frames_of(each) for each in ended),
    }
    assert {name: leaks_of_data(text) for name, text in shown.items()} == {name: [] for name in shown}


def frames_of(ended: Ended) -> str:
    """Return the locals in the SDK's frames of an error."""
    return "\n".join(text for link in chain(ended.error) for text in locals_of_ours(link))
