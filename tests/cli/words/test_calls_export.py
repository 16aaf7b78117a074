"""Test what `etelecom calls export` accepts and writes, with the sandbox."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pyarrow import parquet

from etelecom_async import times
from etelecom_async.cli.extras import install_command
from etelecom_async.cli.words import calls_export
from etelecom_async.history import formats
from etelecom_async.history.partitions import PartitionName

EXPORT = ("calls", "export")
ALL = ("shop", "call-logs", "list", "--json")
TODAY = times.day("today").begin
HOTLINE_COLUMNS = ["hotline_id", "hotline", "hotline_name"]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def when(row: dict[str, Any]) -> datetime:
    """Return the time to which a call belongs."""
    return datetime.fromisoformat(row["started_at"] or row["created_at"])


def expected(etl: Any, *, days: int = 7, until: datetime = TODAY, **fields: Any) -> list[str]:
    """Return the sorted ids of the calls of some days before a time that have these values."""
    rows = [row for row in etl(*ALL).json if until - timedelta(days=days) <= when(row) < until]
    found = sorted(row["id"] for row in rows if fields.items() <= row.items())
    assert found
    return found


def ids(text: str) -> list[str]:
    """Return the sorted ids in JSON Lines."""
    return sorted(json.loads(line)["id"] for line in text.splitlines())


def test_formats(etl: Any, folder: Path) -> None:
    """Each format has the rows of the whole days before today, and the names of the wire."""
    wanted = expected(etl)
    names = list(etl(*ALL, "--limit", "1").json[0])
    for file in ("calls.parquet", "calls.csv", "calls.JSONL"):
        result = etl(*EXPORT, "--since", "-7d", "--output", file)
        assert (result.code, result.out) == (0, "")
        assert result.err.startswith(f"etelecom: {len(wanted)} rows written to {file}; ")
    table = parquet.read_table(folder / "calls.parquet")
    assert sorted(table.column("id").to_pylist()) == wanted
    assert {*names, "extra"} == set(table.column_names)
    rows = list(csv.DictReader(io.StringIO((folder / "calls.csv").read_text(encoding="utf-8"))))
    assert sorted(row["id"] for row in rows) == wanted
    assert list(rows[0]) == table.column_names
    lines = (folder / "calls.JSONL").read_text(encoding="utf-8")
    assert ids(lines) == wanted
    assert list(json.loads(lines.splitlines()[0])) == table.column_names
    assert sorted(path.name for path in folder.iterdir()) == ["calls.JSONL", "calls.csv", "calls.parquet"]


def test_names_are_those_of_the_history() -> None:
    """The command, which must not load pyarrow for its help, has the same formats and partitions."""
    assert calls_export.FORMATS == formats.NAMES
    assert get_args(PartitionName) == calls_export.PARTITIONS


def test_line_of_json(etl: Any) -> None:
    """With `--json`, stdout has one line with the numbers and the output, and stderr has nothing."""
    rows = len(expected(etl))
    result = etl(*EXPORT, "--since", "-7d", "-o", "calls.csv", "--json", "--windows", "1")
    assert (result.code, result.err, result.out.count("\n")) == (0, "", 1)
    requests = result.json.pop("requests")
    assert requests >= rows / 100
    assert result.json == {
        "rows": rows,
        "requests": requests,
        "hotline_requests": 0,
        "resumed_rows": 0,
        "unknown_fields": {},
        "output": "calls.csv",
    }


def test_stdout(etl: Any, folder: Path) -> None:
    """With `--output -`, the rows are on stdout, and notes and the line of JSON are on stderr."""
    result = etl(*EXPORT, "--since", "-7d", "--output", "-", "--format", "jsonl", "--json")
    assert result.code == 0
    assert ids(result.out) == expected(etl)
    assert result.err.count("\n") == 1
    summary = json.loads(result.err)
    assert (summary["rows"], summary["output"]) == (len(expected(etl)), "-")
    quiet = etl(*EXPORT, "--since", "-7d", "--output", "-", "--format", "csv", "--quiet")
    assert (quiet.code, quiet.err) == (0, "")
    assert sorted(row["id"] for row in csv.DictReader(io.StringIO(quiet.out))) == expected(etl)
    assert not list(folder.iterdir())


def test_parquet_on_stdout(terminal: Any, etl: Any, folder: Path) -> None:
    """Parquet goes through a pipe; a terminal is refused, because it would get bytes."""
    line = (*EXPORT, "--since", "-7d", "--output", "-", "--format", "parquet")
    with (folder / "piped").open("wb") as stream:
        code, _ = terminal(*line, "--quiet", stdout=stream)
    assert code == 0
    assert sorted(parquet.read_table(folder / "piped").column("id").to_pylist()) == expected(etl)
    code, shown = terminal(*line)
    assert code == 2
    assert "Parquet is no text for a terminal" in shown


def test_reader_that_ends(surroundings: dict[str, str], service: Any, folder: Path) -> None:
    """A reader that closes the pipe ends the command without a traceback."""
    for name in ("parquet", "csv", "jsonl"):
        script = f"{sys.executable} -m etelecom_async calls export --since -7d -o - --format {name} | true"
        done = subprocess.run(
            ["sh", "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**surroundings, **service.environment()},
            cwd=folder,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_days_and_times(etl: Any) -> None:
    """`--until` is not included, and times with an offset give parts of days."""

    def exported(since: str, until: str) -> list[str]:
        line = (*EXPORT, "--since", since, "--until", until, "--output", "-", "--format", "jsonl")
        result = etl(*line, "--quiet")
        assert (result.code, result.err) == (0, "")
        return ids(result.out)

    assert exported("-3d", "-2d") == expected(etl, days=1, until=TODAY - timedelta(days=2))
    day = (TODAY - timedelta(days=3)).date()
    noon = f"{day}T12:00+07:00"
    morning, evening = exported(f"{day}", noon), exported(noon, f"{day + timedelta(days=1)}")
    assert sorted([*morning, *evening]) == exported("-3d", "-2d")
    assert exported(f"{day}T05:00Z", "-2d") == evening


def test_in_order(etl: Any) -> None:
    """With `--in-order`, the rows come by the time of their start."""
    result = etl(*EXPORT, "--since", "-7d", "--in-order", "--output", "-", "--format", "jsonl")
    moments = [when(json.loads(line)) for line in result.out.splitlines()]
    assert moments == sorted(moments)
    assert len(moments) == len(expected(etl))


def test_filters(etl: Any) -> None:
    """The filters mean what they mean in `calls list`."""
    row = next(row for row in etl(*ALL).json if row["user_id"] != "0" and when(row) < TODAY)
    extensions = etl("shop", "extensions", "list", "--json").json
    number = next(each["extension_number"] for each in extensions if each["id"] == row["extension_id"])
    missed = {"direction": "in", "call_state": "not_answered"}
    for line, fields in (
        ("--missed", missed),
        ("--answered --direction OUT", {"direction": "out", "call_state": "answered"}),
        (f"--user {row['user_id']}", {"user_id": row["user_id"]}),
        (f"--extension {number}", {"extension_id": row["extension_id"]}),
    ):
        result = etl(*EXPORT, "--since", "-30d", *line.split(), "-o", "-", "--format", "jsonl", "--quiet")
        assert (result.code, ids(result.out)) == (0, expected(etl, days=30, **fields))
    hotline = etl("shop", "hotlines", "list", "--json", "--quiet").json[0]
    listed = etl(*ALL, "--hotline-ids", hotline["id"]).json
    result = etl(*EXPORT, "--since", "-30d", "--hotline", hotline["hotline"], "-o", "-", "--format", "jsonl")
    assert ids(result.out) == sorted(each["id"] for each in listed if when(each) < TODAY)
    assert result.err.startswith("etelecom: shop.hotlines.list finds the hotline; it is inferred")


def test_hotlines(etl: Any) -> None:
    """`--hotlines` adds three columns, and the summary says what they cost."""
    hotlines = {each["id"]: each for each in etl("shop", "hotlines", "list", "--json", "--quiet").json}
    of_call = {row["id"]: hotline for hotline in hotlines for row in etl(*ALL, "--hotline-ids", hotline).json}
    result = etl(*EXPORT, "--since", "-7d", "--hotlines", "-o", "calls.jsonl")
    rows = [json.loads(line) for line in Path("calls.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(expected(etl))
    for row in rows:
        assert list(row)[-3:] == HOTLINE_COLUMNS
        hotline = hotlines.get(of_call.get(row["id"], ""))
        if hotline is None:
            assert [row[name] for name in HOTLINE_COLUMNS] == [None, "unresolved", "unresolved"]
        else:
            values = [hotline["id"], hotline["hotline"], hotline["name"]]
            assert [row[name] for name in HOTLINE_COLUMNS] == values
    inferred, written, cost = result.err.splitlines()
    assert inferred.startswith("etelecom: shop.hotlines.list names the hotlines; it is inferred")
    assert written.startswith(f"etelecom: {len(rows)} rows written to calls.jsonl; ")
    assert cost.startswith("etelecom: the hotlines took ")
    summary = etl(*EXPORT, "--since", "-7d", "--hotlines", "-o", "calls.jsonl", "--json").json
    assert cost == f"etelecom: the hotlines took {summary['hotline_requests']} requests of them"
    assert 0 < summary["hotline_requests"] < summary["requests"]


def test_partitions(etl: Any, folder: Path) -> None:
    """`--partition` makes folders, the outermost first; another run replaces those of its time."""
    line = (*EXPORT, "--since", "-3d", "--output", "calls", "--partition", "month", "--partition", "day")
    for _ in range(2):
        result = etl(*line, "--format", "csv", "--json")
        assert (result.code, result.err) == (0, "")
        texts = [file.read_text(encoding="utf-8") for file in (folder / "calls").rglob("*.csv")]
        found = [row["id"] for text in texts for row in csv.DictReader(io.StringIO(text))]
        assert sorted(found) == expected(etl, days=3)
    day = (TODAY - timedelta(days=3)).date()
    assert (folder / "calls" / f"month={day:%Y-%m}" / f"day={day}").is_dir()
    assert etl(*EXPORT, "--since", "-3d", "--output", "shops", "--partition", "shop").code == 0
    assert [path.suffix for path in (folder / "shops").rglob("shop=*/*")] == [".parquet"]


def test_old_file(etl: Any, folder: Path) -> None:
    """An old file stays until the new one is whole, and is then replaced."""
    file = folder / "calls.jsonl"
    file.write_text("old", encoding="utf-8")
    etl.set({"ETELECOM_SHOP_API_KEY": "1:canary"})
    assert etl(*EXPORT, "--since", "-7d", "-o", str(file)).code == 4
    assert file.read_text(encoding="utf-8") == "old"


def test_old_file_is_replaced(etl: Any, folder: Path) -> None:
    """The new rows replace an old file."""
    file = folder / "calls.jsonl"
    file.write_text("old", encoding="utf-8")
    assert etl(*EXPORT, "--since", "-7d", "-o", str(file)).code == 0
    assert ids(file.read_text(encoding="utf-8")) == expected(etl)
    assert list(folder.iterdir()) == [file]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-o a.csv", "Missing option '--since'"),
        ("--since -7d", "Missing option '--output' / '-o'"),
        ("--since foo -o a.csv", "'foo' names no day; write today, yesterday, -7d or 2026-11-28, or a time"),
        ("--since 2026-02-30 -o a.csv", "2026-02-30 is not in the calendar"),
        ("--since today -o a.csv", "in Hanoi. The day of --until is not included"),
        ("--since -1d --until -2d -o a.csv", "which is not before --until, "),
        ("--since 2026-11-28T09:30 -o a.csv", "has no offset; for a time of Hanoi write 2026-11-28T09:30+07"),
        ("--since -7d --until 2026-11-28T09:30 -o a.csv", "'--until': '2026-11-28T09:30' has no offset"),
        ("--since 25:00 -o a.csv", "'25:00' is no time; write 2026-11-28T09:30+07:00, or a day"),
        ("--since -7d -o a.xlsx", "the suffix of 'a.xlsx' names no format: use .parquet, .csv or .jsonl"),
        ("--since -7d -o calls", "the suffix of 'calls' names no format"),
        ("--since -7d -o -", "stdout has no suffix: add --format, one of parquet, csv, jsonl"),
        ("--since -7d -o - --partition day", "--partition needs a folder as --output, not stdout"),
        ("--since -7d -o a.csv --format xlsx", "'xlsx' is not one of 'parquet', 'csv', 'jsonl'"),
        ("--since -7d -o a.csv --partition week", "'week' is not one of 'shop', 'day', 'month'"),
        ("--since -7d -o a.csv --windows 65", "--windows takes 64 at most without --dask"),
        ("--since -7d -o a.csv --missed --answered", "--missed and --answered exclude each other"),
        ("--since -7d -o a.csv --missed --user 1", "--missed and --user exclude each other: a missed call "),
        ("--since -7d -o a.csv --missed --extension 1", "--missed and --extension exclude each other"),
        ("--since -7d -o a.csv --extension 99", "--extension '99' names no extension of this shop"),
        (
            "--since -7d -o none/a.csv",
            "--output none/a.csv cannot be written: its folder does not exist: make it first",
        ),
        ("--since -7d -o folder --format csv", "--output folder cannot be written: this is a folder"),
        ("--since -7d -o file.csv --partition day", "--output file.csv cannot be written: partitions need a"),
        (
            "--since 2026-11-28T09:30Z --until 2026-11-29 -o a --partition day",
            "a partition holds whole days of Hanoi, so --since and --until must be days.",
        ),
    ],
)
def test_wrong_input(etl: Any, folder: Path, line: str, problem: str) -> None:
    """Wrong input is a usage error in one line, and writes nothing."""
    (folder / "folder").mkdir()
    (folder / "file.csv").touch()
    result = etl(*EXPORT, *line.split())
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    assert problem in result.err
    assert sorted(path.name for path in folder.iterdir()) == ["file.csv", "folder"]


def test_empty_output(at_peer: Any, peer: Any) -> None:
    """An unset variable of a shell as the output is refused."""
    result = at_peer(*EXPORT, "--since", "-7d", "--output", "")
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert "the name of the file is empty" in result.err


@pytest.mark.parametrize("module", ["pyarrow", "filelock"])
def test_missing_package(start: Any, folder: Path, module: str) -> None:
    """Without a package of the extra, one line ends with the install command."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from etelecom_async.cli import main; "
        f"sys.exit(main(['calls', 'export', '--since', '-7d', '--output', 'a.csv']))"
    )
    with start(command=(sys.executable, "-c", code), cwd=folder) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"etelecom: {module} is not installed. An export needs it")
    assert err.endswith(f"Install it: {install_command('filelock', 'pyarrow')}\n")


def test_dry_run(at_peer: Any, peer: Any, folder: Path) -> None:
    """`--dry-run` shows the first request, sends nothing and makes no file."""
    line = (*EXPORT, "--since", "2026-11-01", "--until", "2026-11-02", "-o", "a.csv", "--windows", "1")
    result = at_peer(*line, "--missed", "--page-size", "20", "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"]["filter"]["call_state"] == "not_answered"
    assert result.json["body"]["paging"] == {"limit": 20}
    found = at_peer(*line, "--hotlines", "--quiet", "--dry-run")
    assert (found.code, found.err, peer.requests) == (0, "", [])
    assert found.json["url"].endswith("GetHotlines")
    assert not list(folder.iterdir())


CLUSTER = (*EXPORT, "--since", "-7d", "--output", "calls", "--dask", "tcp://127.0.0.1:1")
LOCAL = (*EXPORT, "--since", "-7d", "--output", "calls.csv")
CLUSTER_MISTAKES: list[tuple[tuple[str, ...], str]] = [
    ((*CLUSTER, "--in-order"), "--dask and --in-order exclude each other"),
    ((*CLUSTER, "--hotlines"), "--dask and --hotlines exclude each other"),
    ((*CLUSTER, "--output", "-"), "--dask needs a folder as --output, not stdout"),
    ((*CLUSTER, "--shops", "all", "--shop", "1"), "--shops and --shop exclude each other"),
    ((*CLUSTER, "--shops", "all", "--key-file", "-"), "--shops and --key-file exclude each other"),
    ((*CLUSTER, "--shops", "all", "--dry-run"), "--shops and --dry-run exclude each other"),
    ((*CLUSTER, "--shops", "all", "--user", "An"), "--shops and --user exclude each other"),
    ((*CLUSTER, "--shops", "all", "--extension", "1001"), "--shops and --extension exclude each other"),
    ((*CLUSTER, "--shops", "all", "--hotline", "1900"), "--shops and --hotline exclude each other"),
    ((*CLUSTER, "--shops", "all", "--partition", "day"), "--shops needs --partition shop"),
    ((*CLUSTER, "--rate", "0"), "0 is not above 0"),
    ((*LOCAL, "--shops", "all"), "--shops is for --dask"),
    ((*LOCAL, "--rate", "5"), "--rate is for --dask"),
    ((*LOCAL, "--workers", "5"), "--workers is for --dask"),
]


@pytest.mark.parametrize(("command", "problem"), CLUSTER_MISTAKES, ids=[text for _, text in CLUSTER_MISTAKES])
def test_cluster_mistakes(etl: Any, command: tuple[str, ...], problem: str) -> None:
    """Options that do not fit together are refused, before anything is sent."""
    result = etl(*command)
    assert (result.code, result.out) == (2, "")
    assert problem in " ".join(result.err.split())


def test_dask_is_not_installed(start: Any, folder: Path) -> None:
    """Without Dask, one line ends with the command that installs it."""
    code = (
        "import sys; sys.modules['distributed'] = None; from etelecom_async.cli import main; "
        f"sys.exit(main({list(CLUSTER)!r}))"
    )
    with start(command=(sys.executable, "-c", code), cwd=folder) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("etelecom: distributed is not installed. An export on Dask needs it")
    assert err.endswith(f"Install it: {install_command('distributed', 'filelock', 'pyarrow')}\n")
