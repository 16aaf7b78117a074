"""Requests: models to bytes for the client, bytes to models for the sandbox."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from markupsafe import Markup
from pydantic import SecretStr

from etelecom_async import InvalidRequestError, Secret, errors, models
from etelecom_async._core.codec import requests
from etelecom_async._core.operation import EmptyRequest, Operation
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging
from tests.core.codec.conftest import OPEN

HALF = "has half of a character (a lone surrogate), which cannot be sent: decode the text again"


class Colour(str, Enum):  # noqa: UP042 - a StrEnum prints its value
    """An enum of texts that prints its names."""

    RED = "red"


class Number(int):
    """A subclass of `int`."""


class Nanoseconds(datetime):
    """A time that prints more digits than JSON times have, like the one of pandas."""

    def isoformat(self, *_: Any) -> str:
        """Return a text that is no time."""
        return "nanoseconds"


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def decoded(operation: Operation[Any, Any], body: bytes) -> Any:
    """Return the request in *body*, as the sandbox reads it."""
    return requests.structure(operation, requests.read_object(body))


class TestEncode:
    """Test the client: models to bytes."""

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
        """A field is written by its wire name; a field that is not set, or empty, is left out."""
        operation = OPERATIONS[name]
        assert json.loads(requests.encode(operation, operation.request(**fields))) == body

    def test_open_body(self) -> None:
        """An open body is written unchanged, with the secrets, times, enums and models in it."""
        body = {
            "a": Secret("s"),
            "f": {"g": [SecretStr("t")]},
            "b": [NOON, models.CallDirection.unlisted("odd")],
            "c": {"d": Paging(limit=1)},
            "e": None,
        }
        assert json.loads(requests.encode(OPEN, body)) == {
            "a": "s",
            "f": {"g": ["t"]},
            "b": ["2026-01-02T12:00:00Z", "odd"],
            "c": {"d": {"limit": 1}},
            "e": None,
        }

    def test_problems(self) -> None:
        """One error lists all invalid values, with the operation's name."""
        operation = OPERATIONS["shop.extensions.create"]
        request = operation.request(hotline_id=1, extension_number="1001")
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode(operation, request)
        assert caught.value.problems == (
            "hotline_id is a text, not a number: convert it with str() (ids are texts)",
            "extension_number takes a whole number, not str",
        )
        assert str(caught.value) == f"shop.extensions.create: {'; '.join(caught.value.problems)}."

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (object(), "unsupported"),
            (st.deferred, "unsupported"),
            (np.array([1]), "unsupported"),
            (10**5000, "4300 digits"),
        ],
        ids=["object", "function", "array", "huge number"],
    )
    def test_value_that_json_cannot_hold(self, value: object, why: str) -> None:
        """A value that JSON cannot hold is an error of the request, not of the encoder."""
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode(OPEN, {"a": ["", {"b": value}], "c": value})
        assert len(caught.value.problems) == 2
        for path, problem in zip(("body['a'][1]['b']", "body['c']"), caught.value.problems, strict=True):
            assert re.match(f"{re.escape(path)} cannot be encoded as JSON: .*{why}", problem)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"a": "\ud800"}, f"body['a'] {HALF}"),
            ({"a": ["x", "x\udfffy"]}, f"body['a'][1] {HALF}"),
            ({"\ud800": 1}, f"the name of body[str] {HALF}"),
            ({"a": Secret("\ud800")}, f"body['a'] {HALF}"),
            ({"a": Paging(after="\ud800")}, f"body['a'].after {HALF}"),
            (
                {(1, 2): 3},
                "the name of body[tuple of int] cannot be encoded as JSON: unhashable type: 'list'",
            ),
        ],
        ids=ascii,
    )
    def test_part_that_json_cannot_hold(self, body: dict[Any, Any], problem: str) -> None:
        """The error names each part with a lone surrogate, and each name that JSON cannot hold."""
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode(OPEN, body)
        assert caught.value.problems == (problem,)

    @pytest.mark.parametrize(
        ("name", "fields", "path"),
        [
            ("shop.users.create", {"full_name": "\ud800", "phone": "1", "password": "p"}, "full_name"),
            ("sms.status", {"id_omni_mess": "\udfff"}, "id_omni_mess"),
            ("shop.users.create", {"full_name": "A", "phone": "1", "password": "\ud800"}, "password"),
            (
                "shop.call_logs.list",
                {"filter": models.CallLogFilter(extension_ids=("1", "\ud800"))},
                "filter.extension_ids[1]",
            ),
        ],
        ids=["text", "renamed", "secret", "nested"],
    )
    def test_lone_surrogate_in_a_field(self, name: str, fields: dict[str, Any], path: str) -> None:
        """The error names the field that has a lone surrogate, and not its text."""
        operation = OPERATIONS[name]
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode(operation, operation.request(**fields))
        assert caught.value.problems == (f"{path} {HALF}",)

    def test_subclasses_and_numpy(self) -> None:
        """Texts of subclasses, scalars of numpy and other mappings are written like the built-in types."""
        body = {
            Markup("a"): [Markup("<b>"), np.str_("c"), Colour.RED],
            np.str_("n"): [np.int64(-5), np.uint64(2**64 - 1), Number(7), np.True_],
            "f": [np.float64(1.5), np.float32(0.5)],
            "m": MappingProxyType({"x": Markup("y")}),
        }
        assert json.loads(requests.encode(OPEN, body)) == {
            "a": ["<b>", "c", "red"],
            "n": [-5, 2**64 - 1, 7, True],
            "f": [1.5, 0.5],
            "m": {"x": "y"},
        }
        operation = OPERATIONS["shop.extensions.create"]
        request = operation.request(hotline_id=Markup("1"), extension_number=np.int64(1001))
        assert requests.encode(operation, request) == b'{"hotline_id":"1","extension_number":1001}'

    def test_counted_text_is_sent(self) -> None:
        """A text with a limit is sent in the form NFC, in which it was counted; other texts are unchanged."""
        operation = OPERATIONS["shop.zalo.messages.request_user_info"]
        decomposed = unicodedata.normalize("NFD", "ế" * 100)
        request = operation.request(oa_id=decomposed, zl_user_id="2", title=decomposed)
        sent = json.loads(requests.encode(operation, request))
        assert (sent["title"], sent["oa_id"]) == ("ế" * 100, decomposed)

    @pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=7))])
    def test_time_of_a_subclass(self, zone: timezone) -> None:
        """A time of a subclass is written like any other, whatever its `isoformat` returns."""
        operation = OPERATIONS["shop.call_logs.list"]
        request = operation.request(
            filter=models.CallLogFilter(date_from=Nanoseconds(2026, 1, 2, tzinfo=zone))
        )
        sent = json.loads(requests.encode(operation, request))["filter"]["date_from"]
        assert sent == ("2026-01-02T00:00:00Z" if zone is UTC else "2026-01-02T00:00:00+07:00")

    def test_body_that_contains_itself(self) -> None:
        """A body that contains itself is refused."""
        body: dict[str, Any] = {}
        body["a"] = body
        with pytest.raises(InvalidRequestError, match="cannot be encoded as JSON: maximum recursion depth"):
            requests.encode(OPEN, body)


class TestEncodeForm:
    """Test the client: models with files to forms."""

    def test_form(self) -> None:
        """Fields become texts, and files stay as they are; fields that are not set are left out."""
        operation = OPERATIONS["shop.zalo.files.upload"]
        request = operation.request(file=b"canary", oa_id="7", type="image")
        form = requests.encode_form(operation, request)
        assert dict(form.fields) == {"oa_id": "7", "type": "image"}
        assert form.files == (("file", request.file),)

    @pytest.mark.parametrize("name", ["oa_id", "type"])
    def test_lone_surrogate(self, name: str) -> None:
        """The error names the field that has a lone surrogate."""
        operation = OPERATIONS["shop.zalo.files.upload"]
        bad = models.UploadType.unlisted("a\udcff")
        fields = {"file": b"canary", "oa_id": "7", "type": "image", name: bad}
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode_form(operation, operation.request(**fields))
        assert caught.value.problems == (f"{name} {HALF}",)

    def test_subclasses(self) -> None:
        """Fields of a subclass of `str` become plain texts, whatever they print."""
        operation = OPERATIONS["shop.zalo.files.upload"]
        request = operation.request(file=b"", oa_id=Colour.RED, type=Markup("image"))
        form = requests.encode_form(operation, request)
        assert dict(form.fields) == {"oa_id": "red", "type": "image"}
        assert {type(text) for _, text in form.fields} == {str}

    def test_problems(self) -> None:
        """A form is refused like any other request."""
        operation = OPERATIONS["shop.zalo.files.upload"]
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode_form(operation, operation.request(file=7, oa_id="7", type="image"))
        assert caught.value.problems == (
            "file: a file must be a path, bytes, an open file or an async iterable of bytes, not int",
        )


class TestDecode:
    """Test the sandbox: bytes to models, strictly."""

    def test_request(self) -> None:
        """The sandbox reads the same request that the client wrote."""
        operation = OPERATIONS["shop.call_logs.list"]
        request = operation.request(
            filter=models.CallLogFilter(
                date_from=NOON,
                direction=models.CallDirection.unlisted("odd"),
                call_state="answered",
                extension_ids=("1",),
                duration=models.CallDurationFilter(value=5),
            ),
            paging=Paging(limit=5),
        )
        assert decoded(operation, requests.encode(operation, request)) == request

    def test_renamed_request(self) -> None:
        """Renamed fields, secrets, maps and lists of enums are written and read as the same values."""
        operation = OPERATIONS["sms.send"]
        request = operation.request(
            username="u",
            password="s",
            phonenumber="0901234567",
            routerule=["1", models.SmsChannel.SMS],
            templatecode="T",
            list_param={"a": "b"},
        )
        read = decoded(operation, requests.encode(operation, request))
        assert read.password == Secret("s")
        assert read.routerule == (models.SmsChannel.ZNS, models.SmsChannel.SMS)
        assert read.list_param == {"a": "b"}
        status = OPERATIONS["sms.status"]
        assert decoded(status, b'{"idOmniMess": "I"}').id_omni_mess == "I"

    def test_body_may_be_missing(self) -> None:
        """A missing body is an empty object."""
        assert decoded(OPERATIONS["shop.tenant.get"], b"") == EmptyRequest()
        assert decoded(OPEN, b"") == {}
        assert decoded(OPEN, b'{"a": 1}') == {"a": 1}

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
        """A body that is not a JSON object is malformed."""
        with pytest.raises(errors.MalformedError, match=why):
            decoded(OPEN, body)

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
        """A missing field or a wrong type is refused; the message names each problem by its JSON path."""
        with pytest.raises(errors.InvalidArgumentError) as caught:
            decoded(OPERATIONS[name], json.dumps(body).encode())
        assert sorted(caught.value.msg.split("; ")) == sorted(problems)

    def test_null_counts_as_absent(self) -> None:
        """Null is accepted for an optional field."""
        body = b'{"filter": {"direction": null, "date_from": null}, "paging": null}'
        read = decoded(OPERATIONS["shop.call_logs.list"], body)
        assert read.filter == models.CallLogFilter()
