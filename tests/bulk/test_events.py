"""What a run tells: as objects, and as lines of JSON."""

from __future__ import annotations

import io
import json

from etelecom_async import errors, models
from etelecom_async.bulk.events import Ended, JsonLines, Waiting
from etelecom_async.bulk.states import State

ENDED = Ended(
    "0901234567",
    "shop.users.create",
    State.FAILED,
    models.AccountUser(full_name="Lan"),
    errors.ConnectError("about Lan"),
    "The server cannot be reached.",
)


def test_json_lines() -> None:
    """Each event is a line, at once; results and errors, which may have message data, are not in it."""
    file = io.StringIO()
    write = JsonLines(file)
    write(ENDED)
    write(Waiting(1.23456, "máy chủ"))
    lines = file.getvalue().splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "event": "ended",
            "key": "0901234567",
            "operation": "shop.users.create",
            "state": "failed",
            "reason": "The server cannot be reached.",
        },
        {"event": "waiting", "seconds": 1.235, "reason": "máy chủ"},
    ]
    assert "máy chủ" in lines[1]


def test_repr() -> None:
    """A print of a step that has ended shows no result, no error, and no phone number of its key."""
    assert "Lan" not in repr(ENDED)
    assert "901234" not in repr(ENDED)
    assert "shop.users.create is failed" in repr(ENDED)
    assert "shop.users.create is failed" in str(ENDED)
