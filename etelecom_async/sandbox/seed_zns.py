"""
Templates of each kind, and a history of ZNS, journeys and requests for consent.

What was sent goes through the same timelines as what a call sends, and is caught up with by the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from etelecom_async.sandbox import lifecycle
from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.records_zalo import zalo_id
from etelecom_async.sandbox.records_zns import (
    ACCEPTED,
    add_consent,
    add_journey,
    add_message,
    add_template,
)
from etelecom_async.sandbox.rejections import read_phone
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world import people
from etelecom_async.sandbox.world.fake import Rng, mobile_numbers
from etelecom_async.sandbox.zns_templates import SHAPES, check_data, fitting_data

_DAYS: Final = 60
_JOURNEY_DAYS: Final = 7
_JOURNEY_FEE: Final = 800
_CALL_TYPES: Final = ("audio", "video", "audio_and_video")
_REASONS: Final = ("product_service_consulting", "order_appointment_confirmation", "delivery_notification")


def populate_templates(
    state: State, rng: Rng, *, accounts: Sequence[dict[str, Any]], until: datetime
) -> list[dict[str, Any]]:
    """
    Make templates: of every kind and state on the first account, and one on each other account.

    Returns:
        The JSON of those that can be sent.
    """
    text = {"kind": "text", "tag": "IN_TRANSACTION"}
    wanted: list[dict[str, Any]] = [
        *({"kind": kind, "tag": shape.tag, "quality": "HIGH"} for kind, shape in SHAPES.items()),
        {"kind": "table", "tag": "IN_TRANSACTION", "is_journey": True, "quality": "MEDIUM"},
        {"kind": "text", "tag": "FOLLOW_UP", "quality": "LOW"},
        text | {"daily_quota": 5},
        text | {"status": "PENDING_REVIEW"},
        text | {"status": "REJECT"},
        text | {"status": "DISABLE", "quality": "LOW"},
        # Neither is in the documentation; every enum is open.
        {"kind": "carousel", "tag": "TRANSACTION", "quality": "unknown", "status": "DELETE"},
        *(text for _ in accounts[1:]),
    ]
    ids = rng.sample(range(200_000, 500_000), len(wanted))
    populated: list[dict[str, Any]] = []
    for index, fields in enumerate(wanted):
        shape = SHAPES.get(fields["kind"], SHAPES["text"])
        doc = add_template(
            state,
            template_id=ids[index],
            oa=accounts[max(index - len(wanted) + len(accounts), 0)],
            name=f"{shape.name} {index + 1}",
            params=shape.params,
            price=shape.price,
            created_at=until - timedelta(days=100 - index, microseconds=rng.randrange(86_400_000_000)),
            **fields,
        )
        if doc["oa_id"] == accounts[0]["oa_id"] and doc["template_status"] == "ENABLE":
            populated.append(doc)
    return populated


def populate_history(
    state: State,
    rng: Rng,
    *,
    oa: dict[str, Any],
    templates: Sequence[dict[str, Any]],
    count: int,
    until: datetime,
) -> None:
    """Make so many ZNS, a tenth as many journeys, a fifth as many requests for consent."""
    numbers = [people.normalize(number) or number for number in mobile_numbers(rng, max(count, 1))]
    campaigns = [str(id_at(until - timedelta(days=_DAYS + 1), rng.getrandbits(24))) for _ in range(3)]
    for index in range(count):
        created_at, number = _moment(rng, until, index, count), numbers[index]
        journey = (
            _add_seeded_journey(state, rng, oa=oa, number=number, created_at=created_at)
            if index % 10 == 0
            else None
        )
        template = rng.choice([one for one in templates if one["is_journey"] == bool(journey)])
        _add_seeded_message(
            state,
            rng,
            oa=oa,
            template=template,
            number=number,
            created_at=created_at + timedelta(minutes=1),
            campaign_id=rng.choice(campaigns) if rng.chance(0.2) else UNSET_ID,
            is_development=not journey and rng.chance(0.05),
            journey=journey,
        )
        if index % 5 == 1:
            _add_seeded_consent(state, rng, oa, numbers[index], created_at)


def _add_seeded_message(
    state: State,
    rng: Rng,
    *,
    oa: dict[str, Any],
    template: dict[str, Any],
    number: str,
    created_at: datetime,
    campaign_id: str = UNSET_ID,
    is_development: bool = False,
    journey: dict[str, Any] | None = None,
) -> None:
    phone, rejection = read_phone(number)
    data = fitting_data(template["template_params"], rng)
    if rng.chance(0.04):
        data["mistake"] = "1"
    if rejection is ACCEPTED:
        rejection = check_data(template["template_params"], data) or ACCEPTED
    doc = add_message(
        state,
        record_id=id_at(created_at, rng.getrandbits(24)),
        oa=oa,
        msg_id=f"{rng.getrandbits(96):024x}",
        phone=phone,
        template_id=template["template_id"],
        template_data=data,
        created_at=created_at,
        tracking_id=f"order-{rng.randrange(10**8):08}" if rng.chance(0.8) else "",
        kind="journey" if journey else "template",
        journey_id=journey["journey_id"] if journey else UNSET_ID,
        campaign_id=campaign_id,
        timeout=template["timeout"],
        is_development=is_development,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        fees = lifecycle.Fees(token=_JOURNEY_FEE) if journey else lifecycle.Fees(main=template["price"])
        lifecycle.schedule_message(
            state,
            doc,
            created_at,
            people.behavior_of(phone),
            lifecycle.FREE if is_development else fees,
            rated=template["type"] == "rating",
        )


def _add_seeded_journey(
    state: State, rng: Rng, *, oa: dict[str, Any], number: str, created_at: datetime
) -> dict[str, Any] | None:
    """Make a journey; return its JSON, `None` where it was refused."""
    phone, rejection = read_phone(number)
    expired_at = created_at + timedelta(days=_JOURNEY_DAYS)
    doc = add_journey(
        state,
        record_id=id_at(created_at, rng.getrandbits(24)),
        oa=oa,
        journey_id=str(zalo_id(rng)),
        journey_token=f"{rng.getrandbits(256):064x}",
        phone=phone,
        fee=0,
        created_at=created_at,
        expired_at=expired_at,
        rejection=rejection,
    )
    if rejection is not ACCEPTED:
        return None
    lifecycle.schedule_journey(state, int(doc["id"]), expired_at)
    return doc


def _add_seeded_consent(
    state: State, rng: Rng, oa: dict[str, Any], number: str, created_at: datetime
) -> None:
    phone, rejection = read_phone(number)
    doc = add_consent(
        state,
        record_id=id_at(created_at, rng.getrandbits(24)),
        oa=oa,
        phone=phone,
        call_type=rng.choice(_CALL_TYPES),
        reason_code=rng.choice(_REASONS),
        created_at=created_at,
        expires_at=created_at + lifecycle.CONSENT_OPEN,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        lifecycle.schedule_consent(state, doc, created_at, people.behavior_of(phone))


def _moment(rng: Rng, until: datetime, index: int, count: int) -> datetime:
    """Return when the one of this index was sent, oldest first, with an hour left for what becomes of it."""
    back = _DAYS * (1 - index / count)
    return until - timedelta(days=back, hours=1, microseconds=rng.randrange(3_600_000_000))
