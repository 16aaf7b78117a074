"""Test suggestions for misspelt values."""

from __future__ import annotations

import pytest

from etelecom_async._core.suggestions import did_you_mean, did_you_mean_value, shown, suggest

DIRECTIONS = {name: name for name in ("unknown", "in", "out", "ext", "ext_in", "ext_out")}
CHANNELS = {"1": "1", "2": "2", "3": "3", "ZNS": "1", "AUTO_CALL": "2", "SMS": "3"}
STATES = {"Z": "Z", "P": "P", "N": "N", "NEW": "Z", "ENABLED": "P", "DISABLED": "N"}
OTHERS = {"audio_and_video": "audio_and_video", "not_answered": "not_answered", "oa.open.url": "oa.open.url"}


@pytest.mark.parametrize(
    ("text", "spellings", "value"),
    [
        ("IN", DIRECTIONS, "in"),
        (" in ", DIRECTIONS, "in"),
        ("Inbound", DIRECTIONS, "in"),
        ("ín", DIRECTIONS, "in"),
        ("ｉｎ", DIRECTIONS, "in"),  # noqa: RUF001 - full-width letters, as some keyboards write them
        ("outgoing", DIRECTIONS, "out"),
        ("ext-in", DIRECTIONS, "ext_in"),
        ("ext_inbound", DIRECTIONS, "ext_in"),
        ("unknwon", DIRECTIONS, "unknown"),
        ("sms", CHANNELS, "3"),
        ("auto call", CHANNELS, "2"),
        (" -1 ", {"1": "1", "-1": "-1"}, "-1"),
        ("１", CHANNELS, "1"),  # noqa: RUF001 - a full-width digit
        ("enabled", STATES, "P"),
        ("enable", STATES, "P"),
        ("p", STATES, "P"),
        ("Audio and video", OTHERS, "audio_and_video"),
        ("no_answer", OTHERS, "not_answered"),
        ("Đt", {"dt": "dt"}, "dt"),
        ("OPEN_URL", {"oa.open.url": "oa.open.url", "OPEN_URL": "oa.open.url"}, "oa.open.url"),
    ],
)
def test_similar_value(text: str, spellings: dict[str, str], value: str) -> None:
    """Case, accents, space, punctuation, a slip, a name and a longer word lead to the listed value."""
    assert suggest(text, spellings) == value


@pytest.mark.parametrize("text", ["", " ", "…", "missed", "đến", "x", "i", "0901234567", "a" * 10_000])
def test_no_similar_value(text: str) -> None:
    """A text that is like no value has no suggestion, and one letter is too little."""
    assert suggest(text, DIRECTIONS) is None


def test_one_letter_is_no_beginning() -> None:
    """A value of one letter is not the beginning of a word."""
    assert suggest("pending", {"P": "P", "N": "N"}) is None


def test_value_counts_before_a_name() -> None:
    """If a text is the value of one member and the name of another, the value is meant."""
    assert suggest("N", {"n": "n", "m": "m", "N": "m"}) == "n"


@pytest.mark.parametrize(
    ("name", "text"), [("nam", ", did you mean 'name'?"), ("xyz", ""), (5, "")], ids=["close", "far", "int"]
)
def test_did_you_mean(name: object, text: str) -> None:
    """A name that is like a known one gets a question; another one gets nothing."""
    assert did_you_mean(name, ["name", "phone"]) == text


def test_end_of_a_sentence() -> None:
    """The question shows a value, and its name if the value says little; without a value there is none."""
    names = {"Z": "NEW", "N": "DISABLED", "not_answered": "NOT_ANSWERED"}
    assert did_you_mean_value("new", names) == ": did you mean 'Z' (NEW)?"
    assert did_you_mean_value("not answered", names) == ": did you mean 'not_answered'?"
    assert did_you_mean_value("other", names) == "."
    assert did_you_mean_value("n", {"n": "FIRST", "m": "N"}) == ": did you mean 'n' (FIRST)?"
    assert [shown(*item) for item in names.items()] == ["'Z' (NEW)", "'N' (DISABLED)", "'not_answered'"]
