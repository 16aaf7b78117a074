"""Error bodies: bytes to errors for the client, errors to bytes for the sandbox."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import APIError, DecodeError, DeliveryError, NotAppliedError, Secret, SmsError, errors
from etelecom_async._core.codec import error_bodies
from etelecom_async._core.known_secrets import KnownSecrets, of_call
from etelecom_async.operations import OPERATIONS
from tests.core.codec.conftest import decode, refused


@attrs.frozen
class Knowing:
    """A call with these secrets."""

    secrets: KnownSecrets

    def known_secrets(self) -> KnownSecrets:
        """Return the secrets."""
        return self.secrets


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

    @pytest.mark.parametrize("name", ["msg", "meta", "body", "title", "code"])
    def test_secrets_of_the_call(self, name: str) -> None:
        """The secrets that the call knows are masked in every part, and no cut shows a half of one."""
        secret = "canary-" * 12
        texts = [secret, "x" * (4096 - 50) + secret, "x" * 190 + secret]
        for text in texts:
            body: Any = {
                "msg": {"code": "aborted", "msg": text},
                "meta": {"code": "aborted", "meta": {text: text}},
                "body": text.encode(),
                "title": f"<title>{text}</title>".encode(),
                "code": {"code": text},
            }[name]
            with of_call(Knowing(KnownSecrets([secret]))):
                error = refused("account", body, status=409)
            assert "canary" not in str(error) + repr(vars(error))

    @pytest.mark.parametrize("kind", errors.APIError.__subclasses__(), ids=lambda kind: kind.__name__)
    def test_codes_are_not_masked(self, kind: type[APIError]) -> None:
        """A code of the protocol stays, also if it is a value of a template: retries depend on it."""
        assert kind.code is not None
        body = {"code": kind.code, "msg": kind.code}
        with of_call(Knowing(KnownSecrets(tokens=[kind.code]))):
            error = refused("account", body, status=kind.status)
        assert (type(error), error.code, error.msg) == (kind, kind.code, "****")

    @pytest.mark.parametrize(
        "body",
        [{"code": "resource_exhausted", "msg": "quota exceeded"}, b"quota exceeded"],
        ids=["API", "proxy"],
    )
    def test_quota_is_found_before_masking(self, body: Any) -> None:
        """A quota counts, also if a template has the word as a value."""
        with of_call(Knowing(KnownSecrets(tokens=["quota"]))):
            error = refused("account", body, status=429)
        assert (type(error), error.msg) == (errors.APIQuotaError, "**** exceeded")

    def test_unlisted_code_is_kept(self) -> None:
        """A plain APIError keeps an unlisted code."""
        error = refused("account", {"code": "teapot", "msg": "short"}, status=418)
        assert type(error) is APIError
        assert (error.code, error.status) == ("teapot", 418)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 429, 451, 500, 502, 503, 504, 520])
    @pytest.mark.parametrize(
        ("body", "msg"),
        [
            (b"Bad 0901234567", "Bad 090***567"),
            (b"", "no text"),
            (b" \r\n", "no text"),
            (b"[" * 100_000, "[" * 200),
            (b'{"code": 5}', '{"code": 5}'),
            (b'{"message": "no"}', '{"message": "no"}'),
            (b'["code"]', '["code"]'),
            (b"\xff", "\ufffd"),
            (b"\xef\xbb\xbfBad", "Bad"),
            (b"\xef\xbb\xbf \n", "no text"),
        ],
        ids=[
            *("text", "empty", "blank", "bomb", "code that is a number", "no code", "array", "not utf-8"),
            *("text after a mark", "mark"),
        ],
    )
    def test_no_envelope(self, status: int, body: bytes, msg: str) -> None:
        """An error without a code keeps its status and quotes the text; the client invents no code."""
        error = refused("account", body, status=status)
        kinds = {401: errors.UnauthenticatedError, 429: errors.ResourceExhaustedError}
        assert type(error) is kinds.get(status, APIError)
        assert (error.code, error.status, error.msg, error.meta) == (None, status, msg, {})
        assert str(error).startswith(f"account: {msg} (no code, HTTP {status}).")
        assert pickle.loads(pickle.dumps(error)).code is None

    @pytest.mark.parametrize(
        ("body", "headers", "detail"),
        [
            (b"<html><head><title>403\n Forbidden</title>", {}, " ('403 Forbidden')"),
            (b"  <H1 class=a>Call 0901234567</H1>", {}, " ('Call 090***567')"),
            (b"<html>", {}, ""),
            (b"Bad Gateway", {"Content-Type": "Text/HTML; charset=utf-8"}, ""),
            (b"\xef\xbb\xbf<html>", {}, ""),
        ],
        ids=["title", "heading", "neither", "by its type", "after a mark"],
    )
    @pytest.mark.parametrize("status", [401, 403, 404, 429, 502])
    def test_html(self, status: int, body: bytes, headers: dict[str, str], detail: str) -> None:
        """An HTML error says what answered in place of the API, and does not blame the key."""
        error = refused("account", body, status=status, headers=headers)
        assert error.msg == f"a proxy, a firewall or a wrong base URL answered with an HTML page{detail}"
        for text in (str(error), str(pickle.loads(pickle.dumps(error)))):
            assert text.endswith(error_bodies.FOREIGN_HINT)
            assert "key" not in text

    def test_hint_of_other_refusals(self) -> None:
        """A refusal in plain text, as of the SMS service, keeps the hint of its class."""
        assert "Check the key" in str(refused("account", b"Unauthorized", status=401))

    @pytest.mark.parametrize("status", [400, 403])
    @pytest.mark.parametrize(
        ("body", "msg"),
        [
            (b'\xef\xbb\xbf{"code": "not_found", "msg": "no"}', "no"),
            (b'{"code": "not_found", "msg": "a\\ud800"}', "a\ufffd"),
            (b'{"code": "not_found", "msg": "a\nb"}', "a\nb"),
            (b'{"code": "not_found", "msg": "H\xe1\xba"}', "H\ufffd"),
            (b'{"code": "not_found", "msg": "no", "meta": {"a": NaN}}', "no"),
            (b'\xef\xbb\xbf{"code": "not_found", "msg": "n', '{"code": "not_found", "msg": "n'),
        ],
        ids=repr,
    )
    def test_envelope_that_is_almost_json(self, status: int, body: bytes, msg: str) -> None:
        """The code of an error counts, also after a byte order mark and beside a bad text or number."""
        error = refused("account", body, status=status)
        assert type(error) is errors.NotFoundError
        assert (error.msg, error.status) == (msg, status)

    @pytest.mark.parametrize(
        "kind", [errors.NotFoundError, errors.UnavailableError, errors.InvalidArgumentError]
    )
    @pytest.mark.parametrize(
        "form",
        ['{"code":"?","msg":"Không', ' { "code" : "?" , "msg"', '{"meta":{"a":[1]},"code":"?","msg":"K'],
    )
    def test_envelope_that_was_cut_off(self, kind: type[APIError], form: str) -> None:
        """A code before the cut counts, and the error quotes the rest."""
        assert kind.code is not None
        cut = form.replace("?", kind.code).encode()
        error = refused("account", cut, status=kind.status)
        assert (type(error), error.code, error.status) == (kind, kind.code, kind.status)
        assert (error.msg, error.meta) == (cut.decode(), {})

    @pytest.mark.parametrize(
        "body",
        [
            b'{"code":"not_fo',
            b'{"code"',
            b'{"code":5,"msg":"',
            b'{"meta":{"code":"not_found"',
            b'["code","a"',
        ],
    )
    def test_cut_before_the_code(self, body: bytes) -> None:
        """A code that is not whole, no text, or not the object's own is no code."""
        assert refused("account", body, status=404).code is None

    @pytest.mark.parametrize(
        ("body", "code"),
        [(rb'{"code":"\ud800 x","msg":"', "\ufffd x"), (b'{"code":"\xe1\xba","msg":"', "\ufffd")],
        ids=["half a surrogate", "half a character"],
    )
    def test_odd_code_before_the_cut(self, body: bytes, code: str) -> None:
        """Every character of an error can be written, also if the JSON escapes half a surrogate pair."""
        error = refused("account", body, status=404)
        assert error.code == code
        assert str(error).encode()

    @pytest.mark.parametrize(
        "body",
        [
            {"code": "resource_exhausted", "msg": "Daily quota exceeded"},
            {"code": "resource_exhausted", "msg": "no", "meta": {"quota": "zns"}},
            {"code": "resource_exhausted", "msg": "Đã hết hạn mức trong ngày"},
            {"code": "quota_exceeded", "msg": ""},
            b"quota exceeded",
        ],
        ids=["text", "details", "Vietnamese", "code", "no envelope"],
    )
    def test_quota(self, body: Any) -> None:
        """A throttle that names a quota is a used-up quota; with a time to wait it is a rate."""
        error = refused("account", body, status=429)
        assert type(error) is errors.APIQuotaError
        assert isinstance(error, errors.QuotaError)
        assert isinstance(error, errors.ResourceExhaustedError)
        timed = refused("account", body, status=429, headers={"Retry-After": "5"})
        assert not isinstance(timed, errors.QuotaError)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"code": "resource_exhausted", "msg": "slow down"}, 429),
            ({"code": "resource_exhausted", "msg": "quota of 60 requests per minute"}, 429),
            ({"code": "resource_exhausted", "msg": "rate quota exceeded"}, 429),
            ({"code": "permission_denied", "msg": "no quota for this key"}, 403),
            ({"code": "internal", "msg": "quota service failed"}, 500),
            (b"<title>Quota exceeded</title>", 429),
        ],
        ids=str,
    )
    def test_no_proof_of_a_quota(self, body: Any, status: int) -> None:
        """A rate, another refusal, a fault or a proxy's page is no proof of a used-up quota."""
        assert not isinstance(refused("account", body, status=status), errors.QuotaError)

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
            ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
            ("Sun Nov  6 08:49:37 1994", 0.0),
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

    @pytest.mark.parametrize("shift", [-30 * 365, -1, 0, 1, 30 * 365])
    def test_retry_after_by_the_clock_of_the_server(self, shift: int) -> None:
        """A date counts from the `Date` of the response, however wrong the clock of this machine is."""
        now = datetime.now(UTC) + timedelta(days=shift)
        headers = {
            "Date": format_datetime(now, usegmt=True),
            "Retry-After": format_datetime(now + timedelta(seconds=100), usegmt=True),
        }
        assert refused("account", b"", status=503, headers=headers).retry_after == 100
        headers["Retry-After"] = format_datetime(now - timedelta(seconds=100), usegmt=True)
        assert refused("account", b"", status=503, headers=headers).retry_after == 0
        headers["Retry-After"] = "7"
        assert refused("account", b"", status=503, headers=headers).retry_after == 7

    @pytest.mark.parametrize("date", ["", "soon", "Mon, 01 Jan 99999 00:00:00 GMT"])
    def test_retry_after_beside_an_unreadable_date(self, date: str) -> None:
        """If the `Date` of the response cannot be read, the clock of this machine counts."""
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
        error = refused("account", b"", status=503, headers={"Date": date, "Retry-After": later})
        assert 90 < error.retry_after <= 100

    @given(header=st.text())
    def test_any_retry_after(self, header: str) -> None:
        """No value of the header breaks the decoding of an error."""
        seconds = refused("account", b"", status=503, headers={"Retry-After": header}).retry_after
        assert seconds is None or seconds >= 0

    @pytest.mark.parametrize(
        ("status", "what"),
        [(302, "a redirect"), (304, "a redirect"), (101, "no final response"), (0, "no final response")],
    )
    def test_redirect(self, status: int, what: str) -> None:
        """A redirect, or a status that comes before a response, points at the base URL."""
        error = refused("account", b"", status=status)
        assert type(error) is DecodeError
        assert error.problems == (f"{what} (HTTP {status}) instead of a response: check the base URL @ $",)

    @pytest.mark.parametrize(
        ("location", "shown"),
        [
            ("https://api.example/v2/shop", "https://api.example/v2/shop"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[::1]:8080/x", "https://[::1]:8080/x"),
            ("//other.example/x", "//other.example/x"),
            ("/login", "/login"),
            ("https://canary:canary@api.example/x?token=canary#canary", "https://api.example/x"),
            ("https://api.example/x;jsessionid=canary", "https://api.example/x"),
            ("https://api.example?canary", "https://api.example"),
            ("https://api.example/a@b/x", "https://api.example/b/x"),
            ("https://api.example/1161512386239479010:canary-key", "https://api.example/****"),
            ("https://api.example/0901234567", "https://api.example/090***567"),
            (f"https://api.example/{'x' * 5000}", f"https://api.example/{'x' * 180}"),
            ("https://api.example/\udcff", "https://api.example/?"),
        ],
        ids=lambda text: text[:40],
    )
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_location(self, status: int, location: str, shown: str) -> None:
        """A redirect names where it leads, without user, password, query and fragment."""
        error = refused("account", b"", status=status, headers={"Location": location})
        assert error.problems == (
            f"a redirect (HTTP {status}) to {shown!r} instead of a response: check the base URL @ $",
        )
        str(error).encode()

    @pytest.mark.parametrize(
        "location",
        [
            *("", "?canary", "canary", "mailto:canary", "https://", "https://canary:canary", "http://[::1"),
            *("https://canary:ca?nary@api.example", "https:canary@api.example", "javascript:canary()"),
        ],
    )
    def test_odd_location(self, location: str) -> None:
        """A location that is no place on the web is not shown."""
        error = refused("account", b"", status=302, headers={"Location": location})
        assert error.problems == ("a redirect (HTTP 302) instead of a response: check the base URL @ $",)

    @given(location=st.text() | st.text("/:@?#[]\\x1.", max_size=20))
    def test_any_location(self, location: str) -> None:
        """No location breaks the error, or adds a line to it."""
        error = refused("account", b"", status=302, headers={"Location": location})
        assert "\n" not in str(error)
        str(error).encode()

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

    @pytest.mark.parametrize("received", [{"updated": 0}, {"updated": None}, {"updated": "0"}], ids=str)
    @pytest.mark.parametrize(
        "name", ["shop.extensions.assign", "shop.extensions.unassign", "shop.extensions.change_hotline"]
    )
    def test_not_applied(self, name: str, received: dict[str, Any]) -> None:
        """`updated: 0`, or null, is NotAppliedError with the result."""
        error = refused(name, received)
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

    @pytest.mark.parametrize("code", [-115, -144, -147, -1441, "-115"], ids=repr)
    def test_delivery_quota(self, code: object) -> None:
        """The codes of a used-up quota or balance are both a QuotaError and a DeliveryError."""
        error = refused("shop.zns.messages.send", {"error_code": code})
        assert type(error) is errors.DeliveryQuotaError
        assert isinstance(error, errors.QuotaError)
        assert isinstance(error, DeliveryError)
        assert error.result.error_code == int(str(code))

    @pytest.mark.parametrize(
        ("status", "kind", "code"),
        [
            ("-3", errors.SmsQuotaError, "-3"),
            (-3, errors.SmsQuotaError, "-3"),
            (-3.0, errors.SmsQuotaError, "-3"),
            ("-03 ", errors.SmsQuotaError, "-3"),
            ("-4", SmsError, "-4"),
            ("-1.5", SmsError, "-1.5"),
        ],
        ids=repr,
    )
    def test_sms_refusal(self, status: object, kind: type[SmsError], code: str) -> None:
        """A negative SMS `status` is the SmsError of that status, with the result, and no doubt."""
        error = refused("sms.send", {"status": status, "code": "no 0901234567"})
        assert (type(error), error.status, error.may_have_happened) == (kind, code, False)
        assert error.result.code == "no 0901234567"
        assert "0901234567" not in str(error)

    @pytest.mark.parametrize("status", ["1", 1, 1.0, "1.0", "01", "1 ", " +1"], ids=repr)
    def test_sms_success(self, status: object) -> None:
        """One is success, as text or number, in any usual form."""
        assert decode("sms.send", {"status": status, "idOmniMess": "I"}).id_omni_mess == "I"

    @pytest.mark.parametrize("status", [0, "11", 1.5, "odd", "", None, True, "-inf", "one", "1 2"], ids=repr)
    def test_sms_doubt(self, status: object) -> None:
        """Any other status leaves the doubt that the message was sent."""
        error = refused("sms.send", {"status": status})
        assert (type(error), error.may_have_happened) == (SmsError, True)
        assert "neither accepted nor refused" in str(error)

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("permission_denied", errors.PermissionDeniedError),
            ("internal", errors.InternalError),
            ("odd", APIError),
        ],
    )
    def test_not_ok(self, code: str, kind: type[APIError]) -> None:
        """A code other than `ok` in a 200 is the error of that code, with its details."""
        body = {"code": code, "msg": "call 0901234567", "meta": {"reason": "gone"}}
        error = refused("partner.shops.authorize", body)
        assert (type(error), error.code, error.status, error.operation) == (
            *(kind, code, 200),
            "partner.shops.authorize",
        )
        assert (error.msg, error.meta) == ("call 090***567", {"reason": "gone"})

    @pytest.mark.parametrize("code", ["ok", "OK", " ok", "", None], ids=repr)
    def test_ok(self, code: str | None) -> None:
        """`ok`, or no code, is a success."""
        body = {"code": code, "type": "shop_key", "auth_token": "t"}
        assert decode("partner.shops.authorize", body).shop_key == Secret("t")

    def test_results_have_the_fields_of_the_rule(self) -> None:
        """The result of each operation with a failure rule has the fields that the rule reads."""
        needed = {
            "updated": {"updated"},
            "error_code": {"error_code", "error_message"},
            "status": {"status", "code"},
            "code": {"code", "msg", "meta"},
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
        assert error.problems == ("no JSON object: the response is HTML @ $",)


def test_result_without_a_failure_rule() -> None:
    """A row without a rule accepts every result."""
    assert OPERATIONS["shop.extensions.list"].fails_in_body is None
    error_bodies.raise_if_failed(OPERATIONS["shop.extensions.list"], 200, object())
