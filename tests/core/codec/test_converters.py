"""Test the lenient converter of the client and the strict one of the sandbox; `test_responses` has more."""

from __future__ import annotations

from typing import Any

import cattrs
import pytest

from etelecom_async import Secret, models
from etelecom_async._core.codec import converters
from etelecom_async.paging import Paging


def problems(converter: cattrs.Converter, raw: object, kind: Any) -> list[str]:
    """Return the problems that a converter reports."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - cattrs raises groups of any exceptions
        converter.structure(raw, kind)
    return sorted(converters.problems(caught.value))


def test_converters_are_created_once() -> None:
    """There is only one converter of each kind, so a hook that a user adds applies to all calls."""
    assert converters.forgiving() is converters.forgiving()
    assert converters.strict() is converters.strict()
    assert converters.exact() is converters.exact()
    assert len({converters.forgiving(), converters.strict(), converters.exact()}) == 3


def test_default_values_are_not_written() -> None:
    """Default values, and nested models with only these, are omitted; given empty lists and maps are not."""
    request = models.ListCallLogsRequest(
        filter=models.CallLogFilter(hotline_ids=[], duration=models.CallDurationFilter()), paging=Paging()
    )
    assert converters.forgiving().unstructure(request) == {"filter": {"hotline_ids": []}}
    assert converters.forgiving().unstructure(Paging()) == {}


def test_local_fields_are_not_written() -> None:
    """Fields that only the client uses, such as the template for checking the data, are not sent."""
    request = models.SendZNSRequest(
        oa_id="1", phone="0901234567", template_id=2, template_data={}, template=models.ZNSTemplate()
    )
    assert converters.forgiving().unstructure(request) == {
        "oa_id": "1",
        "phone": "0901234567",
        "template_id": 2,
        "template_data": {},
    }


@pytest.mark.parametrize(
    ("raw", "read"),
    [({"a": 1}, {"a": 1}), ('{"a": 1}', {"a": 1}), ("", None), ("null", None), (None, None)],
    ids=repr,
)
def test_object_as_text(raw: object, read: dict[str, Any] | None) -> None:
    """An object may be encoded as a JSON string; an empty string gives None."""
    report = converters.forgiving().structure({"list_param": raw}, models.SmsStatusReport)
    assert report.list_param == read


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (5, "number in place of an object"),
        ("[1]", "array in place of an object"),
        ("{", "Input data was truncated"),
    ],
    ids=repr,
)
def test_text_without_an_object(raw: object, why: str) -> None:
    """A string that does not contain an object is a mismatch."""
    assert problems(converters.forgiving(), {"list_param": raw}, models.SmsStatusReport) == [
        f"{why} @ $.list_param"
    ]


def test_both_spellings_are_read() -> None:
    """A renamed field is read by both names; problems show the wire name."""
    read = converters.forgiving().structure
    assert read({"onwer_id": "1"}, models.OfficialAccount).owner_id == "1"
    assert read({"owner_id": "1"}, models.OfficialAccount).owner_id == "1"
    assert read({"owner_id": "1", "onwer_id": "2"}, models.OfficialAccount).owner_id == "2"
    assert problems(converters.forgiving(), {"owner_id": []}, models.OfficialAccount) == [
        "array in place of a text @ $.onwer_id"
    ]


def test_forgiving_and_strict() -> None:
    """The strict converter refuses values that the lenient one accepts."""
    raw = {"full_name": 5, "phone": "1", "password": 5}
    read = converters.forgiving().structure(raw, models.CreateAccountUserRequest)
    assert (read.full_name, read.password) == ("5", Secret("5"))
    assert problems(converters.strict(), raw, models.CreateAccountUserRequest) == [
        "number in place of a text @ $.full_name",
        "number in place of a text @ $.password",
    ]


def test_exact() -> None:
    """The exact converter names each value that does not fit, without the indexes and keys in its path."""
    raw = {
        "call_logs": [{"id": 5, "duration": 5.0}, {"id": 6}, {"started_at": "", "recording_urls": [5, None]}],
        "other": [],
    }
    with pytest.raises(Exception) as caught:  # noqa: PT011 - cattrs raises groups of any exceptions
        converters.exact().structure(raw["call_logs"], tuple[models.CallLog, ...])
    assert converters.mismatches(caught.value, "$.call_logs") == {
        "Expected `str`, got `int` @ $.call_logs[...].id",
        "Expected `int`, got `float` @ $.call_logs[...].duration",
        "Invalid RFC3339 encoded datetime @ $.call_logs[...].started_at",
        "Expected `str`, got `int` @ $.call_logs[...].recording_urls[...]",
        "Expected `str`, got `null` @ $.call_logs[...].recording_urls[...]",
    }


def test_exact_accepts_documented_forms() -> None:
    """The forms that the documentation shows fit: the SMS service's times, and objects as texts."""
    raw = {"createdatetime": "02/01/2026 19:00:00", "list_param": '{"a": 1}', "status": "NOT LISTED"}
    exact, forgiving = (
        converter.structure(raw, models.SmsStatusReport)
        for converter in (converters.exact(), converters.forgiving())
    )
    assert exact == forgiving
    assert exact.list_param == {"a": 1}
    raw["createdatetime"] = "31/02/2026 19:00:00"
    assert problems(converters.exact(), raw, models.SmsStatusReport) == [
        "Invalid RFC3339 encoded datetime @ $.createdatetime"
    ]


def test_mapping_is_read_the_same_each_time() -> None:
    """A value that is not a map is refused with its type, also after another map was read."""
    kind = models.SmsTemplate
    for _ in range(2):
        assert converters.forgiving().structure({"SenderChannel": {"a": 1}}, kind).sender_channel == {
            "a": "1"
        }
        assert problems(converters.forgiving(), {"SenderChannel": "a"}, kind) == [
            "text in place of an object @ $.SenderChannel"
        ]
