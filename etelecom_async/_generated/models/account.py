"""
Models of `account` (eTelecom: account, shops, webhooks).

Written by `python -m codegen` from account.openapi.yaml and overlay.toml (sha256 ac6461dcb5b0); do
not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Many, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret
from etelecom_async.paging import Paging


class AuthorizationType(OpenEnum):
    """
    What an answer of AuthorizeShop holds.

    Both kinds come with HTTP 200.
    """

    SHOP_REQUEST = "shop_request"
    """The shop has to sign in first: send its browser to auth_url."""
    SHOP_KEY = "shop_key"
    """auth_token is the key to act for the shop."""


class AccountType(OpenEnum):
    """
    Kind of account.

    In doubt: A description names the kinds Partner and Shop; how the wire spells them was not seen.
    """

    UNKNOWN = "unknown"
    """The value in the samples."""


class WebhookEntity(OpenEnum):
    """
    Kind of event that a webhook receives.

    In doubt: A crawl of October 2025 says that only call_log is supported, one of December 2025
    lists both. Believed: the newer one.
    """

    CALL_LOG = "call_log"
    """Call history."""
    ZL_OA_MESSAGE = "zl_oa_message"
    """ZNS (Zalo) messages."""


class WebhookState(OpenEnum):
    """State of the delivery to a webhook."""

    OK = "ok"
    """The last delivery went through."""
    RETRY = "retry"
    """The last delivery failed and is sent again with growing pauses."""
    STOP = "stop"
    """The last retry failed too; the webhook is switched off."""


@attrs.frozen(kw_only=True)
class AuthorizeShopRequest(Model):
    """
    The shop to link: a new one by email, phone and name, a linked one by shop_id.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    email: str | None = None
    """
    E-mail of the shop account to create. Needed for a new shop. In doubt: ETelecom marks email,
    phone, name and redirect_url as required; the older platform (eTop), whose text it is, says they
    may be left out. Believed: required for a new shop; a linked shop is named by shop_id instead,
    so the schema does not require it.
    """
    phone: str | None = None
    """
    Phone of the shop account to create. Needed for a new shop. In doubt: ETelecom marks email,
    phone, name and redirect_url as required; the older platform (eTop), whose text it is, says they
    may be left out. Believed: required for a new shop; a linked shop is named by shop_id instead,
    so the schema does not require it.
    """
    name: str | None = None
    """
    Name of the shop account to create. Needed for a new shop. In doubt: ETelecom marks email,
    phone, name and redirect_url as required; the older platform (eTop), whose text it is, says they
    may be left out. Believed: required for a new shop; a linked shop is named by shop_id instead,
    so the schema does not require it.
    """
    shop_id: str | None = None
    """
    Shop's id, received in the redirect. Needed for a linked shop; left out the first time. In
    doubt: The table calls it a string; ids elsewhere are int64 in a string. The sample redirect has
    a short number (12414), real ids have 19 digits.
    """
    redirect_url: str
    """
    Where the browser goes after the shop signed in; needed in both forms. In doubt: ETelecom marks
    it as required; the older platform (eTop) says it may be left out. Believed: required. The
    sample already has ?token=...&shop_id=..., while the text says that eTelecom adds them: parse
    the query of the redirect and do not assume that the first ? is eTelecom's.
    """


@attrs.frozen(kw_only=True)
class ShopAuthorization(Model):
    """
    What AuthorizeShop gives: a sign-in page, or a key.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    code: str = ""
    """Ok on success."""
    msg: str = ""
    """Message; empty in the samples."""
    type: AuthorizationType | None = None
    """
    What auth_token is. A shop that was linked and then unlinked gives shop_request again, so look
    at it each time. In doubt: Missing in the table of the answer, but in both samples. Believed: it
    is there.
    """
    auth_token: Secret | None = None
    """
    By type: a request token for the browser of the shop's owner (request: and 43 characters; not an
    API key), or the shop_key (the word shop, the shop's id, a colon, 64 letters and digits).
    """
    expires_in: int | None = None
    """Seconds that auth_token is good for: 900 for shop_request, -1 (no end) for shop_key."""
    auth_url: str = ""
    """Sign-in page; only with shop_request. It carries the request token."""
    meta: dict[str, Any] | None = None
    """Extra properties, if any."""


@attrs.frozen(kw_only=True)
class CurrentShop(Model):
    """
    The shop that a shop_key acts for.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    id: str = ""
    """Account id."""
    name: str = ""
    """Account name."""
    type: AccountType | None = None
    """
    Kind of account. In doubt: Values other than unknown are given only as words of a description
    (Partner, Shop).
    """
    image_url: str = ""
    """Logo; blank where there is none. In the sample only, not in the table."""
    website: str = ""
    """Web site; blank where there is none. In the sample only, not in the table."""


@attrs.frozen(kw_only=True)
class CreatedShopAccount(Model):
    """
    A shop that was just created, with its keys.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md
    """

    api_key: Secret | None = None
    """By its name the shop's own key; the page gives no description."""
    shop_key: Secret | None = None
    """By its name the partner's key for this shop; the page gives no description."""
    shop: Shop | None = None
    """The shop."""


@attrs.frozen(kw_only=True)
class Shop(Model):
    """
    A shop.

    The service's own name of the schema is baShop; the copy of the page is cut off inside it, so
    there may be more fields.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md
    """

    id: str = ""
    """Shop's id."""
    name: str = ""
    """Shop's name."""
    code: str = ""
    """Shop's code."""
    email: str = ""
    """E-mail address."""
    phone: str = ""
    """Phone number."""
    owner_id: str = ""
    """Id of the user who owns the shop."""
    image_url: str = ""
    """Logo; blank where there is none."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    is_test: bool | None = None
    """By its name, whether it is a test shop."""
    is_blocked: bool | None = None
    """Whether the shop is blocked."""
    block_reason: str = ""
    """Why the shop is blocked."""
    address: dict[str, Any] | None = None
    """Address. Its schema (baAddress) was not seen."""
    bank_account: dict[str, Any] | None = None
    """Bank account. Its schema (baBankAccount) was not seen."""
    company_info: dict[str, Any] | None = None
    """Company. Its schema (baCompanyInfo) was not seen."""
    exported_fields: Many[str] = ()
    """Not described."""
    auto_create_ffm: bool | None = None
    """Left over from the shipping platform."""
    ghn_note_code: str = ""
    """Deprecated, try_on replaces it. An enum (pjGHNNoteCode) whose values were not seen."""
    inventory_overstock: bool | None = None
    """Not described."""
    is_prior_money_transaction: bool | None = None
    """Not described."""
    money_transaction_count: int | None = None
    """Not described."""
    money_transaction_rrule: str = ""
    """ICalendar recurrence rule."""

    def __attrs_post_init__(self) -> None:
        if self.exported_fields is NULL:
            set_blank(self, "exported_fields", ())


@attrs.frozen(kw_only=True)
class GetShopsRequest(Model):
    """
    Which part of the list of shops to answer.

    Nothing of the request was seen. Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung
    """

    paging: Paging | None = None
    """Inferred from the other lists."""


@attrs.frozen(kw_only=True)
class CreateWebhookRequest(Model):
    """
    An address and the kinds of event that it receives.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    url: str
    """Endpoint that receives the events."""
    entities: Sequence[WebhookEntity | str]
    """
    Kinds of event to receive. In doubt: The interactive block marks only url as required; the table
    stars url and entities, and both samples have entities. Believed: both required.
    """


@attrs.frozen(kw_only=True)
class Webhook(Model):
    """
    An address that receives events.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    id: str = ""
    """Webhook's id."""
    entities: Many[WebhookEntity] = ()
    """
    Kinds of event that it receives. In doubt: Copies of October 2025 say that only call_log is
    supported; one of December 2025 adds zl_oa_message. Believed: the newer one.
    """
    fields: Many[str] = ()
    """
    Detailed fields, if any; empty in every sample. In doubt: The table gives a string, the samples
    an array. Believed: array of strings.
    """
    url: str = ""
    """Endpoint that receives the events. Two webhooks may have the same."""
    metadata: str = ""
    """Free text, empty in every sample."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    states: WebhookStates | None = None
    """How the delivery goes."""

    def __attrs_post_init__(self) -> None:
        if self.entities is NULL:
            set_blank(self, "entities", ())
        if self.fields is NULL:
            set_blank(self, "fields", ())


@attrs.frozen(kw_only=True)
class WebhookStates(Model):
    """
    How the delivery to a webhook goes.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    state: WebhookState | None = None
    """State of the delivery."""
    last_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When an event was last sent; null before the first."""
    last_error: WebhookError | None = None
    """The latest failure; null if none."""


@attrs.frozen(kw_only=True)
class WebhookError(Model):
    """
    The latest failure to deliver to a webhook.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    error: str = ""
    """Error text."""
    resp_status: int | None = None
    """HTTP status that the endpoint answered."""
    resp_body: str = ""
    """What the endpoint answered."""
    retried: int | None = None
    """Number of retries made."""
    sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was sent."""


@attrs.frozen(kw_only=True)
class WebhookList(Model):
    """
    Webhooks.

    There is no paging.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-lay-danh-sach-webhooks
    """

    webhooks: Many[Webhook] = ()
    """The webhooks."""

    def __attrs_post_init__(self) -> None:
        if self.webhooks is NULL:
            set_blank(self, "webhooks", ())


@attrs.frozen(kw_only=True)
class DeleteWebhookRequest(Model):
    """
    The webhook to delete.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-xoa-webhook
    """

    id: str
    """Webhook to delete."""
