"""Read the roster of a command, and show its columns and mistakes. This module loads the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.terminal import note
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.errors import Mistake, RosterError
from etelecom_async.provisioning.roster import Roster
from etelecom_async.provisioning.tables import check_suffix, is_same_file

_MOST_LINES: Final = 1000
"""Mistakes that are shown, one a line."""
_MOST_REPAIRS: Final = 5


def read_roster(given: Mapping[str, Any], default_shop: str | None) -> Roster:
    """
    Return the roster of a command, after notes about its columns, repairs and bad rows.

    Args:
        given: Values of the options.
        default_shop: The shop of rows that name none.

    Raises:
        CommandError: `--skip-bad` does not fit the other options, or its file cannot be written.
        RosterError: The roster has mistakes.
    """
    bad = given["skip_bad"]
    if bad is not None:
        if given["prune"]:
            # The employees of bad rows would lose their extensions.
            raise usage_error("--prune needs all rows: correct them, and leave out --skip-bad")
        check_suffix(bad)
        if is_same_file(bad, given["file"]):  # its good rows would be lost
            raise usage_error("--skip-bad names the roster itself: name another file")
    roster = Roster.read(
        Path(given["file"]),
        mapping=dict(given["mapping"]),
        default_shop=default_shop,
        sheet=given["sheet"],
        skip_bad=bad is not None,
    )
    if bad is not None and roster.bad_rows:
        kept = _keep_corrections(Path(bad), given, default_shop)
        if kept is not None and not given["quiet"]:
            note(f"{bad} had corrected rows, and is now {kept}")
        roster.write_bad_rows(bad)
    if not given["quiet"]:
        _describe(roster, bad)
    return roster


def _keep_corrections(bad: Path, given: Mapping[str, Any], default_shop: str | None) -> Path | None:
    """
    Rename an older file of bad rows, if a person has corrected rows in it.

    Returns:
        Its new path; `None` if there is no such file.
    """
    try:
        older = Roster.read(bad, mapping=dict(given["mapping"]), default_shop=default_shop, skip_bad=True)
    except RosterError:  # there is none, or it is another file
        return None
    if not older.rows:
        return None
    names = (bad.with_name(f"{bad.stem}-{number}{bad.suffix}") for number in count(1))
    kept = next(name for name in names if not name.exists())
    return bad.rename(kept)


def _describe(roster: Roster, bad: str | None) -> None:
    """Say what each column is taken for, which zeros are restored, and where the bad rows are."""
    used = [f"{column} is {column.field}" for column in roster.columns if column.field is not None]
    ignored = [str(column) for column in roster.columns if column.field is None]
    note("; ".join([*used, *([f"ignored: {', '.join(ignored)}"] if ignored else [])]))
    if roster.encoding_guess:
        note(
            f"the file is read as {roster.encoding_guess}, which is a guess: look at the names, or save it "
            f"as CSV UTF-8"
        )
    for repair in roster.repairs[:_MOST_REPAIRS]:
        note(str(repair))
    more = len(roster.repairs) - _MOST_REPAIRS
    if more > 0:
        note(f"and {more:,} more zeros at the start are restored")
    if roster.bad_rows:
        rows = len(roster.bad_rows)
        note(f"{rows:,} row{'s are' if rows > 1 else ' is'} left out, and written to {bad} with the mistakes")


def show_mistakes(error: RosterError) -> int:
    """Write the mistakes of a roster, each in one line, and return the exit code."""
    for mistake in error.mistakes[:_MOST_LINES]:
        note(in_words_of_commands(str(mistake)))
    more = len(error.mistakes) - _MOST_LINES
    if more > 0:
        note(f"and {more:,} more mistakes")
    return exit_codes.USAGE


def as_json(mistakes: Sequence[Mistake]) -> list[dict[str, Any]]:
    """Return mistakes as data."""
    return [
        {
            "kind": "mistake",
            "row": mistake.row,
            "column": mistake.column,
            "value": mistake.value,
            "text": in_words_of_commands(f"{mistake.problem}; {mistake.remedy}"),
        }
        for mistake in mistakes
    ]
