"""
What time does to records: written down when a record is made, and done once the clock is past it.

No page says how long anything takes, so all of it is chosen here; what a person does depends on the phone
number (`phones`).

    ZNS       2 s sent and charged · 10 s received · 1 min seen · 5 min rated, where the template asks for it
    consent   10 s received · 1 min seen · 5 min answered, for 30 days · 24 h unanswered
    journey   7 or 30 days: over
    SMS       each channel takes its time, and hands over to the next one where it fails
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso, micros
from etelecom_async.sandbox.world.fake import Rng
from etelecom_async.sandbox.world.people import Behavior, behavior_of, network_of

CONSENT_OPEN: Final = timedelta(hours=24)
"""How long a request for consent can be answered."""
CONSENT_HOLDS: Final = timedelta(days=30)

_SENT: Final = timedelta(seconds=2)
_RECEIVED: Final = timedelta(seconds=10)
_SEEN: Final = timedelta(minutes=1)
_ANSWERED: Final = timedelta(minutes=5)

_REMARKS: Final = ("Nhân viên thân thiện", "Giao hàng nhanh", "Đóng gói cẩn thận", "Chờ hơi lâu")
_NOTES: Final = ("", "", "Sẽ ủng hộ tiếp", "Gọi lại cho tôi")


@attrs.frozen(kw_only=True)
class Fees:
    """What a ZNS costs once it is sent."""

    main: int = 0
    token: int = 0


FREE: Final = Fees()


def schedule_message(
    state: State, doc: Mapping[str, Any], created_at: datetime, behavior: Behavior, fees: Fees, *, rated: bool
) -> None:
    """Write down what becomes of a ZNS that was taken."""
    record_id = int(doc["id"])
    sent = {
        "status": "P",
        "sent_time": iso(created_at + _SENT),
        "is_charged": fees != FREE,
        "fee_main": fees.main,
        "fee_token": fees.token,
    }
    state.schedule(created_at + _SENT, "zns_message", record_id, sent)
    _schedule_delivery(
        state, "zns_message", record_id, created_at, received=behavior.receives, seen=behavior.opens
    )
    if rated and behavior.opens:
        rng = Rng(doc["msg_id"])
        submitted = created_at + _ANSWERED
        rating = {
            "rate": rng.randrange(1, 6),
            "note": rng.choice(_NOTES),
            "feedback": rng.sample(_REMARKS, rng.randrange(3)),
            "submit_time": iso(submitted),
        }
        state.schedule(submitted, "zns_message", record_id, rating, submitted_at=micros(submitted))


def schedule_consent(state: State, doc: Mapping[str, Any], created_at: datetime, behavior: Behavior) -> None:
    """Write down what becomes of a request for consent that was sent."""
    record_id = int(doc["id"])
    _schedule_delivery(
        state, "consent", record_id, created_at, received=behavior.receives, seen=behavior.receives
    )
    if behavior.reply == "NS":
        state.schedule(created_at + CONSENT_OPEN, "consent", record_id, {"reply_status": behavior.reply})
        return
    answered = created_at + _ANSWERED
    until = micros(answered + CONSENT_HOLDS) if behavior.reply == "P" else 0
    state.schedule(answered, "consent", record_id, {"reply_status": behavior.reply}, granted_until=until)


def _schedule_delivery(
    state: State, table: str, record_id: int, created_at: datetime, *, received: bool, seen: bool
) -> None:
    if received:
        arrived = {"delivery_status": "received", "delivery_time": iso(created_at + _RECEIVED)}
        state.schedule(created_at + _RECEIVED, table, record_id, arrived)
    if seen:
        state.schedule(created_at + _SEEN, table, record_id, {"delivery_status": "seen"})


def schedule_journey(state: State, record_id: int, expired_at: datetime) -> None:
    """Write down when a journey is over."""
    state.schedule(expired_at, "journey", record_id, {"status": "N"})


@attrs.frozen(kw_only=True)
class Channel:
    """One way in which the SMS service reaches a phone."""

    word: str
    """How a status report calls it: of the three only that for SMS is known, from a program that reads it."""
    takes: timedelta
    """How long it takes to arrive, or to fail."""
    fails_with: str
    """Its `errorCode`."""


CHANNELS: Final = {
    "1": Channel(word="zns", takes=timedelta(seconds=20), fails_with="-110"),
    "2": Channel(word="autocall", takes=timedelta(seconds=45), fails_with="NO_ANSWER"),
    "3": Channel(word="brandnamesms", takes=timedelta(seconds=5), fails_with="UNREACHABLE"),
}
"""By the number that a routing rule gives it."""

_NETWORK_IDS: Final = {"viettel": "1", "mobifone": "2", "vinaphone": "3"}
_OTHER_NETWORK: Final = "9"


def reaches(number: str, behavior: Behavior) -> bool:
    """Return whether a channel gets through to someone."""
    return {"1": behavior.has_zalo and behavior.receives, "2": behavior.takes_calls, "3": behavior.gets_sms}[
        number
    ]


def schedule_sms(
    state: State, record_id: int, *, phone: str, channels: Sequence[str], created_at: datetime
) -> None:
    """Write down what becomes of a message of the SMS service, channel by channel."""
    moment, behavior = created_at, behavior_of(phone)
    for place, number in enumerate(channels):
        channel = CHANNELS[number]
        moment += channel.takes
        if reaches(number, behavior):
            done = {"status": "SUCCESS", "errorCode": "0", **_details(number, phone)}
            state.schedule(moment, "sms_message", record_id, done)
            return
        following = channels[place + 1 :]
        failed: dict[str, Any] = {"errorCode": channel.fails_with}
        failed |= {"channel": CHANNELS[following[0]].word} if following else {"status": "FAIL"}
        state.schedule(moment, "sms_message", record_id, failed)


def _details(number: str, phone: str) -> dict[str, Any]:
    if number == "1":
        return {"ischarged": "True"}
    if number == "2":
        return {"duration": str(10 + int(phone[-2:]) % 50)}
    return {"mtcount": "1", "telcoid": _NETWORK_IDS.get(network_of(phone), _OTHER_NETWORK)}
