"""
The fields of records that a program adds or changes, by kind.

A field has its name in the API; the others are described here. `New...` are the fields of a new record. The
number of a hotline or an extension, the phone number of an employee and the e-mail address of a shop can
replace their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict


class Times(TypedDict, total=False):
    """
    The times of a record.

    Args:
        created_at: Time of the creation, which is its place in lists; by default now.
        updated_at: Time of the last change; by default the creation, or now for a change.
    """

    created_at: datetime
    updated_at: datetime


class New(TypedDict, total=False):
    """
    The identity of a new record.

    Args:
        id: Its id; by default the next one.
        shop: Id or e-mail address of its shop; by default the first shop.
    """

    id: str
    shop: str


class CallFields(Times, total=False):
    """
    The fields of a call.

    Args:
        recording: Whether the call has the recording of the sandbox; by default if it is answered.
        hotline_id: The hotline, which only the filter shows.
        department_id: The department, which only the filter shows.
    """

    direction: str
    caller: str
    callee: str
    call_state: str
    call_status: str
    call_targets: Sequence[Mapping[str, object]] | None
    duration: int
    started_at: datetime
    ended_at: datetime | None
    hotline_id: str
    extension_id: str
    user_id: str
    department_id: str
    contact_id: str
    external_id: str
    external_session_id: str
    note: str
    recording: bool
    recording_urls: Sequence[str] | None


class NewCall(CallFields, New, total=False):
    """The fields of a new call."""


class UserFields(Times, total=False):
    """The fields of an employee."""

    full_name: str
    short_name: str
    phone: str
    email: str
    department_id: str
    position: str
    roles: Sequence[str] | None
    permissions: Sequence[str] | None
    deleted: bool


class NewUser(UserFields, New, total=False):
    """The fields of a new employee."""


class ExtensionFields(Times, total=False):
    """The fields of an extension."""

    extension_number: str
    extension_password: str
    hotline_id: str
    user_id: str
    state: str
    expires_at: datetime | None
    subscription_id: str


class NewExtension(ExtensionFields, New, total=False):
    """The fields of a new extension."""


class HotlineFields(Times, total=False):
    """The fields of a hotline."""

    hotline: str
    name: str
    description: str
    network: str
    is_free_charge: bool
    owner_id: str
    status: str
    connection_id: str
    connection_method: str


class NewHotline(HotlineFields, total=False):
    """
    The fields of a new hotline.

    Args:
        id: Its id; by default the next one.
        shop: Shop whose tenant has the hotline, by default the first; `None` for a hotline on no tenant.
    """

    id: str
    shop: str | None


class ShopFields(Times, total=False):
    """
    The fields of a shop.

    Args:
        api_key: The shop's own key.
        shop_key: The partner's key for the shop; `None` if they are not linked.
    """

    name: str
    code: str
    email: str
    phone: str
    image_url: str
    is_test: bool
    is_blocked: bool
    block_reason: str
    api_key: str
    shop_key: str | None


class NewShop(ShopFields, total=False):
    """
    The fields of a new shop.

    Args:
        id: Its id; by default the next one.
        tenant: Whether the shop has an active tenant; it has by default.
    """

    id: str
    tenant: bool


class TenantFields(Times, total=False):
    """The fields of a tenant."""

    name: str
    domain: str
    status: str
    connection_method: str


class NewTenant(TenantFields, New, total=False):
    """The fields of a new tenant."""


class AccountFields(Times, total=False):
    """The fields of an official account."""

    name: str
    description: str
    status: str
    expires_at: datetime
    is_verified: bool
    daily_quota: int
    remaining_quota: int
    monthly_promotion_quota: int
    remaining_monthly_promotion_quota: int
    current_quality: str
    last_week_quality: str
    webhook_url: str


class NewAccount(AccountFields, New, total=False):
    """The fields of a new official account."""


class FollowerFields(Times, total=False):
    """
    The fields of a follower.

    Args:
        notes: Notes about the follower, in `tags_and_notes_info`.
        tag_names: Tags of the follower, in `tags_and_notes_info`.
        interacted_at: Time of the last interaction, which starts the 48 hours for replies.
    """

    full_name: str
    phone: str
    gender: str
    state: str
    has_conversation: bool
    assigned_user_id: str
    shared_info: Mapping[str, object] | None
    notes: Sequence[str] | None
    tag_names: Sequence[str] | None
    zl_user_id: str
    zl_user_id_by_app: str
    interacted_at: datetime


class NewFollower(FollowerFields, New, total=False):
    """The fields of a new follower."""

    oa_id: str


class TemplateFields(Times, total=False):
    """The fields of a ZNS template."""

    template_name: str
    type: str
    template_tag: str
    template_status: str
    template_quality: str
    template_params: Sequence[Mapping[str, object]]
    apply_template_quota: bool
    template_daily_quota: int
    template_remaining_quota: int
    is_journey: bool
    price: int
    price_exceeded: int
    retail_price: int
    timeout: int
    preview_url: str
    ref_param: str


class NewTemplate(TemplateFields, New, total=False):
    """The fields of a new ZNS template; `id` is the `template_id`."""

    oa_id: str


class MessageFields(Times, total=False):
    """The fields of a ZNS."""

    msg_id: str
    phone: str
    template_data: Mapping[str, object]
    tracking_id: str
    type: str
    status: str
    delivery_status: str
    delivery_time: datetime | None
    sent_time: datetime | None
    submit_time: datetime | None
    request_time: datetime
    error_code: int
    error_message: str
    is_charged: bool
    fee_main: int
    fee_token: int
    rate: int
    note: str
    feedback: Sequence[str] | None
    journey_id: str
    campaign_id: str
    zl_user_id: str
    is_development: bool
    sending_mode: str
    timeout: int


class NewMessage(MessageFields, New, total=False):
    """The fields of a new ZNS."""

    oa_id: str
    template_id: int


class ConsentFields(Times, total=False):
    """
    The fields of a request for consent.

    Args:
        granted_until: End of the consent, as `consents.check` returns it; `None` for no consent.
    """

    phone: str
    call_type: str
    reason_code: str
    status: str
    reply_status: str
    delivery_status: str
    delivery_time: datetime | None
    is_charged: bool
    error_code: int
    error_message: str
    expires_at: datetime | None
    granted_until: datetime | None


class NewConsent(ConsentFields, New, total=False):
    """The fields of a new request for consent."""

    oa_id: str
