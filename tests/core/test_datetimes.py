"""Test that models work while a test tool sets the time, on first use and afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from etelecom_async._core.datetimes import real_datetime

# Uses requests and results for the first time in frozen time, and again afterwards.
SCRIPT = """
import copy, datetime, json, pickle
from collections import Counter

EARLY_IMPORT
import IMPORT_OF_TOOL

REAL = [datetime.datetime]  # in a list, where freezegun does not replace it
written, read, classes, pickles = set(), set(), set(), set()


def use():
    from etelecom_async import models
    from etelecom_async._core.codec import requests, responses, scalars
    from etelecom_async.operations import OPERATIONS

    row = OPERATIONS["shop.call_logs.list"]
    for kind in (REAL[0], datetime.datetime):
        when = kind(2026, 1, 2, 12, tzinfo=datetime.UTC)
        request = row.request(filter=models.CallLogFilter(date_from=when))
        body = requests.encode(row, request)
        found = requests.structure(row, requests.read_object(body)).filter
        written.add(json.loads(body)["filter"]["date_from"])
        read.add(found.date_from.isoformat())
        classes.add(type(found.date_from) is REAL[0])
        pickles.add(pickle.loads(pickle.dumps(request)) == request == copy.deepcopy(request))
    rows = (
        '"id": "1", "created_at": "2026-01-02T12:00:00Z"',
        '"id": 1, "created_at": "2026-01-02T12:00:00Z"',  # read by the forgiving decoder
        '"id": "1", "created_at": 1767355200',
        '"id": "1", "created_at": "2026-01-02T11:59:60Z"',
    )
    for row_json in rows:
        body = '{"call_logs": [{%s}]}' % row_json
        log = responses.decode(row, 200, {}, body.encode(), Counter()).items[0]
        read.add(log.created_at.isoformat())
        classes.add(type(log.created_at) is REAL[0])
        pickles.add(pickle.loads(pickle.dumps(log)) == log == copy.deepcopy(log))
    for text in ("2026-01-02T12:00:00+00:00", "02/01/2026 12:00:00"):
        classes.add(type(scalars.time(text)) is REAL[0])


with FREEZE:
    use()
use()
print(json.dumps([list(found) for found in (written, read, classes, pickles)]))
"""
TOOLS = {
    "freezegun": "freezegun.freeze_time('2030-01-01')",
    "time_machine": "time_machine.travel('2030-01-01', tick=False)",
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("import_line", ["import etelecom_async.models", ""], ids=["before", "inside"])
def test_first_use_in_frozen_time(tool: str, import_line: str) -> None:
    """Models first used in frozen time are written, read and pickled with real times, then and later."""
    script = SCRIPT.replace("EARLY_IMPORT", import_line).replace("IMPORT_OF_TOOL", tool)
    script = script.replace("FREEZE", TOOLS[tool])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        ["2026-01-02T12:00:00Z"],
        ["2026-01-02T12:00:00+00:00"],
        [True],
        [True],
    ]


def test_real_class_in_frozen_time() -> None:
    """The class is the real one, also while freezegun has replaced the name in every module."""
    assert real_datetime() is datetime
    with freeze_time("2030-01-01"):
        assert type(datetime.now(UTC)) is not real_datetime()
        assert real_datetime() is type(datetime.now(UTC)).__base__
    assert real_datetime() is datetime
