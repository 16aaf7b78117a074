"""Check that the benchmarks measure what they say. No test measures time."""

from __future__ import annotations

import asyncio
import functools
import gc
import itertools
import json
import os
import platform
import re
import weakref
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import etelecom_async
from benchmarks import alone, recordings, table
from benchmarks import measure as measuring
from benchmarks.__main__ import main
from benchmarks.measure import Figure, Outcome, Ratio, Run, Side, measure, repeating
from benchmarks.rows import ROWS
from benchmarks.server import Responding
from benchmarks.sides import KEY, by_hand, decoding, expect, jobs, limit, sdk
from benchmarks.sides import history as sides_of_history
from etelecom_async import ShopClient, history
from etelecom_async._core.codec import responses
from etelecom_async.errors import APIError
from etelecom_async.models import CallLog
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Page

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def recorded() -> dict[str, bytes]:
    """Return the responses that the server has prepared, by path."""
    return asyncio.run(recordings.record())


@pytest.fixture
def received() -> bytearray:
    """Return the bytes that the server has received."""
    return bytearray()


@pytest.fixture
async def url(recorded: dict[str, bytes], received: bytearray) -> AsyncGenerator[str]:
    """Run the server of the benchmarks in the test's own process, and give its URL."""
    page = recorded[f"/plain{recordings.CALL_LOGS}"]
    lists = {"walk": recordings.pages(page), "spread": recordings.spread_pages(page)}

    class Recording(Responding):
        def data_received(self, data: bytes) -> None:
            received.extend(data)
            super().data_received(data)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Recording(recorded, lists), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def body_of(message: bytes) -> bytes:
    """Return the body of a request or a response."""
    return message.partition(b"\r\n\r\n")[2]


def decoded_by_sdk(operation: str, response: bytes) -> Any:
    """Return the SDK's result for a response. Nothing may differ from the documentation."""
    schema_mismatches = Counter[str]()
    result = responses.decode(OPERATIONS[operation], 200, {}, body_of(response), schema_mismatches)
    assert not schema_mismatches
    return result


def decoded(response: bytes) -> tuple[CallLog, ...]:
    """Return the call logs of a page."""
    page: Page[CallLog] = decoded_by_sdk("shop.call_logs.list", response)
    return page.items


def test_the_list_names_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` prints each row once. It measures nothing and needs no other package."""
    assert main(["--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [row.name for row in ROWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["smal"], "unknown: smal"), (["--rounds", "0"], "--rounds must be 1 or more")],
)
def test_invalid_arguments_are_usage_errors(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown name and `--rounds 0` are usage errors; they do not give an empty table."""
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
    assert message in capsys.readouterr().err


def test_a_page_is_realistic(recorded: dict[str, bytes]) -> None:
    """A page has 100 calls in about 90 kB: text beyond ASCII, recordings, targets, nulls, unset times."""
    page = recorded[f"/plain{recordings.CALL_LOGS}"]
    calls = decoded(page)
    assert len(calls) == recordings.ROWS
    assert 80_000 < len(page) < 100_000
    assert not page.isascii()
    assert all(len(call.id) == 19 for call in calls)
    assert sum(len(call.recording_urls) for call in calls) > 50
    assert sum(len(call.call_targets) for call in calls) > 100
    assert b"null" in page
    assert b"0001-01-01T00:00:00Z" in page


def test_every_row_of_the_quirky_page_has_every_quirk(recorded: dict[str, bytes]) -> None:
    """Each row has a null list, an unset time, an undocumented enum value and undocumented fields."""
    page = recorded[f"/quirks{recordings.CALL_LOGS}"]
    rows = json.loads(body_of(page))["call_logs"]
    calls = decoded(page)
    assert len(rows) == len(calls) == recordings.ROWS
    for row, call in zip(rows, calls, strict=True):
        assert row["recording_urls"] is None
        assert call.recording_urls == ()
        assert row["ended_at"] == "0001-01-01T00:00:00Z"
        assert call.ended_at is None
        assert call.call_state is not None
        assert not call.call_state.is_listed
        assert call.call_state == row["call_state"]
        assert {"queue", "tags", "wait_duration"} <= set(row) - set(call.to_dict())


async def test_a_walk_has_its_pages_and_no_row_twice(url: str) -> None:
    """`/walk/3/1` gives 300 call logs with different ids; each recording's URL holds the id of its call."""
    async with ShopClient(KEY, base_url=f"{url}/walk/3/1") as shop:
        calls = await shop.call_logs.list(limit=recordings.ROWS).collect()
    assert len(calls) == len({call.id for call in calls}) == 3 * recordings.ROWS
    assert all(len(call.id) == 19 for call in calls)
    assert all(call.id in address for call in calls for address in call.recording_urls)


@pytest.mark.parametrize("windows", [1, 8])
async def test_a_spread_list_has_its_pages_in_each_number_of_windows(url: str, windows: int) -> None:
    """Several windows of the list over a year give the same rows as one."""
    async with ShopClient(KEY, base_url=f"{url}/spread/30/1") as shop:
        table = await history.table(shop, sides_of_history.SINCE, sides_of_history.UNTIL, windows=windows)
    assert len(table) == len(set(table.arrow["id"].to_pylist())) == 30 * recordings.ROWS


async def test_an_unknown_path_is_not_found(url: str) -> None:
    """A path without a response is a 404, so that a side with a wrong path fails."""
    async with ShopClient(KEY, base_url=f"{url}/elsewhere") as shop:
        with pytest.raises(APIError) as caught:
            await shop.extensions.get(extension_number=recordings.EXTENSION_NUMBER)
    assert (caught.value.status, caught.value.code) == (404, None)


SIDES: list[Side] = [
    sdk.small_call, sdk.page, sdk.quirky_page, sdk.creates, jobs.late_creates, by_hand.late_creates,
    by_hand.small_call, by_hand.page, by_hand.quirky_page, by_hand.creates,
    limit.small_call, limit.page, sides_of_history.sdk,
    decoding.page, decoding.page_into_dicts, decoding.page_with_cattrs, decoding.page_into_structs,
    decoding.one_object, decoding.one_object_into_struct,
]  # fmt: skip


@pytest.mark.parametrize("side", SIDES, ids=lambda side: f"{side.__module__}.{side.__name__}")
async def test_a_side_runs_and_checks_its_result(side: Side, url: str) -> None:
    """Each side that needs no package besides the SDK's runs, and checks its result."""
    async with side(url) as run:
        await run(3)


def parse_request(request: bytes) -> tuple[str, dict[str, str], Any]:
    """Return the first line of the only request, the headers that the API reads, and the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    read = ("authorization", "content-type", "accept")
    return first, {name: headers[name] for name in read}, json.loads(body)


@pytest.mark.parametrize(
    ("ours", "baseline"),
    [
        (sdk.small_call, by_hand.small_call),
        (sdk.small_call, limit.small_call),
        (sdk.page, by_hand.page),
        (sdk.page, limit.page),
    ],
    ids=lambda side: f"{side.__module__}.{side.__name__}",
)
async def test_a_baseline_sends_the_request_of_the_sdk(
    ours: Side, baseline: Side, url: str, received: bytearray
) -> None:
    """One call of the baseline is one request, with the path, headers and body of the SDK's request."""
    requests = []
    for side in (ours, baseline):
        received.clear()
        async with side(url) as run:
            await run(1)
        requests.append(parse_request(received))
    assert requests[0] == requests[1]


@pytest.mark.parametrize(
    ("decode", "operation", "path"),
    [
        (limit.decode_login, "shop.extensions.get", recordings.LOGIN),
        (limit.decode_page, "shop.call_logs.list", recordings.CALL_LOGS),
    ],
    ids=["small", "page"],
)
def test_the_limit_gives_the_result_of_the_sdk(
    decode: Callable[[bytes], Any], operation: str, path: str, recorded: dict[str, bytes]
) -> None:
    """Both make equal models, with enums where the SDK has enums, and without the unset times."""
    response = recorded[f"/plain{path}"]
    ours, result = decoded_by_sdk(operation, response), decode(body_of(response))
    assert result == ours
    assert repr(result) == repr(ours)  # a text is equal to its enum, but does not look like it


def test_a_side_that_gets_something_else_stops() -> None:
    """A wrong result raises: a side that fails silently would look fast."""
    with pytest.raises(RuntimeError, match="got 99, not 100"):
        expect(99, 100)


async def test_a_side_keeps_no_result_during_its_next_call() -> None:
    """The loop of all sides has let go of a result when it makes the next call."""

    class Result:
        pass

    results = weakref.WeakSet[Result]()
    kept: list[int] = []

    async def call() -> Result:
        kept.append(len(results))
        result = Result()
        results.add(result)
        return result

    checked: list[bool] = []
    await repeating(call, lambda result: checked.append(result in results))(3)
    assert kept == [0, 0, 0]
    assert checked == [True, True, True]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record calls of the garbage collector; the real one would scan the objects of all tests."""
    calls: list[str] = []
    for name in ("collect", "freeze", "unfreeze"):
        monkeypatch.setattr(measuring.gc, name, functools.partial(calls.append, name))
    return calls


class Clock:
    """A clock that the sides set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def side(self, *seconds: float) -> Side:
        """Return a side that takes these seconds for a call, lap after lap; the first lap is the warm-up."""
        laps = iter(seconds)

        @asynccontextmanager
        async def ready(_: str) -> AsyncGenerator[Run]:
            async def run(times: int) -> None:
                self.now += times * next(laps)

            yield run

        return ready


def ratio(clock: Callable[[], float], ours: Side, *baselines: Side) -> Ratio:
    """Return a row with a bound of 0.5 and ten calls in a lap."""
    return Ratio(
        name="n", title="t", ours=ours, baselines=baselines, times=10, bound=0.5, rounds=3, clock=clock
    )


@pytest.mark.usefixtures("collector")
def test_a_ratio_is_the_median_of_its_rounds() -> None:
    """Each round compares laps that follow each other. The warm-up laps do not count."""
    clock = Clock()
    row = ratio(clock, clock.side(99, 1, 3, 10), clock.side(99, 4, 4, 16))
    rounds: list[int] = []
    outcome = measure(row, "", None, rounds.append)
    assert outcome.value == pytest.approx(0.625)
    assert (outcome.lowest, outcome.highest) == (pytest.approx(0.25), pytest.approx(0.75))
    assert (outcome.ours, outcome.baseline) == (pytest.approx(3), pytest.approx(4))
    assert rounds == [1, 2, 3]
    assert outcome.verdict == "over"


def test_a_lap_begins_with_nothing_to_collect(collector: list[str]) -> None:
    """
    The garbage is collected and the rest is frozen before each lap; the collector stays on in the lap.

    The two warm-up laps do without.
    """
    assert gc.isenabled()
    enabled: list[bool] = []

    @asynccontextmanager
    async def side(_: str) -> AsyncGenerator[Run]:
        async def run(_: int) -> None:
            enabled.append(gc.isenabled())
            collector.append("run")

        yield run

    measure(ratio(itertools.count(1).__next__, side, side), "", 1, lambda _: None)
    assert collector == ["run", "run"] + ["collect", "freeze", "run", "unfreeze"] * 2
    assert enabled == [True] * 4


@pytest.mark.usefixtures("collector")
def test_of_several_baselines_the_slowest_counts() -> None:
    """A row with two baselines is divided by the slower one."""
    clock = Clock()
    row = ratio(clock, clock.side(1, 2), clock.side(1, 4), clock.side(1, 8))
    outcome = measure(row, "", 1, lambda _: None)
    assert outcome.value == pytest.approx(0.25)
    assert outcome.verdict == "ok"


def test_a_missing_package_skips_a_row_and_is_named() -> None:
    """A missing package is not a failure. The table names the package."""

    @asynccontextmanager
    async def side(_: str) -> AsyncGenerator[Run]:
        raise ModuleNotFoundError("no", name="peer_sdk")
        yield

    outcome = measure(ratio(Clock(), side), "", None, lambda _: None)
    assert outcome.verdict == "skipped"
    assert "peer_sdk" in table.as_text([outcome])


def test_a_missing_module_of_ours_is_a_failure() -> None:
    """Only packages of others may be missing. A benchmark that cannot find the SDK raises."""

    @asynccontextmanager
    async def side(_: str) -> AsyncGenerator[Run]:
        raise ModuleNotFoundError("no", name="etelecom_async.missing")
        yield

    with pytest.raises(ModuleNotFoundError):
        measure(ratio(Clock(), side), "", None, lambda _: None)


def test_a_figure_of_another_platform_is_skipped() -> None:
    """A figure of one platform is skipped on the others."""
    figure = Figure(name="f", title="t", read=lambda _: 1 / 0, unit="MiB", platform="elsewhere")
    outcome = measure(figure, "", None, lambda _: None)
    assert outcome.verdict == "skipped"
    assert "elsewhere only" in table.as_text([outcome])


def test_the_table_has_both_sides_and_the_verdict() -> None:
    """The table says where it was measured, gives times in fitting units, and figures beside their bounds."""
    row = ratio(Clock(), Clock().side())
    figure = Figure(name="f", title="size", read=lambda _: 7.0, unit="MiB")
    text = table.as_text(
        [
            Outcome(
                row=row, value=0.256, rounds=3, ours=0.000123, baseline=0.00456, lowest=0.251, highest=0.3
            ),
            measure(figure, "", 1, lambda _: None),
        ]
    )
    environment, _, _, first, second = text.splitlines()
    assert environment.startswith(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    assert f"Python {platform.python_version()}, aiohttp {version('aiohttp')}" in environment
    assert first.split() == ["n", "123", "µs", "4.56", "ms", "0.256", "0.251..0.3", "0.500", "ok", "t"]
    assert second.split() == ["f", "7", "MiB", "size"]


def test_a_ratio_over_its_bound_does_not_look_like_the_bound() -> None:
    """The third decimal shows why 0.504 is over a bound of 0.50."""
    outcome = Outcome(row=ratio(Clock(), Clock().side()), value=0.504)
    assert table.as_text([outcome]).splitlines()[-1].split()[1:4] == ["0.504", "0.500", "over"]


def test_the_documented_table_has_these_rows_and_bounds() -> None:
    """docs/benchmarks.md holds a whole run's table: every row of today, with its title and its bound."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    _, _, headings, *lines = block.splitlines()
    before, end = (headings.index(name) + len(name) for name in ("range", "at most"))
    documented = [
        (line.split()[0], line[before:end].strip(), line[headings.index("what") :]) for line in lines
    ]
    assert documented == [
        (row.name, "" if row.bound is None else table.figure(row.bound, row.unit), row.title) for row in ROWS
    ]


def test_the_rows_of_import_use_every_client() -> None:
    """The package loads a client at its first use, so the rows of import use each client by name."""
    assert set(alone.CLIENTS) == {name for name in etelecom_async.__all__ if name.endswith("Client")}


def test_the_command_measures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The command starts the server and a fresh process, counts the modules, and stays within the bound.

    The count has the modules of the clients: the package alone would load two.
    """
    monkeypatch.chdir(ROOT)
    assert main(["import-modules", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    (row,) = output["rows"]
    assert row["name"] == "import-modules"
    assert 50 < row["value"] <= row["bound"] == 60
    assert row["verdict"] == "ok"
