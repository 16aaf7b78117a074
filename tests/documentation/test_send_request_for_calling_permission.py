"""
The page "Send request for calling permission".

https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from etelecom_async import errors
from etelecom_async.models import CallType, ConsentReason

if TYPE_CHECKING:
    from tests.documentation.conftest import Docs, Reading

REQUEST: Final = "Zalo/RequestConsent"
SAMPLES: Final = "Zalo.RequestConsent"
CALL_TYPES: Final = ("audio", "video", "audio_and_video")
REASONS: Final = (
    "product_service_consulting",
    "order_appointment_confirmation",
    "delivery_notification",
    "flight_announcement",
    "update_order",
)

REAL: Final = {
    "oa_id": "1",
    "phone": "0901234560",
    "call_type": "video",
    "reason_code": "product_service_consulting",
}
"""A request that the client accepts."""


def body_of(docs: Docs, **fields: Any) -> dict[str, Any]:
    """Return the sample request with real values."""
    accounts = docs.shop("Zalo/ListOA", paging={"sort": "created_at"})["accounts"]
    sample = docs.samples(SAMPLES, "request")[0]
    return sample | {"oa_id": accounts[0]["oa_id"], "phone": "0901234560"} | fields


def refused(docs: Docs, body: dict[str, Any]) -> tuple[int, str]:
    """Return status and code of an error."""
    return docs.refused(REQUEST, body, key=docs.service.shop_key)


def test_the_keys(docs: Docs) -> None:
    """A shop calls it with its own key, and a partner with the key for the shop, each on its base URL."""
    body, service = body_of(docs), docs.service
    assert docs.post(f"shop.{REQUEST}", body, key=service.shop_api_key)[0] == 200
    assert docs.post(f"partner.{REQUEST}", body, key=service.shop_key)[0] == 200
    assert docs.refused(REQUEST, body) == (403, "permission_denied")


def test_the_sample_request(docs: Docs) -> None:
    """The sample works with a real account and phone number, and the response repeats its values."""
    body = body_of(docs)
    found = docs.shop(REQUEST, **body)
    assert found.items() >= (body | {"phone": "84901234560"}).items()
    consent = docs.with_shop(lambda client: client.zalo.consents.request(**body))
    assert (consent.call_type, consent.reason_code) == (body["call_type"], body["reason_code"])


@pytest.mark.parametrize("call_type", CALL_TYPES)
def test_the_call_types(docs: Docs, call_type: str) -> None:
    """A call is by voice, by video, or both."""
    assert docs.shop(REQUEST, **body_of(docs, call_type=call_type))["call_type"] == call_type
    assert call_type in set(CallType)
    assert refused(docs, body_of(docs, call_type="fax")) == (400, "invalid_argument")


@pytest.mark.parametrize("reason", REASONS)
def test_the_reasons(docs: Docs, reason: str) -> None:
    """Five reasons exist; any other is a wrong value."""
    assert docs.shop(REQUEST, **body_of(docs, reason_code=reason))["reason_code"] == reason
    assert reason in set(ConsentReason)
    assert refused(docs, body_of(docs, reason_code="birthday")) == (400, "invalid_argument")


@pytest.mark.deviation("Both tables call the account's field `id`. It is `oa_id`, as in the samples.")
def test_the_name_of_the_account(docs: Docs) -> None:
    """The account is named by the field of the samples."""
    body = body_of(docs)
    oa_id = body.pop("oa_id")
    assert refused(docs, body | {"id": oa_id}) == (400, "invalid_argument")
    assert docs.shop(REQUEST, **body, oa_id=oa_id)["oa_id"] == oa_id


@pytest.mark.deviation("The tables type ids as int64. They are texts; a strict sandbox refuses a number.")
def test_ids(docs: Docs) -> None:
    """The ids of message, shop, sender and account are whole numbers."""
    body = body_of(docs)
    found = docs.shop(REQUEST, **body)
    for name in ("id", "shop_id", "user_id", "oa_id"):
        assert found[name].isdecimal()
    as_number = body | {"oa_id": int(body["oa_id"])}
    if docs.strict:
        assert refused(docs, as_number) == (400, "invalid_argument")
    else:
        assert docs.shop(REQUEST, **as_number)["oa_id"] == body["oa_id"]


@pytest.mark.parametrize("missing", ["call_type", "oa_id", "phone", "reason_code"])
@pytest.mark.deviation("The table marks no field as required. The sandbox requires all four of the sample.")
def test_required_fields(docs: Docs, missing: str) -> None:
    """A request has an account, a phone number, a call type and a reason."""
    body = {name: value for name, value in body_of(docs).items() if name != missing}
    assert refused(docs, body) == (400, "invalid_argument")


def test_the_fields_of_the_response(docs: Docs) -> None:
    """The response has the fields of the sample, with the same types."""
    sample = docs.samples(SAMPLES, "response")[0]
    found = docs.shop(REQUEST, **body_of(docs))
    kinds = {name: type(value) for name, value in sample.items()}
    assert {name: type(value) for name, value in found.items()} == kinds


def test_success_and_failure(docs: Docs) -> None:
    """P is a success without a code, and charged; N is a failure with code and message, and free."""
    sent = docs.shop(REQUEST, **body_of(docs))
    assert (sent["status"], sent["error_code"], sent["error_message"], sent["is_charged"]) == (
        "P",
        0,
        "",
        True,
    )
    body = body_of(docs, phone="0901234568")
    failed = docs.shop(REQUEST, **body)
    assert (failed["status"], failed["error_code"], failed["is_charged"]) == ("N", -110, False)
    assert failed["error_message"]
    with pytest.raises(errors.DeliveryError) as caught:
        docs.with_shop(lambda client: client.zalo.consents.request(**body))
    assert caught.value.result.error_code == -110


@pytest.mark.deviation(
    "The table writes Unkown, Received and Seen. The values are in small letters, as in the sample."
)
def test_the_delivery(docs: Docs) -> None:
    """A request is first not delivered, then received, then seen; the time is that of the arrival."""
    body = body_of(docs, phone="0901234561")
    sent = docs.shop(REQUEST, **body)
    found = [sent]
    for by in (timedelta(seconds=11), timedelta(minutes=2)):
        docs.service.advance(by)
        wanted = {"phone": "0901234561", "oa_id": body["oa_id"]}
        found.append(docs.shop("Zalo/ListRequestConsent", filter=wanted)["consents"][0])
    assert [one["delivery_status"] for one in found] == ["unknown", "received", "seen"]
    assert found[1]["delivery_time"] == found[2]["delivery_time"] > sent["created_at"]


def test_the_times(docs: Docs) -> None:
    """Creation and change are times."""
    found = docs.shop(REQUEST, **body_of(docs))
    assert found["created_at"] == found["updated_at"]
    assert datetime.fromisoformat(found["created_at"]).tzinfo is not None


@pytest.mark.deviation("The tables lack `expires_at`, `reply_status` and `reason_code`; the sample has them.")
def test_more_fields(docs: Docs) -> None:
    """The response also has the end of the request, the reply, and the reason."""
    found = docs.shop(REQUEST, **body_of(docs))
    assert found["expires_at"] > found["created_at"]
    assert (found["reply_status"], found["reason_code"]) == ("S", "product_service_consulting")


def test_the_sample_response(docs: Docs, reading: Reading) -> None:
    """The client reads the sample response in both forms."""
    for sample in docs.samples(SAMPLES, "response"):
        accepted = sample | {"error_code": 0}
        consent = reading.shop(accepted, lambda client: client.zalo.consents.request(**REAL))
        assert (consent.call_type, consent.reason_code, consent.status) == ("unknown", "unknown", "Z")
        assert (consent.oa_id, consent.is_charged) == (sample["oa_id"], True)
        assert consent.delivery_time == datetime.fromisoformat(sample["delivery_time"])
