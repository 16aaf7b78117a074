"""Test the formats of results, and where secrets may go."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.layout import Layout
from etelecom_async.cli.output import opened, writer

ROWS: list[dict[str, Any]] = [
    {"id": "1", "name": "Nguyễn Thị Lan", "size": 3, "at": None, "shop": {"id": "9"}},
    {"id": "2", "name": "a\tb\nc\\d", "size": -2, "at": "2026", "shop": {}},
]
KNOWN = ("id", "name", "size", "at", "shop.id")


def written(
    layout: Layout, rows: list[dict[str, Any]] | dict[str, Any], known: tuple[str, ...] = KNOWN
) -> str:
    """Return the text of a list, or of a single result."""
    stream = io.StringIO()
    out = writer(layout, stream, result="", known=known)
    if isinstance(rows, dict):
        out.one(rows)
    else:
        for row in rows:
            out.add(row)
        out.end()
    return stream.getvalue()


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_json_of_a_list(rows: list[dict[str, Any]]) -> None:
    """A list is one array, also an empty one; JSON lines have one object a line."""
    assert json.loads(written(Layout("json"), rows)) == rows
    assert [json.loads(line) for line in written(Layout("jsonl"), rows).splitlines()] == rows
    assert "Nguyễn" in written(Layout("json"), ROWS)


def test_json_of_one_result() -> None:
    """A single result is one object."""
    assert json.loads(written(Layout("json"), ROWS[0])) == ROWS[0]
    assert written(Layout("jsonl", ("shop.id",)), ROWS[0]) == '{"shop.id": "9"}\n'


def test_csv() -> None:
    """CSV has a heading and all columns, also for an empty list, and keeps tabs and line ends."""
    rows = list(csv.reader(io.StringIO(written(Layout("csv"), ROWS))))
    assert rows == [list(KNOWN), ["1", "Nguyễn Thị Lan", "3", "", "9"], ["2", "a\tb\nc\\d", "-2", "2026", ""]]
    assert written(Layout("csv"), []) == "id,name,size,at,shop.id\n"
    assert written(Layout("csv"), ROWS[0], ()).startswith("id,name,size,at,shop.id\n1,")


def test_tsv() -> None:
    """TSV has one line a row, whatever the texts contain; a single result has one line a field."""
    assert written(Layout("tsv"), ROWS).splitlines() == [
        "1\tNguyễn Thị Lan\t3\t\t9", "2\ta\\tb\\nc\\\\d\t-2\t2026\t",
    ]  # fmt: skip
    assert written(Layout("tsv"), ROWS[0]).splitlines()[1] == "name\tNguyễn Thị Lan"
    assert written(Layout("tsv", ("size", "id")), ROWS[0]) == "3\t1\n"
    assert written(Layout("tsv"), []) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://a.example")', '\'=HYPERLINK("http://a.example")'),
        ("+1+cmd|'/C calc'!A0", "'+1+cmd|'/C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'\t=1+1"),
        ("\n=1+1", "'\n=1+1"),
        (" =1+1", "' =1+1"),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001 - the wide sign is the case
        ("-", "'-"),
        ("+84 901 234 567", "+84 901 234 567"),
        ("-5", "-5"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas(text: str, shown: str) -> None:
    """A text that a spreadsheet would execute starts with an apostrophe; numbers and phones do not."""
    rows = list(csv.reader(io.StringIO(written(Layout("csv", ("name",)), [{"name": text}]))))
    assert rows[1:] == ([[shown]] if shown else [[]] if rows[1:] == [[]] else [[""]])
    line = written(Layout("tsv", ("name",)), [{"name": text}])
    assert line == shown.replace("\t", "\\t").replace("\n", "\\n") + "\n"


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A table has a heading, and aligns both Unicode forms; a server cannot control the terminal."""
    names = ["Nguyễn", "Nguye\u0302\u0303n", "\x1b[31mred\u202e"]
    text = written(Layout("table", ("name", "id")), [{"name": name, "id": "12"} for name in names])
    heading, *lines = text.rstrip("\n").splitlines()
    assert heading.split() == ["name", "id"]
    widths = {line.index("12") for line in lines if "Nguyễn" in line or "red" in line}
    assert len(widths) == 1
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert capsys.readouterr() == ("", "")


def test_table_of_one_result() -> None:
    """A single result has a line for each field, or for each chosen one."""
    lines = written(Layout("table"), ROWS[0]).splitlines()
    assert [line.split()[0] for line in lines if line.strip()] == list(KNOWN)
    assert written(Layout("table", ("shop.id",)), ROWS[0]).split() == ["shop.id", "9"]


def test_table_of_many_rows_is_drawn_in_parts() -> None:
    """A long list is drawn a hundred rows at a time, so it needs little memory."""
    stream = io.StringIO()
    out = writer(Layout("table", ("id",)), stream, result="", known=())
    for number in range(250):
        out.add({"id": str(number)})
    assert "199" in stream.getvalue()
    assert "249" not in stream.getvalue()
    out.end()
    assert [int(word) for word in stream.getvalue().split() if word != "id"] == list(range(250))
    assert written(Layout("table", ("id",)), []) == ""


def test_default_columns_of_a_class() -> None:
    """A list of a known class has its usual columns in TSV, and all of them in CSV."""
    stream = io.StringIO()
    out = writer(Layout("tsv"), stream, result="Extension", known=("created_at", "id"))
    out.add({"id": "1", "extension_number": "1001", "created_at": "2026"})
    assert stream.getvalue().split("\t")[:2] == ["1", "1001"]
    assert "2026" not in stream.getvalue()


@pytest.mark.parametrize("mode", [None, 0o644])
def test_file_for_secrets_is_private(tmp_path: Path, mode: int | None) -> None:
    """With `--reveal`, only the user can read the file, also one that existed with another mode."""
    file = tmp_path / "keys.json"
    if mode is not None:
        file.write_text("old" * 100)
        file.chmod(mode)
    with opened(Layout(file=str(file), reveal=True)) as stream:
        stream.write("ố")
        assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir() if each != file} == {0o600}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="utf-8") == "ố"


def test_secrets_go_into_no_pipe(tmp_path: Path) -> None:
    """`--reveal --output` refuses a named pipe: others may read it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with (
        pytest.raises(CommandError, match="is no file that only you can read"),
        opened(Layout(file=str(pipe), reveal=True)),
    ):
        pass
    assert os.read(reader, 100) == b""
    os.close(reader)


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (CommandError("no"), "old"),
        (KeyboardInterrupt(), "old"),
        (CommandError("the list ended early", exit_code=3), "new"),
    ],
)
def test_file_stays_after_an_error(tmp_path: Path, error: BaseException, left: str) -> None:
    """After an error the old file stays; the rows of a list that ended early replace it. No other is left."""
    file = tmp_path / "rows.csv"
    file.write_text("old")

    def write() -> None:
        with opened(Layout(file=str(file))) as stream:
            stream.write("new")
            assert file.read_text() == "old"
            raise error

    with pytest.raises(type(error)):
        write()
    assert file.read_text() == left
    assert list(tmp_path.iterdir()) == [file]


def test_secrets_go_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--reveal` into a pipe is a usage error, and so is a file that cannot be written."""
    with (
        pytest.raises(CommandError, match="--reveal shows secrets only on a terminal"),
        opened(Layout(reveal=True)),
    ):
        pass
    with (
        pytest.raises(CommandError, match="cannot be written: No such file") as raised,
        opened(Layout(file=str(tmp_path / "missing" / "a"))),
    ):
        pass
    assert raised.value.exit_code == 2
    assert capsys.readouterr() == ("", "")


def test_hyphen_is_stdout(etl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--output -` writes to stdout, as `-` reads stdin elsewhere; secrets stay masked there."""
    monkeypatch.chdir(tmp_path)
    words = ("shop", "extensions", "list", "--limit", "1", "--columns", "extension_password")
    assert etl(*words, "--output", "-") == (0, "****\n", "")
    assert etl(*words, "--output", "-", "--reveal").code == 2
    assert list(tmp_path.iterdir()) == []


def test_file_without_a_name(etl: Any) -> None:
    """An unset variable as the name of a file is an error that says so."""
    for flag in ("--output", "--body", "--key-file"):
        result = etl("shop", "extensions", "list", flag, "")
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert f"Invalid value for '{flag}': the name of the file is empty" in result.err
