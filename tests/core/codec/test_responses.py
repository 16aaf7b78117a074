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
ROWS = [row for row in OPERATIONS.values() if row.response is not dict or row.items]
LISTS = [row.name for row in ROWS if row.items]
DELETES = [row.name for row in ROWS if row.effect is Effect.DELETE]
WITH_FIELDS = [row.name for row in ROWS if not row.items and row.effect is not Effect.DELETE]
FOREIGN: list[dict[str, Any]] = [
    {},
    {"error_": -216, "message_": "maintenance"},
    {"data": {"id": "1"}},
    {"Code": "not_found", "Msg": "no"},
]


class TestDecode:
    """Responses that fit, or nearly fit."""

    @pytest.mark.parametrize(
        ("response", "fields"),
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
            ({"direction": "odd"}, {"direction": models.CallDirection.unlisted("odd")}),
            ({"direction": 5}, {"direction": models.CallDirection.unlisted("5")}),
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
    def test_near_misses_are_accepted(self, response: dict[str, Any], fields: dict[str, Any]) -> None:
        """Both decoders accept missing, null and extra fields, and values of a similar type."""
        page = decode("shop.call_logs.list", {"call_logs": [response, {"id": "last"}]})
        assert page.items == (models.CallLog(**fields), models.CallLog(id="last"))

    @pytest.mark.parametrize(
        ("raw", "expected"),
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
    def test_booleans(self, raw: object, *, expected: bool | None) -> None:
        """A boolean may come as a text or a number."""
        response = decode("shop.users.create", {"id": 5, "is_blocked": raw})
        assert response.is_blocked is expected

    def test_secret(self) -> None:
        """A text or a number becomes a secret."""
        for raw in ("s5", 5, None):
            response = decode("shop.extensions.get", {"extension_password": raw})
            assert response.extension_password == (None if raw is None else Secret(str(raw)))

    def test_renamed_fields(self) -> None:
        """A misspelt wire name and its correct form are both read; the correct one wins."""
        assert decode("shop.zalo.accounts.get", {"onwer_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.get", {"owner_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.get", {"owner_id": "6", "onwer_id": "5"}).owner_id == "5"
        assert decode("shop.zalo.accounts.list", {"accounts": [{"onwer_id": "5"}]}).items[0].owner_id == "5"

    def test_open_response(self) -> None:
        """An open response is the unchanged JSON object."""
        assert decode("account", {"a": [1, None]}) == {"a": [1, None]}

    @pytest.mark.parametrize(
        ("response", "page"),
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
    def test_page(self, response: dict[str, Any], page: Page[models.Webhook]) -> None:
        """The response of a list is a page: its items and its cursors, which may be empty."""
        assert decode("webhooks.list", response) == page

    def test_page_whose_array_has_no_documented_name(self) -> None:
        """If the name of the array is not documented, the only array is it; two arrays are refused."""
        assert decode("partner.shops.list", {"shops": [{"id": "1"}], "paging": {"next": "n"}}) == Page(
            items=({"id": "1"},), next="n"
        )
        for empty in ({}, {"shops": None}, {"shops": [], "total": 0}, {"paging": {}}):
            assert decode("partner.shops.list", empty) == Page(items=())
        error = refused("partner.shops.list", {"shops": [], "links": []})
        assert error.problems == ("one array expected, found links, shops @ $",)

    def test_other_object_is_no_empty_page(self) -> None:
        """A response without array and paging is refused: as an empty page it would end a list too early."""
        error = refused("shop.extensions.list", {"error": "maintenance"})
        assert error.problems == ("neither extensions nor paging in it @ $",)

    def test_maps(self) -> None:
        """A map accepts any values; null is an empty map."""
        template = {"TemplateCode": "T", "SenderChannel": {"sms": 3}, "ParamsFormat": {"a": {"Regex": "x"}}}
        page = decode("sms.templates.list", {"ListTemp": [template, {"SenderChannel": None}]})
        assert page.items == (
            models.SmsTemplate(
                templatecode="T",
                sender_channel={"sms": "3"},
                params_format={"a": models.SmsVariableFormat(regex="x")},
            ),
            models.SmsTemplate(),
        )

    def test_object_in_quotes(self) -> None:
        """An object in quotes with unescaped quotes in it, as the SMS service documents it, is read."""
        schema_mismatches: Counter[str] = Counter()
        body = b'{"phonenumber": "84901234567", "list_param": "{"a": "b"}", "status": "SUCCESS"}'
        report = decode("sms.status", body, schema_mismatches=schema_mismatches)
        assert (report.list_param, report.status) == ({"a": "b"}, models.SmsDeliveryStatus.SUCCESS)
        assert [key.partition(":")[0] for key in schema_mismatches.elements()] == ["sms.status"]
        assert type(refused("sms.status", b'{"list_param": "{"a"}"}')) is errors.MalformedResponseError

    @pytest.mark.parametrize(
        "zero_time", ["0001-01-01T00:00:00Z", "0001-01-01T07:06:40+07:06", "0001-01-01T00:00:00.000+00:00"]
    )
    @pytest.mark.parametrize("space", ["", " "])
    def test_zero_time_is_none_in_a_time_field(self, zero_time: str, space: str) -> None:
        """The zero time is None in a time field; a text that contains it stays unchanged."""
        row = {
            "id": zero_time,
            "note": f'moved to "{zero_time}',
            "caller": f'"{zero_time}"',
            "started_at": "0001-01-01T00:00:00Z",
            "call_targets": [{"answered_time": "0001-01-01T00:00:00Z", "trunk_name": zero_time}],
        }
        body = json.dumps({"call_logs": [row]}, separators=("," + space, ":" + space)).encode()
        (log,) = decode("shop.call_logs.list", body).items
        assert (log.id, log.note, log.caller) == (zero_time, row["note"], row["caller"])
        assert (log.started_at, log.call_targets[0].answered_time) == (None, None)
        assert log.call_targets[0].trunk_name == zero_time

    def test_times_without_an_offset(self) -> None:
        """A time without an offset is UTC, and counts as a schema mismatch."""
        schema_mismatches: Counter[str] = Counter()
        body = {"call_logs": [{"started_at": "2026-01-02T12:00:00"}]}
        (log,) = decode("shop.call_logs.list", body, schema_mismatches=schema_mismatches).items
        assert log.started_at == datetime(2026, 1, 2, 12, tzinfo=UTC)
        assert schema_mismatches.total() == 1

    @pytest.mark.parametrize("fraction", ["", ".1", ".123456", ".123456789", ".9999999"])
    def test_both_decoders_round_times_alike(self, fraction: str) -> None:
        """Both decoders round the fraction of a second in the same way."""
        row = {"started_at": f"2026-01-02T03:04:05{fraction}Z"}
        (fast,) = decode("shop.call_logs.list", {"call_logs": [row]}).items
        (forgiving,) = decode("shop.call_logs.list", {"call_logs": [row | {"id": 5}]}).items
        assert fast.started_at == forgiving.started_at
        assert fast.started_at.second == (6 if fraction == ".9999999" else 5)

    @pytest.mark.parametrize(
        "time", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00+00:00"]
    )
    def test_both_decoders_know_the_zero_time(self, time: str) -> None:
        """Both decoders read exactly the zero time of the platform as None."""
        row = {"started_at": time}
        (fast,) = decode("shop.call_logs.list", {"call_logs": [row]}).items
        (forgiving,) = decode("shop.call_logs.list", {"call_logs": [row | {"id": 5}]}).items
        assert fast.started_at == forgiving.started_at
        assert (fast.started_at is None) == (time == "0001-01-01T00:00:00Z")

    def test_schema_mismatches(self) -> None:
        """Accepted mismatches are counted by their kind; fitting and refused values are not counted."""
        schema_mismatches: Counter[str] = Counter()
        for response in ({"id": "1"}, {"id": 1}, {"id": 2}, {"id": []}):
            try:
                decode("webhooks.list", {"webhooks": [response]}, schema_mismatches=schema_mismatches)
            except DecodeError:
                assert response == {"id": []}
        assert schema_mismatches == {"webhooks.list: Expected `str`, got `int` - at `$.webhooks[...].id`": 2}

    def test_decoders_are_kept_by_class(self) -> None:
        """Rows that exist for one call, as those of `client.call`, leave no decoder behind."""
        decode(attrs.evolve(OPEN, name="first"), {})
        before = responses._way.cache_info().currsize
        for number in range(10):
            decode(attrs.evolve(OPEN, name=str(number)), {})
        assert responses._way.cache_info().currsize == before

    def test_status_decides(self) -> None:
        """Only the HTTP status decides: a success may carry a `code`, and an error may say `ok`."""
        assert decode("account", {"code": "ok"}) == {"code": "ok"}
        assert decode("account", {"code": "not_found"}, status=201) == {"code": "not_found"}
        assert refused("account", {"code": "ok", "msg": ""}, status=500).code == "ok"

    def test_response_of_the_sandbox(self) -> None:
        """The client reads the responses that the sandbox writes."""
        assert decode("account", responses.encode({"a": "á", "b": None})) == {"a": "á", "b": None}


BAD_TEXTS = [
    (b'"a\\ud800b"', "a\ufffdb"),
    (b'"\\udc00"', "\ufffd"),
    (b'"\\ude00\\ud83d"', "\ufffd\ufffd"),
    (b'"a\nb"', "a\nb"),
    (b'"\x00\x1f\t"', "\0\x1f\t"),
    (b'"H\xe1\xba"', "H\ufffd"),
    (b'"\xff\xfe"', "\ufffd\ufffd"),
    (b'"\\ud800\n\xe1"', "\ufffd\n\ufffd"),
    (b'"\xed\xa0\x80 \\u00e9"', "\ufffd\ufffd\ufffd é"),
]
"""Texts that JSON does not allow, and what remains of them."""
LISTS_IN_A_ROW = ["shop.call_logs.list", "shop.zalo.accounts.list", "sms.templates.list"]
"""The first one has a quick decoder; the other two rename fields and have none."""
TEXT_FIELDS = dict(zip(LISTS_IN_A_ROW, ["note", "onwer_id", "TemplateCode"], strict=True))


class TestRepairs:
    """Responses that are almost JSON: a bad value costs only itself."""

    @pytest.mark.parametrize(("written", "read"), BAD_TEXTS, ids=repr)
    @pytest.mark.parametrize("name", LISTS_IN_A_ROW)
    def test_bad_text_in_a_row(self, name: str, written: bytes, read: str) -> None:
        """One bad text costs itself, not the page; it is counted with its path, and the rest is unchanged."""
        items, field = str(OPERATIONS[name].items), TEXT_FIELDS[name]
        rows: list[dict[str, object]] = [{field: number, "id": number} for number in "12345"]
        body = json.dumps({items: rows, "paging": {"next": "n"}, "Page": 1, "ItemCount": 9})
        bad = body.encode().replace(b'"3"', written, 1)
        counts: Counter[str] = Counter()
        page, clean = decode(name, bad, schema_mismatches=counts), decode(name, body.encode())
        attribute = {"onwer_id": "owner_id", "TemplateCode": "templatecode"}.get(field, field)
        assert [getattr(item, attribute) for item in page] == ["1", "2", read, "4", "5"]
        assert page.next == clean.next
        assert [item for item in page if getattr(item, attribute) != read] == [
            item for item in clean if getattr(item, attribute) != "3"
        ]
        assert counts == {f"{name}: Invalid characters in a text - at `$.{items}[...].{field}`": 1}

    @pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
    @pytest.mark.parametrize(("field", "empty"), [("duration", None), ("note", ""), ("started_at", None)])
    def test_number_that_is_not_finite(self, number: bytes, field: str, empty: object) -> None:
        """A number that is not finite is as null in any field, and is counted with its path."""
        counts: Counter[str] = Counter()
        body = b'{"call_logs": [{"id": "1", "%b": %b}, {"id": "2"}]}' % (field.encode(), number)
        first, second = decode("shop.call_logs.list", body, schema_mismatches=counts)
        assert (first.id, getattr(first, field), second.id) == ("1", empty, "2")
        assert counts == {
            f"shop.call_logs.list: Number that is not finite - at `$.call_logs[...].{field}`": 1
        }

    def test_kept_json(self) -> None:
        """JSON that a result keeps unchanged is repaired too: it can be written as JSON again."""
        counts: Counter[str] = Counter()
        body = b'{"a": [NaN, {"b": "\\ud800"}], "c\xff": 1e999}'
        result = decode("account", body, schema_mismatches=counts)
        assert result == {"a": [None, {"b": "\ufffd"}], "c\ufffd": None}
        assert json.loads(json.dumps(result, allow_nan=False).encode()) == result
        assert sorted(counts) == [
            "account: Invalid characters in a text - at `$.a[...].b`",
            "account: Invalid characters in a text - at `$[...]`",
            "account: Number that is not finite - at `$.a[...]`",
            "account: Number that is not finite - at `$[...]`",
        ]

    @pytest.mark.parametrize("name", [*LISTS_IN_A_ROW, "account", "webhooks.delete"])
    def test_byte_order_mark(self, name: str) -> None:
        """A byte order mark means nothing; it is not counted."""
        body, counts = json.dumps({OPERATIONS[name].items or "webhooks": []}).encode(), Counter[str]()
        assert decode(name, b"\xef\xbb\xbf" + body, schema_mismatches=counts) == decode(name, body)
        assert counts == {}

    def test_byte_order_mark_alone(self) -> None:
        """A byte order mark without more is no body."""
        assert decode("webhooks.delete", b"\xef\xbb\xbf\n") == models.WebhookList()
        error = refused("webhooks.list", b"\xef\xbb\xbf")
        assert error.problems == ("no JSON object: the response is empty @ $",)

    @pytest.mark.parametrize(
        ("name", "body", "problem"),
        [
            (
                "webhooks.list",
                b'{"paging": {"next": "a\\ud800"}}',
                "Invalid characters in a text @ $.paging.next",
            ),
            ("webhooks.list", b'{"paging": {"next": NaN}}', "Number that is not finite @ $.paging.next"),
            ("webhooks.list", b'{"paging": NaN}', "Number that is not finite @ $.paging"),
            ("webhooks.list", b'{"webhooks": NaN}', "number in place of an array @ $.webhooks"),
            ("sms.templates.list", b'{"ListTemp": [], "Page": NaN}', "Number that is not finite @ $.Page"),
            (
                "sms.templates.list",
                b'{"ListTemp": [], "TotalItem": NaN}',
                "Number that is not finite @ $.TotalItem",
            ),
            (
                "sms.templates.list",
                b'{"ListTemp": [], "Page": ""}',
                "text in place of a whole number @ $.Page",
            ),
            (
                "shop.zns.messages.send",
                b'{"id": "1", "error_code": NaN}',
                "Number that is not finite @ $.error_code",
            ),
            ("shop.extensions.assign", b'{"updated": NaN}', "Number that is not finite @ $.updated"),
            ("sms.send", b'{"status": "1\xff"}', "Invalid characters in a text @ $.status"),
            ("partner.shops.authorize", b'{"code": NaN}', "Number that is not finite @ $.code"),
        ],
        ids=str,
    )
    def test_no_guess_where_it_would_mislead(self, name: str, body: bytes, problem: str) -> None:
        """A cursor is not repaired, because it would end a list; nor is what says that the call failed."""
        counts: Counter[str] = Counter()
        error = refused(name, body, schema_mismatches=counts)
        assert type(error) is DecodeError
        assert error.problems == (problem,)
        assert counts == {}
        effect = OPERATIONS[name].effect
        assert outcome(error, effect).may_have_happened == (effect is not Effect.READ)

    @pytest.mark.parametrize("body", [b'{"id": NaN}', b'{"x": "\\ud800"}', b'{"id": 1e999, "\xff": 1}'])
    def test_repaired_values_show_nothing(self, body: bytes) -> None:
        """A result of a CREATE that shows nothing but repaired values is refused, with its doubt."""
        counts: Counter[str] = Counter()
        error = refused("shop.extensions.create", body, schema_mismatches=counts)
        assert error.problems == ("nothing in it that the documentation shows @ $",)
        assert outcome(error, Effect.CREATE).may_have_happened
        assert counts == {}

    def test_other_kinds_of_mismatches(self) -> None:
        """A server that uses new names endlessly does not fill the memory."""
        counts: Counter[str] = Counter()
        for number in range(1100):
            decode("account", b'{"a%d": NaN}' % number, schema_mismatches=counts)
        assert len(counts) == 1001
        assert counts["account: another kind of mismatch"] == 100
        decode("account", b'{"%b": NaN}' % (b"a" * 10_000), schema_mismatches=(long := Counter[str]()))
        assert all(len(kind) < 300 for kind in long)


def in_a_row(name: str, field: str, value: object) -> tuple[Any, Counter[str]]:
    """Return the field of a row with this value, and what was counted."""
    counts: Counter[str] = Counter()
    page = decode(name, {OPERATIONS[name].items: [{field: value}, {}]}, schema_mismatches=counts)
    return getattr(page.items[0], field), counts


class TestEvenForgiveness:
    """Values of another type or form, in a row: accepted alike, and counted with their path."""

    @pytest.mark.parametrize(
        ("name", "field", "value", "read"),
        [
            *[("shop.call_logs.list", "duration", value, None) for value in ("", " ")],
            *[("shop.call_logs.list", "recording_urls", value, ()) for value in ("", {})],
            *[("shop.call_logs.list", "call_targets", value, ()) for value in ("", {})],
            *[("webhooks.list", "states", value, None) for value in ("", [])],
            *[("webhooks.list", "entities", value, ()) for value in ("", {})],
            *[("shop.zalo.followers.list", "avatars", value, {}) for value in ("", [])],
            *[("shop.zalo.followers.list", "tags_and_notes_info", value, None) for value in ("", [])],
            *[("shop.zns.messages.list", "template_data", value, {}) for value in ("", [])],
            ("shop.call_logs.list", "note", None, ""),
            ("shop.call_logs.list", "note", 5, "5"),
            ("shop.call_logs.list", "duration", "5", 5),
        ],
        ids=str,
    )
    def test_empty_values_of_another_type(self, name: str, field: str, value: object, read: object) -> None:
        """An empty value of another type is as null, whatever the type of the field."""
        got, counts = in_a_row(name, field, value)
        assert got == read
        assert list(counts.values()) == [1]
        assert next(iter(counts)).endswith(f" - at `$.{OPERATIONS[name].items}[...].{field}`")

    @pytest.mark.parametrize(
        ("value", "read"),
        [
            (1767355200, NOON),
            (1767355200.0, NOON),
            ("1767355200", NOON),
            (1767355200000, NOON),
            ("1767355200000", NOON),
            (1767355200000000, NOON),
            (1767355200000000000, NOON),
            (946684800, datetime(2000, 1, 1, tzinfo=UTC)),
            (1767355200123, NOON.replace(microsecond=123000)),
            (1767355200.5, NOON.replace(microsecond=500000)),
            ("2026-01-02T11:59:60Z", NOON),
            ("2026-01-02T18:59:60.25+07:00", NOON.replace(microsecond=250000)),
            ("2016-12-31 23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
            ("2016-12-31T24:00:00Z", datetime(2017, 1, 1, tzinfo=UTC)),
            ("2026-00-00T00:00:00Z", None),
            *[(value, None) for value in ("0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00Z")],
            *[(value, None) for value in ("0000-00-00T00:00:00+07:00", "00/00/0000 00:00:00", "0000/00/00")],
            *[(value, None) for value in ("0000-01-01T00:00:00Z", "", " ", 0, "0", -62135596800, 0.0)],
            ("2026-01-02T12:00:00", NOON),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("name", ["shop.call_logs.list", "shop.zalo.accounts.list"])
    def test_times(self, name: str, value: object, read: datetime | None) -> None:
        """Both decoders read a count since 1970, a leap second and a zero date alike."""
        field = "started_at" if name == "shop.call_logs.list" else "created_at"
        got, counts = in_a_row(name, field, value)
        assert got == read
        assert list(counts.values()) == [1]
        assert next(iter(counts)).endswith(f" - at `$.{OPERATIONS[name].items}[...].{field}`")

    def test_every_mismatch_of_a_page_is_counted(self) -> None:
        """Each kind of mismatch in a page is counted once, not only the first one."""
        counts: Counter[str] = Counter()
        rows = [{"id": 1, "duration": ""}, {"id": None}, {"id": 2, "call_targets": [{"ring_duration": "5"}]}]
        decode("shop.call_logs.list", {"call_logs": rows}, schema_mismatches=counts)
        assert counts == {
            "shop.call_logs.list: Expected `str`, got `int` - at `$.call_logs[...].id`": 1,
            "shop.call_logs.list: Expected `str`, got `null` - at `$.call_logs[...].id`": 1,
            "shop.call_logs.list: Expected `int`, got `str` - at `$.call_logs[...].duration`": 1,
            "shop.call_logs.list: Expected `int`, got `str` - at `$.call_logs[...].call_targets[...]."
            "ring_duration`": 1,
        }

    def test_renamed_fields_are_counted(self) -> None:
        """A mismatch in a model that renames fields is counted by its wire name; a fitting one is not."""
        counts: Counter[str] = Counter()
        assert decode("shop.zalo.accounts.get", {"onwer_id": "5"}, schema_mismatches=counts).owner_id == "5"
        assert counts == {}
        decode("shop.zalo.accounts.get", {"onwer_id": 5}, schema_mismatches=counts)
        assert counts == {"shop.zalo.accounts.get: Expected `str`, got `int` - at `$.onwer_id`": 1}

    def test_time_that_only_one_decoder_refuses(self) -> None:
        """A time in the format of the SMS service, in another response, is counted."""
        got, counts = in_a_row("shop.call_logs.list", "started_at", "02/01/2026 19:00:00")
        assert got == NOON
        assert counts == {
            "shop.call_logs.list: Invalid RFC3339 encoded datetime - at `$.call_logs[...].started_at`": 1
        }


class TestMisfits:
    """JSON objects that do not fit."""

    @pytest.mark.parametrize(
        ("name", "response", "problems"),
        [
            ("webhooks.list", {"webhooks": {}}, ["object in place of an array @ $.webhooks"]),
            ("webhooks.list", {"webhooks": "a"}, ["text in place of an array @ $.webhooks"]),
            ("webhooks.list", {"webhooks": ""}, ["text in place of an array @ $.webhooks"]),
            ("webhooks.list", {"webhooks": [""]}, ["text in place of an object @ $.webhooks[0]"]),
            (
                "webhooks.list",
                {"webhooks": [{"states": "a"}]},
                ["text in place of an object @ $.webhooks[0].states"],
            ),
            (
                "webhooks.list",
                {"webhooks": [{"states": [1]}]},
                ["array in place of an object @ $.webhooks[0].states"],
            ),
            (
                "webhooks.list",
                {"webhooks": [{"fields": {"a": 1}}]},
                ["object in place of an array @ $.webhooks[0].fields"],
            ),
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
            ("partner.shops.list", {"shops": [[]]}, ["array in place of an object @ $.shops[0]"]),
        ],
        ids=str,
    )
    def test_problems(self, name: str, response: dict[str, Any], problems: list[str]) -> None:
        """One error names all misfits by their JSON paths, and repeats no value."""
        error = refused(name, response)
        assert type(error) is DecodeError
        assert sorted(error.problems) == sorted(problems)
        assert (error.status, error.operation) == (200, name)

    @pytest.mark.parametrize("received", FOREIGN, ids=str)
    @pytest.mark.parametrize("name", WITH_FIELDS)
    def test_foreign_object(self, name: str, received: dict[str, Any]) -> None:
        """An object without any documented field is no result, whatever the effect of the call."""
        error = refused(name, received)
        assert type(error) is DecodeError
        assert error.problems == ("nothing in it that the documentation shows @ $",)
        effect = OPERATIONS[name].effect
        assert outcome(error, effect).may_have_happened == (effect is not Effect.READ)

    @pytest.mark.parametrize(
        "received",
        [{"error": -216, "message": "no"}, {"data": {"url": "x"}}, {"code": "not_found", "msg": "no"}],
        ids=str,
    )
    @pytest.mark.parametrize("name", ["shop.extensions.get", "shop.zalo.accounts.authorize", "shop.current"])
    def test_error_of_another_kind(self, name: str, received: dict[str, Any]) -> None:
        """A read is not blank because a proxy or another service put its error into a 200."""
        assert type(refused(name, received)) is DecodeError

    @pytest.mark.parametrize("received", [received for received in FOREIGN if received], ids=str)
    @pytest.mark.parametrize("name", LISTS)
    def test_foreign_page(self, name: str, received: dict[str, Any]) -> None:
        """An object with neither the array nor paging is no page."""
        assert "nor paging in it @ $" in refused(name, received).problems[0]

    @pytest.mark.parametrize("name", LISTS)
    def test_empty_object_as_a_page(self, name: str) -> None:
        """`{}` is an empty list; in the middle of a list it is refused, because it would end the walk."""
        assert decode(name, {}) == Page(items=())
        with pytest.raises(DecodeError, match="an empty object in the middle of a list"):
            responses.decode(OPERATIONS[name], 200, {}, b"{}", Counter(), allow_empty_page=False)

    @pytest.mark.parametrize(
        "name", [name for name in WITH_FIELDS if OPERATIONS[name].fails_in_body != "updated"]
    )
    def test_one_field_is_enough(self, name: str) -> None:
        """One documented field is enough, even a blank one, by the wire's name or by the corrected one."""
        row = attrs.evolve(OPERATIONS[name], cases=None)
        for field in attrs.fields(row.response):
            for known in {field.name, field.metadata.get("wire", field.name)}:
                if row.fails_in_body != "status":
                    assert decode(row, {known: None, "error_": "no"}) == row.response()

    def test_open_results(self) -> None:
        """A result whose fields are not documented may be any object, also an empty one."""
        for effect in Effect:
            assert decode(attrs.evolve(OPEN, effect=effect), {}) == {}

    @pytest.mark.parametrize("name", DELETES)
    def test_delete_without_data(self, name: str) -> None:
        """A delete may return an empty object; another object without a documented field is refused."""
        assert decode(name, {}) == OPERATIONS[name].response()
        assert type(refused(name, {"error": "maintenance"})) is DecodeError

    @pytest.mark.parametrize("body", [b"", b"\r\n"], ids=["empty", "blank"])
    @pytest.mark.parametrize("status", [200, 202, 204])
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_no_body(self, name: str, status: int, body: bytes) -> None:
        """A success without a body counts for a delete, or where the result only says `updated`."""
        row = OPERATIONS[name]
        fields = [field.name for field in attrs.fields(row.response)] if attrs.has(row.response) else []
        if row.effect is Effect.DELETE or fields == ["updated"]:
            assert decode(name, body, status=status) == row.response()
        else:
            error = refused(name, body, status=status)
            assert type(error) is errors.MalformedResponseError
            assert error.problems == ("no JSON object: the response is empty @ $",)

    def test_many_problems_are_short_in_the_message(self) -> None:
        """The message names five problems and counts the rest; `.problems` has all of them."""
        error = refused("webhooks.list", {"webhooks": [5] * 100})
        assert len(error.problems) == 100
        assert "$.webhooks[4]; and 95 more. The first bytes" in str(error)
        assert "$.webhooks[5]" not in str(error)


class TestMalformed:
    """Responses that are not JSON objects."""

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"", "the response is empty"),
            (b"<!doctype html><title>Bad</title>", "the response is HTML"),
            (b"\n  <html>", "the response is HTML"),
            (b"[]", "array in place of an object"),
            (b"null", "null in place of an object"),
            (b'"text"', "text in place of an object"),
            (b"5", "number in place of an object"),
            (b"true", "boolean in place of an object"),
            (b"not JSON", "JSON is malformed: invalid character"),
            (b'{"webhooks": [{"id": "1"', "Input data was truncated"),
            (b'{"webhooks": []} x', "JSON is malformed: trailing characters"),
            (b'{"webhooks": [{"id": "\xff"', "a text is not UTF-8"),
            (b'{"webhooks": [{"id": "\xff}]}', "Input data was truncated"),
            (b"\xff\xfe{\0}\0", "JSON is malformed: invalid character"),
            (b'{"webhooks": [{"id": nan}]}', "JSON is malformed: invalid character"),
            (b'{"webhooks": [{"id": "\\ud8"}]}', "JSON is malformed: "),
            (b"[" * 100_000, "maximum recursion depth exceeded"),
            (b'{"a":' * 100_000, "maximum recursion depth exceeded"),
            (b'{"webhooks":' + b"[" * 100_000, "maximum recursion depth exceeded"),
        ],
        ids=[
            *("empty", "html", "html after blanks", "array", "null", "text", "number", "boolean"),
            *("not json", "half", "trailing", "half, not utf-8", "open, not utf-8", "utf-16", "nan"),
            *("half escape", "bomb", "bomb of objects", "bomb in a field"),
        ],
    )
    @pytest.mark.parametrize(
        "name", ["webhooks.list", "account", "shop.zalo.accounts.get", "partner.shops.list"]
    )
    def test_why(self, name: str, body: bytes, why: str) -> None:
        """The error says what the body is instead of a JSON object, for each way of decoding."""
        error = refused(name, body)
        assert type(error) is errors.MalformedResponseError
        assert len(error.problems) == 1
        assert error.problems[0].startswith(f"no JSON object: {why}")
        assert error.problems[0].endswith(" @ $")
        assert error.body == body[:200].decode(errors="replace")
        assert (error.status, error.operation) == (200, name)

    def test_html(self) -> None:
        """The hint for HTML in place of JSON says that another server may have answered."""
        assert "ask the operator of the proxy or the firewall" in str(refused("account", b"<html>"))
        assert "proxy" not in str(refused("account", b"not JSON"))

    @pytest.mark.parametrize(
        ("name", "response", "around"),
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
    def test_depth_of_kept_json(self, name: str, response: str, around: int) -> None:
        """Accepted JSON can be shown, exported and pickled; one level more is refused."""

        def nested(levels: int) -> bytes:
            return response.replace("?", '{"a":' * levels + "0" + "}" * levels).encode()

        row = attrs.evolve(OPERATIONS[name], cases=None)  # a case may not keep the field
        # A page and its items count as levels, like the object and the array that they replace.
        deepest: Any = decode(row, nested(responses.DEEPEST - around))
        assert repr(pickle.loads(pickle.dumps(deepest))) == repr(deepest)
        if isinstance(deepest, Model):
            assert json.dumps(deepest.to_dict()).count("}") > responses.DEEPEST - around

        error = refused(name, nested(responses.DEEPEST - around + 1))
        assert type(error) is errors.MalformedResponseError
        assert error.problems == ("no JSON object: more than 100 objects and arrays inside one another @ $",)

    def test_width_of_kept_json(self) -> None:
        """The number of objects beside one another is not limited."""
        assert len(decode("account", {"a": [{"b": [{}]}] * 1000})["a"]) == 1000
