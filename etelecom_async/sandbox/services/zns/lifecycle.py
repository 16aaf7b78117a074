"""
The later changes of ZNS and journeys.

A ZNS is sent and charged after 2 s, received after 10 s and seen after 1 min. It is rated after 5 min if its
template asks for a rating. A journey ends after its 7 or 30 days. The documentation gives no times, so the
sandbox chooses them. The phone number decides the behavior (`world.people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from etelecom_async.sandbox.services.zalo.lifecycle import ANSWERED, schedule_delivery
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso, micros
from etelecom_async.sandbox.world.fake import Rng
from etelecom_async.sandbox.world.people import Behavior

_SENT: Final = timedelta(seconds=2)

_REMARKS: Final = ("Nhân viên thân thiện", "Giao hàng nhanh", "Đóng gói cẩn thận", "Chờ hơi lâu")
_NOTES: Final = ("", "", "Sẽ ủng hộ tiếp", "Gọi lại cho tôi")


@attrs.frozen(kw_only=True)
class Fees:
    """The fees of a ZNS, charged when it is sent."""

    main: int = 0
    token: int = 0


FREE: Final = Fees()


def schedule_message(
    state: State,
    doc: Mapping[str, Any],
    created_at: datetime,
    behavior: Behavior,
    fees: Fees,
    *,
    rated: bool,
) -> None:
    """Schedule the changes of a ZNS that Zalo accepted."""
    record_id = int(doc["id"])
    sent = {
        "status": "P",
        "sent_time": iso(created_at + _SENT),
        "is_charged": fees != FREE,
        "fee_main": fees.main,
        "fee_token": fees.token,
    }
    state.schedule(created_at + _SENT, "zns_message", record_id, sent)
    schedule_delivery(
        state, "zns_message", record_id, created_at, received=behavior.receives, seen=behavior.opens
    )
    if rated and behavior.opens:
        rng = Rng(doc["msg_id"])
        submitted = created_at + ANSWERED
        rating = {
            "rate": rng.randrange(1, 6),
            "note": rng.choice(_NOTES),
            "feedback": rng.sample(_REMARKS, rng.randrange(3)),
            "submit_time": iso(submitted),
        }
        state.schedule(submitted, "zns_message", record_id, rating, submitted_at=micros(submitted))


def schedule_journey(state: State, record_id: int, expired_at: datetime) -> None:
    """Schedule the end of a journey."""
    state.schedule(expired_at, "journey", record_id, {"status": "N"})
