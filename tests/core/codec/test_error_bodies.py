"""Error bodies: bytes to errors for the client, errors to bytes for the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import APIError, DecodeError, DeliveryError, NotAppliedError, SmsError, errors
from etelecom_async._core.codec import error_bodies
from etelecom_async.operations import OPERATIONS
from tests.core.codec.conftest import decode, refused


class TestErrorResponses:
    """Responses with an error status."""

    def test_twirp_error(self) -> None:
        """Code, message, meta and status come from the response; the code selects the class."""
        body = {"code": "not_found", "msg": "Không tìm thấy", "meta": {"reason": "gone", "n": 5}}
        error = refused("shop.current", body, status=404, headers={"Retry-After": "5"})
        assert type(error) is errors.NotFoundError
        assert (error.code, error.msg, error.status) == ("not_found", "Không tìm thấy", 404)
        assert (error.meta, error.retry_after) == ({"reason": "gone", "n": "5"}, 5.0)
        assert str(error) == "shop.current: Không tìm thấy (not_found, HTTP 404; reason: gone, n: 5)."

    def test_long_texts_are_cut(self) -> None:
        """Only the beginning of a long text is kept, and the cut shows no half of a secret."""
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

    def test_all_texts_are_masked(self) -> None:
        """Code, message, and the names and values of meta are masked."""
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
        """A plain APIError keeps an unlisted code."""
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
    def test_body_without_an_envelope(self, status: int, kind: type[APIError], body: bytes, msg: str) -> None:
        """Without an error envelope the status selects the class, and the message quotes the body."""
        error = refused("account", body, status=status)
        assert type(error) is kind
        assert (error.status, error.msg, error.meta) == (status, msg, {})

    @pytest.mark.parametrize(
        "kind", [errors.NotFoundError, errors.UnavailableError, errors.InvalidArgumentError]
    )
    def test_envelope_that_was_cut_off(self, kind: type[APIError]) -> None:
        """If the code arrived, it selects the class, and the message quotes the rest."""
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
        """Message and meta may be missing or of another type; both are masked."""
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
        """`Retry-After` is seconds or a date; junk counts as absent, the past as now."""
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
        """No value of the header breaks the decoding of an error."""
        seconds = refused("account", b"", status=503, headers={"Retry-After": header}).retry_after
        assert seconds is None or seconds >= 0

    @pytest.mark.parametrize(
        ("status", "what"),
        [(302, "a redirect"), (304, "a redirect"), (101, "no final answer"), (0, "no final answer")],
    )
    def test_redirect(self, status: int, what: str) -> None:
        """A redirect and an informational status are no responses; the error points at the base URL."""
        error = refused("account", b"", status=status)
        assert type(error) is DecodeError
        assert error.problems == (f"{what} (HTTP {status}) in place of an answer: check the base URL @ $",)

    @pytest.mark.parametrize("meta", [None, {"reason": "because"}])
    @pytest.mark.parametrize("kind", APIError.__subclasses__(), ids=lambda kind: kind.code)
    def test_error_of_the_sandbox(self, kind: type[APIError], meta: dict[str, str] | None) -> None:
        """The client raises the error that the sandbox sends."""
        status, body = error_bodies.encode(kind("vì vậy", meta=meta))
        error = refused("account", body, status=status)
        assert type(error) is kind
        assert (error.msg, error.meta, error.status) == ("vì vậy", meta or {}, kind.status)


class TestFailuresInTheBody:
    """Responses with HTTP 200 that say that the call failed."""

    @pytest.mark.parametrize("response", [{"updated": 0}, {}, {"updated": None}, {"updated": "0"}], ids=str)
    @pytest.mark.parametrize(
        "name", ["shop.extensions.assign", "shop.extensions.unassign", "shop.extensions.change_hotline"]
    )
    def test_not_applied(self, name: str, response: dict[str, Any]) -> None:
        """`updated: 0`, or no `updated`, is a NotAppliedError with the result."""
        error = refused(name, response)
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
        """An `error_code` other than 0 is a DeliveryError with the whole result and a masked text."""
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

    def test_results_have_the_fields_of_the_rule(self) -> None:
        """The result of each operation with a failure rule has the fields that the rule reads."""
        needed = {
            "updated": {"updated"},
            "error_code": {"error_code", "error_message"},
            "status": {"status", "code"},
        }
        for row in OPERATIONS.values():
            if row.fails_in_body is not None:
                assert needed[row.fails_in_body] <= {field.name for field in attrs.fields(row.response)}


class TestQuotes:
    """The first bytes of a response, as errors show them."""

    def test_first_200_bytes(self) -> None:
        """An error quotes 200 bytes, and cuts no character in two."""
        assert refused("account", b"x" * 300).body == "x" * 200
        assert refused("account", ("á" * 150).encode()).body == "á" * 100
        assert refused("account", b"x" + ("á" * 150).encode()).body == "x" + "á" * 99

    def test_secrets_and_phones_are_masked(self) -> None:
        """The quotation masks passwords, keys and phone numbers."""
        error = refused("account", b'["x", {"extension_password": "abc", "phone": "0901234567"}]')
        assert error.body == '["x", {"extension_password": "****", "phone": "090***567"}]'

    @given(before=st.integers(0, 4200), secret=st.sampled_from(["0901234567", "shop123456:abcdefghij"]))
    def test_no_cut_uncovers_half_a_secret(self, before: int, secret: str) -> None:
        """No part of a secret shows, wherever it stands, even across the end of the examined bytes."""
        # Masking shortens the text, so later bytes move into the first 200.
        body = b'{"password": "' + b"p" * before + b'", "a": "' + secret.encode() + b'" ' + b"-" * 5000
        quoted = refused("account", body).body
        assert secret[:6] not in quoted
        assert "ppp" not in quoted
        assert len(quoted) <= 200

    def test_html_by_its_content_type(self) -> None:
        """A response with the content type of HTML is called HTML, whatever it begins with."""
        error = refused("account", b"Bad Gateway", headers={"Content-Type": "text/html; charset=utf-8"})
        assert error.problems == ("no JSON object: the answer is HTML @ $",)
