"""
Models of `account` (eTelecom: account, shops, webhooks).

Written by `python -m codegen` from account.openapi.yaml and overlay.toml (sha256 cc84e3a41379); do
not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum, note_unlisted
from etelecom_async._core.model import NULL, Many, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret
from etelecom_async.paging import Paging


class AuthorizationType(OpenEnum):
    """
    Kind of response of AuthorizeShop.

    Both kinds have HTTP 200.
    """

    SHOP_REQUEST = "shop_request"
    """The shop must sign in first: send its browser to auth_url."""
    SHOP_KEY = "shop_key"
    """auth_token is the key to act for the shop."""


class AccountType(OpenEnum):
    """
    Kind of account.

    In doubt: A description names the kinds Partner and Shop. Their spelling on the wire was not
    seen.
    """

    UNKNOWN = "unknown"
    """The value in the samples."""


class WebhookEntity(OpenEnum):
    """
    Kind of event that a webhook receives.

    In doubt: A copy of October 2025 says that only call_log is supported; one of December 2025
    lists both. Assumed: the newer one.
    """

    CALL_LOG = "call_log"
    """Call history."""
    ZL_OA_MESSAGE = "zl_oa_message"
    """ZNS (Zalo) messages."""


class WebhookState(CompleteEnum):
    """State of the delivery to a webhook."""

    OK = "ok"
    """The last delivery succeeded."""
    RETRY = "retry"
    """The last delivery failed; the service retries it with growing pauses."""
    STOP = "stop"
    """The last retry failed too; the service disabled the webhook."""


@attrs.frozen(kw_only=True, repr=False)
class AuthorizeShopRequest(Model):
    """
    The shop to link: a new one by email, phone and name, or a linked one by shop_id.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    email: str | None = None
    """
    E-mail of the shop account to create. Required for a new shop. In doubt: eTelecom marks email,
    phone, name and redirect_url as required. The text comes from the older platform (eTop), which
    says that they are optional. Assumed: required for a new shop. For a linked shop, shop_id takes
    their place, so the schema does not require them.
    """
    phone: str | None = None
    """
    Phone of the shop account to create. Required for a new shop. In doubt: eTelecom marks email,
    phone, name and redirect_url as required. The text comes from the older platform (eTop), which
    says that they are optional. Assumed: required for a new shop. For a linked shop, shop_id takes
    their place, so the schema does not require them.
    """
    name: str | None = None
    """
    Name of the shop account to create. Required for a new shop. In doubt: eTelecom marks email,
    phone, name and redirect_url as required. The text comes from the older platform (eTop), which
    says that they are optional. Assumed: required for a new shop. For a linked shop, shop_id takes
    their place, so the schema does not require them.
    """
    shop_id: str | None = None
    """
    Shop's id, received in the redirect. Required for a linked shop; omit it in the first call. In
    doubt: The table gives it as a string; ids elsewhere are int64 in a string. The sample redirect
    has a short number (12414); real ids have 19 digits.
    """
    redirect_url: str
    """
    URL that the browser opens after the shop signed in; required in both forms. In doubt: eTelecom
    marks it as required; the older platform (eTop) says that it is optional. Assumed: required. The
    sample already has ?token=...&shop_id=..., but the text says that eTelecom adds them. Parse the
    query of the redirect, and do not assume that eTelecom added the first `?`.
    """


@attrs.frozen(kw_only=True, repr=False)
class ShopAuthorization(Model):
    """
    Result of AuthorizeShop: a sign-in page, or a key.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    code: str = ""
    """`ok` on success."""
    msg: str = ""
    """Message; empty in the samples."""
    type: AuthorizationType | None = None
    """
    Kind of auth_token. A shop that was linked and then unlinked returns shop_request again, so
    check this field each time. In doubt: The response table does not have it, but both samples
    have. Assumed: it is present.
    """
    auth_token: Secret | None = None
    """
    By type, a request token for the browser of the shop's owner, or the shop_key. The request token
    is request: and 43 characters; it is not an API key. The shop_key is the word shop, the shop's
    id, a colon, and 64 letters and digits.
    """
    expires_in: int | None = None
    """Seconds until auth_token expires: 900 for shop_request, -1 (no end) for shop_key."""
    auth_url: Secret | None = None
    """
    URL of the sign-in page, only with shop_request. It is a secret, because it contains the request token.
    """
    meta: dict[str, Any] | None = None
    """Extra properties, if any."""


@attrs.frozen(kw_only=True, repr=False)
class ShopKey(Model):
    """
    The key with which a partner acts for a shop.

    Store it with the shop's id.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    shop_key: Secret = attrs.field(metadata={"wire": "auth_token"})
    """The key: the word shop, the shop's id, a colon, and 64 letters and digits."""
    expires_in: int | None = None
    """Seconds until it expires; -1 stands for no end."""
    msg: str = ""
    """Message; empty in the samples."""
    meta: dict[str, Any] | None = None
    """Extra properties, if any."""


@attrs.frozen(kw_only=True, repr=False)
class LoginRequired(Model):
    """
    The page on which the owner of a shop must log in before the partner gets a key.

    Send the owner's browser to auth_url.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    auth_url: Secret
    """URL of the page. It is a secret, because it contains a token."""
    expires_in: int | None = None
    """Seconds until the URL expires: 900 in the documentation."""
    msg: str = ""
    """Message; empty in the samples."""
    meta: dict[str, Any] | None = None
    """Extra properties, if any."""


@attrs.frozen(kw_only=True, repr=False)
class ShopKeyRequest(Model):
    """
    Request of `partner.shops.authorize`.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    shop_id: str
    """Shop's id, received in the redirect."""
    redirect_url: str
    """URL that the browser opens if the shop must log in again, with your own parameters in the query."""


@attrs.frozen(kw_only=True, repr=False)
class ConnectShopRequest(Model):
    """
    Request of `partner.shops.connect`.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
    """

    email: str
    """E-mail of the shop account to create."""
    phone: str
    """Phone of the shop account to create."""
    name: str
    """Name of the shop account to create."""
    redirect_url: str
    """
    URL that the browser opens after the shop logged in, with your own parameters in the query, for
    example `?state=...`.
    """


@attrs.frozen(kw_only=True, repr=False)
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
    Kind of account. In doubt: Except for unknown, the values are only words in a description (Partner, Shop).
    """
    image_url: str = ""
    """URL of the logo; empty if there is none. In the sample only, not in the table."""
    website: str = ""
    """Web site; empty if there is none. In the sample only, not in the table."""

    @property
    def shop_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class CreateShopAccountRequest(Model):
    """
    The shop to create.

    The schema of this request (mcCreateShopAccountRequest) was not seen, so it may have other
    fields. Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md
    """

    name: str | None = None
    """Name of the shop. Inferred from AuthorizeShop and from the shop in the response."""
    email: str | None = None
    """E-mail of the shop. Inferred from AuthorizeShop and from the shop in the response."""
    phone: str | None = None
    """Phone of the shop. Inferred from AuthorizeShop and from the shop in the response."""


@attrs.frozen(kw_only=True, repr=False)
class CreatedShopAccount(Model):
    """
    A shop that was just created, with its keys.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md
    """

    api_key: Secret | None = None
    """By its name, the shop's own key. The page does not describe it."""
    shop_key: Secret | None = None
    """By its name, the partner's key for this shop. The page does not describe it."""
    shop: Shop | None = None
    """The shop."""


@attrs.frozen(kw_only=True, repr=False)
class Shop(Model):
    """
    A shop.

    The service's own name for this schema is baShop. The copy of the page ends inside it, so it may
    have more fields.

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
    """URL of the logo; empty if there is none."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    is_test: bool | None = None
    """By its name, says whether this is a test shop."""
    is_blocked: bool | None = None
    """True if the shop is blocked."""
    block_reason: str = ""
    """Reason why the shop is blocked."""
    address: dict[str, Any] | None = None
    """Address. Its schema (baAddress) was not seen."""
    bank_account: dict[str, Any] | None = None
    """Bank account. Its schema (baBankAccount) was not seen."""
    company_info: dict[str, Any] | None = None
    """Company. Its schema (baCompanyInfo) was not seen."""
    exported_fields: Many[str] = ()
    """Not described."""
    auto_create_ffm: bool | None = None
    """A remainder of the shipping platform."""
    ghn_note_code: str = ""
    """Deprecated; `try_on` replaces it. An enum (pjGHNNoteCode) whose values were not seen."""
    inventory_overstock: bool | None = None
    """Not described."""
    is_prior_money_transaction: bool | None = None
    """Not described."""
    money_transaction_count: int | None = None
    """Not described."""
    money_transaction_rrule: str = ""
    """iCalendar recurrence rule."""

    def __attrs_post_init__(self) -> None:
        if self.exported_fields is NULL:
            set_blank(self, "exported_fields", ())

    @property
    def shop_id(self) -> str:
        """The id, by the name that requests use."""
        return self.id


@attrs.frozen(kw_only=True, repr=False)
class GetShopsRequest(Model):
    """
    Request to list shops.

    No part of the request was seen. Inferred, not documented.

    Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung
    """

    paging: Paging | None = None
    """Inferred from the other lists."""


@attrs.frozen(kw_only=True, repr=False)
class CreateWebhookRequest(Model):
    """
    A URL, and the kinds of event that it receives.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    url: str
    """URL that receives the events."""
    entities: Sequence[WebhookEntity | str]
    """
    Kinds of event to receive. In doubt: The interactive block marks only url as required. The table
    stars url and entities, and both samples have entities. Assumed: both are required.
    """

    def __attrs_post_init__(self) -> None:
        note_unlisted(WebhookEntity, self.entities)


@attrs.frozen(kw_only=True, repr=False)
class Webhook(Model):
    """
    A URL that receives events.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    id: str = ""
    """Webhook's id."""
    entities: Many[WebhookEntity] = ()
    """
    Kinds of event that it receives. In doubt: Copies of October 2025 say that only call_log is
    supported. One of December 2025 adds zl_oa_message. Assumed: the newer one.
    """
    fields: Many[str] = ()
    """
    Detailed fields, if any. Empty in every sample. In doubt: The table gives a string, the samples
    an array. Assumed: an array of strings.
    """
    url: str = ""
    """URL that receives the events. Two webhooks may have the same URL."""
    metadata: str = ""
    """Free text. Empty in every sample."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    states: WebhookStates | None = None
    """State of the deliveries."""

    def __attrs_post_init__(self) -> None:
        if self.entities is NULL:
            set_blank(self, "entities", ())
        if self.fields is NULL:
            set_blank(self, "fields", ())


@attrs.frozen(kw_only=True, repr=False)
class WebhookStates(Model):
    """
    State of the deliveries to a webhook.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    state: WebhookState | None = None
    """State of the delivery."""
    last_sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when an event was last sent; null before the first event."""
    last_error: WebhookError | None = None
    """The latest failure; null if there was none."""


@attrs.frozen(kw_only=True, repr=False)
class WebhookError(Model):
    """
    The latest failure to deliver to a webhook.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
    """

    error: str = ""
    """Error text."""
    resp_status: int | None = None
    """HTTP status that the endpoint returned."""
    resp_body: str = ""
    """Response of the endpoint."""
    retried: int | None = None
    """Number of retries so far."""
    sent_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the event was sent."""


@attrs.frozen(kw_only=True, repr=False)
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


@attrs.frozen(kw_only=True, repr=False)
class DeleteWebhookRequest(Model):
    """
    The webhook to delete.

    Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-xoa-webhook
    """

    id: str
    """Webhook to delete."""
