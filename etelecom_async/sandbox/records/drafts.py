"""
New records: the values that a caller gave, and defaults for the rest that fit them and the account.

Each function completes the values of a draft, adds the record and returns its id. The caller of the function
then writes all values into the record.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import SystemRandom
from typing import Any, Final

import attrs

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.ids import UNSET_ID, id_at
from etelecom_async.sandbox.records.values import RecordError, check_creation, read_optional_id
from etelecom_async.sandbox.services.account.keys import ShopKeys, new_shop_keys
from etelecom_async.sandbox.services.account.records import add_shop
from etelecom_async.sandbox.services.pbx.records import add_call, add_extension, add_user
from etelecom_async.sandbox.services.tenants.handlers import tenant_of
from etelecom_async.sandbox.services.tenants.records import add_hotline, add_tenant
from etelecom_async.sandbox.services.zalo.consents import CALL_TYPES, REASONS
from etelecom_async.sandbox.services.zalo.lifecycle import CONSENT_OPEN
from etelecom_async.sandbox.services.zalo.records import GRANT, add_consent, add_follower, add_oa, zalo_id
from etelecom_async.sandbox.services.zns.records import add_message, add_template
from etelecom_async.sandbox.services.zns.template_rules import SHAPES, fake_data
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso
from etelecom_async.sandbox.world import fake, people
from etelecom_async.sandbox.world.fake import Rng

_RING: Final = timedelta(seconds=5)
_TALK: Final = timedelta(seconds=60)
_SECOND: Final = timedelta(seconds=1)
_FIRST_EXTENSION: Final = 1001
_FIRST_TEMPLATE: Final = 500_001
_INCOMING: Final = ("in", "unknown")
_RANDOM: Final = SystemRandom()
REDIRECT_URI: Final = "https://example.com/zalo/callback"


@attrs.frozen(kw_only=True)
class Draft:
    """A new record."""

    state: State
    table: str
    now: datetime
    shop_id: int
    serial: int
    """Number of the new record in its sandbox, which decides its invented values."""
    values: dict[str, Any]
    """The fields that are given; the functions of this module add others."""

    @property
    def created_at(self) -> datetime:
        """Return the time of the creation."""
        moment: datetime = self.values.get("created_at", self.now)
        return moment

    def default(self, **fields: object) -> None:
        """Set the fields that are not given."""
        for name, value in fields.items():
            self.values.setdefault(name, value)

    def rng(self, attempt: int = 0) -> Rng:
        """Return the random numbers of the record."""
        return Rng(f"{self.table}/{self.serial}/{attempt}")

    def invent(self, column: str, make: Callable[[Rng], str]) -> str:
        """Return an invented text that no record of the table has in a column."""
        for attempt in count():
            text = make(self.rng(attempt))
            if not self.state.fetch_first(f"SELECT 1 FROM {self.table} WHERE {column} = ?", text):  # noqa: S608 - our own names
                return text
        raise AssertionError

    def take_id(self) -> int:
        """Return the given id, or else a new one of the time of the creation."""
        try:
            check_creation(self.created_at)
        except ValueError as error:
            raise RecordError([f"created_at: {error}"]) from None
        if (given := self.values.pop("id", None)) is not None:
            return self._given_id(given)
        if self.created_at == self.now:
            return self.state.new_id(self.now)
        ids = (id_at(self.created_at, low) for low in count(self.serial))
        return next(record_id for record_id in ids if not self._has(record_id))

    def _given_id(self, given: str) -> int:
        try:
            record_id = read_optional_id(given)
        except ValueError as error:
            raise RecordError([f"id: {error}"]) from None
        if record_id is None:
            raise RecordError(["id: it is not set; omit it for the next one"])
        if self._has(record_id):
            raise RecordError([f"id: there is a record {given} already; omit the id, or choose another one"])
        return record_id

    def _has(self, record_id: int) -> bool:
        return self.state.fetch_first(f"SELECT 1 FROM {self.table} WHERE id = ?", record_id) is not None  # noqa: S608 - our own names


def _mobile(rng: Rng) -> str:
    """Return a mobile number whose owner takes every call and message."""
    return f"{fake.mobile_numbers(rng, 1)[0][:-1]}0"


def _zalo_phone(draft: Draft) -> None:
    """Set the phone number of a Zalo user, in the form of records."""
    phone = draft.values.get("phone") or _mobile(draft.rng())
    draft.values["phone"] = people.normalize(phone) or phone


def new_user(draft: Draft) -> int:
    """Add an employee."""
    person = fake.person(draft.rng(), draft.serial)
    draft.default(full_name=person.full_name, phone=draft.invent("phone", _mobile))
    full_name: str = draft.values["full_name"]
    draft.default(short_name=full_name.rpartition(" ")[2])
    record_id = draft.take_id()
    add_user(
        draft.state,
        record_id=record_id,
        shop_id=draft.shop_id,
        full_name=full_name,
        phone=draft.values["phone"],
        created_at=draft.created_at,
    )
    return record_id


def new_extension(draft: Draft) -> int:
    """Add an extension of the shop's tenant, by default on its first hotline and without an employee."""
    tenant = _tenant(draft)
    last = draft.state.fetch_one(
        "SELECT max(CAST(number AS INTEGER)) FROM extension WHERE tenant_id = ?", int(tenant["id"])
    )[0]
    draft.default(extension_number=str(max(last or 0, _FIRST_EXTENSION - 1) + 1))
    if "hotline_id" not in draft.values:
        draft.values["hotline_id"] = str(_first_hotline(draft)["id"])
    record_id = draft.take_id()
    add_extension(
        draft.state,
        record_id=record_id,
        tenant=tenant,
        shop_id=draft.shop_id,
        hotline_id=int(draft.values["hotline_id"] or 0),
        user_id=None,
        number=draft.values["extension_number"],
        password=fake.secret(draft.rng(), 12),
        created_at=draft.created_at,
    )
    return record_id


def new_hotline(draft: Draft) -> int:
    """Add a hotline on the tenant of the shop, or on none with `shop` null."""
    is_attached = draft.values.pop("shop", "") is not None
    tenant = _tenant(draft) if is_attached else None
    draft.default(hotline=draft.invent("number", lambda rng: fake.landline_numbers(rng, 1)[0]))
    record_id = draft.take_id()
    add_hotline(
        draft.state,
        record_id=record_id,
        number=draft.values["hotline"],
        name=f"Hotline {draft.values['hotline']}",
        owner_id=tenant["owner_id"] if tenant else UNSET_ID,
        created_at=draft.created_at,
        tenant=tenant,
    )
    return record_id


def new_shop(draft: Draft) -> int:
    """Add a shop that is linked with the partner, by default with an active tenant."""
    person = fake.person(draft.rng(), draft.serial)
    draft.default(name=fake.company(draft.rng()), email=person.email, phone=_mobile(draft.rng()))
    has_tenant = draft.values.pop("tenant", True)
    record_id = draft.take_id()
    keys = new_shop_keys(_RANDOM, record_id)
    owner_id = id_at(draft.created_at, draft.serial)
    add_shop(
        draft.state,
        record_id=record_id,
        owner_id=owner_id,
        code=fake.secret(draft.rng(), 4).upper(),
        name=draft.values["name"],
        email=draft.values["email"],
        phone=draft.values["phone"],
        keys=ShopKeys(api_key=keys.api_key, shop_key=keys.shop_key),
        created_at=draft.created_at,
    )
    if has_tenant:
        _add_tenant(draft, draft.state.new_id(draft.now), record_id, status="P")
    return record_id


def new_tenant(draft: Draft) -> int:
    """Add the tenant of a shop that has none; it is active by default."""
    if tenant_of(draft.state, draft.shop_id):
        raise RecordError([f"shop: shop {draft.shop_id} has a tenant already"])
    draft.default(status="P")
    record_id = draft.take_id()
    _add_tenant(draft, record_id, draft.shop_id, status=draft.values["status"])
    return record_id


def _add_tenant(draft: Draft, record_id: int, shop_id: int, *, status: str) -> None:
    shop = draft.state.fetch_doc("shop", shop_id)
    add_tenant(
        draft.state,
        record_id=record_id,
        shop_id=shop_id,
        owner_id=int(shop["owner_id"]),
        connection_id=draft.state.setting("connection_id"),
        name=shop["name"],
        created_at=draft.created_at,
        status=status,
    )


def new_account(draft: Draft) -> int:
    """Add an official account that can send."""
    draft.default(name=fake.company(draft.rng()), expires_at=draft.now + GRANT)
    draft.default(remaining_quota=draft.values.get("daily_quota", 10))
    draft.default(remaining_monthly_promotion_quota=draft.values.get("monthly_promotion_quota", 3))
    record_id = draft.take_id()
    add_oa(
        draft.state,
        record_id=record_id,
        shop_id=draft.shop_id,
        owner_id=int(draft.state.fetch_doc("shop", draft.shop_id)["owner_id"]),
        app_id=str(zalo_id(draft.rng())),
        redirect_uri=REDIRECT_URI,
        created_at=draft.created_at,
        expires_at=draft.values["expires_at"],
        name=draft.values["name"],
    )
    return record_id


def new_follower(draft: Draft) -> int:
    """Add a Zalo user that follows an official account."""
    oa = _oa(draft)
    draft.default(full_name=fake.person(draft.rng(), draft.serial).full_name)
    draft.default(zl_user_id=draft.invent("zl_user_id", lambda rng: str(zalo_id(rng))))
    _zalo_phone(draft)
    record_id = draft.take_id()
    add_follower(
        draft.state,
        record_id=record_id,
        shop_id=draft.shop_id,
        oa_id=int(oa["oa_id"]),
        zl_user_id=draft.values["zl_user_id"],
        zl_user_id_by_app=str(zalo_id(draft.rng(1))),
        full_name=draft.values["full_name"],
        phone=draft.values["phone"],
        created_at=draft.created_at,
    )
    return record_id


def new_template(draft: Draft) -> int:
    """Add a ZNS template that can be sent; its kind decides its parameters."""
    oa = _oa(draft)
    draft.default(type="text")
    shape = SHAPES.get(draft.values["type"], SHAPES["text"])
    draft.default(template_name=shape.name, template_tag=shape.tag, price=shape.price)
    if "template_daily_quota" in draft.values:
        quota = draft.values["template_daily_quota"]
        draft.default(apply_template_quota=quota > 0, template_remaining_quota=quota)
    if "id" not in draft.values:
        last = draft.state.fetch_one("SELECT max(id) FROM zns_template")[0]
        draft.values["id"] = str(max(last or 0, _FIRST_TEMPLATE - 1) + 1)
    record_id = draft.take_id()
    add_template(
        draft.state,
        template_id=record_id,
        oa=oa,
        name=draft.values["template_name"],
        kind=draft.values["type"],
        tag=draft.values["template_tag"],
        params=shape.params,
        price=draft.values["price"],
        created_at=draft.created_at,
    )
    return record_id


def new_message(draft: Draft) -> int:
    """Add a ZNS that was received and seen at once; with an error code, one that Zalo rejected."""
    template = _template(draft)
    oa = draft.state.fetch_doc("oa", int(template["oa_id"]))
    draft.values.pop("oa_id", None)
    _zalo_phone(draft)
    draft.default(template_data=fake_data(template["template_params"], draft.rng()))
    is_sent = not draft.values.get("error_code")
    draft.default(status="P" if is_sent else "N")
    if is_sent and draft.values["status"] == "P":
        draft.default(sent_time=draft.created_at, is_charged=True, fee_main=template["price"])
        draft.default(delivery_status="seen")
    if draft.values.get("delivery_status", "unknown") != "unknown":
        draft.default(delivery_time=draft.created_at)
    draft.default(request_time=draft.created_at)
    record_id = draft.take_id()
    add_message(
        draft.state,
        record_id=record_id,
        oa=oa,
        msg_id=f"{draft.rng().getrandbits(96):024x}",
        phone=draft.values["phone"],
        template_id=template["template_id"],
        template_data=draft.values["template_data"],
        timeout=template["timeout"],
        created_at=draft.created_at,
    )
    return record_id


def new_consent(draft: Draft) -> int:
    """Add a request for consent to which the user agreed at once."""
    oa = _oa(draft)
    _zalo_phone(draft)
    is_sent = not draft.values.get("error_code")
    draft.default(
        call_type=CALL_TYPES[0],
        reason_code=REASONS[0],
        status="P" if is_sent else "N",
        reply_status="P" if is_sent else "Z",
        is_charged=is_sent,
        expires_at=draft.created_at + CONSENT_OPEN if is_sent else None,
    )
    if draft.values["reply_status"] == "P":
        draft.default(delivery_status="seen", delivery_time=draft.created_at)
    record_id = draft.take_id()
    add_consent(
        draft.state,
        record_id=record_id,
        oa=oa,
        phone=draft.values["phone"],
        call_type=draft.values["call_type"],
        reason_code=draft.values["reason_code"],
        created_at=draft.created_at,
        expires_at=draft.created_at + CONSENT_OPEN,
    )
    return record_id


def new_call(draft: Draft) -> int:
    """Add a call that ends now, is answered and fits the hotlines, extensions and employees of the shop."""
    values = draft.values
    draft.default(direction="out" if _is_own(draft, values.get("caller")) else "in")
    _complete_times(draft)
    is_answered = values["call_state"] == "answered"
    ringing = _complete_parties(draft, is_answered=is_answered)
    rng = draft.rng()
    is_incoming = values["direction"] in _INCOMING
    draft.default(
        call_status="Z" if values["ended_at"] is None else "P" if is_answered else "N",
        external_id="" if is_incoming else f"{rng.getrandbits(128):032x}",
        external_session_id=f"{rng.getrandbits(64):016x}",
    )
    if "recording_urls" not in values:
        draft.default(recording=is_answered)
    if "call_targets" not in values:
        number = ringing["number"] if ringing and is_incoming else values["callee"]
        values["call_targets"] = _targets(values, number, is_answered=is_answered)
    record_id = draft.take_id()
    add_call(draft.state, record_id=record_id, shop_id=draft.shop_id, created_at=draft.created_at)
    return record_id


def _complete_times(draft: Draft) -> None:
    """Set the state, the duration and the times of a call, which ends now by default."""
    values = draft.values
    is_running = values.get("ended_at", draft.now) is None or values.get("call_state") == "unknown"
    if is_running:
        draft.default(call_state="unknown", duration=0, ended_at=None)
    draft.default(call_state="not_answered" if values.get("duration") == 0 else "answered")
    started: datetime | None = values.get("started_at", values.get("created_at"))
    ended: datetime | None = values.get("ended_at")
    if started and ended and ended < started:
        raise RecordError(["ended_at: the call ends before it starts"])
    if "duration" not in values:
        is_answered = values["call_state"] == "answered"
        values["duration"] = _talk(started, ended, draft.now) // _SECOND if is_answered else 0
    if values["duration"] < 0:
        raise RecordError(["duration: it is negative"])
    try:
        took = _RING + timedelta(seconds=values["duration"])
        started = started or (draft.now if is_running else (ended or draft.now) - took)
        if not is_running:
            ended = ended or _end(started, took, draft.now)
    except OverflowError:
        raise RecordError(["duration: the call does not fit into the calendar"]) from None
    if ended and ended - started < timedelta(seconds=values["duration"]):
        raise RecordError(["duration: it is longer than the time from started_at to ended_at"])
    draft.default(ended_at=ended, started_at=started)
    draft.default(created_at=started)
    draft.default(updated_at=max(ended or started, draft.created_at))


def _talk(started: datetime | None, ended: datetime | None, now: datetime) -> timedelta:
    """Return the duration of an answered call: between its times, or else a minute if that has passed."""
    if started is None or (ended is None and started >= now):
        return _TALK
    left = (ended or now) - started
    talk = max(left - _RING, min(left, _SECOND))
    return talk if ended else min(talk, _TALK)


def _end(started: datetime, took: timedelta, now: datetime) -> datetime:
    """Return the end of a call; it rings for less time if it would end later than now."""
    return max(min(started + took, now), started + took - _RING)


def _complete_parties(draft: Draft, *, is_answered: bool) -> sqlite3.Row | None:
    """
    Set hotline, extension, employee and numbers of a call; return the extension that rang or called.

    As in the seeded history, the extension calls or is called, and a missed call from outside has no
    employee.
    """
    values = draft.values
    is_incoming, is_internal = values["direction"] in _INCOMING, values["direction"].startswith("ext")
    own, other = ("callee", "caller") if is_incoming else ("caller", "callee")
    ringing = _extension_of_call(draft, values.get(own))
    if own not in values and ringing:
        values[own] = ringing["number"]
    hotline = _hotline_of_call(draft, values.get(own), ringing)
    if own not in values:
        values[own] = (hotline or _first_hotline(draft))["number"]
    extension = ringing if is_answered or not is_incoming or "extension_id" in values else None
    if other not in values:
        values[other] = _colleague(draft, values[own]) if is_internal else _mobile(draft.rng())
    draft.default(
        hotline_id=str(hotline["id"]) if hotline else UNSET_ID,
        extension_id=str(extension["id"]) if extension else UNSET_ID,
        user_id=str(extension["user_id"] or UNSET_ID) if extension else UNSET_ID,
    )
    found = "SELECT json_extract(doc, '$.department_id') FROM account_user WHERE id = ?"
    user = draft.state.fetch_first(found, int(values["user_id"] or 0))
    draft.default(department_id=user[0] if user else UNSET_ID)
    return ringing


def _extension_of_call(draft: Draft, number: str | None) -> sqlite3.Row | None:
    found = "SELECT id, number, user_id, hotline_id FROM extension WHERE shop_id = ? AND {} = ? ORDER BY {}"

    def find(column: str, value: object) -> sqlite3.Row | None:
        return draft.state.fetch_first(found.format(column, "created_at, id"), draft.shop_id, value)

    values = draft.values
    if "extension_id" in values:
        return find("id", int(values["extension_id"] or 0))
    if number and (extension := find("number", number)):
        return extension
    if "user_id" in values:
        return find("user_id", int(values["user_id"] or 0))
    if "hotline_id" in values and (extension := find("hotline_id", int(values["hotline_id"] or 0))):
        return extension
    return find("shop_id", draft.shop_id)


def _hotline_of_call(draft: Draft, number: str | None, extension: sqlite3.Row | None) -> sqlite3.Row | None:
    found = "SELECT id, number FROM hotline WHERE {} = ? ORDER BY created_at, id"
    values = draft.values
    if "hotline_id" in values:
        return draft.state.fetch_first(found.format("id"), int(values["hotline_id"] or 0))
    if number and (hotline := draft.state.fetch_first(found.format("number"), number)):
        return hotline
    if extension and (hotline := draft.state.fetch_first(found.format("id"), extension["hotline_id"])):
        return hotline
    return None if number else _first_hotline(draft)


def _colleague(draft: Draft, number: str) -> str:
    found = "SELECT number FROM extension WHERE shop_id = ? AND number <> ? ORDER BY created_at, id"
    row = draft.state.fetch_first(found, draft.shop_id, number)
    return row["number"] if row else number


def _is_own(draft: Draft, number: str | None) -> bool:
    """Return whether a number is an extension of the shop, or a hotline of its tenant."""
    found = (
        "SELECT 1 FROM extension WHERE shop_id = ? AND number = ? UNION ALL "
        "SELECT 1 FROM hotline JOIN tenant ON tenant.id = hotline.tenant_id "
        "WHERE tenant.shop_id = ? AND hotline.number = ?"
    )
    return bool(number and draft.state.fetch_first(found, draft.shop_id, number, draft.shop_id, number))


def _targets(values: dict[str, Any], number: str, *, is_answered: bool) -> list[dict[str, Any]] | None:
    """Return the one number that rang; `None` while the call runs."""
    started, ended = values["started_at"], values["ended_at"]
    if ended is None:
        return None
    taken = ended - timedelta(seconds=values["duration"])
    return [
        {
            "add_time": iso(started),
            "answered_time": iso(taken) if is_answered else NEVER,
            "end_reason": "normal_clearing" if is_answered else "no_answer",
            "ended_time": iso(ended),
            "fail_code": 0 if is_answered else 480,
            "ring_duration": (taken - started) // _SECOND,
            "ring_time": iso(started),
            "status": "answered" if is_answered else "missed",
            "target_number": number,
            "trunk_name": "",
        }
    ]


def _tenant(draft: Draft) -> dict[str, Any]:
    tenant = tenant_of(draft.state, draft.shop_id)
    if tenant is None:
        raise RecordError([f"shop: shop {draft.shop_id} has no tenant; add one first (tenants)"])
    return tenant


def _first_hotline(draft: Draft) -> sqlite3.Row:
    """Return the oldest hotline on the shop's tenant, or else that of its oldest extension."""
    found = draft.state.fetch_first(
        "SELECT hotline.id, hotline.number FROM hotline JOIN tenant ON tenant.id = hotline.tenant_id "
        "WHERE tenant.shop_id = ? ORDER BY hotline.created_at, hotline.id",
        draft.shop_id,
    ) or draft.state.fetch_first(
        "SELECT hotline.id, hotline.number FROM hotline JOIN extension ON extension.hotline_id = hotline.id "
        "WHERE extension.shop_id = ? ORDER BY extension.created_at, extension.id",
        draft.shop_id,
    )
    if found is None:
        raise RecordError([f"hotline_id: shop {draft.shop_id} has no hotline; add one first (hotlines)"])
    return found


def _oa(draft: Draft) -> dict[str, Any]:
    """Return the given official account, or else the oldest connected one of the shop."""
    if given := draft.values.pop("oa_id", None):
        return draft.state.fetch_doc("oa", int(given))
    found = draft.state.fetch_first(
        "SELECT doc FROM oa WHERE shop_id = ? ORDER BY json_extract(doc, '$.status') <> 'P', created_at, id",
        draft.shop_id,
    )
    if found is None:
        problem = f"shop {draft.shop_id} has no official account; add one first (accounts)"
        raise RecordError([f"oa_id: {problem}"])
    oa: dict[str, Any] = json.loads(found["doc"])
    return oa


def _template(draft: Draft) -> dict[str, Any]:
    """Return the given template, or else the oldest one of the account that can be sent."""
    given, oa_id = draft.values.pop("template_id", None), draft.values.get("oa_id")
    if given is not None:
        template = draft.state.fetch_doc("zns_template", int(given))
        if oa_id and template["oa_id"] != oa_id:
            raise RecordError([f"template_id: template {given} is not of official account {oa_id}"])
        return template
    oa = _oa(draft)
    for row in draft.state.fetch_all(
        "SELECT id FROM zns_template WHERE shop_id = ? ORDER BY created_at, id", draft.shop_id
    ):
        template = draft.state.fetch_doc("zns_template", row["id"])
        is_fit = template["template_status"] == "ENABLE" and not template["is_journey"]
        if template["oa_id"] == oa["oa_id"] and is_fit:
            return template
    problem = f"official account {oa['oa_id']} has no template; add one first (templates)"
    raise RecordError([f"template_id: {problem}"])
