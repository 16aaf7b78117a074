"""Requests: models to bytes for the client, bytes to models for the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import strategies as st

from etelecom_async import InvalidRequestError, Secret, errors, models
from etelecom_async._core.codec import requests
from etelecom_async._core.operation import EmptyRequest
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging
from tests.core.codec.conftest import OPEN

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


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
            ("\ud800", "surrogates not allowed"),
            ({(1, 2): 3}, "unhashable"),
            (st.deferred, "unsupported"),
        ],
        ids=["object", "surrogate", "key", "function"],
    )
    def test_value_that_json_cannot_hold(self, value: object, why: str) -> None:
        """A value that JSON cannot hold is an error of the request, not of the encoder."""
        with pytest.raises(InvalidRequestError, match=f"^open: cannot be encoded as JSON: .*{why}"):
            requests.encode(OPEN, {"a": value})

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

    def test_problems(self) -> None:
        """A form is refused like any other request."""
        operation = OPERATIONS["shop.zalo.files.upload"]
        with pytest.raises(InvalidRequestError) as caught:
            requests.encode_form(operation, operation.request(file=7, oa_id="7", type="image"))
        assert caught.value.problems == (
            "file: a file must be a path, bytes or an async iterable of bytes, not int",
        )


class TestDecode:
    """Test the sandbox: bytes to models, strictly."""

    def test_request(self) -> None:
        """The sandbox reads the same request that the client wrote."""
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
        read = requests.decode(operation, requests.encode(operation, request))
        assert read.password == Secret("s")
        assert read.routerule == (models.SmsChannel.ZNS, models.SmsChannel.SMS)
        assert read.list_param == {"a": "b"}
        status = OPERATIONS["sms.status"]
        assert requests.decode(status, b'{"idOmniMess": "I"}').id_omni_mess == "I"

    def test_body_may_be_missing(self) -> None:
        """A missing body is an empty object."""
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
        """A body that is not a JSON object is malformed."""
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
        """A missing field or a wrong type is refused; the message names each problem by its JSON path."""
        with pytest.raises(errors.InvalidArgumentError) as caught:
            requests.decode(OPERATIONS[name], json.dumps(body).encode())
        assert sorted(caught.value.msg.split("; ")) == sorted(problems)

    def test_null_counts_as_absent(self) -> None:
        """Null is accepted for an optional field."""
        body = b'{"filter": {"direction": null, "date_from": null}, "paging": null}'
        read = requests.decode(OPERATIONS["shop.call_logs.list"], body)
        assert read.filter == models.CallLogFilter()
