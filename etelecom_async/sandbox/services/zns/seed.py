"""
Templates of each kind, and a history of ZNS, journeys and requests for consent in a new sandbox.

Seeded messages have the same lifecycle as sent messages. The changes that are due are applied at the end of
the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.services.zalo.records import zalo_id
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, read_phone
from etelecom_async.sandbox.services.zalo.seed import populate_consent
from etelecom_async.sandbox.services.zns import lifecycle
from etelecom_async.sandbox.services.zns.journeys import DEFAULT_KIND, KINDS
from etelecom_async.sandbox.services.zns.records import add_journey, add_message, add_template
from etelecom_async.sandbox.services.zns.template_rules import SHAPES, check_data, fake_data
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world import people
from etelecom_async.sandbox.world.content import Content
from etelecom_async.sandbox.world.fake import Rng, mobile_numbers

_DAYS: Final = 60


def populate_templates(
    state: State, content: Content, accounts: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """
    Add templates: each kind and status on the first account, and one on each other account.

    Returns:
        The JSON of the first account's templates that can be sent.
    """
    rng = content.rng("zns_templates")
    text = {"kind": "text", "tag": "IN_TRANSACTION"}
    wanted: list[dict[str, Any]] = [
        *({"kind": kind, "tag": shape.tag, "quality": "HIGH"} for kind, shape in SHAPES.items()),
        {"kind": "table", "tag": "IN_TRANSACTION", "is_journey": True, "quality": "MEDIUM"},
        {"kind": "text", "tag": "FOLLOW_UP", "quality": "LOW"},
        text | {"daily_quota": 5},
        text | {"status": "PENDING_REVIEW"},
        text | {"status": "REJECT"},
        text | {"status": "DISABLE", "quality": "LOW"},
        # These values are not in the documentation, because enums may have new values.
        {"kind": "carousel", "tag": "TRANSACTION", "quality": "unknown", "status": "DELETE"},
        *(text for _ in accounts[1:]),
    ]
    ids = rng.sample(range(200_000, 500_000), len(wanted))
    sendable: list[dict[str, Any]] = []
    for index, fields in enumerate(wanted):
        shape = SHAPES.get(fields["kind"], SHAPES["text"])
        doc = add_template(
            state,
            template_id=ids[index],
            oa=accounts[max(index - len(wanted) + len(accounts), 0)],
            name=f"{shape.name} {index + 1}",
            params=shape.params,
            price=shape.price,
            created_at=content.before(max(100 - index, 1), rng),
            **fields,
        )
        if doc["oa_id"] == accounts[0]["oa_id"] and doc["template_status"] == "ENABLE":
            sendable.append(doc)
    return sendable


def populate_history(
    state: State, content: Content, *, oa: dict[str, Any], templates: Sequence[dict[str, Any]]
) -> None:
    """Add ZNS, a tenth as many journeys, and a fifth as many requests for consent."""
    rng, count = content.rng("zns_messages"), content.zns_messages
    numbers = [people.normalize(number) or number for number in mobile_numbers(rng, max(count, 1))]
    campaigns = [str(id_at(content.until - timedelta(days=_DAYS + 1), rng.getrandbits(24))) for _ in range(3)]
    for index in range(count):
        created_at, number = _moment(rng, content.until, index, count), numbers[index]
        journey = None
        if index % 10 == 0:
            journey = _populate_journey(state, rng, oa=oa, number=number, created_at=created_at)
        template = rng.choice([one for one in templates if one["is_journey"] == bool(journey)])
        _populate_message(
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
            populate_consent(state, rng, oa=oa, number=number, created_at=created_at)


def _populate_message(
    state: State,
    rng: Rng,
    *,
    oa: dict[str, Any],
    template: dict[str, Any],
    number: str,
    created_at: datetime,
    campaign_id: str,
    is_development: bool,
    journey: dict[str, Any] | None,
) -> None:
    phone, rejection = read_phone(number)
    data = fake_data(template["template_params"], rng)
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
        kind = KINDS[DEFAULT_KIND]
        fees = lifecycle.Fees(token=kind.fee) if journey else lifecycle.Fees(main=template["price"])
        lifecycle.schedule_message(
            state,
            doc,
            created_at,
            people.behavior_of(phone),
            lifecycle.FREE if is_development else fees,
            rated=template["type"] == "rating",
        )


def _populate_journey(
    state: State, rng: Rng, *, oa: dict[str, Any], number: str, created_at: datetime
) -> dict[str, Any] | None:
    """Add a journey; return its JSON, or `None` if Zalo rejects it."""
    phone, rejection = read_phone(number)
    expired_at = created_at + timedelta(days=KINDS[DEFAULT_KIND].days)
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


def _moment(rng: Rng, until: datetime, index: int, count: int) -> datetime:
    """Return the time of a message by its index, oldest first; one hour is left for its changes."""
    back = _DAYS * (1 - index / count)
    return until - timedelta(days=back, hours=1, microseconds=rng.randrange(3_600_000_000))
