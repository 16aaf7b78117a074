"""The client's converter, which forgives, and the sandbox's, which does not; `test_wire` has more."""

from __future__ import annotations

from typing import Any

import cattrs
import pytest

from etelecom_async import Secret, models
from etelecom_async._core.codec import converters
from etelecom_async.paging import Paging


def problems(converter: cattrs.Converter, raw: object, kind: Any) -> list[str]:
    """What a converter finds wrong."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - cattrs raises groups of anything
        converter.structure(raw, kind)
    return sorted(converters.problems(caught.value))


def test_there_is_one_of_each() -> None:
    """A converter is made once: who adds a hook adds it for all calls."""
    assert converters.forgiving() is converters.forgiving()
    assert converters.strict() is converters.strict()
    assert converters.forgiving() is not converters.strict()


def test_what_is_not_set_is_not_written() -> None:
    """Blanks and what holds nothing but blanks are left out; empty lists and maps that were given are not."""
    request = models.ListCallLogsRequest(
        filter=models.CallLogFilter(hotline_ids=[], duration=models.CallDurationFilter()), paging=Paging()
    )
    assert converters.forgiving().unstructure(request) == {"filter": {"hotline_ids": []}}
    assert converters.forgiving().unstructure(Paging()) == {}


def test_what_stays_with_the_client_is_not_written() -> None:
    """What a request carries for the client only, such as the template it is checked against, is not sent."""
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
def test_object_that_may_come_as_text(raw: object, read: dict[str, Any] | None) -> None:
    """An object may come as its JSON text; an empty text is none."""
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
def test_text_that_holds_no_object(raw: object, why: str) -> None:
    """A text with anything else in it is a misfit."""
    assert problems(converters.forgiving(), {"list_param": raw}, models.SmsStatusReport) == [
        f"{why} @ $.list_param"
    ]


def test_both_spellings_are_read() -> None:
    """A field that has another name on the wire is read by both; problems tell the wire's."""
    read = converters.forgiving().structure
    assert read({"onwer_id": "1"}, models.OfficialAccount).owner_id == "1"
    assert read({"owner_id": "1"}, models.OfficialAccount).owner_id == "1"
    assert read({"owner_id": "1", "onwer_id": "2"}, models.OfficialAccount).owner_id == "2"
    assert problems(converters.forgiving(), {"owner_id": []}, models.OfficialAccount) == [
        "array in place of a text @ $.onwer_id"
    ]


def test_forgiving_and_strict() -> None:
    """What the one forgives, the other refuses."""
    raw = {"full_name": 5, "phone": "1", "password": 5}
    read = converters.forgiving().structure(raw, models.CreateAccountUserRequest)
    assert (read.full_name, read.password) == ("5", Secret("5"))
    assert problems(converters.strict(), raw, models.CreateAccountUserRequest) == [
        "number in place of a text @ $.full_name",
        "number in place of a text @ $.password",
    ]


def test_mapping_is_read_the_same_each_time() -> None:
    """A map that is none is refused by name, also after another one has been read."""
    kind = models.SmsTemplate
    for _ in range(2):
        assert converters.forgiving().structure({"SenderChannel": {"a": 1}}, kind).sender_channel == {
            "a": "1"
        }
        assert problems(converters.forgiving(), {"SenderChannel": "a"}, kind) == [
            "text in place of an object @ $.SenderChannel"
        ]
