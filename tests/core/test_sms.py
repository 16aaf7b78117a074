"""Test the SMS service over real sockets: status codes, plain text, times, and objects as text."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import SmsClient, errors
from etelecom_async.errors import EtelecomError, InvalidRequestError, OutcomeUnknownError, SmsError
from etelecom_async.models import SmsChannel, SmsDeliveryStatus, SmsSendStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Asked, Peer, Reply, Waits

SAMPLES = Path(__file__).parent.parent / "contract" / "samples"
MESSAGE: dict[str, Any] = {
    "phonenumber": "0901 234 567",
    "routerule": [SmsChannel.ZNS, "3"],
    "templatecode": "T",
    "list_param": {"otp": "123456"},
}
ACCEPTED = {"status": "1", "code": "Success", "idOmniMess": "ICOMNI123"}


@pytest.fixture
async def sms(peer: Peer, waits: Waits) -> AsyncIterator[SmsClient]:
    """A client of the peer that does not wait between attempts."""
    base_url = f"http://127.0.0.1:{peer.port}"
    async with SmsClient("user", "canary-password", base_url=base_url) as client:
        waits.govern(client)
        yield client


async def refused(sms: SmsClient, **changes: Any) -> EtelecomError:
    """Return the error of a message."""
    with pytest.raises(EtelecomError) as caught:
        await sms.send(**{**MESSAGE, **changes})
    return caught.value


class TestSent:
    """Test requests."""

    async def test_request(self, sms: SmsClient, peer: Peer) -> None:
        """The body has user name and password; the number has its country code; channels keep their order."""
        peer.respond_with(peer.json(ACCEPTED))
        receipt = await sms.send(**MESSAGE)
        (request,) = peer.requests
        assert request.path == "/api/OmniMessage/SendMessage"
        assert "authorization" not in request.headers
        assert request.json == {
            "username": "user",
            "password": "canary-password",
            "phonenumber": "84901234567",
            "routerule": ["1", "3"],
            "templatecode": "T",
            "list_param": {"otp": "123456"},
        }
        assert (receipt.status, receipt.id_omni_mess) == (SmsSendStatus.ACCEPTED, "ICOMNI123")

    @pytest.mark.parametrize(
        "phone", ["0901234567", "+84 901 234 567", "84901234567", "(090) 123-4567", "901234567"]
    )
    async def test_usual_forms_of_a_number(self, sms: SmsClient, peer: Peer, phone: str) -> None:
        """Each usual form of a number is sent in the recommended form."""
        peer.respond_with(peer.json(ACCEPTED))
        await sms.send(**{**MESSAGE, "phonenumber": phone})
        assert peer.requests[0].json["phonenumber"] == "84901234567"

    @pytest.mark.parametrize(
        ("phone", "problem"),
        [
            ("", ": the phone number is empty"),
            ("090123456", ": not a Vietnamese phone number (9 digits); write it like"),
            ("0901234567x", ": a phone number has no letters; write it like"),
            ("0901234567, 0901234568", ": more than one phone number"),
            (
                "+1 212 555 0123",
                " takes a mobile or fixed number of Vietnam, not a service number or a foreign",
            ),
            ("1900 1234", " takes a mobile or fixed number of Vietnam, not a service number or a foreign"),
        ],
    )
    async def test_invalid_number(self, sms: SmsClient, peer: Peer, phone: str, problem: str) -> None:
        """A number that cannot get an SMS is refused before it is sent, and the error says why."""
        error = await refused(sms, phonenumber=phone)
        assert type(error) is InvalidRequestError
        assert f"sms.send: phonenumber{problem}" in str(error)
        assert peer.requests == []

    async def test_number_of_a_wrong_type(self, sms: SmsClient, peer: Peer) -> None:
        """A number that is not a text is reported only as a value of the wrong type."""
        error = await refused(sms, phonenumber=84901234567)
        assert isinstance(error, InvalidRequestError)
        assert len(error.problems) == 1
        assert "phonenumber is a text, not a number" in error.problems[0]
        assert peer.requests == []


STATUSES: list[tuple[Any, str, type[SmsError]]] = [
    ("-1", "-1", errors.SmsPhoneNumberError),
    ("-2", "-2", errors.SmsParameterError),
    ("-3", "-3", errors.SmsQuotaError),
    ("-6", "-6", errors.SmsTemplateError),
    ("-8", "-8", errors.SmsRoutingError),
    ("-9", "-9", errors.SmsChannelError),
    (-9, "-9", errors.SmsChannelError),
    ("-4", "-4", SmsError),
]


class TestRefused:
    """Test refusals, which have HTTP 200."""

    @pytest.mark.parametrize(("status", "kept", "kind"), STATUSES, ids=repr)
    async def test_status(
        self, sms: SmsClient, peer: Peer, status: object, kept: str, kind: type[SmsError]
    ) -> None:
        """Each documented code has its class, other codes give an SmsError, and there is no retry."""
        peer.respond_with(peer.json({"status": status, "code": "Wrong Format Parameter: otp"}))
        error = await refused(sms)
        assert type(error) is kind
        assert isinstance(error, SmsError)
        assert (error.status, error.result.code) == (kept, "Wrong Format Parameter: otp")
        assert str(error).startswith(f"sms.send: refused with status {kept}: Wrong Format Parameter: otp.")
        assert (error.may_have_happened, len(peer.requests)) == (False, 1)
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), copy.status, str(copy)) == (kind, kept, str(error))

    @pytest.mark.parametrize("status", [1, "1"], ids=repr)
    async def test_status_of_success(self, sms: SmsClient, peer: Peer, status: object) -> None:
        """The status 1 means success, as a text or as a number."""
        peer.respond_with(peer.json({**ACCEPTED, "status": status}))
        assert (await sms.send(**MESSAGE)).status == "1"

    @pytest.mark.parametrize(
        "respond",
        [{"code": ""}, {"status": None}, {"status": ""}, {"status": "0"}, {"status": "11"}],
        ids=str,
    )
    async def test_missing_status(self, sms: SmsClient, peer: Peer, respond: dict[str, Any]) -> None:
        """A response without a status is an error, with the note that the message may have been sent."""
        peer.respond_with(peer.json(respond))
        error = await refused(sms)
        assert type(error) is SmsError
        assert (error.may_have_happened, len(peer.requests)) == (True, 1)

    @pytest.mark.parametrize("text", ["Unauthorized", "Can't access from this IP"])
    async def test_bare_text(self, sms: SmsClient, peer: Peer, text: str) -> None:
        """Wrong credentials, or an IP address that is not allowed, give plain text with a 401."""
        peer.respond_with(peer.raw(text.encode(), 401, Content_Type="text/plain"))
        error = await refused(sms)
        assert isinstance(error, errors.UnauthenticatedError)
        assert (error.msg, error.status, error.code) == (text, 401, None)
        assert "for SMS: user name, password, and that your address is on eTelecom's list" in str(error)
        assert len(peer.requests) == 1

    async def test_lost_answer(self, sms: SmsClient, peer: Peer) -> None:
        """A message with a lost response is not sent again; the error hides the password."""
        peer.respond_with(peer.DROP)
        error = await refused(sms)
        assert isinstance(error, OutcomeUnknownError)
        assert (error.can_verify, len(peer.requests)) == (False, 1)
        shown = json.loads(error.request)
        assert (shown["password"], shown["phonenumber"]) == ("****", "8490***567")
        assert "canary" not in repr(error) + str(error) + error.request


def report(**changes: Any) -> dict[str, Any]:
    """Return a response with the status of a message."""
    return {"phonenumber": "84901234567", "status": "SUCCESS", **changes}


class TestStatus:
    """Test the status of a message."""

    @pytest.mark.parametrize(
        ("raw", "read"),
        [
            ('{"otp":"123456"}', {"otp": "123456"}),
            ({"otp": "123456"}, {"otp": "123456"}),
            ("{}", {}),
            ({}, {}),
            ("", None),
            ("null", None),
            (None, None),
        ],
        ids=repr,
    )
    async def test_list_param(self, sms: SmsClient, peer: Peer, raw: object, read: object) -> None:
        """The template's values are read from an object, and from a text that contains an object."""
        peer.respond_with(peer.json(report(list_param=raw)))
        assert (await sms.status(id_omni_mess="ICOMNI123")).list_param == read
        assert peer.requests[0].json["idOmniMess"] == "ICOMNI123"
        assert sms.schema_mismatches() == {}

    async def test_sample_of_the_documentation(self, sms: SmsClient, peer: Peer) -> None:
        """The sample as in the documentation, with unescaped quotes, is read like the repaired one."""
        folder = SAMPLES / "OmniReport.GetStatusOmni"
        raw, repaired = [(folder / name).read_bytes() for name in ("response.raw.txt", "response.json")]
        peer.respond_with(peer.raw(raw), peer.raw(repaired))
        printed, other = [await sms.status(id_omni_mess="x") for _ in range(2)]
        assert printed == other
        assert printed.list_param == {"otp": "123456"}
        assert list(sms.schema_mismatches().values()) == [1]

    async def test_position_of_other_syntax_errors(self, sms: SmsClient, peer: Peer) -> None:
        """If the repair does not help, the error names the position in the original response."""
        body = b'{"list_param": "{\\"a\\": \\"b\\"}", "status": SUCCESS}'
        peer.always = lambda _: peer.raw(body)
        with pytest.raises(errors.MalformedResponseError) as caught:
            await sms.status(id_omni_mess="x")
        assert f"(byte {body.index(b'SUCCESS')})" in str(caught.value)
        assert sms.schema_mismatches() == {}

    async def test_list_param_without_an_object(self, sms: SmsClient, peer: Peer) -> None:
        """A text that does not contain an object is a mismatch at its path."""
        peer.respond_with(peer.json(report(list_param="[1]")))
        with pytest.raises(errors.DecodeError) as caught:
            await sms.status(id_omni_mess="x")
        assert caught.value.problems == ("array in place of an object @ $.list_param",)

    @pytest.mark.parametrize(
        ("raw", "utc"),
        [
            ("21/05/2021 14:43:22", datetime(2021, 5, 21, 7, 43, 22, tzinfo=UTC)),
            ("01/01/2026 00:00:00", datetime(2025, 12, 31, 17, tzinfo=UTC)),
            ("2021-05-21T14:43:22+07:00", datetime(2021, 5, 21, 7, 43, 22, tzinfo=UTC)),
        ],
    )
    async def test_time_zone(self, sms: SmsClient, peer: Peer, raw: str, utc: datetime) -> None:
        """A time without an offset is in Vietnam's zone: day before month, seven hours ahead of UTC."""
        peer.respond_with(peer.json(report(createdatetime=raw)))
        when = (await sms.status(id_omni_mess="x")).createdatetime
        assert when == utc
        assert when is not None
        assert when.utcoffset() == timedelta(hours=7)

    @pytest.mark.parametrize("raw", ["", None])
    async def test_no_time(self, sms: SmsClient, peer: Peer, raw: object) -> None:
        """An empty time is None."""
        peer.respond_with(peer.json(report(createdatetime=raw)))
        assert (await sms.status(id_omni_mess="x")).createdatetime is None

    async def test_invalid_time(self, sms: SmsClient, peer: Peer) -> None:
        """A day that does not exist is a mismatch at its path."""
        peer.respond_with(peer.json(report(createdatetime="31/02/2021 00:00:00")))
        with pytest.raises(errors.DecodeError) as caught:
            await sms.status(id_omni_mess="x")
        assert caught.value.problems == ("text that is no time @ $.createdatetime",)

    async def test_failure_is_no_error(self, sms: SmsClient, peer: Peer) -> None:
        """The status of a failed message is a normal result: no error is raised."""
        peer.respond_with(peer.json(report(status="FAIL", errorCode=-108)))
        respond = await sms.status(id_omni_mess="x")
        assert (respond.status, respond.error_code) == (SmsDeliveryStatus.FAIL, "-108")


class TestTemplates:
    """Test the only list with page numbers instead of cursors."""

    @pytest.fixture(autouse=True)
    def templates(self, peer: Peer) -> None:
        """Five templates, two on a page."""

        def respond(request: Asked) -> Reply:
            number = request.json.get("Page") or 1
            codes = [f"T{index}" for index in range(5)][2 * number - 2 : 2 * number]
            rows = [{"TemplateCode": code} for code in codes]
            return peer.json({"Page": number, "TotalItem": 5, "ListTemp": rows})

        peer.always = respond

    @pytest.mark.parametrize("prefetch", [0, 2])
    async def test_walk(self, peer: Peer, sms: SmsClient, prefetch: int) -> None:
        """Iteration gives every template once, page by page, until an empty page."""
        found = [template.templatecode async for template in sms.templates.list(prefetch=prefetch)]
        assert found == ["T0", "T1", "T2", "T3", "T4"]
        assert [request.json.get("Page") for request in peer.requests] == [None, 2, 3, 4]

    async def test_one_page(self, peer: Peer, sms: SmsClient) -> None:
        """A page is requested by its number and size; `next` is the number of the following page."""
        page = await sms.templates.list(page=2, item_count=2)
        assert ([template.templatecode for template in page], page.next) == (["T2", "T3"], "3")
        assert peer.requests[0].json["ItemCount"] == 2

    @pytest.mark.parametrize("page", ["x", "2", 1.5, True])
    async def test_page_that_is_no_number(self, peer: Peer, sms: SmsClient, page: Any) -> None:
        """A page that is no whole number is refused as every wrong argument is, and nothing is sent."""
        with pytest.raises(InvalidRequestError, match="page takes a whole number"):
            await sms.templates.list(page=page)
        assert peer.requests == []

    async def test_resume(self, sms: SmsClient) -> None:
        """Iteration can continue from the checkpoint of an earlier one."""
        pager = sms.templates.list()
        async for template in pager:
            if template.templatecode == "T2":
                break
        rest = sms.templates.list(resume=pager.checkpoint())
        assert [template.templatecode async for template in rest] == ["T3", "T4"]

    async def test_everything_on_one_page(self, peer: Peer, sms: SmsClient) -> None:
        """A page that contains all items is the last one, whatever number the server sends."""
        peer.always = lambda _: peer.json({"Page": 0, "TotalItem": "1", "ListTemp": [{"TemplateCode": "T"}]})
        assert len(await sms.templates.list().collect()) == 1
        assert len(peer.requests) == 1
