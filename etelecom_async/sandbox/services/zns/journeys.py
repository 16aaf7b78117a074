"""
The operations on journeys: several ZNS to one phone number for one fee.

The documentation leaves some rules open, so the sandbox chooses. A request may name a journey by either of
its ids. A journey can be used at once, is charged at its creation, and ends after the days in the name of its
kind.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_id, read_optional_id, read_text
from etelecom_async.sandbox.services.zalo.accounts import find_oa, granted_oa
from etelecom_async.sandbox.services.zalo.records import zalo_id
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, read_phone
from etelecom_async.sandbox.services.zns.lifecycle import schedule_journey
from etelecom_async.sandbox.services.zns.records import add_journey
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    import sqlite3

    from etelecom_async._generated.models.zns import (
        CreateJourneyRequest,
        GetJourneyRequest,
        ListJourneysRequest,
    )


@attrs.frozen
class Kind:
    """A kind of journey."""

    days: int
    fee: int


KINDS: Final = {
    "token_logistics_7": Kind(7, 800),
    "token_logistics_30": Kind(30, 1500),
    "token_coach_bus_7": Kind(7, 700),
    "token_coach_bus_30": Kind(30, 1300),
}
DEFAULT_KIND: Final = "token_logistics_7"
_NAMED: Final = "(id = ? OR json_extract(doc, '$.journey_id') = ?)"


@attrs.frozen
class Journey:
    """A journey of the caller's shop."""

    id: int
    oa_id: int
    fee: int
    """Token fee, which its first ZNS shows."""
    doc: dict[str, Any]


@handles("shop.zns.journeys.create")
def create_journey(context: Context, request: CreateJourneyRequest) -> Response:
    """Add a journey; reject a phone number without ZNS inside a 200, without a charge."""
    oa = granted_oa(context, request.oa_id)
    word = str(request.token_type or "unknown")
    kind = KINDS.get(DEFAULT_KIND if word == "unknown" else word)
    if kind is None:
        raise invalid("token_type", f"is not one of unknown, {', '.join(KINDS)}")
    phone, rejection = read_phone(read_text(request.phone, "phone"))
    expired_at = context.now + timedelta(days=kind.days)
    doc = add_journey(
        context.state,
        record_id=context.state.new_id(context.now),
        oa=oa.doc,
        journey_id=str(zalo_id(Rng(secrets.token_hex()))),
        journey_token=secrets.token_urlsafe(48),
        phone=phone,
        fee=kind.fee,
        created_at=context.now,
        expired_at=expired_at,
        rejection=rejection,
    )
    if rejection is ACCEPTED:
        schedule_journey(context.state, int(doc["id"]), expired_at)
    return doc


@handles("shop.zns.journeys.get")
def get_journey(context: Context, request: GetJourneyRequest) -> Response:
    """Return a journey by either of its ids; the account is optional, as in the documentation's sample."""
    journey = find_journey(context, request.journey_id)
    if request.oa_id and find_oa(context, request.oa_id).id != journey.oa_id:
        raise NotFoundError(f"official account {request.oa_id} has no journey {request.journey_id}")
    return journey.doc


@handles("shop.zns.journeys.list")
def list_journeys(context: Context, request: ListJourneysRequest) -> ListResponse:
    """Return the shop's journeys; dates are those of the creation."""
    query = ListQuery.of_shop("journey", context)
    if wanted := request.filter:
        filter_by_fields(query, wanted, words=("phone", "is_charged", "status"))
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
        if oa_id := read_optional_id(wanted.oa_id, "filter.oa_id"):
            query.where("oa_id = ?", oa_id)
        if journey_id := read_optional_id(wanted.journey_id, "filter.journey_id"):
            query.where(_NAMED, journey_id, str(journey_id))
    return fetch_page(context.state, "journeys", query, request.paging)


def find_journey(context: Context, journey_id: str | None) -> Journey:
    """
    Return a journey of the caller's shop by either of its ids.

    Raises:
        InvalidArgumentError: The id is missing or wrong.
        NotFoundError: There is no such journey.
    """
    number = read_id(journey_id, "journey_id")
    row = _find(context, number)
    # "0" finds nothing, because it is the Zalo id of every rejected journey.
    if row is None or not number:
        raise NotFoundError(f"there is no journey {number}")
    return Journey(row["id"], row["oa_id"], row["fee"], json.loads(row["doc"]))


def journey_name(context: Context, number: int) -> str:
    """Return the `journey_id` of the journey with this id; the number itself if there is none."""
    row = _find(context, number)
    name: str = json.loads(row["doc"])["journey_id"] if row else str(number)
    return name


def _find(context: Context, number: int) -> sqlite3.Row | None:
    return context.state.fetch_first(
        f"SELECT id, oa_id, fee, doc FROM journey WHERE shop_id = ? AND {_NAMED}",  # noqa: S608 - a constant of this module
        context.caller.account_id,
        number,
        str(number),
    )
