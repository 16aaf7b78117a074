"""An export holds the rows of a plain walk, in each format and place, also after failures."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest

from etelecom_async import Attempt, ShopClient, attempt_hook, errors, times
from etelecom_async._core.formulas import harmless
from etelecom_async.errors import EtelecomError, InvalidRequestError, PagingError
from etelecom_async.history import exporting
from etelecom_async.history.arrow import pa_parquet
from etelecom_async.history.exporting import Export, export
from etelecom_async.history.schema import TIME
from etelecom_async.testing import Fault, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from etelecom_async.history.formats import FormatName
    from etelecom_async.history.partitions import PartitionName
    from etelecom_async.history.walking import Progress
    from etelecom_async.models import CallLog
    from etelecom_async.sandbox import Sandbox
    from tests.conftest import Asked, Peer, Reply

TODAY = times.day("today").begin
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LIST = "shop.call_logs.list"
HOTLINES = "shop.hotlines.list"
KEY = "1161512386239479010:canary-key"
SINCE, UNTIL = TODAY - 40 * DAY, TODAY + DAY
"""A span with all calls of the sandbox, whose last ones end now."""
FORMATS: tuple[FormatName, ...] = ("parquet", "csv", "jsonl")
PARTITIONS: tuple[tuple[PartitionName, ...], ...] = (
    (),
    ("shop",),
    ("day",),
    ("month",),
    ("shop", "day"),
    ("day", "shop"),
    ("month", "day"),
    ("day", "month"),
    ("shop", "month", "day"),
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals, limits or devices")

Row = dict[str, Any]


@asynccontextmanager
async def service_and_shop(**options: Any) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox and a client of its shop that does not retry."""
    async with (
        sandbox(**options) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


def in_utc(value: Any) -> Any:
    """Return a value with all times in UTC, so that equal times have equal texts."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, dict):
        return {name: in_utc(part) for name, part in cast("Row", value).items()}
    return [in_utc(part) for part in cast("list[Any]", value)] if isinstance(value, list) else value


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Return rows by their ids, each once."""
    found = list(rows)
    indexed = {row["id"]: row for row in found}
    assert len(indexed) == len(found), "a row comes twice"
    return indexed


async def plain(shop: ShopClient, **filters: Any) -> dict[str, Row]:
    """Return the rows of a plain walk, as the models give them."""
    calls: list[CallLog] = [call async for call in shop.call_logs.list(**filters)]
    return by_id(in_utc({**call.to_dict(unset_ids_as_none=True), "extra": None}) for call in calls)


def read(data: bytes, name: FormatName) -> list[Row]:
    """Return the rows of a file: times as times, numbers as numbers, lists as lists."""
    if name == "parquet":
        return [in_utc(row) for row in pa_parquet.read_table(io.BytesIO(data)).to_pylist()]
    if name == "jsonl":
        assert data.endswith(b"\n") or not data
        return [from_texts(json.loads(line)) for line in data.split(b"\n")[:-1]]
    return [from_cells(row) for row in csv.DictReader(io.StringIO(data.decode(), newline=""))]


def from_texts(value: Any, name: str = "") -> Any:
    """Return a value of JSON, with times in place of their texts."""
    if isinstance(value, dict):
        return {key: from_texts(part, key) for key, part in cast("Row", value).items()}
    if isinstance(value, list):
        return [from_texts(part, name) for part in cast("list[Any]", value)]
    is_time = name.endswith(("_at", "_time")) and isinstance(value, str)
    return datetime.fromisoformat(value).astimezone(UTC) if is_time else value


def from_cells(row: Mapping[str, str]) -> Row:
    """Return the values of a line of CSV; an empty cell may be null, so it becomes null."""
    found: Row = {name: text or None for name, text in row.items()}
    for name in ("call_targets", "recording_urls"):
        found[name] = from_texts(json.loads(row[name]))
    found["duration"] = int(row["duration"])
    return cast("Row", from_texts(found))


def as_cells(row: Row) -> Row:
    """Return a row of the models as CSV keeps it."""
    return {
        name: (harmless(value) or None) if isinstance(value, str) else value for name, value in row.items()
    }


def expected(rows: dict[str, Row], name: FormatName) -> dict[str, Row]:
    """Return rows of the models as a format keeps them."""
    return {key: as_cells(row) for key, row in rows.items()} if name == "csv" else rows


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def read_place(place: Path, name: FormatName) -> list[Row]:
    """Return the rows of a file, or of all files in a folder."""
    if place.is_dir():
        return [row for data in files(place).values() for row in read(data, name)]
    return read(place.read_bytes(), name)


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def left_beside(place: Path) -> list[str]:
    """Return what an export has left in the folder of its target."""
    return [name for name in names_in(place.parent) if name != place.name]


def add_odd_calls(service: Sandbox) -> None:
    """Add calls with formulas, odd texts, and times of each precision."""
    for note in (
        "=1+1",
        " +cmd|'x'!A0",
        "-5",
        "+84901234567",
        "'=1",
        'a "b", c',
        "a\nb\r\nc",
        "ệ\u2028😀",
        "@",
    ):
        service.calls.add(note=note, duration=1)
    start = TODAY - 5 * DAY
    for micros in (0, 1, 120_000, 999_999):
        service.calls.add(started_at=start + timedelta(microseconds=micros), duration=1)
    service.calls.add(call_targets=None, recording_urls=None, ended_at=None)


def day_of(row: Row) -> str:
    """Return the day in Hanoi to which a call belongs."""
    return f"{times.local(row['started_at'] or row['created_at']).date()}"


def first_of_month(moment: datetime, months: int = 0) -> datetime:
    """Return the start of a month, some months later."""
    number = moment.year * 12 + moment.month - 1 + months
    return moment.replace(year=number // 12, month=number % 12 + 1, day=1)


@pytest.mark.parametrize("name", FORMATS)
async def test_file_and_stream(name: FormatName, tmp_path: Path) -> None:
    """A file and a stream hold exactly the rows of a plain walk, as the models give them."""
    async with service_and_shop(call_logs=700) as (service, shop):
        add_odd_calls(service)
        rows = await plain(shop)
        path = tmp_path / f"calls.{name}"
        sent = service.requests.counts[LIST]
        result = await export(shop, path, SINCE, UNTIL)
        requests = service.requests.counts[LIST] - sent
        assert result == Export(
            rows=len(rows), requests=requests, hotline_requests=0, resumed_rows=0, unknown_fields={}
        )
        assert result.to_dict()["rows"] == len(rows)
        assert by_id(read(path.read_bytes(), name)) == expected(rows, name)
        assert left_beside(path) == []
        stream = io.BytesIO()
        assert (await export(shop, stream, SINCE, UNTIL, file_format=name)).rows == len(rows)
        assert not stream.closed
        assert by_id(read(stream.getvalue(), name)) == expected(rows, name)
        with (tmp_path / "raw").open("wb", buffering=0) as raw:
            await export(shop, cast("BinaryIO", raw), SINCE, UNTIL, file_format=name, in_order=True)
        found = read((tmp_path / "raw").read_bytes(), name)
        assert by_id(found) == expected(rows, name)
        moments = [row["started_at"] for row in found]
        assert moments == sorted(moments)


async def test_form_of_files(tmp_path: Path) -> None:
    """Parquet has its schema, CSV starts with the wire's names, and each line of JSON Lines is an object."""
    async with service_and_shop(call_logs=30) as (service, shop):
        service.calls.add(note="=HYPERLINK()", started_at=TODAY - 3 * DAY + timedelta(minutes=30))
        for name in FORMATS:
            await export(shop, str(tmp_path / f"calls.{name}"), SINCE, UNTIL)
        schema = pa_parquet.read_schema(tmp_path / "calls.parquet")
        assert schema.metadata[b"etelecom_async.schema_version"] == b"1"
        assert schema.field("started_at").type == TIME
        assert "list<element: struct<add_time: timestamp[us, tz=UTC]" in str(
            schema.field("call_targets").type
        )
        text = (tmp_path / "calls.csv").read_bytes()
        heading, *lines = csv.reader(io.StringIO(text.decode(), newline=""))
        assert text.startswith(b'"id","call_state"')
        assert (heading, len(lines)) == (list(schema.names), 31)
        assert "'=HYPERLINK()" in [line[heading.index("note")] for line in lines]
        objects = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
        assert {tuple(each) for each in objects} == {tuple(heading)}
        assert f"{(TODAY - 3 * DAY).date()}T00:30:00+07:00" in [each["started_at"] for each in objects]


@pytest.mark.parametrize("partition", PARTITIONS[1:], ids="-".join)
@pytest.mark.parametrize("name", FORMATS)
async def test_partitions(name: FormatName, partition: tuple[PartitionName, ...], tmp_path: Path) -> None:
    """Each row is in the folder of its shop, its day in Hanoi and its month, and all rows come once."""
    async with service_and_shop(call_logs=200) as (service, shop):
        for days in range(30):
            service.calls.add(started_at=TODAY - days * DAY + timedelta(minutes=30), duration=1)
            service.calls.add(started_at=TODAY - days * DAY - SECOND, duration=1)
        rows = await plain(shop)
        folder = tmp_path / "calls"
        since, until = first_of_month(TODAY, -2), first_of_month(TODAY, 1)
        result = await export(shop, folder, since, until, partition=partition, file_format=name, limit=20)
        assert (result.rows, left_beside(folder)) == (len(rows), [])
        assert by_id(read_place(folder, name)) == expected(rows, name)
        shop_id = service.shop_api_key.partition(":")[0]
        for path, data in files(folder).items():
            *levels, file = path.split("/")
            assert file.startswith("part-")
            assert file.endswith(f".{name}")
            for row in read(data, name):
                values = {"shop": shop_id, "day": day_of(row), "month": day_of(row)[:7]}
                assert levels == [f"{key}={values[key]}" for key in partition]


async def test_readers_know_partitions(tmp_path: Path) -> None:
    """Arrow's datasets read the folders as columns, and skip those that a filter excludes."""
    async with service_and_shop(call_logs=200) as (_, shop):
        await export(shop, tmp_path / "calls", SINCE, UNTIL, partition=["day"])
        day = day_of(next(iter((await plain(shop)).values())))
        table = pa_parquet.read_table(tmp_path / "calls", filters=[("day", "=", day)])
        assert {day_of(row) for row in table.to_pylist()} == {day}


async def test_many_partitions_at_once(tmp_path: Path) -> None:
    """More days in each table than files may be open lose no row."""
    async with service_and_shop(call_logs=0) as (service, shop):
        for days in range(1, 25):
            for hour in range(4):
                service.calls.add(started_at=TODAY - days * DAY + timedelta(hours=hour), duration=1)
        rows = await plain(shop)
        for name in FORMATS:
            folder = tmp_path / name
            await export(
                shop, folder, "-30d", "today", partition=["day"], file_format=name, limit=3, windows=8
            )
            assert by_id(read_place(folder, name)) == expected(rows, name)
            assert len(list(folder.iterdir())) == 24


async def test_second_export_into_partitions(tmp_path: Path) -> None:
    """An export replaces the partitions of its span, also with nothing, and leaves the others."""
    async with service_and_shop(call_logs=0) as (service, shop):
        calls = [service.calls.add(started_at=TODAY - days * DAY, duration=1) for days in range(1, 7)]
        folder = tmp_path / "calls"
        await export(shop, folder, "-6d", "today", partition=cast("Any", "day"))  # one name is accepted
        (folder / "notes.txt").write_text("mine")
        first = files(folder)
        assert len(first) == 7
        for call in calls:
            service.calls.delete(cast("str", call.id))
        service.calls.add(started_at=TODAY - 3 * DAY, duration=1)
        assert (await export(shop, folder, "-4d", "-2d", partition=["day"])).rows == 1
        second = files(folder)
        gone, changed = (f"day={(TODAY - days * DAY).date()}" for days in (4, 3))
        assert {path.split("/")[0] for path in first} - {path.split("/")[0] for path in second} == {gone}
        assert {path.split("/")[0] for path in second if second[path] != first.get(path)} == {changed}


async def test_calls_without_a_time(peer: Peer, tmp_path: Path) -> None:
    """Calls without a time are in `unknown`; a call without a start belongs to the day of its creation."""
    when = (TODAY - 2 * DAY + timedelta(minutes=30)).isoformat()
    rows: list[Row] = [{"id": "1"}, {"id": "2", "created_at": when}, {"id": "3", "started_at": when}]
    peer.always = lambda _: peer.json({"call_logs": rows, "paging": {}})
    async with ShopClient(KEY, base_url=peer.base_url) as shop:
        await export(shop, tmp_path, "-3d", "-1d", partition=["month", "day"], file_format="jsonl", windows=1)
        day = when[:10]
        found = {path: [row["id"] for row in read(data, "jsonl")] for path, data in files(tmp_path).items()}
        assert found == {
            "month=unknown/day=unknown/part-00000.jsonl": ["1"],
            f"month={day[:7]}/day={day}/part-00001.jsonl": ["2", "3"],
        }


@pytest.mark.parametrize("place", ["file", "stream", "folder"])
@pytest.mark.parametrize("name", FORMATS)
async def test_no_rows(name: FormatName, place: str, tmp_path: Path) -> None:
    """An export without rows makes a file with columns and no rows, or an empty folder."""
    async with service_and_shop(call_logs=3) as (_, shop):
        path, stream = tmp_path / "place", io.BytesIO()
        output: Any = stream if place == "stream" else path
        result = await export(
            shop, output, "-90d", "-80d", file_format=name, partition=["day"] if place == "folder" else ()
        )
        assert (result.rows, result.resumed_rows) == (0, 0)
        assert left_beside(path) == []
        if place == "folder":
            assert list(path.iterdir()) == []
            return
        data = stream.getvalue() if place == "stream" else path.read_bytes()
        assert read(data, name) == []
        if name == "csv":
            assert data.startswith(b'"id",')


async def test_unknown_fields(peer: Peer, tmp_path: Path) -> None:
    """Fields that the models do not have are in `extra`, and are counted over all runs."""
    when = (TODAY - DAY).isoformat()

    def page(_: Asked) -> Reply:
        number = len(peer.requests)
        if number in (2, 3):
            return peer.refusal("unavailable", 503)
        row = {"id": f"{number}", "started_at": when, "mood": number}
        return peer.json({"call_logs": [row], "paging": {"next": f"{number}" if number < 6 else ""}})

    peer.always = page
    async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
        path = tmp_path / "calls.jsonl"
        for _ in range(2):
            with pytest.raises(errors.UnavailableError):
                await export(shop, path, "-2d", "today", windows=1)
        result = await export(shop, path, "-2d", "today", windows=1)
        assert (result.rows, result.resumed_rows, dict(result.unknown_fields)) == (4, 1, {"mood": 4})
        assert [json.loads(row["extra"])["mood"] for row in read(path.read_bytes(), "jsonl")] == [1, 4, 5, 6]


def fail(service: Sandbox, after: int, **options: Any) -> None:
    """Let one request fail, after some others."""
    service.faults.add(Fault(kind="status", operation=LIST, after=after, times=1, **options))


@pytest.mark.parametrize("partition", [(), ("month", "day")], ids=["file", "folder"])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("windows", [1, 8])
async def test_failure(
    name: FormatName, windows: int, partition: tuple[PartitionName, ...], tmp_path: Path
) -> None:
    """
    After failures at three pages, the same call continues; all of them repeat at most two requests each.

    Until the last run, the target is as before, and the result is that of a clean run.
    """
    async with service_and_shop(call_logs=500) as (service, shop):
        rows = await plain(shop)
        place = tmp_path / "calls"
        options: Any = {"partition": partition, "file_format": name, "windows": windows, "limit": 10}
        since, until = first_of_month(TODAY, -1), TODAY + DAY
        sent = service.requests.counts[LIST]
        await export(shop, place, since, until, **options)
        clean = service.requests.counts[LIST] - sent
        before = files(tmp_path)
        sent = service.requests.counts[LIST]
        written: list[int] = []
        for number, after in enumerate((30, 9, 0), 1):
            fail(service, after)
            with pytest.raises(errors.UnavailableError):
                await export(
                    shop, place, since, until, **options, on_progress=lambda _, on: written.append(on.rows)
                )
            assert {path: data for path, data in files(tmp_path).items() if path in before} == before
            repeated = service.requests.counts[LIST] - sent
            assert repeated <= 31 + 10 + 1 + 3 * windows, number
            (hidden,) = left_beside(place)
            assert hidden == ".calls.partial"
        result = await export(shop, place, since, until, **options)
        assert service.requests.counts[LIST] - sent - clean <= 3 * 2
        assert (result.rows, result.resumed_rows > 250) == (len(rows), True)
        assert left_beside(place) == []
        assert by_id(read_place(place, name)) == expected(rows, name)


@pytest.mark.parametrize("after", [1, 29])
async def test_failure_of_a_stream(after: int) -> None:
    """A stream gets no end of a Parquet file after a failure, so its reader does not take it for whole."""
    async with service_and_shop(call_logs=300) as (service, shop):
        fail(service, after)
        stream = io.BytesIO()
        with pytest.raises(errors.UnavailableError):
            await export(shop, stream, SINCE, UNTIL, file_format="parquet", limit=10)
        assert stream.getvalue() == b"PAR1"


async def test_failure_before_any_row(tmp_path: Path) -> None:
    """A failure of the first request leaves nothing at all."""
    async with service_and_shop(call_logs=30) as (service, shop):
        service.faults.add(Fault(kind="status", operation=LIST))
        for output in ("calls.csv", "calls.parquet"):
            with pytest.raises(errors.UnavailableError):
                await export(shop, tmp_path / output, SINCE, UNTIL)
        assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", FORMATS)
async def test_other_arguments_start_anew(name: FormatName, tmp_path: Path) -> None:
    """Another span, format, filter, order or list of hotlines discards what an earlier run has left."""
    async with service_and_shop(call_logs=200) as (service, shop):
        hotlines = service.hotlines.list()
        path = tmp_path / f"calls.{name}"
        others: list[tuple[Any, ...]] = [
            (SINCE + DAY, UNTIL, {}),
            (SINCE, UNTIL + DAY, {}),
            (SINCE, UNTIL, {"direction": "in"}),
            (SINCE, UNTIL, {"in_order": True}),
            (SINCE, UNTIL, {"file_format": FORMATS[FORMATS.index(name) - 1]}),
            (SINCE, UNTIL, {"hotlines": hotlines}),
            (SINCE, None, {}),
        ]
        for since, until, options in others:
            fail(service, 12)
            with pytest.raises(errors.UnavailableError):
                await export(shop, path, SINCE, UNTIL, limit=10)
            assert left_beside(path) == [f".calls.{name}.partial"]
            result = await export(shop, path, since, until, limit=10, **options)
            assert (result.resumed_rows, left_beside(path)) == (0, [])
            found = read(path.read_bytes(), options.get("file_format", name))
            wanted = (await plain(shop, direction=options.get("direction"))).values()
            end = until or times.now()
            assert {row["id"] for row in found} == {
                row["id"] for row in wanted if since <= row["started_at"] < end
            }


@pytest.mark.parametrize("windows", [1, 4])
async def test_refused_cursor(windows: int, tmp_path: Path) -> None:
    """If the server has forgotten the cursors of an earlier run, the export starts anew by itself."""
    async with service_and_shop(call_logs=300) as (service, shop):
        path = tmp_path / "calls.csv"
        fail(service, 20)
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, SINCE, UNTIL, limit=10, windows=windows)
        state = json.loads((tmp_path / ".calls.csv.partial" / "export.json").read_bytes())
        left = len(json.loads(state["checkpoint"])["windows"])
        refusal: Any = {"kind": "status", "status": 400, "code": "invalid_argument", "operation": LIST}
        service.faults.add(Fault(**refusal, times=min(left, windows)))
        sent = service.requests.counts[LIST]
        result = await export(shop, path, SINCE, UNTIL, limit=10, windows=windows)
        assert (result.rows, result.resumed_rows) == (300, 0)
        assert result.requests == service.requests.counts[LIST] - sent
        assert by_id(read(path.read_bytes(), "csv")) == expected(await plain(shop), "csv")


async def test_refused_cursor_after_rows(peer: Peer, tmp_path: Path) -> None:
    """The export starts anew also if another window gave rows before the refusal."""
    begin = TODAY - 2 * DAY
    middle = begin + DAY / 2
    failures = iter([503, 503])

    def page(request: Asked) -> Reply:
        after = request.json.get("paging", {}).get("after")
        is_early = datetime.fromisoformat(request.json["filter"]["date_from"]) < middle - 1 * SECOND
        if (after or is_early) and (status := next(failures, 0)):
            return peer.refusal("unavailable", status)
        if after == "old":
            return peer.refusal("invalid_argument", 400)
        when = (middle - DAY / 4 if is_early else middle + DAY / 4).isoformat()
        row = {"id": f"{is_early}{after}", "started_at": when, "created_at": when}
        following = "" if after else "old" if len(peer.requests) < 3 else "new"
        return peer.json({"call_logs": [row], "paging": {"next": following}})

    peer.always = page
    async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
        path = tmp_path / "calls.jsonl"
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, begin, begin + DAY, windows=2)
        result = await export(shop, path, begin, begin + DAY, windows=2)
        assert result.resumed_rows == 0
        found = [row["id"] for row in read(path.read_bytes(), "jsonl")]
        assert sorted(found) == ["FalseNone", "Falsenew", "TrueNone", "Truenew"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-9],
        lambda _: "[]",
        lambda _: "",
        lambda _: "[" * 100_000,
        lambda text: json.dumps({**json.loads(text), "rows": "many"}),
        lambda text: json.dumps({**json.loads(text), "sizes": []}),
        lambda text: json.dumps({**json.loads(text), "checkpoint": "no checkpoint"}),
        lambda text: json.dumps({**json.loads(text), "checkpoint": 5}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "rows"}),
    ],
    ids=["cut", "list", "empty", "deep", "rows", "sizes", "checkpoint", "number", "missing"],
)
async def test_damaged_state(damage: Callable[[str], str], tmp_path: Path) -> None:
    """A damaged state of an earlier run is discarded."""
    async with service_and_shop(call_logs=200) as (service, shop):
        path = tmp_path / "calls.jsonl"
        fail(service, 12)
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, SINCE, UNTIL, limit=10)
        state = tmp_path / ".calls.jsonl.partial" / "export.json"
        state.write_text(damage(state.read_text()))
        result = await export(shop, path, SINCE, UNTIL, limit=10)
        assert (result.rows, result.resumed_rows, left_beside(path)) == (200, 0, [])
        assert by_id(read(path.read_bytes(), "jsonl")) == await plain(shop)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("partition", [(), ("day",)], ids=["file", "folder"])
async def test_damaged_parts(name: FormatName, partition: tuple[PartitionName, ...], tmp_path: Path) -> None:
    """A missing or shorter part starts anew; what was written after the state is dropped."""
    async with service_and_shop(call_logs=200) as (service, shop):
        rows = await plain(shop)
        place = tmp_path / "calls"
        options: Any = {"file_format": name, "partition": partition, "limit": 10}

        def cut(part: Path) -> None:
            part.write_bytes(part.read_bytes()[:-1])

        def add(part: Path) -> None:
            part.write_bytes(part.read_bytes() + b"half a li")
            (part.parent / f"part-00099.{name}").write_bytes(b"half a file")

        for damage, is_lost in ((Path.unlink, True), (cut, True), (add, False)):
            fail(service, 12)
            with pytest.raises(errors.UnavailableError):
                await export(shop, place, "-40d", UNTIL, **options)
            damage(next((tmp_path / ".calls.partial").rglob("part-*")))
            result = await export(shop, place, "-40d", UNTIL, **options)
            assert (result.resumed_rows == 0) is is_lost
            assert by_id(read_place(place, name)) == expected(rows, name)


async def test_finishing_fails(tmp_path: Path) -> None:
    """If the whole file cannot take its place, the same call tries again without any request."""
    async with service_and_shop(call_logs=50) as (service, shop):
        path = tmp_path / "calls.csv"

        def block(*_: object) -> None:
            path.mkdir()

        with pytest.raises(IsADirectoryError):
            await export(shop, path, SINCE, UNTIL, on_progress=block)
        path.rmdir()
        sent = len(service.requests)
        result = await export(shop, path, SINCE, UNTIL)
        assert (result.rows, result.resumed_rows, len(service.requests)) == (50, 50, sent)
        assert by_id(read(path.read_bytes(), "csv")) == expected(await plain(shop), "csv")
        assert left_beside(path) == []


@pytest.mark.parametrize("name", FORMATS)
async def test_failure_of_the_caller(name: FormatName, tmp_path: Path) -> None:
    """An error of `on_progress` ends the export; the rows before it stay for the next run."""
    async with service_and_shop(call_logs=400) as (_, shop):
        path = tmp_path / f"calls.{name}"
        with pytest.raises(ZeroDivisionError):
            await export(shop, path, SINCE, UNTIL, limit=10, on_progress=lambda *_: 1 // 0)
        result = await export(shop, path, SINCE, UNTIL, limit=10)
        assert (result.rows, result.resumed_rows >= 160) == (400, True)
        assert by_id(read(path.read_bytes(), name)) == expected(await plain(shop), name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("partition", [(), ("day",)], ids=["file", "folder"])
async def test_cancellation(name: FormatName, partition: tuple[PartitionName, ...], tmp_path: Path) -> None:
    """A cancelled export stays for the next run, which gives each row once."""
    async with service_and_shop(call_logs=400) as (_, shop):
        place = tmp_path / "calls"
        options: Any = {"file_format": name, "partition": partition, "limit": 10}
        task: asyncio.Task[Export]

        def cancel(*_: object) -> None:
            task.cancel()

        task = asyncio.create_task(export(shop, place, "-40d", UNTIL, **options, on_progress=cancel))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not place.exists()
        result = await export(shop, place, "-40d", UNTIL, **options)
        assert (result.rows, result.resumed_rows >= 160) == (400, True)
        assert by_id(read_place(place, name)) == expected(await plain(shop), name)
        assert left_beside(place) == []


@pytest.mark.parametrize("windows", [1, 4])
async def test_cancellation_while_pages_wait(windows: int, tmp_path: Path) -> None:
    """The rows of a few pages are kept, too: the next run repeats only the requests that were in flight."""
    async with service_and_shop(call_logs=400) as (service, shop):
        path = tmp_path / "calls.jsonl"
        options: Any = {"limit": 10, "windows": windows}
        whole = await export(shop, tmp_path / "other.jsonl", SINCE, UNTIL, **options)
        before = service.requests.counts[LIST]

        def cancel(_: Attempt) -> None:
            # Two requests may arrive between two calls of the hook.
            if service.requests.counts[LIST] >= before + 12 and not task.cancelling():
                task.cancel()

        observed = shop.with_options(hooks=[attempt_hook(cancel)])
        task = asyncio.create_task(export(observed, path, SINCE, UNTIL, **options))
        with pytest.raises(asyncio.CancelledError):
            await task
        result = await export(shop, path, SINCE, UNTIL, **options)
        assert (result.rows, result.resumed_rows > 0) == (400, True)
        repeated = service.requests.counts[LIST] - before - whole.requests
        assert repeated <= windows
        assert by_id(read(path.read_bytes(), "jsonl")) == await plain(shop)


async def test_two_exports_at_once(tmp_path: Path) -> None:
    """A second export to the same target is refused, also in another process; the first is whole."""
    async with service_and_shop(call_logs=400) as (service, shop):
        path = tmp_path / "calls.csv"
        seen: list[object] = []

        async def second(target: str) -> None:
            with pytest.raises(BlockingIOError, match="another export writes to it") as caught:
                await export(shop, target, SINCE, UNTIL)
            seen.append(caught.value.filename)

        others: list[asyncio.Task[None]] = []

        def start(*_: object) -> None:
            if others:
                return
            others.append(asyncio.create_task(second(f"{tmp_path}/./calls.csv")))
            done = run(service, path)
            seen.append(done.returncode)
            assert "another export writes to it" in done.stderr

        result = await export(shop, path, SINCE, UNTIL, limit=10, on_progress=start)
        await asyncio.gather(*others)
        assert seen == [1, str(path)]
        assert result.rows == 400
        assert by_id(read(path.read_bytes(), "csv")) == expected(await plain(shop), "csv")
        assert left_beside(path) == []
        assert (await export(shop, path, SINCE, UNTIL)).rows == 400


PROGRAM = """
import asyncio, os, signal, sys
from datetime import datetime
from etelecom_async import ShopClient, history

key, url, path, since, until, partition, after, what = sys.argv[1:]
tables = 0

def act(stage, progress):
    global tables
    tables += 1
    if tables < int(after):
        return
    if what == "limit":
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
    else:
        os.kill(os.getpid(), getattr(signal, what))

async def main():
    async with ShopClient(key, base_url=url, retries=0) as shop:
        await history.export(
            shop, path, datetime.fromisoformat(since), datetime.fromisoformat(until), limit=10,
            partition=partition.split(), on_progress=act if what else None,
            file_format=None if not partition else "jsonl",
        )

asyncio.run(main())
"""


def run(
    service: Sandbox, path: Path, partition: str = "", after: int = 1, what: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run an export in another process, which does something to itself after some tables."""
    arguments = [service.shop_api_key, service.base_url, str(path), SINCE.isoformat(), UNTIL.isoformat()]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, partition, str(after), what],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("place", ["calls.parquet", "calls.csv", "calls.jsonl", "folder"])
async def test_rows_at_risk(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long export notes now and then where it stands: a copy of its folder at that moment continues."""
    monkeypatch.setattr(exporting, "ROWS_AT_RISK", 150)
    name: Any = "jsonl" if place == "folder" else place.partition(".")[2]
    options: Any = {"limit": 10, "file_format": name, "partition": ["day"] if place == "folder" else []}
    async with service_and_shop(call_logs=900) as (_, shop):
        copied: list[int] = []

        def copy(_: str, progress: Progress) -> None:
            if not copied:
                shutil.copytree(tmp_path / f".{place}.partial", tmp_path / "kept")
                copied.append(progress.rows)

        whole = await export(shop, tmp_path / place, SINCE, UNTIL, **options, on_progress=copy)
        rows = by_id(read_place(tmp_path / place, name))
        assert len(rows) == whole.rows == 900
        (tmp_path / "again").mkdir()
        (tmp_path / "kept").rename(tmp_path / "again" / f".{place}.partial")
        again = await export(shop, tmp_path / "again" / place, SINCE, UNTIL, **options)
        assert (again.rows, again.resumed_rows) == (900, copied[0])
        assert by_id(read_place(tmp_path / "again" / place, name)) == rows


async def test_partition_that_is_a_file(tmp_path: Path) -> None:
    """A file in the place of a partition is found before any partition is replaced, and nothing is lost."""
    async with service_and_shop(call_logs=100) as (service, shop):
        place = tmp_path / "calls"
        options: Any = {"partition": ["day"], "limit": 10}
        await export(shop, place, SINCE, UNTIL, **options)
        days = sorted(path.name for path in place.iterdir())
        shutil.rmtree(place / days[-1])
        (place / days[-1]).write_text("mine")
        with pytest.raises(NotADirectoryError, match="move it away") as caught:
            await export(shop, place, SINCE, UNTIL, **options)
        assert caught.value.filename == str(place / days[-1])
        (place / days[-1]).unlink()
        sent = len(service.requests)
        assert (await export(shop, place, SINCE, UNTIL, **options)).rows == 100
        assert (len(service.requests), sorted(path.name for path in place.iterdir())) == (sent, days)


@pytest.mark.parametrize("output", ["/", "no folder/calls.csv", "zero\0byte.csv"])
async def test_impossible_paths(output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that can hold no file is refused before any request, with the path of the caller."""
    monkeypatch.chdir(tmp_path)
    async with ShopClient(KEY) as shop:
        with pytest.raises(OSError, match=r"folder|zero byte") as caught:
            await export(shop, output, SINCE, UNTIL, file_format="csv")
        assert "partial" not in str(caught.value)


@posix
@pytest.mark.parametrize("what", ["SIGKILL", "SIGINT", "limit"])
@pytest.mark.parametrize("place", ["calls.parquet", "calls.csv", "calls.jsonl", "folder"])
async def test_killed(place: str, what: str, tmp_path: Path) -> None:
    """
    After SIGKILL, Ctrl-C or a full disk, nothing is at the target, and the next run gives each row once.

    Only an orderly end keeps its rows. Rows of a run before it are kept in each case.
    """
    name: Any = "jsonl" if place == "folder" else place.partition(".")[2]
    partition = "day" if place == "folder" else ""
    async with service_and_shop(call_logs=900) as (service, shop):
        path = tmp_path / place
        rows = await plain(shop)
        first = await asyncio.to_thread(run, service, path, partition, 1, what)
        assert (first.returncode != 0, path.exists()) == (True, False), first.stderr
        if what == "limit":
            assert "File too large" in first.stderr
        assert "Exception ignored" not in first.stderr
        fail(service, 30)
        options: Any = {"limit": 10, "partition": partition.split(), "file_format": name}
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, SINCE, UNTIL, **options)
        second = await asyncio.to_thread(run, service, path, partition, 1, what)
        assert (second.returncode != 0, path.exists()) == (True, False), second.stderr
        result = await export(shop, path, SINCE, UNTIL, **options)
        assert result.rows == 900
        assert result.resumed_rows >= (600 if what == "SIGINT" else 150)
        assert by_id(read_place(path, name)) == expected(rows, name)
        assert left_beside(path) == []


@posix
@pytest.mark.parametrize("place", ["calls.parquet", "calls.csv", "calls.jsonl", "folder"])
async def test_full_disk_at_the_end(place: str, tmp_path: Path) -> None:
    """A disk that is full when the last bytes are written makes no file, and leaves nothing."""
    async with service_and_shop(call_logs=0) as (service, _):
        service.calls.add(note="x" * 3000)
        partition = "day" if place == "folder" else ""
        done = await asyncio.to_thread(run, service, tmp_path / place, partition, 1, "limit")
        assert (done.returncode, names_in(tmp_path)) == (1, []), done.stderr
        assert done.stderr.rstrip().endswith("File too large")
        assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has this device")
@pytest.mark.parametrize("buffering", [0, -1])
@pytest.mark.parametrize("name", FORMATS)
async def test_full_stream(name: FormatName, buffering: int) -> None:
    """A stream on a full disk fails, also if the stream itself keeps the last bytes."""
    async with service_and_shop(call_logs=5) as (_, shop):
        stream: Any = Path("/dev/full").open("wb", buffering)  # noqa: SIM115, ASYNC230 - closing it fails, and the device does not wait
        try:
            with pytest.raises(OSError, match="No space left"):
                await export(shop, stream, SINCE, UNTIL, file_format=name)
        finally:
            with suppress(OSError):
                stream.close()


@posix
async def test_other_places(tmp_path: Path) -> None:
    """A device or pipe is refused, a link is followed, and an existing file keeps its mode."""
    async with service_and_shop(call_logs=5) as (_, shop):
        os.mkfifo(tmp_path / "pipe.csv")
        for place in (tmp_path / "pipe.csv", "/dev/null"):
            with pytest.raises(OSError, match="this is no file: open it"):
                await export(shop, place, SINCE, UNTIL, file_format="csv")
        (tmp_path / "inner").mkdir()
        real, link = tmp_path / "inner" / "real.csv", tmp_path / "link.csv"
        real.touch(mode=0o600)
        link.symlink_to(real)
        await export(shop, link, SINCE, UNTIL)
        assert link.is_symlink()
        assert stat.S_IMODE(real.stat().st_mode) == 0o600
        assert len(read(real.read_bytes(), "csv")) == 5


async def test_wrong_places(tmp_path: Path) -> None:
    """A file in place of a folder, a folder in place of a file, and a missing folder are refused at once."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    async with ShopClient(KEY) as shop:
        with pytest.raises(NotADirectoryError, match="partitions need a folder, and this is a file"):
            await export(shop, tmp_path / "file", "-2d", "today", partition=["day"])
        with pytest.raises(IsADirectoryError, match="this is a folder, and no file"):
            await export(shop, tmp_path / "folder.csv", "-2d", "today")
        with pytest.raises(FileNotFoundError):
            await export(shop, tmp_path / "missing" / "calls.csv", "-2d", "today")
    assert names_in(tmp_path) == ["file", "folder.csv"]


async def test_wrong_arguments(tmp_path: Path) -> None:
    """Wrong arguments are refused before any request and any file."""
    noon = TODAY - DAY / 2
    naive = datetime(2026, 11, 1)  # noqa: DTZ001 - it has no offset on purpose
    path = tmp_path / "calls.csv"
    cases: list[tuple[str, Any, Any, dict[str, Any]]] = [
        ("output takes a path or a binary stream", 5, "-2d", {}),
        ("output takes a path or a binary stream", io.StringIO(), "-2d", {"file_format": "csv"}),
        ("a stream has no suffix: give file_format", io.BytesIO(), "-2d", {}),
        ("the suffix of 'calls.xlsx' names no format", tmp_path / "calls.xlsx", "-2d", {}),
        ("file_format takes one of parquet, csv, jsonl, not 'xml'", path, "-2d", {"file_format": "xml"}),
        ("file_format takes one of parquet, csv, jsonl, not 5", path, "-2d", {"file_format": 5}),
        ("partition needs a folder as output", io.BytesIO(), "-2d", {"partition": ["day"]}),
        ("partition takes shop, day and month, each once", tmp_path, "-2d", {"partition": ["day", "day"]}),
        ("partition takes shop, day and month, each once", tmp_path, "-2d", {"partition": ["year"]}),
        ("partition takes names", tmp_path, "-2d", {"partition": 5}),
        ("partition takes names", tmp_path, "-2d", {"partition": [["day"]]}),
        ("since and until must be days", tmp_path, noon, {"partition": ["day"]}),
        ("since and until must be days", tmp_path, noon, {"partition": ["shop", "month"]}),
        ("must be first days of a month", tmp_path, "2026-02-02", {"partition": ["shop", "month"]}),
        ("resume is not for an export", path, "-2d", {"resume": "{}"}),
        ("there is no option 'hotline'", path, "-2d", {"hotline": "1"}),
        ("since is a time without an offset", path, naive, {}),
        ("hotlines takes True, False or a list of `Hotline`, not", path, "-2d", {"hotlines": ["1"]}),
        ("hotlines takes True, False or a list of `Hotline`, not", path, "-2d", {"hotlines": None}),
    ]
    async with ShopClient(KEY) as shop:
        for problem, output, since, options in cases:
            with pytest.raises(InvalidRequestError, match=problem):
                await export(shop, output, since, "today", **cast("Any", options))
    assert names_in(tmp_path) == []


async def test_refused_filter(tmp_path: Path) -> None:
    """An error that the server's rules raise leaves nothing."""
    async with service_and_shop(call_logs=5) as (_, shop):
        with pytest.raises(EtelecomError):
            await export(shop, tmp_path / "calls.csv", SINCE, UNTIL, user_id="no id")
        assert names_in(tmp_path) == []


async def test_repeated_cursor(tmp_path: Path) -> None:
    """A cursor that repeats is an error, and the rows before it stay for the next run."""
    async with service_and_shop(call_logs=200) as (service, shop):
        path = tmp_path / "calls.jsonl"
        for _ in range(2):
            service.faults.add(Fault(kind="repeat_cursor", operation=LIST, after=5, times=1))
            with pytest.raises(PagingError, match="returned a cursor for the second time"):
                await export(shop, path, SINCE, UNTIL, limit=10, windows=1)
        result = await export(shop, path, SINCE, UNTIL, limit=10, windows=1)
        assert (result.rows, result.resumed_rows > 80) == (200, True)
        assert by_id(read(path.read_bytes(), "jsonl")) == await plain(shop)


RULES = [(time, ends) for time in ("created_at", "started_at") for ends in (True, False)]


@pytest.mark.parametrize(("call_time", "ends"), RULES)
async def test_days_of_any_server(call_time: Any, tmp_path: Path, *, ends: bool) -> None:
    """Whatever the dates of the server mean, each call is in the file of its day in Hanoi."""
    rules: Any = {"call_time": call_time, "include_date_from": ends, "include_date_to": ends}
    async with service_and_shop(call_logs=100, **rules) as (service, shop):
        for days in (1, 2, 3):
            for seconds in (-1, 0, 1, 1800):
                for delay in (-3600, 0, 5, 3600):
                    start = TODAY - days * DAY + seconds * SECOND
                    service.calls.add(started_at=start, created_at=start + delay * SECOND, duration=1)
        rows = (await plain(shop)).values()
        for days in (1, 2, 3):
            day = (TODAY - days * DAY).date()
            await export(shop, tmp_path / "day.jsonl", day, day + DAY)
            found = read((tmp_path / "day.jsonl").read_bytes(), "jsonl")
            assert by_id(found) == by_id(row for row in rows if day_of(row) == f"{day}")


@pytest.mark.parametrize("name", FORMATS)
async def test_hotlines(name: FormatName, tmp_path: Path) -> None:
    """A file has the hotline of each call, by the records of the sandbox; the requests for it are counted."""
    async with service_and_shop(call_logs=200, hotlines=3) as (service, shop):
        place = tmp_path / f"calls.{name}"
        sent = len(service.requests)
        stages: set[str] = set()
        with pytest.warns(errors.ProvisionalOperationWarning):
            result = await export(
                shop, place, SINCE, UNTIL, hotlines=True, on_progress=lambda stage, _: stages.add(stage)
            )
        assert result.requests == len(service.requests) - sent
        rows = read(place.read_bytes(), name)
        hotlines = {each.id: each for each in service.hotlines.list()}
        assert stages == {"calls"} | {hotlines[row["hotline_id"]].hotline for row in rows}
        for hotline_id, hotline in hotlines.items():
            wanted = await plain(shop, hotline_ids=[cast("str", hotline_id)])
            found = [row for row in rows if row["hotline_id"] == hotline_id]
            assert {row["id"] for row in found} == set(wanted)
            assert {(row["hotline"], row["hotline_name"]) for row in found} <= {
                (hotline.hotline, hotline.name)
            }
        assert len(rows) == 200


async def test_hotlines_after_a_failure(tmp_path: Path) -> None:
    """An export with hotlines continues, too; a failure while it lists them leaves the earlier rows."""
    async with service_and_shop(call_logs=300) as (service, shop):
        path = tmp_path / "calls.jsonl"
        hotlines = service.hotlines.list()
        lists = (await export(shop, path, SINCE, UNTIL, hotlines=hotlines, limit=10)).hotline_requests
        clean = read(path.read_bytes(), "jsonl")
        fail(service, lists + 20)
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, SINCE, UNTIL, hotlines=hotlines, limit=10)
        fail(service, 3)
        with pytest.raises(errors.UnavailableError):
            await export(shop, path, SINCE, UNTIL, hotlines=hotlines, limit=10)
        result = await export(shop, path, SINCE, UNTIL, hotlines=hotlines, limit=10)
        assert (result.rows, result.resumed_rows > 100) == (300, True)
        assert by_id(read(path.read_bytes(), "jsonl")) == by_id(clean)
        assert HOTLINES not in service.requests.counts
