"""
The channels of the SMS service, and the later changes of its messages.

Each channel needs some time, and passes a message that it cannot deliver to the next channel. The
documentation gives no times, so the sandbox chooses them. The phone number decides the behavior
(`world.people`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.people import Behavior, behavior_of, network_of


@attrs.frozen(kw_only=True)
class Channel:
    """A channel of the SMS service."""

    name: str
    """Name in templates."""
    word: str
    """Name in status reports; only that of SMS is known, from a public program that reads it."""
    takes: timedelta
    """Time until a message arrives or fails."""
    fails_with: str
    """`errorCode` of a failure."""


CHANNELS: Final = {
    "1": Channel(name="ZNS", word="zns", takes=timedelta(seconds=20), fails_with="-110"),
    "2": Channel(name="AutoCall", word="autocall", takes=timedelta(seconds=45), fails_with="NO_ANSWER"),
    "3": Channel(name="SMS", word="brandnamesms", takes=timedelta(seconds=5), fails_with="UNREACHABLE"),
}
"""Channels by their number in a routing rule."""

_NETWORK_IDS: Final = {"viettel": "1", "mobifone": "2", "vinaphone": "3"}
_OTHER_NETWORK: Final = "9"


def schedule_message(
    state: State, record_id: int, *, phone: str, channels: Sequence[str], created_at: datetime
) -> None:
    """Schedule the changes of a message, channel by channel."""
    moment, behavior = created_at, behavior_of(phone)
    for index, number in enumerate(channels):
        channel = CHANNELS[number]
        moment += channel.takes
        if _reaches(number, behavior):
            done = {"status": "SUCCESS", "errorCode": "0", **_details(number, phone)}
            state.schedule(moment, "sms_message", record_id, done)
            return
        following = channels[index + 1 :]
        failed: dict[str, Any] = {"errorCode": channel.fails_with}
        failed |= {"channel": CHANNELS[following[0]].word} if following else {"status": "FAIL"}
        state.schedule(moment, "sms_message", record_id, failed)


def _reaches(number: str, behavior: Behavior) -> bool:
    """Return whether a channel reaches a person."""
    reached = {
        "1": behavior.zalo_code == 0 and behavior.receives,
        "2": behavior.takes_calls,
        "3": behavior.gets_sms,
    }
    return reached[number]


def _details(number: str, phone: str) -> dict[str, Any]:
    if number == "1":
        return {"ischarged": "True"}
    if number == "2":
        return {"duration": str(10 + int(phone[-2:]) % 50)}
    return {"mtcount": "1", "telcoid": _NETWORK_IDS.get(network_of(phone), _OTHER_NETWORK)}
