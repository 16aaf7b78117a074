"""Responses: bytes to models for the client, payloads to bytes for the sandbox."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from etelecom_async import DecodeError, Effect, Page, Secret, errors, models
from etelecom_async._core.calls.policy import outcome
from etelecom_async._core.codec import responses
from etelecom_async._core.model import Model
from etelecom_async.operations import OPERATIONS
from tests.core.codec.conftest import OPEN, decode, refused

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
DEEDS = [row.name for row in OPERATIONS.values() if row.effect in {Effect.CREATE, Effect.SEND}]


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

    def test_status_decides(self) -> None:
        """A success may carry `code: ok`, and an error any status from 400 on."""
        assert decode("account", {"code": "ok"}) == {"code": "ok"}
        assert decode("account", {"code": "not_found"}, status=201) == {"code": "not_found"}
        assert refused("account", {"code": "ok", "msg": ""}, status=500).code == "ok"

    def test_answer(self) -> None:
        """What the sandbox answers, the client reads."""
        assert decode("account", responses.encode({"a": "á", "b": None})) == {"a": "á", "b": None}


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
