"""The benchmarks measure what they say. How quick anything is, no test says."""

from __future__ import annotations

import asyncio
import json
import weakref
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import answers, table
from benchmarks.__main__ import main
from benchmarks.measure import Figure, Outcome, Ratio, Run, Side, measure, repeating
from benchmarks.rows import ROWS
from benchmarks.server import Answering
from benchmarks.sides import KEY, by_hand, decoding, expect, sdk
from etelecom_async import ShopClient
from etelecom_async._core.codec import responses
from etelecom_async.errors import BadRouteError
from etelecom_async.models import CallLog
from etelecom_async.operations import OPERATIONS

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def recorded() -> dict[str, bytes]:
    """The answers that the server has prepared, by path."""
    return asyncio.run(answers.record())


@pytest.fixture
async def url(recorded: dict[str, bytes]) -> AsyncGenerator[str]:
    """The benchmarks' server, here in the test's own process."""
    walk = answers.pages(recorded[f"/plain{answers.CALL_LOGS}"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(recorded, walk), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def body_of(response: bytes) -> bytes:
    """What a response carries."""
    return response.partition(b"\r\n\r\n")[2]


def decoded(response: bytes) -> tuple[CallLog, ...]:
    """The call logs of a page, of which nothing had to be forgiven."""
    schema_mismatches = Counter[str]()
    page: Any = responses.decode(
        OPERATIONS["shop.call_logs.list"], 200, {}, body_of(response), schema_mismatches
    )
    assert not schema_mismatches
    return page.items


def test_the_list_names_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` prints each row once and measures nothing, whatever is installed."""
    assert main(["--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [row.name for row in ROWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["smal"], "there is no smal"), (["--rounds", "0"], "--rounds is a number, 1 or more")],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is no row's, and no rounds at all, are wrong usage and not an empty table."""
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
    assert said in capsys.readouterr().err


def test_a_page_is_what_a_shop_gets(recorded: dict[str, bytes]) -> None:
    """100 calls in about 90 kB, with letters beyond ASCII, recordings, targets, nulls and unset times."""
    page = recorded[f"/plain{answers.CALL_LOGS}"]
    calls = decoded(page)
    assert len(calls) == answers.ROWS
    assert 80_000 < len(page) < 100_000
    assert not page.isascii()
    assert all(len(call.id) == 19 for call in calls)
    assert sum(len(call.recording_urls) for call in calls) > 50
    assert sum(len(call.call_targets) for call in calls) > 100
    assert b"null" in page
    assert b"0001-01-01T00:00:00Z" in page


def test_every_row_of_the_quirky_page_has_every_quirk(recorded: dict[str, bytes]) -> None:
    """In each row a list is null, a time zero, a value of an enum and a field not documented."""
    page = recorded[f"/quirks{answers.CALL_LOGS}"]
    rows = json.loads(body_of(page))["call_logs"]
    calls = decoded(page)
    assert len(rows) == len(calls) == answers.ROWS
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
    """`/walk/3/1` is 300 call logs with ids of their own, each of a page's recordings named by its id."""
    async with ShopClient(KEY, base_url=f"{url}/walk/3/1") as shop:
        calls = await shop.call_logs.list(limit=answers.ROWS).collect()
    assert len(calls) == len({call.id for call in calls}) == 3 * answers.ROWS
    assert all(len(call.id) == 19 for call in calls)
    assert all(call.id in address for call in calls for address in call.recording_urls)


async def test_what_the_server_does_not_know_is_not_found(url: str) -> None:
    """A path without an answer is a 404, by which no side can take itself for quick."""
    async with ShopClient(KEY, base_url=f"{url}/elsewhere") as shop:
        with pytest.raises(BadRouteError):
            await shop.extensions.get(extension_number=answers.EXTENSION_NUMBER)


SIDES: list[Side] = [
    sdk.small_call, sdk.page, sdk.quirky_page, sdk.creates,
    by_hand.small_call, by_hand.page, by_hand.quirky_page, by_hand.creates,
    decoding.page, decoding.page_into_dicts, decoding.page_with_cattrs, decoding.page_into_structs,
    decoding.one_object, decoding.one_object_into_struct,
]  # fmt: skip


@pytest.mark.parametrize("side", SIDES, ids=lambda side: f"{side.__module__}.{side.__name__}")
async def test_a_side_gets_what_it_asked_for(side: Side, url: str) -> None:
    """Each side that needs nothing more than the SDK does runs, and looks at what came back."""
    async with side(url) as run:
        await run(3)


def test_a_side_that_gets_something_else_stops() -> None:
    """A wrong answer is an error: a side that fails quietly would look quick."""
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


class Clock:
    """A clock that is driven by the sides."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now

    def side(self, *seconds: float) -> Side:
        """A side that takes so many seconds for one, lap after lap; the first lap warms up."""
        laps = iter(seconds)

        @asynccontextmanager
        async def ready(_: str) -> AsyncGenerator[Run]:
            async def run(times: int) -> None:
                self.now += times * next(laps)

            yield run

        return ready


def ratio(clock: Callable[[], float], ours: Side, *baselines: Side) -> Ratio:
    """A row with a bound of 0.5, of which a side does ten in a lap."""
    return Ratio(
        name="n", title="t", ours=ours, baselines=baselines, times=10, bound=0.5, rounds=3, clock=clock
    )


def test_a_ratio_is_the_median_of_its_rounds() -> None:
    """Each round compares laps that followed each other; the first laps, which warm up, do not count."""
    clock = Clock()
    row = ratio(clock, clock.side(99, 1, 3, 10), clock.side(99, 4, 4, 16))
    rounds: list[int] = []
    outcome = measure(row, "", None, rounds.append)
    assert outcome.value == pytest.approx(0.625)
    assert (outcome.lowest, outcome.highest) == (pytest.approx(0.25), pytest.approx(0.75))
    assert (outcome.ours, outcome.baseline) == (pytest.approx(3), pytest.approx(4))
    assert rounds == [1, 2, 3]
    assert outcome.verdict == "over"


def test_of_several_baselines_the_slowest_counts() -> None:
    """A row with two baselines is compared with the one that took longer."""
    clock = Clock()
    row = ratio(clock, clock.side(1, 2), clock.side(1, 4), clock.side(1, 8))
    outcome = measure(row, "", 1, lambda _: None)
    assert outcome.value == pytest.approx(0.25)
    assert outcome.verdict == "ok"


def test_a_missing_package_skips_a_row_and_is_named() -> None:
    """What is not installed is no failure, and who reads the table is told what it was."""

    @asynccontextmanager
    async def side(_: str) -> AsyncGenerator[Run]:
        raise ModuleNotFoundError("no", name="peer_sdk")
        yield

    outcome = measure(ratio(Clock(), side), "", None, lambda _: None)
    assert outcome.verdict == "skipped"
    assert "peer_sdk" in table.as_text([outcome])


def test_a_missing_module_of_ours_is_a_failure() -> None:
    """Only what others make may be missing; a benchmark that cannot find the SDK says so loudly."""

    @asynccontextmanager
    async def side(_: str) -> AsyncGenerator[Run]:
        raise ModuleNotFoundError("no", name="etelecom_async.gone")
        yield

    with pytest.raises(ModuleNotFoundError):
        measure(ratio(Clock(), side), "", None, lambda _: None)


def test_a_figure_of_another_platform_is_skipped() -> None:
    """What only one system shows is not read on others."""
    figure = Figure(name="f", title="t", read=lambda _: 1 / 0, unit="MiB", platform="elsewhere")
    outcome = measure(figure, "", None, lambda _: None)
    assert outcome.verdict == "skipped"
    assert "elsewhere only" in table.as_text([outcome])


def test_the_table_has_both_sides_and_the_verdict() -> None:
    """Times are printed in the unit in which they are read best, figures beside what they may be."""
    row = ratio(Clock(), Clock().side())
    figure = Figure(name="f", title="size", read=lambda _: 7.0, unit="MiB")
    text = table.as_text(
        [
            Outcome(row=row, value=0.256, ours=0.000123, baseline=0.00456),
            measure(figure, "", 1, lambda _: None),
        ]
    )
    assert text.splitlines()[1].split() == ["n", "123", "µs", "4.56", "ms", "0.26", "0.50", "ok", "t"]
    assert text.splitlines()[2].split() == ["f", "7", "MiB", "size"]


def test_the_command_measures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With its server, and a fresh process for the reading, it counts modules: few enough of them."""
    monkeypatch.chdir(ROOT)
    assert main(["import-modules", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (row,) = told["rows"]
    assert row["name"] == "import-modules"
    assert 0 < row["value"] <= row["bound"] == 60
    assert row["verdict"] == "ok"
