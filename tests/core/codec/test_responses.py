"""Models to bytes and back, in both directions, and what is made of bytes that do not fit."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import (
    APIError,
    DecodeError,
    DeliveryError,
    Effect,
    EtelecomError,
    InvalidRequestError,
    NotAppliedError,
    Page,
    Secret,
    SmsError,
    errors,
    models,
)
from etelecom_async._core.calls.policy import outcome
from etelecom_async._core.codec import error_bodies, requests, responses
from etelecom_async._core.model import Model
from etelecom_async._core.operation import EmptyRequest, Operation
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
OPEN: Operation[dict[str, Any], dict[str, Any]] = Operation(
    name="open",
    service="Any",
    method="Thing",
    effect=Effect.READ,
    callers=frozenset(),
    request_type=lambda: dict,
    response_type=lambda: dict,
)

DEEDS = [row.name for row in OPERATIONS.values() if row.effect in {Effect.CREATE, Effect.SEND}]


def decode(
    name: str | Operation[Any, Any],
    body: object,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    schema_mismatches: Counter[str] | None = None,
) -> Any:
    """Decodes a body, or a value as JSON, as the answer of an operation."""
    operation = OPERATIONS[name] if isinstance(name, str) else name
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return responses.decode(
        operation, status, headers or {}, data, Counter() if schema_mismatches is None else schema_mismatches
    )


def refused(name: str | Operation[Any, Any], body: object, **keywords: Any) -> Any:
    """The error that decoding raises."""
    with pytest.raises(EtelecomError) as caught:
        decode(name, body, **keywords)
    return caught.value


class TestEncode:
    """Requests: client to bytes."""

    @pytest.mark.parametrize(
        ("name", "fields", "body"),
        [
            (
                "shop.extensions.create",
                {"hotline_id": "1", "extension_number": 1001},
                {"hotline_id": "1", "extension_number": 1001},
            ),
            ("shop.tenant.get", {}, {}),
            (
                "shop.call_logs.list",
                {
                    "filter": models.CallLogFilter(
                        date_from=NOON,
                        date_to=NOON.astimezone(timezone(timedelta(hours=7))),
                        direction=models.CallDirection.IN,
                        extension_ids=("1", "2"),
                    ),
                    "paging": Paging(limit=0),
                },
                {
                    "filter": {
                        "date_from": "2026-01-02T12:00:00Z",
                        "date_to": "2026-01-02T19:00:00+07:00",
                        "direction": "in",
                        "extension_ids": ["1", "2"],
                    },
                    "paging": {"limit": 0},
                },
            ),
            ("shop.call_logs.list", {"filter": models.CallLogFilter(), "paging": Paging()}, {}),
            (
                "shop.users.create",
                {"full_name": "Lê Ánh", "phone": "0901234567", "password": Secret("s")},
                {"full_name": "Lê Ánh", "phone": "0901234567", "password": "s"},
            ),
            ("sms.status", {"id_omni_mess": "I1"}, {"idOmniMess": "I1"}),
        ],
        ids=["plain", "empty", "nested", "nothing set", "secret", "renamed"],
    )
    def test_body(self, name: str, fields: dict[str, Any], body: dict[str, Any]) -> None:
        """What is set is written by its name on the wire; what is not set, or empty by it, is not."""
        operation = OPERATIONS[name]
        assert json.loads(requests.encode(operation, operation.request(**fields))) == body

    def test_open_body(self) -> None:
        """An open body is written as it is, with secrets, times, enums and models in it."""
        body = {
            "a": Secret("s"),
            "b": [NOON, models.CallDirection("odd")],
            "c": {"d": Paging(limit=1)},
            "e": None,
        }
        assert json.loads(requests.encode(OPEN, body)) == {
            "a": "s",
            "b": ["2026-01-02T12:00:00Z", "odd"],
            "c": {"d": {"limit": 1}},
            "e": None,
        }

    def test_problems(self) -> None:
        """All that cannot be right is reported together, with the operation's name."""
        operation = OPERATIONS["shop.extensions.create"]
        request = operation.request(hotline_id=1, extension_number="1001")
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode(operation, request)
        assert caught.value.problems == (
            "hotline_id is a text, not a number: write hotline_id='1' (ids are texts)",
            "extension_number takes a whole number, not str '1001'",
        )
        assert str(caught.value) == f"shop.extensions.create: {'; '.join(caught.value.problems)}."

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (object(), "unsupported"),
            ("\ud800", "surrogates not allowed"),
            ({(1, 2): 3}, "unhashable"),
            (st.deferred, "unsupported"),
        ],
        ids=["object", "surrogate", "key", "function"],
    )
    def test_what_json_cannot_hold(self, value: object, why: str) -> None:
        """What cannot be written as JSON is an error of the request, not of the encoder."""
        with pytest.raises(InvalidRequestError, match=f"^open: JSON cannot hold this: .*{why}"):
            requests.encode(OPEN, {"a": value})

    def test_endless_body(self) -> None:
        """A body that holds itself is refused."""
        body: dict[str, Any] = {}
        body["a"] = body
        with pytest.raises(InvalidRequestError, match="JSON cannot hold this: maximum recursion depth"):
            requests.encode(OPEN, body)


class TestDecode:
    """Answers: bytes to client."""

    @pytest.mark.parametrize(
        ("answer", "fields"),
        [
            ({}, {}),
            ({"id": "5", "new": {"a": 1}}, {"id": "5"}),
            ({"id": 1161512386239479010}, {"id": "1161512386239479010"}),
            ({"id": None}, {"id": ""}),
            ({"id": True}, {"id": "true"}),
            ({"id": False}, {"id": "false"}),
            ({"id": 1.5}, {"id": "1.5"}),
            ({"duration": "5"}, {"duration": 5}),
            ({"duration": 5.0}, {"duration": 5}),
            ({"duration": None}, {"duration": None}),
            ({"direction": "odd"}, {"direction": models.CallDirection("odd")}),
            ({"direction": 5}, {"direction": models.CallDirection("5")}),
            ({"started_at": "2026-01-02T12:00:00Z"}, {"started_at": NOON}),
            ({"started_at": "2026-01-02T19:00:00.000000+07:00"}, {"started_at": NOON}),
            ({"started_at": "2026-01-02T12:00:00"}, {"started_at": NOON}),
            ({"started_at": "0001-01-01T00:00:00Z"}, {"started_at": None}),
            ({"started_at": None}, {"started_at": None}),
            ({"started_at": ""}, {"started_at": None}),
            ({"started_at": "", "id": 5}, {"started_at": None, "id": "5"}),
            ({"started_at": "2026-01-02T12:00:00Z", "id": 5}, {"started_at": NOON, "id": "5"}),
            ({"recording_urls": None}, {"recording_urls": ()}),
            ({"recording_urls": ["a"]}, {"recording_urls": ("a",)}),
            ({"recording_urls": [1, "a"]}, {"recording_urls": ("1", "a")}),
            ({"call_targets": None, "id": 5}, {"call_targets": (), "id": "5"}),
        ],
        ids=str,
    )
    def test_what_is_near_enough_is_forgiven(self, answer: dict[str, Any], fields: dict[str, Any]) -> None:
        """Missing, null, extra and nearly right fields are read, both the quick way and the forgiving one."""
        page = decode("shop.call_logs.list", {"call_logs": [answer, {"id": "last"}]})
        assert page.items == (models.CallLog(**fields), models.CallLog(id="last"))

    @pytest.mark.parametrize(
        ("raw", "truth"),
        [
            ("true", True),
            ("TRUE", True),
            ("1", True),
            (1, True),
            ("false", False),
            ("0", False),
            (0, False),
            ("", False),
            (True, True),
            (False, False),
            (None, None),
        ],
        ids=repr,
    )
    def test_truths(self, raw: object, *, truth: bool | None) -> None:
        """A truth may come as a text or a number."""
        answer = decode("shop.users.create", {"id": 5, "is_blocked": raw})
        assert answer.is_blocked is truth

    def test_secret(self) -> None:
        """A secret is read as one, from a text or a number."""
        for raw in ("s5", 5, None):
            answer = decode("shop.extensions.get", {"extension_password": raw})
            assert answer.extension_password == (None if raw is None else Secret(str(raw)))

    def test_renamed_fields(self) -> None:
        """A misspelt name is read under its right one; should the platform mend it, so is the mended one."""
        assert decode("shop.zalo.accounts.get", {"onwer_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.get", {"owner_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.get", {"owner_id": "6", "onwer_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.list", {"accounts": [{"onwer_id": "5"}]}).items[0].owner_id == "5"

    def test_open_answer(self) -> None:
        """An open answer is the JSON object as it is."""
        assert decode("account", {"a": [1, None]}) == {"a": [1, None]}

    @pytest.mark.parametrize(
        ("answer", "page"),
        [
            ({}, Page(items=())),
            ({"webhooks": None, "paging": None}, Page(items=())),
            ({"webhooks": [{"id": "1"}]}, Page(items=(models.Webhook(id="1"),))),
            (
                {"webhooks": [{"id": "1"}], "paging": {"next": "n", "prev": "p", "limit": 5}},
                Page(items=(models.Webhook(id="1"),), next="n", prev="p"),
            ),
            (
                {"webhooks": [{"id": 1}], "paging": {"next": None, "prev": 5, "limit": "5"}},
                Page(items=(models.Webhook(id="1"),), next="", prev="5"),
            ),
            ({"webhooks": None, "paging": {"next": None}}, Page(items=())),
        ],
        ids=str,
    )
    def test_page(self, answer: dict[str, Any], page: Page[models.Webhook]) -> None:
        """A list's answer is a page: its items, and the cursors, empty where the server gives none."""
        assert decode("webhooks.list", answer) == page

    def test_page_whose_array_has_no_known_name(self) -> None:
        """Where no page shows how the array is called, the only array is it; two are one too many."""
        assert decode("partner.shops.list", {"shops": [{"id": "1"}], "paging": {"next": "n"}}) == Page(
            items=({"id": "1"},), next="n"
        )
        assert decode("partner.shops.list", {"total": 0}) == Page(items=())
        error = refused("partner.shops.list", {"shops": [], "links": []})
        assert error.problems == ("one array expected, found links, shops @ $",)

    def test_something_else_is_no_empty_page(self) -> None:
        """An answer with neither the array nor paging is a misfit: as an empty page it would end a walk."""
        error = refused("shop.extensions.list", {"error": "maintenance"})
        assert error.problems == ("neither extensions nor paging in it @ $",)

    def test_maps(self) -> None:
        """A map is read whatever its values, and null is the empty one."""
        template = {"TemplateCode": "T", "SenderChannel": {"sms": 3}, "ParamsFormat": {"a": {"Regex": "x"}}}
        page = decode("sms.templates.list", {"ListTemp": [template, {"SenderChannel": None}]})
        assert page.items == (
            models.SmsTemplate(
                template_code="T",
                sender_channel={"sms": "3"},
                params_format={"a": models.SmsVariableFormat(regex="x")},
            ),
            models.SmsTemplate(),
        )

    def test_object_in_quotes(self) -> None:
        """An object in quotes whose own quotes are not escaped, as the SMS service documents it, is read."""
        schema_mismatches: Counter[str] = Counter()
        body = b'{"phonenumber": "84901234567", "list_param": "{"a": "b"}", "status": "SUCCESS"}'
        report = decode("sms.status", body, schema_mismatches=schema_mismatches)
        assert (report.list_param, report.status) == ({"a": "b"}, models.SmsDeliveryStatus.SUCCESS)
        assert [key.partition(":")[0] for key in schema_mismatches.elements()] == ["sms.status"]
        assert type(refused("sms.status", b'{"list_param": "{"a"}"}')) is errors.MalformedResponseError

    @pytest.mark.parametrize(
        "never", ["0001-01-01T00:00:00Z", "0001-01-01T07:06:40+07:06", "0001-01-01T00:00:00.000+00:00"]
    )
    @pytest.mark.parametrize("space", ["", " "])
    def test_never_is_none_where_it_is_a_time(self, never: str, space: str) -> None:
        """The time that was never set is None, and no text that has it in it loses a letter."""
        row = {
            "id": never,
            "note": f'moved to "{never}',
            "caller": f'"{never}"',
            "started_at": "0001-01-01T00:00:00Z",
            "call_targets": [{"answered_time": "0001-01-01T00:00:00Z", "trunk_name": never}],
        }
        body = json.dumps({"call_logs": [row]}, separators=("," + space, ":" + space)).encode()
        (log,) = decode("shop.call_logs.list", body).items
        assert (log.id, log.note, log.caller) == (never, row["note"], row["caller"])
        assert (log.started_at, log.call_targets[0].answered_time) == (None, None)
        assert log.call_targets[0].trunk_name == never

    def test_times_without_an_offset(self) -> None:
        """A time without an offset is UTC, and is counted as a surprise."""
        schema_mismatches: Counter[str] = Counter()
        body = {"call_logs": [{"started_at": "2026-01-02T12:00:00"}]}
        (log,) = decode("shop.call_logs.list", body, schema_mismatches=schema_mismatches).items
        assert log.started_at == datetime(2026, 1, 2, 12, tzinfo=UTC)
        assert schema_mismatches.total() == 1

    @pytest.mark.parametrize("fraction", ["", ".1", ".123456", ".123456789", ".9999999"])
    def test_a_time_is_the_same_in_every_way(self, fraction: str) -> None:
        """A time is not another one for being read beside what had to be forgiven, however fine it is."""
        row = {"started_at": f"2026-01-02T03:04:05{fraction}Z"}
        (quickly,) = decode("shop.call_logs.list", {"call_logs": [row]}).items
        (slowly,) = decode("shop.call_logs.list", {"call_logs": [row | {"id": 5}]}).items
        assert quickly.started_at == slowly.started_at
        assert quickly.started_at.second == (6 if fraction == ".9999999" else 5)

    @pytest.mark.parametrize(
        "when", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00+00:00"]
    )
    def test_never_is_the_same_in_every_way(self, when: str) -> None:
        """What the platform writes for "never" is none in both ways, what only looks like it in neither."""
        row = {"started_at": when}
        (quickly,) = decode("shop.call_logs.list", {"call_logs": [row]}).items
        (slowly,) = decode("shop.call_logs.list", {"call_logs": [row | {"id": 5}]}).items
        assert quickly.started_at == slowly.started_at
        assert (quickly.started_at is None) == (when == "0001-01-01T00:00:00Z")

    def test_surprises(self) -> None:
        """What was forgiven is counted by what it was; what fits, and what is refused in the end, is not."""
        schema_mismatches: Counter[str] = Counter()
        for answer in ({"id": "1"}, {"id": 1}, {"id": 2}, {"id": []}):
            try:
                decode("webhooks.list", {"webhooks": [answer]}, schema_mismatches=schema_mismatches)
            except DecodeError:
                assert answer == {"id": []}
        assert schema_mismatches == {"webhooks.list: Expected `str`, got `int` - at `$.webhooks[...].id`": 2}

    def test_decoders_are_kept_by_class(self) -> None:
        """Rows made on the way, as for each `client.call`, leave no decoder behind."""
        decode(attrs.evolve(OPEN, name="first"), {})
        before = responses._way.cache_info().currsize
        for number in range(10):
            decode(attrs.evolve(OPEN, name=str(number)), {})
        assert responses._way.cache_info().currsize == before


class TestMisfits:
    """Answers that are JSON objects, and do not fit."""

    @pytest.mark.parametrize(
        ("name", "answer", "problems"),
        [
            ("webhooks.list", {"webhooks": {}}, ["object in place of an array @ $.webhooks"]),
            ("webhooks.list", {"webhooks": "a"}, ["text in place of an array @ $.webhooks"]),
            ("webhooks.list", {"webhooks": [None]}, ["null in place of an object @ $.webhooks[0]"]),
            ("webhooks.list", {"webhooks": [{}, 5]}, ["number in place of an object @ $.webhooks[1]"]),
            ("webhooks.list", {"webhooks": [], "paging": [1]}, ["array in place of an object @ $.paging"]),
            ("webhooks.list", {"paging": {"next": {}}}, ["object in place of a text @ $.paging.next"]),
            (
                "shop.call_logs.list",
                {
                    "call_logs": [
                        {
                            "id": [],
                            "duration": "five",
                            "direction": {},
                            "started_at": "yesterday 0901234567",
                            "ended_at": 5,
                            "recording_urls": "a",
                            "call_targets": [{"fail_code": True}, {"fail_code": 1.5}],
                        }
                    ]
                },
                [
                    "array in place of a text @ $.call_logs[0].id",
                    "text in place of a whole number @ $.call_logs[0].duration",
                    "object in place of a text @ $.call_logs[0].direction",
                    "text that is no time @ $.call_logs[0].started_at",
                    "number in place of a text @ $.call_logs[0].ended_at",
                    "text in place of an array @ $.call_logs[0].recording_urls",
                    "boolean in place of a whole number @ $.call_logs[0].call_targets[0].fail_code",
                    "number in place of a whole number @ $.call_logs[0].call_targets[1].fail_code",
                ],
            ),
            ("shop.users.create", {"is_blocked": "maybe"}, ["text in place of a boolean @ $.is_blocked"]),
            ("shop.users.create", {"is_blocked": 2}, ["number in place of a boolean @ $.is_blocked"]),
            ("shop.users.create", {"is_blocked": []}, ["array in place of a boolean @ $.is_blocked"]),
            (
                "shop.extensions.get",
                {"extension_password": []},
                ["array in place of a text @ $.extension_password"],
            ),
            ("shop.zalo.accounts.get", {"onwer_id": []}, ["array in place of a text @ $.onwer_id"]),
            (
                "sms.templates.list",
                {"ListTemp": [{"SenderChannel": "a", "ParamsFormat": {"a": 5}}]},
                [
                    "text in place of an object @ $.ListTemp[0].SenderChannel",
                    "number in place of an object @ $.ListTemp[0].ParamsFormat['a']",
                ],
            ),
            (
                "sms.templates.list",
                {"ListTemp": [], "Page": []},
                ["array in place of a whole number @ $.Page"],
            ),
            (
                "sms.templates.list",
                {"ListTemp": [{"SenderChannel": {"0901234567": []}}]},
                ["array in place of a text @ $.ListTemp[0].SenderChannel['090***567']"],
            ),
            ("partner.shops.list", {"shops": [["a"]]}, ["array in place of an object @ $.shops[0]"]),
        ],
        ids=str,
    )
    def test_problems(self, name: str, answer: dict[str, Any], problems: list[str]) -> None:
        """All misfits are named together, by their paths in the JSON, and no text of them is repeated."""
        error = refused(name, answer)
        assert type(error) is DecodeError
        assert sorted(error.problems) == sorted(problems)
        assert (error.status, error.operation) == (200, name)

    @pytest.mark.parametrize("answer", [{}, {"error": "maintenance"}], ids=str)
    @pytest.mark.parametrize("name", DEEDS)
    def test_nothing_of_what_was_done(self, name: str, answer: dict[str, Any]) -> None:
        """What makes or sends something did not surely do so where none of the documented fields is there."""
        error = refused(name, answer)
        assert type(error) is DecodeError
        assert error.problems == ("nothing in it that the documentation shows @ $",)
        assert outcome(error, OPERATIONS[name].effect).may_have_happened

    @pytest.mark.parametrize("name", [name for name in DEEDS if name != "sms.send"])
    def test_one_field_of_what_was_done(self, name: str) -> None:
        """One documented field is enough, be it blank, by the wire's name or by the right one."""
        kind = OPERATIONS[name].response
        for field in attrs.fields(kind):
            for known in {field.name, field.metadata.get("wire", field.name)}:
                assert decode(name, {known: None, "error": "no"}) == kind()

    def test_nothing_is_an_answer_where_nothing_was_made(self) -> None:
        """A read, a deletion, what can be done twice, and open calls may be answered with nothing."""
        for row in OPERATIONS.values():
            if row.name not in DEEDS and row.fails_in_body is None:
                assert decode(row, {}) == (Page(items=()) if row.items else row.response())
        for effect in Effect:
            assert decode(attrs.evolve(OPEN, effect=effect), {}) == {}

    def test_many_problems_are_short_in_the_message(self) -> None:
        """The message tells the first five problems and counts the rest; `.problems` has all."""
        error = refused("webhooks.list", {"webhooks": [5] * 100})
        assert len(error.problems) == 100
        assert "$.webhooks[4]; and 95 more. The first bytes" in str(error)
        assert "$.webhooks[5]" not in str(error)


class TestGarbled:
    """Answers that are no JSON objects."""

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"", "the answer is empty"),
            (b"<!doctype html><title>Bad</title>", "the answer is HTML"),
            (b"\n  <html>", "the answer is HTML"),
            (b"[]", "array in place of an object"),
            (b"null", "null in place of an object"),
            (b'"text"', "text in place of an object"),
            (b"5", "number in place of an object"),
            (b"true", "boolean in place of an object"),
            (b"not JSON", "JSON is malformed: invalid character"),
            (b'{"webhooks": [{"id": "1"', "Input data was truncated"),
            (b'{"webhooks": []} x', "JSON is malformed: trailing characters"),
            (b'{"webhooks": [{"id": "\xff"}]}', "'utf-8' codec can't decode byte 0xff in position 0"),
            (b"[" * 100_000, "maximum recursion depth exceeded"),
            (b'{"a":' * 100_000, "maximum recursion depth exceeded"),
            (b'{"webhooks":' + b"[" * 100_000, "maximum recursion depth exceeded"),
        ],
        ids=[
            *("empty", "html", "html after blanks", "array", "null", "text", "number", "boolean"),
            *("not json", "half", "trailing", "not utf-8", "bomb", "bomb of objects", "bomb in a field"),
        ],
    )
    @pytest.mark.parametrize(
        "name", ["webhooks.list", "account", "shop.zalo.accounts.get", "partner.shops.list"]
    )
    def test_why(self, name: str, body: bytes, why: str) -> None:
        """What is no JSON object is named by what it is, for every way in which an answer is read."""
        error = refused(name, body)
        assert type(error) is errors.MalformedResponseError
        assert len(error.problems) == 1
        assert error.problems[0].startswith(f"no JSON object: {why}")
        assert error.problems[0].endswith(" @ $")
        assert error.body == body[:200].decode(errors="replace")
        assert (error.status, error.operation) == (200, name)

    @pytest.mark.parametrize(
        ("name", "answer", "around"),
        [
            ("account", '{"a": ?}', 1),
            ("partner.shops.list", '{"shops": [{"a": [?]}]}', 4),
            ("partner.shops.authorize", '{"meta": {"a": [1, ?]}, "expires_in": 1}', 3),
            ("partner.shops.authorize", '{"meta": {"a": ?}, "expires_in": "1"}', 2),
            ("partner.shops.create", '{"shop": {"address": ?}}', 2),
            ("sms.status", '{"list_param": ?}', 1),
        ],
        ids=["open", "open items", "field", "field, forgiven", "field of a field", "JSON or its text"],
    )
    def test_what_is_kept_as_it_came_is_not_too_deep(self, name: str, answer: str, around: int) -> None:
        """What can be read can be shown, exported and pickled; a level more than that is refused."""

        def nested(levels: int) -> bytes:
            return answer.replace("?", '{"a":' * levels + "0" + "}" * levels).encode()

        # A page is a level, in place of the object that it comes in, and so are its items.
        deepest: Any = decode(name, nested(responses.DEEPEST - around))
        assert repr(pickle.loads(pickle.dumps(deepest))) == repr(deepest)
        if isinstance(deepest, Model):
            assert json.dumps(deepest.to_dict()).count("}") > responses.DEEPEST - around

        error = refused(name, nested(responses.DEEPEST - around + 1))
        assert type(error) is errors.MalformedResponseError
        assert error.problems == ("no JSON object: more than 100 objects and arrays inside one another @ $",)

    def test_many_are_not_too_deep(self) -> None:
        """Any number of objects beside one another is read."""
        assert len(decode("account", {"a": [{"b": [{}]}] * 1000})["a"]) == 1000

    def test_html_by_its_content_type(self) -> None:
        """An answer that says it is HTML is told as such, whatever it begins with."""
        error = refused("account", b"Bad Gateway", headers={"Content-Type": "text/html; charset=utf-8"})
        assert error.problems == ("no JSON object: the answer is HTML @ $",)

    @pytest.mark.parametrize(
        ("status", "what"),
        [(302, "a redirect"), (304, "a redirect"), (101, "no final answer"), (0, "no final answer")],
    )
    def test_redirect(self, status: int, what: str) -> None:
        """A redirect, and a status that comes before an answer, is none, and points at the base URL."""
        error = refused("account", b"", status=status)
        assert type(error) is DecodeError
        assert error.problems == (f"{what} (HTTP {status}) in place of an answer: check the base URL @ $",)


class TestQuotes:
    """The first bytes of an answer, as errors show them."""

    def test_first_200_bytes(self) -> None:
        """An error quotes 200 bytes, and cuts no character in two."""
        assert refused("account", b"x" * 300).body == "x" * 200
        assert refused("account", ("á" * 150).encode()).body == "á" * 100
        assert refused("account", b"x" + ("á" * 150).encode()).body == "x" + "á" * 99

    def test_secrets_and_phones_are_masked(self) -> None:
        """Passwords, keys and phone numbers are masked in the quotation."""
        error = refused("account", b'["x", {"extension_password": "abc", "phone": "0901234567"}]')
        assert error.body == '["x", {"extension_password": "****", "phone": "090***567"}]'

    @given(before=st.integers(0, 4200), secret=st.sampled_from(["0901234567", "shop123456:abcdefghij"]))
    def test_no_cut_uncovers_half_a_secret(self, before: int, secret: str) -> None:
        """Wherever a secret stands, also across the end of what is looked at, no part of it is shown."""
        # What is masked away brings what comes later into the first 200 bytes.
        body = b'{"password": "' + b"p" * before + b'", "a": "' + secret.encode() + b'" ' + b"-" * 5000
        quoted = refused("account", body).body
        assert secret[:6] not in quoted
        assert "ppp" not in quoted
        assert len(quoted) <= 200


class TestRefusals:
    """Answers that say no."""

    def test_twirp_error(self) -> None:
        """Code, message, meta and status come from the answer, and the class from the code."""
        body = {"code": "not_found", "msg": "Không tìm thấy", "meta": {"reason": "gone", "n": 5}}
        error = refused("shop.current", body, status=404, headers={"Retry-After": "5"})
        assert type(error) is errors.NotFoundError
        assert (error.code, error.msg, error.status) == ("not_found", "Không tìm thấy", 404)
        assert (error.meta, error.retry_after) == ({"reason": "gone", "n": "5"}, 5.0)
        assert str(error) == "shop.current: Không tìm thấy (not_found, HTTP 404; reason: gone, n: 5)."

    def test_status_decides(self) -> None:
        """A success may carry `code: ok`, and an error any status from 400 on."""
        assert decode("account", {"code": "ok"}) == {"code": "ok"}
        assert decode("account", {"code": "not_found"}, status=201) == {"code": "not_found"}
        assert refused("account", {"code": "ok", "msg": ""}, status=500).code == "ok"

    def test_no_text_is_endless(self) -> None:
        """However much a refusal has to say, its beginning is shown, and no half of a secret at the cut."""
        key = "shop123456:abcdefghij"
        long = "x" * 4085 + f" {key} " + "x" * 1_000_000
        error = refused(
            "account",
            {"code": "aborted", "msg": long, "meta": {"a": long} | dict.fromkeys(map(str, range(5000)), "b")},
            status=409,
        )
        assert error.msg == error.meta["a"] == "x" * 4056 + "..."
        assert len(error.meta) == 100
        assert key[:6] not in str(error)
        assert refused("account", {"code": long}, status=409).code == "x" * 4056 + "..."

    def test_no_part_of_a_refusal_shows_a_secret(self) -> None:
        """Code, text, and the names and values of the details are masked."""
        error = refused(
            "account",
            dict.fromkeys(("code", "msg"), "for 0901234567") | {"meta": {"0901234567": "0901234567"}},
            status=400,
        )
        assert (error.code, error.msg, error.meta) == (
            "for 090***567",
            "for 090***567",
            {"090***567": "090***567"},
        )

    def test_unlisted_code_is_kept(self) -> None:
        """A code that we do not know is kept in a plain APIError."""
        error = refused("account", {"code": "teapot", "msg": "short"}, status=418)
        assert type(error) is APIError
        assert (error.code, error.status) == ("teapot", 418)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, errors.InternalError),
            (401, errors.UnauthenticatedError),
            (403, errors.PermissionDeniedError),
            (404, errors.BadRouteError),
            (405, errors.UnknownError),
            (429, errors.ResourceExhaustedError),
            (500, errors.UnknownError),
            (502, errors.UnavailableError),
            (503, errors.UnavailableError),
            (504, errors.UnavailableError),
        ],
    )
    @pytest.mark.parametrize(
        ("body", "msg"),
        [
            (b"<h1>Bad 0901234567</h1>", "<h1>Bad 090***567</h1>"),
            (b"", "no text"),
            (b"[" * 100_000, "[" * 200),
            (b'{"code": 5}', '{"code": 5}'),
            (b'["code"]', '["code"]'),
            (b"\xff", "\ufffd"),
        ],
        ids=["html", "empty", "bomb", "another code", "array", "not utf-8"],
    )
    def test_no_word_of_the_api_s(self, status: int, kind: type[APIError], body: bytes, msg: str) -> None:
        """Of an error that no Twirp server wrote, the status gives the class, and the text is quoted."""
        error = refused("account", body, status=status)
        assert type(error) is kind
        assert (error.status, error.msg, error.meta) == (status, msg, {})

    @pytest.mark.parametrize(
        "kind", [errors.NotFoundError, errors.UnavailableError, errors.InvalidArgumentError]
    )
    def test_word_that_was_cut_off(self, kind: type[APIError]) -> None:
        """Where the code came through, it gives the class, and what there is of the answer is quoted."""
        body = f'{{"code":"{kind.code}","msg":"Không'.encode()
        for cut in (body, body.replace(b":", b" : ")):
            error = refused("account", cut, status=kind.status)
            assert (type(error), error.code, error.status) == (kind, kind.code, kind.status)
            assert (error.msg, error.meta) == (cut.decode(), {})
        error = refused("account", b'{"code":"not_fo', status=404)
        assert type(error) is errors.BadRouteError

    @pytest.mark.parametrize(
        ("body", "msg", "meta"),
        [
            ({"code": "internal"}, "", {}),
            ({"code": "internal", "msg": None, "meta": None}, "", {}),
            ({"code": "internal", "msg": 5, "meta": ["a"]}, "5", {}),
            (
                {"code": "internal", "msg": "call 0901234567", "meta": {"key": "Bearer abc"}},
                "call 090***567",
                {"key": "Bearer ****"},
            ),
        ],
        ids=str,
    )
    def test_odd_and_secret_texts(self, body: dict[str, Any], msg: str, meta: dict[str, str]) -> None:
        """Message and meta may be missing or odd, and are masked."""
        error = refused("account", body, status=500)
        assert (error.msg, error.meta) == (msg, meta)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            (None, None),
            ("5", 5.0),
            ("0.5", 0.5),
            ("-3", 0.0),
            ("nan", None),
            ("inf", None),
            ("1e999", None),
            ("soon", None),
            ("", None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
            ("Wed, 21 Oct 2015 07:28:00", 0.0),
            ("Mon, 01 Jan 99999 00:00:00 GMT", None),
            ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        ],
    )
    def test_retry_after(self, header: str | None, seconds: float | None) -> None:
        """`Retry-After` is read as seconds or a date; junk counts as absent, the past as now."""
        headers = {} if header is None else {"Retry-After": header}
        assert refused("account", b"", status=503, headers=headers).retry_after == seconds

    def test_retry_after_in_the_future(self) -> None:
        """A date gives the seconds until then, with and without a zone."""
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
        for header in (date, date.removesuffix(" GMT")):
            error = refused("account", b"", status=503, headers={"Retry-After": header})
            assert 90 < error.retry_after <= 100

    @given(header=st.text())
    def test_any_retry_after(self, header: str) -> None:
        """No header breaks the reading of an error."""
        seconds = refused("account", b"", status=503, headers={"Retry-After": header}).retry_after
        assert seconds is None or seconds >= 0


class TestFailuresInTheBody:
    """A 200 that says that the deed failed."""

    @pytest.mark.parametrize("answer", [{"updated": 0}, {}, {"updated": None}, {"updated": "0"}], ids=str)
    @pytest.mark.parametrize(
        "name", ["shop.extensions.assign", "shop.extensions.unassign", "shop.extensions.change_hotline"]
    )
    def test_not_applied(self, name: str, answer: dict[str, Any]) -> None:
        """`updated: 0`, or none at all, is NotAppliedError with the result."""
        error = refused(name, answer)
        assert type(error) is NotAppliedError
        assert not error.result.updated
        assert error.operation == name
        assert decode(name, {"updated": 1}).updated == 1

    @pytest.mark.parametrize("code", [-124, "-124"], ids=repr)
    @pytest.mark.parametrize(
        "name",
        [
            "shop.zalo.consents.request",
            "shop.zns.journeys.create",
            "shop.zns.messages.send",
            "shop.zns.messages.send_journey",
        ],
    )
    def test_delivery(self, name: str, code: object) -> None:
        """An `error_code` other than 0 is DeliveryError with the whole result, the text masked."""
        error = refused(name, {"error_code": code, "error_message": "no 0901234567", "id": "5"})
        assert type(error) is DeliveryError
        assert (error.result.error_code, error.result.id) == (-124, "5")
        assert "refused with error_code -124: no 090***567." in str(error)
        assert decode(name, {"id": "5"}).id == decode(name, {"id": "5", "error_code": 0}).id == "5"

    @pytest.mark.parametrize(
        ("status", "kind"),
        [("-3", errors.SmsQuotaError), (-3, errors.SmsQuotaError), ("odd", SmsError), (None, SmsError)],
        ids=repr,
    )
    def test_sms(self, status: object, kind: type[SmsError]) -> None:
        """An SMS `status` other than 1 is the SmsError of that status, with the result."""
        error = refused("sms.send", {"status": status, "code": "no 0901234567"})
        assert type(error) is kind
        assert error.status == str(status)
        assert error.result.code == "no 0901234567"
        assert "0901234567" not in str(error)
        for good in ("1", 1):
            assert decode("sms.send", {"status": good, "idOmniMess": "I"}).id_omni_mess == "I"

    def test_answers_have_the_fields_that_are_looked_at(self) -> None:
        """Each operation that fails in its body has an answer with the fields that say so."""
        needed = {
            "updated": {"updated"},
            "error_code": {"error_code", "error_message"},
            "status": {"status", "code"},
        }
        for row in OPERATIONS.values():
            if row.fails_in_body is not None:
                assert needed[row.fails_in_body] <= {field.name for field in attrs.fields(row.response)}


class TestSandbox:
    """The other direction: bytes to sandbox, and back."""

    def test_request(self) -> None:
        """What the client writes, the sandbox reads as the same request."""
        operation = OPERATIONS["shop.call_logs.list"]
        request = operation.request(
            filter=models.CallLogFilter(
                date_from=NOON,
                direction=models.CallDirection("odd"),
                call_state="answered",
                extension_ids=("1",),
                duration=models.CallDurationFilter(value=5),
            ),
            paging=Paging(limit=5),
        )
        assert requests.decode(operation, requests.encode(operation, request)) == request

    def test_renamed_request(self) -> None:
        """Renamed fields, secrets, maps and lists of enums come back as they went."""
        operation = OPERATIONS["sms.send"]
        request = operation.request(
            username="u",
            password="s",
            phonenumber="0901234567",
            routerule=["1", models.SmsChannel.SMS],
            templatecode="T",
            list_param={"a": "b"},
        )
        read = requests.decode(operation, requests.encode(operation, request))
        assert read.password == Secret("s")
        assert read.routerule == (models.SmsChannel.ZNS, models.SmsChannel.SMS)
        assert read.list_param == {"a": "b"}
        status = OPERATIONS["sms.status"]
        assert requests.decode(status, b'{"idOmniMess": "I"}').id_omni_mess == "I"

    def test_body_may_be_missing(self) -> None:
        """No body is an empty object."""
        assert requests.decode(OPERATIONS["shop.tenant.get"], b"") == EmptyRequest()
        assert requests.decode(OPEN, b"") == {}
        assert requests.decode(OPEN, b'{"a": 1}') == {"a": 1}

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"{", "the body is not JSON: Input data was truncated"),
            (b"\xff", "the body is not JSON"),
            (b"[" * 100_000, "the body is not JSON"),
            (b"[]", "the body is not a JSON object"),
            (b"null", "the body is not a JSON object"),
        ],
        ids=["half", "not utf-8", "bomb", "array", "null"],
    )
    def test_malformed(self, body: bytes, why: str) -> None:
        """A body that is no JSON object is malformed."""
        with pytest.raises(errors.MalformedError, match=why):
            requests.decode(OPEN, body)

    @pytest.mark.parametrize(
        ("name", "body", "problems"),
        [
            (
                "shop.extensions.create",
                {},
                ["required field missing @ $.hotline_id", "required field missing @ $.extension_number"],
            ),
            (
                "shop.extensions.create",
                {"hotline_id": 1, "extension_number": "1001", "user_id": []},
                [
                    "number in place of a text @ $.hotline_id",
                    "text in place of a whole number @ $.extension_number",
                    "array in place of a text @ $.user_id",
                ],
            ),
            (
                "shop.extensions.create",
                {"hotline_id": None, "extension_number": 1.5},
                [
                    "null in place of a text @ $.hotline_id",
                    "number in place of a whole number @ $.extension_number",
                ],
            ),
            ("sms.status", {}, ["required field missing @ $.idOmniMess"]),
            (
                "sms.send",
                {
                    "password": 5,
                    "phonenumber": "0",
                    "routerule": ["1", 2],
                    "templatecode": "T",
                    "list_param": [],
                },
                [
                    "number in place of a text @ $.password",
                    "number in place of a text @ $.routerule[1]",
                    "array in place of an object @ $.list_param",
                ],
            ),
            (
                "shop.call_logs.list",
                {
                    "filter": {
                        "direction": 5,
                        "date_from": "2026-01-02T12:00:00",
                        "date_to": "soon",
                        "extension_ids": "1",
                        "duration": 5,
                    },
                    "paging": [],
                },
                [
                    "number in place of a text @ $.filter.direction",
                    "a time without an offset @ $.filter.date_from",
                    "text that is no time @ $.filter.date_to",
                    "text in place of an array @ $.filter.extension_ids",
                    "number in place of an object @ $.filter.duration",
                    "array in place of an object @ $.paging",
                ],
            ),
        ],
        ids=["missing", "types", "null", "renamed", "sms", "nested"],
    )
    def test_strict(self, name: str, body: dict[str, Any], problems: list[str]) -> None:
        """A request with a missing field or another type is refused, each problem by its JSON path."""
        with pytest.raises(errors.InvalidArgumentError) as caught:
            requests.decode(OPERATIONS[name], json.dumps(body).encode())
        assert sorted(caught.value.msg.split("; ")) == sorted(problems)

    def test_null_is_as_good_as_absent(self) -> None:
        """Null for an optional field is no problem."""
        body = b'{"filter": {"direction": null, "date_from": null}, "paging": null}'
        read = requests.decode(OPERATIONS["shop.call_logs.list"], body)
        assert read.filter == models.CallLogFilter()

    def test_answer(self) -> None:
        """What the sandbox answers, the client reads."""
        assert decode("account", responses.encode({"a": "á", "b": None})) == {"a": "á", "b": None}

    @pytest.mark.parametrize("meta", [None, {"reason": "because"}])
    @pytest.mark.parametrize("kind", APIError.__subclasses__(), ids=lambda kind: kind.code)
    def test_error(self, kind: type[APIError], meta: dict[str, str] | None) -> None:
        """The error that the sandbox sends is the error that the client raises."""
        status, body = error_bodies.encode(kind("vì vậy", meta=meta))
        error = refused("account", body, status=status)
        assert type(error) is kind
        assert (error.msg, error.meta, error.status) == ("vì vậy", meta or {}, kind.status)
