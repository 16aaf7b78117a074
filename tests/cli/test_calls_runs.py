"""Progress of the commands that read the history of calls."""

from __future__ import annotations

import sys

import pytest

from etelecom_async import ShopClient
from etelecom_async.cli.calls_runs import (
    CALLS,
    STDOUT,
    print_summary,
    progress,
    show_first_request,
    show_stage,
)
from etelecom_async.cli.console import show_nothing
from etelecom_async.history.walking import Progress
from etelecom_async.testing import sandbox


@pytest.mark.parametrize(
    ("stage", "done", "shown"),
    [
        (CALLS, Progress(rows=1, requests=1, done=0.5), ("Calls", 0.5, "1 row, 1 request")),
        (
            "Hà Nội",
            Progress(rows=2000, requests=20, done=1.0),
            ("Calls of hotline Hà Nội", 1.0, "2,000 rows, 20 requests"),
        ),
    ],
)
def test_stages(stage: str, done: Progress, shown: tuple[str, float, str]) -> None:
    """A stage has a label, its share, and its rows and requests."""
    lines: list[tuple[str, float, str]] = []
    show_stage(lambda *line: lines.append(line), stage, done)
    assert lines == [shown]


@pytest.mark.parametrize(("is_terminal", "quiet"), [(False, False), (False, True), (True, True)])
def test_progress_is_hidden(is_terminal: bool, quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - pytest passes them by name
    """Without a terminal, or with `--quiet`, nothing is shown."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    with progress({"quiet": quiet}) as show:
        assert show is show_nothing


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
@pytest.mark.parametrize(
    ("options", "operations"),
    [({}, ["shop.call_logs.list"]), ({"hotlines": True}, ["shop.hotlines.list", "shop.call_logs.list"])],
)
async def test_first_request(options: dict[str, bool], operations: list[str]) -> None:
    """The calls are requested, after the hotlines if the command needs them."""
    async with (
        sandbox(call_logs=10) as service,
        ShopClient(api_key=service.shop_api_key, base_url=service.base_url) as shop,
    ):
        await show_first_request(shop, {"since": "-30d", **options}, windows=1)
        assert list(dict.fromkeys(request.operation for request in service.requests)) == operations


@pytest.mark.parametrize(("output", "is_on_stderr"), [("week.csv", False), (STDOUT, True)])
def test_summary(capsys: pytest.CaptureFixture[str], output: str, is_on_stderr: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    """The summary names the output, in its own letters, and leaves stdout to a result that is there."""
    print_summary({"rows": 2, "shop": "Mây"}, output)
    found = capsys.readouterr()
    line = f'{{"rows": 2, "shop": "Mây", "output": "{output}"}}\n'
    assert (found.out, found.err) == (("", line) if is_on_stderr else (line, ""))
