"""The tables and faults of docs/sandbox.md are complete. tests/test_docs.py runs its blocks."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import attrs

from etelecom_async.sandbox import RecordedRequest, Rules
from etelecom_async.sandbox.deliveries import Delivery, events
from etelecom_async.sandbox.deliveries.backoff import PAUSES
from etelecom_async.sandbox.deliveries.log import MOST_DELIVERIES
from etelecom_async.sandbox.deliveries.manual import SmsStatus
from etelecom_async.sandbox.deliveries.posting import TIMEOUT
from etelecom_async.sandbox.faults import Fault, FaultInjector, Kind, Target, load_faults
from etelecom_async.sandbox.journal import MOST_BODY_BYTES, MOST_REQUESTS
from etelecom_async.sandbox.leniency import LENIENCIES
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.sandbox.services.zalo import rejections as zalo_rejections
from etelecom_async.sandbox.services.zalo.rejections import Rejection
from etelecom_async.sandbox.services.zns import rejections as zns_rejections
from etelecom_async.sandbox.web.snapshot_control import MOST_SNAPSHOTS
from etelecom_async.testing import sandbox

PAGE = (Path(__file__).parent.parent / "docs" / "sandbox.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    """Returns the code blocks of one language."""
    return [code for language, code in BLOCKS if language == kind]


def table(title: str) -> list[list[str]]:
    """Returns the cells of the table whose first column has this title."""
    found = re.search(rf"^\| {title} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found is not None
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()]


async def test_controls() -> None:
    """The table of the control API names each of its routes, and no other."""
    named = {row[0].strip("`") for row in table("request")}
    async with sandbox() as service:
        routes = service._now.app.web.router.routes()
        there = {f"{route.method} {route.resource.canonical}" for route in routes if route.resource}
    assert named == {route for route in there if " /_sandbox/" in route and not route.startswith("HEAD")}


def test_toml(tmp_path: Path) -> None:
    """Each block can be loaded, and together they show every kind and every field."""
    faults: list[Fault] = []
    for code in blocks("toml"):
        (tmp_path / "faults.toml").write_text(code, encoding="utf-8")
        faults += load_faults(tmp_path / "faults.toml")
    assert {kind for fault in faults for kind in fault.kind} == set(Kind)
    # `to_dict` omits defaults, and the page shows `off_by` with its default.
    fields = {field.name for field in attrs.fields(Fault)} - {"off_by"}
    assert {name for fault in faults for name in fault.to_dict()} == fields


async def test_yaml(tmp_path: Path) -> None:
    """The file of records can be read, and its shop then has all of them."""
    (code,) = blocks("yaml")
    (tmp_path / "story.yaml").write_text(code, encoding="utf-8")
    async with sandbox(call_logs=0, content=tmp_path / "story.yaml") as service:
        (user,) = service.users.list(shop="may@example.com")
        (extension,) = service.extensions.list(shop="may@example.com")
        assert (extension.extension_number, extension.user_id) == ("1001", user.user_id)
        missed, taken = service.calls.list(shop="may@example.com")
        assert (missed.duration, missed.callee, missed.user_id) == (0, "1001", "0")
        assert (taken.duration, taken.extension_id, taken.user_id) == (95, extension.id, user.user_id)


def test_kinds_of_records() -> None:
    """The page describes a new record of each kind, and names each kind in its text."""
    assert sorted(row[0].strip("`") for row in table("records")) == sorted(KINDS)
    assert all(f"`{name}`" in PAGE or f"service.{name}" in PAGE for name in KINDS)


def test_fields() -> None:
    """The table of fields names the fields that apply to every kind."""
    every = {field.name for field in attrs.fields(Fault) if not field.metadata}
    assert {row[0].strip("`") for row in table("field")} == every


def test_leniencies() -> None:
    """The table of leniencies is that of the code, word for word."""
    rows = [[one.name, one.accepted, one.source, one.strict] for one in LENIENCIES]
    assert table("leniency") == rows


def test_codes_of_zalo() -> None:
    """The table of codes has each code with which the sandbox rejects a ZNS, and no other."""
    found: set[int] = set()
    for module in (zalo_rejections, zns_rejections):
        for value in vars(module).values():
            if isinstance(value, Rejection):
                found.add(value.code)
            elif inspect.isfunction(value) and value.__annotations__["return"] == "Rejection":
                found.add(value("reason").code)
    assert [int(row[0]) for row in table("code")] == sorted(found - {0}, key=str)


def test_rules() -> None:
    """The table of options names each rule that the documentation leaves open, its default and its words."""
    rows = table("option")
    assert [row[0].strip("`") for row in rows] == [field.name for field in attrs.fields(Rules)]
    for field, (_, default, meaning) in zip(attrs.fields(Rules), rows, strict=True):
        assert default == ("none" if field.default == () else f"`{field.default}`")
        assert all(f"`{word}`" in f"{default} {meaning}" for word in field.metadata["choices"])


def test_fields_of_requests() -> None:
    """The table of recorded requests names each of their fields, in order."""
    names = [field.name for field in attrs.fields(RecordedRequest)]
    assert [row[0].strip("`") for row in table("field of a request")] == names


def test_fields_of_deliveries() -> None:
    """The table of deliveries names each of their fields, in order."""
    names = [field.name for field in attrs.fields(Delivery)]
    assert [row[0].strip("`") for row in table("field of a delivery")] == names


def test_events() -> None:
    """The table of events has each event of the sandbox, and no other; that of an SMS has its fields."""
    rows = {name: row for row in table("event") for name in re.findall(r"`(\w+)`", row[0])}
    source = inspect.getsource(events)
    names = {*events.ENTITIES.values(), *events.CONSENT_EVENTS.values(), *events.FOLLOW_EVENTS.values()}
    assert set(rows) == names | {events.SUBMIT_INFO, events.SMS_STATUS}
    fields = re.findall(r"`(\w+)`", rows[events.SMS_STATUS][2])
    assert fields == list(SmsStatus.__annotations__)
    assert all(f'"{name}":' in source for name in fields)


def test_pauses() -> None:
    """The page names each pause before a retry, and the time limit of an attempt."""
    text = "10 seconds, then 1 minute, 10 minutes, 1 hour, 3, 6, 12 and 24 hours"
    units = {"second": 1, "minute": 60, "hour": 3600}
    found: list[int] = []
    unit = ""
    for number, word in reversed(re.findall(r"(\d+)(?: (second|minute|hour)s?)?", text)):
        unit = word or unit
        found.insert(0, int(number) * units[unit])
    assert found == [pause.total_seconds() for pause in PAUSES]
    assert text in " ".join(PAGE.split())
    assert f"takes {TIMEOUT} seconds at most" in PAGE


def test_numbers() -> None:
    """The page names the limits of the journal and of the snapshots."""
    assert f"first {MOST_BODY_BYTES // 1024} KiB" in PAGE
    assert f"newest {MOST_REQUESTS:,} requests" in PAGE
    assert f"newest {MOST_DELIVERIES:,} attempts" in PAGE
    assert f"at most {MOST_SNAPSHOTS} exist" in PAGE


def test_defaults() -> None:
    """The defaults that the page names are the real ones."""
    named = re.findall(r"^(\w+) = .*?#.*?([-\w.]+) by default", "\n".join(blocks("toml")), re.MULTILINE)
    defaults = {field.name: field.default for field in attrs.fields(Fault)}
    assert len(named) >= 7
    for name, text in named:
        if name not in {"code", "processed"}:
            default = defaults[name]
            assert float(text) == (default[0] if isinstance(default, tuple) else default), name


def test_kinds() -> None:
    """The table of kinds is complete, and its last column says whether the call is executed."""
    rows = table("kind")
    assert [row[0].strip("`") for row in rows] == list(Kind)
    for kind, _, done in rows:
        fault = Fault(kind=kind.strip("`"))
        if fault.target is Target.CALL:
            assert done.startswith("yes") == _is_executed(fault), kind
            if "with" in done:
                other = Fault(kind=fault.kind, processed=not _is_executed(fault))
                assert _is_executed(other) != _is_executed(fault)
                assert done.endswith(f"{str(other.processed).lower()}`")


def _is_executed(fault: Fault) -> bool:
    injection = FaultInjector([fault]).match(Target.CALL, "sms.send")
    assert injection is not None
    return injection.is_processed
