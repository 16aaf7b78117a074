"""Values in mistakes are short, printable, and without personal data."""

from __future__ import annotations

import pickle

import pytest

from etelecom_async.errors import InvalidRequestError, Mistake, RosterError
from etelecom_async.provisioning.mistakes import masked_phone, masked_text, refusal, roster_error, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0901234567", "090*****67"),
        ("0901 23x 567", "090* **x *67"),
        ("+84 (901) 234-567", "+84 (9**) ***-*67"),
        ("12345", "12345"),
        ("nobody", "nobody"),
    ],
)
def test_a_phone_number_keeps_its_ends(text: str, shown: str) -> None:
    """The first three and the last two digits stay, and all other characters."""
    assert masked_phone(text) == shown


def test_a_text_is_short_and_printable() -> None:
    """A long text ends with an ellipsis, and a line break is visible."""
    assert shortened("a\nb") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(shortened("x" * 200)) == 60
    assert shortened("x" * 200).endswith("x…")


def test_a_text_has_no_key_and_no_phone() -> None:
    """A key or a phone number in any column is masked."""
    assert masked_text("call 0901234567") == "call 090***567"
    assert "abcdefgh" not in masked_text("shop1234567:abcdefghijkl")


def test_one_mistake_is_one_line() -> None:
    """An error about a whole file is one line that says what to do."""
    error = refusal("the file is broken", "save it again")
    assert str(error) == "provisioning.Roster: the file is broken; save it again."
    assert isinstance(error, InvalidRequestError)


def test_many_mistakes_are_lines() -> None:
    """The text has at most 100 lines of mistakes; the attribute has all of them, also after pickling."""
    mistakes = [
        Mistake(row=row, column="column A", problem="it is wrong", remedy="fix it") for row in range(150)
    ]
    error = roster_error(mistakes)
    lines = str(error).splitlines()
    assert lines[0] == "provisioning.Roster: 150 mistakes:"
    assert lines[1] == "row 0, column A: it is wrong; fix it"
    assert lines[101:] == ["and 50 more; `.mistakes` has all of them"]
    again: RosterError = pickle.loads(pickle.dumps(error))
    assert (again.mistakes, str(again)) == (tuple(mistakes), str(error))
    assert len(str(roster_error(mistakes[:2])).splitlines()) == 3
