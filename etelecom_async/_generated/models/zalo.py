"""
Models of `zalo` (eTelecom: Zalo official accounts).

Written by `python -m codegen` from zalo.openapi.yaml and overlay.toml (sha256 eaf6d6d80a26); do not
edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from etelecom_async._core.attachment import Attachment, to_attachment
from etelecom_async._core.codec.enums import OpenEnum, note_unlisted
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret
from etelecom_async.paging import Paging


class OAConnectionMethod(OpenEnum):
    """
    Kind of connection of an official account.

    In doubt: ConnectOA's table lists only direct; its schema also has a deprecated topship. Other
    pages show unknown, builtin and direct. A client accepts all of them.
    """

    UNKNOWN = "unknown"
    """Zero value."""
    BUILTIN = "builtin"
    """Not described."""
    DIRECT = "direct"
    """Not described."""
    TOPSHIP = "topship"
    """Deprecated."""


class SendingQuality(OpenEnum):
    """Quality of the ZNS that an official account sent in a period."""

    UNKNOWN = "unknown"
    """In the samples."""
    HIGH = "HIGH"
    """Good."""
    MEDIUM = "MEDIUM"
    """Medium."""
    LOW = "LOW"
    """Poor."""
    UNDEFINED = "UNDEFINED"
    """No ZNS was sent in the period."""


class OAStatus(OpenEnum):
    """State of the connection of an official account."""

    ZERO = "Z"
    """In the samples only (the first value of the schema)."""
    CONNECTED = "P"
    """Connected."""
    DISCONNECTED = "N"
    """Disconnected."""


class Gender(OpenEnum):
    """A Zalo user's gender."""

    UNKNOWN = "unknown"
    """Unknown."""
    MALE = "male"
    """Male."""
    FEMALE = "female"
    """Female."""
    OTHER = "other"
    """Other."""


class FollowState(OpenEnum):
    """
    Says whether a Zalo user follows the official account.

    In doubt: The English request row lists follow only; the response and the Vietnamese page have
    both. Assumed: both.
    """

    FOLLOW = "follow"
    """Follows the official account."""
    UNFOLLOW = "unfollow"
    """Does not follow it (any more)."""


class MessageDirection(OpenEnum):
    """Direction of a message."""

    IN = "in"
    """From the user to the official account."""
    OUT = "out"
    """From the official account to the user."""


class QuotaOwner(OpenEnum):
    """Kind of owner of a message quota."""

    OA = "OA"
    """The official account owns the quota."""
    APP = "App"
    """The Zalo app owns the quota."""


class QuotaType(OpenEnum):
    """Kind of quota that paid for a message."""

    REPLY = "reply"
    """One of the 8 messages that may be sent in the 48 hours."""
    SUB_QUOTA = "sub_quota"
    """Free messages of the package of the official account."""
    PURCHASE_QUOTA = "purchase_quota"
    """From a feature package bought separately."""
    REWARD_QUOTA = "reward_quota"
    """From a redeemed code."""


class ZaloMessageType(OpenEnum):
    """Kind of a message between an official account and a Zalo user."""

    UNKNOWN = "unknown"
    """Zero value."""
    TEXT = "text"
    """Text."""
    AUDIO = "audio"
    """Sound."""
    VIDEO = "video"
    """Video."""
    PHOTO = "photo"
    """Picture."""
    GIF = "GIF"
    """Moving picture."""
    LINK = "link"
    """Link."""
    FILE = "file"
    """File."""
    STICKER = "sticker"
    """Sticker."""
    LOCATION = "location"
    """Place."""
    BUSINESS_CARD = "business_card"
    """Business card."""


class TransactionLanguage(OpenEnum):
    """
    Language of a transaction message.

    In doubt: The English page has WE and IN, a machine translation of VI and EN; the sample has
    unknown. Assumed: VI and EN, though no JSON shows either. Another reseller of the same Zalo
    message also gives VI and EN (unverified).
    """

    UNKNOWN = "unknown"
    """In the sample."""
    VI = "VI"
    """Vietnamese (inferred, no JSON shows it)."""
    EN = "EN"
    """English (inferred, no JSON shows it)."""


class TransactionTemplateType(OpenEnum):
    """
    Kind of a transaction message.

    In doubt: eTelecom's pages show unknown only. The other values come from another reseller of the
    same Zalo message (unverified; its names may differ).
    """

    UNKNOWN = "unknown"
    """In the sample."""
    TRANSACTION_BILLING = "transaction_billing"
    """From another reseller, unverified."""
    TRANSACTION_ORDER = "transaction_order"
    """From another reseller, unverified."""
    TRANSACTION_REWARD = "transaction_reward"
    """From another reseller, unverified."""
    TRANSACTION_CONTRACT = "transaction_contract"
    """From another reseller, unverified."""
    TRANSACTION_BOOKING = "transaction_booking"
    """From another reseller, unverified."""
    TRANSACTION_MEMBERSHIP = "transaction_membership"
    """From another reseller, unverified."""
    TRANSACTION_EVENT = "transaction_event"
    """From another reseller, unverified."""
    TRANSACTION_TRANSACTION = "transaction_transaction"
    """From another reseller, unverified."""
    TRANSACTION_ACCOUNT = "transaction_account"
    """From another reseller, unverified."""
    TRANSACTION_INTERNAL = "transaction_internal"
    """From another reseller, unverified."""
    TRANSACTION_PARTNERSHIP = "transaction_partnership"
    """From another reseller, unverified."""
    TRANSACTION_EDUCATION = "transaction_education"
    """From another reseller, unverified."""
    TRANSACTION_RATING = "transaction_rating"
    """From another reseller, unverified."""


class TransactionButtonType(OpenEnum):
    """
    Action of a button of a transaction message.

    In doubt: The list on the page ends after oa.open.sms. Another reseller of the same Zalo message
    gives oa.open.phone, and says which payload each type takes (unverified).
    """

    UNKNOWN = "unknown"
    """In the sample."""
    OPEN_URL = "oa.open.url"
    """Opens a URL inside Zalo; takes payload.url."""
    QUERY_SHOW = "oa.query.show"
    """Sends a text back to the official account, visible in the chat."""
    QUERY_HIDE = "oa.query.hide"
    """Sends a text back to the official account, not visible in the chat."""
    OPEN_SMS = "oa.open.sms"
    """
    The description ends early on the page; another reseller gives it payload.content and payload.phone_code.
    """
    OPEN_PHONE = "oa.open.phone"
    """From another reseller, unverified; takes payload.phone_code."""


class UploadType(OpenEnum):
    """
    Kind of uploaded data.

    In doubt: The stored copies show only image, not the other values. So the caller passes the
    value that Zalo expects.
    """

    IMAGE = "image"
    """A picture."""


@attrs.frozen(kw_only=True, repr=False)
class AuthorizeOARequest(Model):
    """
    The Zalo app to authorise.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link
    """

    app_id: str
    """Zalo app's id."""
    app_secret: Secret = attrs.field(converter=to_secret)
    """Secret of the Zalo app."""
    redirect_uri: str
    """
    URL set as Official Account Callback Url of the app on developers.zalo.me. In doubt: The English
    table names it redirects; the Vietnamese page and the JSON name it redirect_uri. Assumed:
    redirect_uri.
    """


@attrs.frozen(kw_only=True, repr=False)
class AuthorizationLink(Model):
    """
    The link on which an official account's administrator agrees.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link
    """

    url: str = ""
    """The link. The page does not say how long it is valid."""


@attrs.frozen(kw_only=True, repr=False)
class ConnectOARequest(Model):
    """
    The values that Zalo added to the redirect address.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa
    """

    code: Secret = attrs.field(converter=to_secret)
    """Code from the query of the redirect address. It is a secret for one use."""
    oa_id: str
    """Account's id on Zalo."""
    state: int | None = None
    """
    State from the query of the redirect address; a JSON number. In doubt: The curl sample has the
    word integer in quotes as a placeholder; the swagger sample has the number 1.
    """


@attrs.frozen(kw_only=True, repr=False)
class OfficialAccount(Model):
    """
    A Zalo official account that is connected to eTelecom.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa
    """

    app_id: str = ""
    """Zalo app's id."""
    avatar: str = ""
    """URL of the account's picture."""
    connection_id: str = ""
    """Connection's id."""
    connection_method: OAConnectionMethod | None = None
    """Kind of connection."""
    cover: str = ""
    """URL of the account's cover picture."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    current_quality: SendingQuality | None = None
    """Quality of ZNS sending in the last 48 hours."""
    daily_quota: int | None = None
    """Daily quota of ZNS."""
    description: str = ""
    """Account's description."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the refresh token expires. Then the administrator must authorise the account again."""
    is_verified: bool | None = None
    """True if Zalo has verified the account."""
    last_week_quality: SendingQuality | None = None
    """Quality of ZNS sending in the last 7 days."""
    name: str = ""
    """Account's name."""
    oa_id: str = ""
    """Account's id on Zalo."""
    owner_id: str = attrs.field(default="", metadata={"wire": "onwer_id"})
    """
    Id of the user on eTelecom who owns the shop. In doubt: The tables write owner_id; all JSON
    samples and schema rows spell it onwer_id. Assumed on the wire: onwer_id. A client reads both.
    """
    remaining_quota: int | None = None
    """Remaining ZNS of today's quota."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    status: OAStatus | None = None
    """State of the connection."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""
    daily_quota_promotion: int | None = None
    """
    Daily quota of after-sales ZNS. The page says null from November 1, without a year. Seen only in
    GetShopOA and UpdateShopOA. In doubt: The schema block of UpdateShopOA has it, but its own
    sample does not; in GetShopOA both have it. Optional.
    """
    estimated_next_month_promotion_quota: int | None = None
    """
    After-sales ZNS quota expected for next month. Seen only in GetShopOA and UpdateShopOA. In
    doubt: The schema block of UpdateShopOA has it, but its own sample does not; in GetShopOA both
    have it. Optional.
    """
    monthly_promotion_quota: int | None = None
    """
    Monthly quota of after-sales ZNS. Seen only in GetShopOA and UpdateShopOA. In doubt: The schema
    block of UpdateShopOA has it, but its own sample does not; in GetShopOA both have it. Optional.
    """
    remaining_monthly_promotion_quota: int | None = None
    """
    Remaining after-sales ZNS of this month's quota. Seen only in GetShopOA and UpdateShopOA. In
    doubt: The schema block of UpdateShopOA has it, but its own sample does not; in GetShopOA both
    have it. Optional.
    """
    webhook_url: str = ""
    """
    URL that receives the account's events; empty if there is none. Seen only in GetShopOA and
    UpdateShopOA. In doubt: The samples of ListOA do not have it. A public program reads it there
    too (unverified).
    """

    @property
    def id(self) -> str:
        """The oa_id, as every result has it."""
        return self.oa_id


@attrs.frozen(kw_only=True, repr=False)
class RefreshTokenRequest(Model):
    """
    The official account whose authorization has expired.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-refresh-token
    """

    oa_id: str
    """Account's id."""


@attrs.frozen(kw_only=True, repr=False)
class ListOARequest(Model):
    """
    Request to list official accounts.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list
    """

    filter: OfficialAccountFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class OfficialAccountFilter(Model):
    """
    Filter for official accounts.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list
    """

    app_id: str | None = None
    """Zalo app's id."""
    date_from: datetime | None = None
    """Earliest time. The page does not say which date it uses."""
    date_to: datetime | None = None
    """Latest time. The page does not say which date it uses."""
    name: str | None = None
    """Account's name."""
    oa_id: str | None = None
    """Account's id."""


@attrs.frozen(kw_only=True, repr=False)
class GetShopOARequest(Model):
    """
    The official account to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-information
    """

    oa_id: str
    """Account's id."""


@attrs.frozen(kw_only=True, repr=False)
class UpdateShopOARequest(Model):
    """
    The official account, and the URL for its events.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/update-webhook-for-oa
    """

    oa_id: str
    """Account's id."""
    webhook_url: str
    """
    URL to receive the account's events; an empty text removes it. In doubt: A public program relies
    on an empty text to remove it (unverified).
    """


@attrs.frozen(kw_only=True, repr=False)
class ListFollowersRequest(Model):
    """
    Request to list followers.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    filter: FollowerFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class FollowerFilter(Model):
    """
    Filter for followers.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    assigned_user_id: str | None = None
    """Id of the employee to whom the user is assigned."""
    date_from: datetime | None = None
    """Earliest time."""
    date_to: datetime | None = None
    """Latest time."""
    gender: Gender | str | None = None
    """User's gender."""
    has_conversation: bool | None = None
    """True if there is a conversation with the user."""
    name: str | None = None
    """User's name on Zalo."""
    oa_id: str | None = None
    """Official account's id."""
    phone: str | None = None
    """Phone number."""
    state: FollowState | str | None = None
    """Says whether the user follows the account."""
    tags: Sequence[str] | None = None
    """Names of tags."""
    zl_user_id: str | None = None
    """User's id on Zalo."""
    zl_user_ids: Sequence[str] | None = None
    """Users' ids on Zalo. In the samples only."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(Gender, self.gender)
        note_unlisted(FollowState, self.state)


@attrs.frozen(kw_only=True, repr=False)
class Follower(Model):
    """
    A Zalo user who has been in contact with an official account.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    assigned_user_id: str = ""
    """
    Id of the employee to whom the user is assigned. In doubt: The pages say string. It was not seen
    here that it holds an int64 (RequestUserInfo gives zl_user_id so). Kept as text.
    """
    avatar: str = ""
    """URL of the user's picture."""
    avatars: Map = attrs.field(factory=dict)
    """URLs of pictures, by size; the keys 120 and 240 were seen."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the contact was recorded."""
    full_name: str = ""
    """User's name."""
    gender: Gender | None = None
    """User's gender."""
    has_conversation: bool | None = None
    """True if there is a conversation with the user."""
    id: str = ""
    """User's id on eTelecom."""
    oa_id: str = ""
    """Official account's id."""
    phone: str = ""
    """Phone number."""
    shared_info: FollowerSharedInfo | None = None
    """Data that the user agreed to share; null before that."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    state: FollowState | None = None
    """Says whether the user follows the account."""
    tags_and_notes_info: FollowerTags | None = None
    """
    Tags and notes on the user. In doubt: The table has tags in the response; the samples have
    tags_and_notes_info.tag_names. Assumed: the samples are right.
    """
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""
    zl_user_id: str = ""
    """
    User's id on Zalo. In doubt: The pages say string. It was not seen here that it holds an int64
    (RequestUserInfo gives zl_user_id so). Kept as text.
    """
    zl_user_id_by_app: str = ""
    """
    User's id on Zalo as seen by the app. In doubt: The pages say string. It was not seen here that
    it holds an int64 (RequestUserInfo gives zl_user_id so). Kept as text.
    """

    def __attrs_post_init__(self) -> None:
        if self.avatars is NULL:
            set_blank(self, "avatars", {})


@attrs.frozen(kw_only=True, repr=False)
class FollowerSharedInfo(Model):
    """
    Data that a Zalo user agreed to share.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    address: str = ""
    """Address."""
    city: str = ""
    """City or province."""
    district: str = ""
    """District."""
    name: str = ""
    """Name."""
    phone: str = ""
    """Phone number."""
    ward: str = ""
    """Ward."""


@attrs.frozen(kw_only=True, repr=False)
class FollowerTags(Model):
    """
    Tags and notes on a Zalo user.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    notes: Many[str] = ()
    """Notes on the user."""
    tag_names: Many[str] = ()
    """Tags on the user."""

    def __attrs_post_init__(self) -> None:
        if self.notes is NULL:
            set_blank(self, "notes", ())
        if self.tag_names is NULL:
            set_blank(self, "tag_names", ())


@attrs.frozen(kw_only=True, repr=False)
class OASendTextRequest(Model):
    """
    The text to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    message: TextMessage
    """
    The text. Inferred, not documented. In doubt: The table names the row text, without its parent.
    The nested object comes from a public program that calls the service and from OASendImage.
    """
    oa_id: str
    """Id of the official account that sends."""
    recipient: Recipient
    """
    The receiver. Inferred, not documented. In doubt: The table names the row user_id, without its
    parent. The nested object comes from a public program that calls the service and from
    OASendImage.
    """


@attrs.frozen(kw_only=True, repr=False)
class TextMessage(Model):
    """
    A message of plain text.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    text: str | None = None
    """
    The text. The page does not give its maximum length. In doubt: Another reseller of the same Zalo
    message says at most 2000 characters (unverified).
    """


@attrs.frozen(kw_only=True, repr=False)
class Recipient(Model):
    """
    The Zalo user who receives a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    user_id: str | None = None
    """Recipient's id on Zalo."""


@attrs.frozen(kw_only=True, repr=False)
class ZaloMessage(Model):
    """
    A message between an official account and a Zalo user.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    direction: MessageDirection | None = None
    """Direction of the message."""
    msg_id: str = ""
    """Message's id on Zalo."""
    oa_id: str = ""
    """Official account's id."""
    quota: MessageQuota | None = None
    """
    The quota that paid for the message. Seen only in OASendText, OASendSticker and OASendImage. In
    doubt: An older Vietnamese copy of OASendImage has neither quota nor wl_partner_id; the newer
    ones have both. OASendFile's copies have neither. Optional.
    """
    recipient_id: str = ""
    """The receiver."""
    sender_id: str = ""
    """The sender."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    type: ZaloMessageType | None = None
    """Kind of message."""
    user_id: str = ""
    """User's id on eTelecom."""
    wl_partner_id: str = ""
    """
    White-label partner's id; not described. Seen only in OASendSticker and OASendImage. In doubt:
    An older Vietnamese copy of OASendImage has neither quota nor wl_partner_id; the newer ones have
    both. Optional.
    """
    zl_user_id: str = ""
    """User's id on Zalo. Seen only in OASendSticker, OASendImage and OASendFile."""

    @property
    def id(self) -> str:
        """The msg_id, as every result has it."""
        return self.msg_id


@attrs.frozen(kw_only=True, repr=False)
class MessageQuota(Model):
    """
    The quota that paid for a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    expired_date: str = ""
    """
    End of the free consulting messages that are part of the account's package. Its format was not shown.
    """
    owner_id: str = ""
    """Owner of the quota: an official account's id or an app's id."""
    owner_type: QuotaOwner | None = None
    """Kind of owner."""
    quota_type: QuotaType | None = None
    """Kind of quota that paid for the message."""
    remain: str = ""
    """
    Number of remaining messages: of the 8 in 48 hours for reply, of the package's free ones for
    sub_quota. A number in a string.
    """
    total: str = ""
    """Number of all free consulting messages of the package. A number in a string."""


@attrs.frozen(kw_only=True, repr=False)
class RequestUserInfoRequest(Model):
    """
    The form to send.

    The body is flat: it has no message and recipient objects, unlike the other messages.

    Source: https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung
    """

    oa_id: str
    """
    Id of the official account that sends the form. In doubt: The English page and an older
    Vietnamese copy have only oa_id and zl_user_id, both optional. A newer Vietnamese copy marks
    these two required and adds image_url, title and subtitle. Assumed: the newer one.
    """
    zl_user_id: str
    """
    User's id on Zalo. In doubt: The English page and an older Vietnamese copy have only oa_id and
    zl_user_id, both optional. A newer Vietnamese copy marks these two required and adds image_url,
    title and subtitle. Assumed: the newer one.
    """
    image_url: str | None = None
    """
    Picture of the form. In doubt: The English page and an older Vietnamese copy have only oa_id and
    zl_user_id, both optional. A newer Vietnamese copy marks these two required and adds image_url,
    title and subtitle. Assumed: the newer one.
    """
    title: str | None = attrs.field(default=None, metadata={"max_length": 100})
    """
    Title of the form. In doubt: The English page and an older Vietnamese copy have only oa_id and
    zl_user_id, both optional. A newer Vietnamese copy marks these two required and adds image_url,
    title and subtitle. Assumed: the newer one.
    """
    subtitle: str | None = attrs.field(default=None, metadata={"max_length": 500})
    """
    Text below the title. In doubt: The English page and an older Vietnamese copy have only oa_id
    and zl_user_id, both optional. A newer Vietnamese copy marks these two required and adds
    image_url, title and subtitle. Assumed: the newer one.
    """


@attrs.frozen(kw_only=True, repr=False)
class RequestUserInfoResult(Model):
    """
    Result of sending the form.

    Source: https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung
    """

    updated: int | None = None
    """Not described."""


@attrs.frozen(kw_only=True, repr=False)
class OASendStickerRequest(Model):
    """
    The sticker to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker
    """

    message: StickerMessage
    """
    The sticker. Inferred, not documented. In doubt: The row attachment_id comes from a white
    label's copy of the page, the nested object from OASendImage.
    """
    oa_id: str
    """
    Id of the official account that sends. Inferred, not documented. In doubt: The row comes from a
    white label's copy of the page.
    """
    recipient: Recipient
    """
    The receiver. Inferred, not documented. In doubt: The row user_id comes from a white label's
    copy of the page, the nested object from OASendImage.
    """


@attrs.frozen(kw_only=True, repr=False)
class StickerMessage(Model):
    """
    A sticker message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker
    """

    attachment_id: str | None = None
    """
    Sticker's id. The page does not say where sticker ids come from. Inferred, not documented. In
    doubt: The row comes from a white label's copy of the page.
    """


@attrs.frozen(kw_only=True, repr=False)
class OASendImageRequest(Model):
    """
    The picture to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo
    """

    message: ImageMessage
    """The picture."""
    oa_id: str
    """Id of the official account that sends."""
    recipient: Recipient
    """The receiver."""


@attrs.frozen(kw_only=True, repr=False)
class ImageMessage(Model):
    """
    A picture message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo
    """

    attachment_id: str | None = None
    """
    Picture's id, from the upload. In doubt: UploadFile returns token. Assumed: that token is passed
    here; no sample shows it. The page does not say whether a request must have exactly one of
    attachment_id and image_url; the sample shows both.
    """
    image_url: str | None = None
    """
    URL of the picture. In doubt: The page does not say whether a request must have exactly one of
    attachment_id and image_url; the sample shows both. Another reseller of the same Zalo message
    says jpg or png of at most 1 MB (unverified).
    """


@attrs.frozen(kw_only=True, repr=False)
class OASendFileRequest(Model):
    """
    The file to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file
    """

    message: FileMessage
    """The file."""
    oa_id: str
    """Id of the official account that sends."""
    recipient: Recipient
    """The receiver."""


@attrs.frozen(kw_only=True, repr=False)
class FileMessage(Model):
    """
    A message with an uploaded file.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file
    """

    token: str | None = None
    """File's token, from the upload."""


@attrs.frozen(kw_only=True, repr=False)
class SendZNSTxnRequest(Model):
    """
    The transaction message to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    language: TransactionLanguage | str | None = None
    """
    Language of the message. In doubt: The English page has WE and IN, a machine translation of VI
    and EN; the sample has unknown. Assumed: VI and EN. No JSON shows either.
    """
    oa_id: str
    """Id of the official account that sends."""
    template_type: TransactionTemplateType | str | None = None
    """Kind of transaction message."""
    recipient: Recipient
    """The receiver: a Zalo user's id, not a phone number."""
    message: TransactionMessage
    """The content."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(TransactionLanguage, self.language)
        note_unlisted(TransactionTemplateType, self.template_type)


@attrs.frozen(kw_only=True, repr=False)
class TransactionMessage(Model):
    """
    Content of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    buttons: Sequence[TransactionButton] | None = attrs.field(default=None, metadata={"max_items": 4})
    """Buttons, at most 4."""
    content_banner: TransactionBanner | None = None
    """Banner."""
    content_header: TransactionHeader | None = None
    """Heading."""
    content_table: Sequence[TransactionRow] | None = None
    """
    Table. In doubt: Another reseller of the same Zalo message says that one row must be the
    customer's code or name (unverified).
    """
    content_text: TransactionText | None = None
    """Text."""


@attrs.frozen(kw_only=True, repr=False)
class TransactionButton(Model):
    """
    A button of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    image_icon: str | None = None
    """
    Icon: a URL, an attachment_id from the upload, or empty or default for the standard icon. Best
    at 100 x 100 pixels.
    """
    payload: TransactionButtonPayload | None = None
    """Data of the button."""
    title: str | None = None
    """
    Button's label. In doubt: One row says at most 35 characters, the row of type says 100. It is
    not known which one is right; the server makes the check.
    """
    type: TransactionButtonType | str | None = None
    """Action of the button."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(TransactionButtonType, self.type)


@attrs.frozen(kw_only=True, repr=False)
class TransactionButtonPayload(Model):
    """
    Data of a button.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    content: str | None = None
    """
    Text of the button's data. In doubt: For the query types, the page says a string of at most 1000
    characters, but the samples make payload an object. Assumed: the text belongs here. No sample
    shows it.
    """
    phone_code: str | None = None
    """Phone number of the button's data."""
    url: str | None = None
    """URL that the button opens."""


@attrs.frozen(kw_only=True, repr=False)
class TransactionBanner(Model):
    """
    Banner of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    attachment_id: str | None = None
    """
    Banner picture's id, from the upload. In doubt: UploadFile returns token. Assumed: it is the same value.
    """
    image_url: str | None = None
    """URL of the banner picture."""


@attrs.frozen(kw_only=True, repr=False)
class TransactionHeader(Model):
    """
    Heading of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    align: str | None = None
    """
    Not described. In doubt: Another reseller of the same Zalo message says left, center or right
    (unverified).
    """
    content: str | None = None
    """Not described; by its name, the heading."""


@attrs.frozen(kw_only=True, repr=False)
class TransactionRow(Model):
    """
    A row of the table of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    key: str | None = None
    """
    Not described; by its name, the left column. In doubt: Another reseller of the same Zalo message
    says at most 25 characters (unverified).
    """
    style: str | None = None
    """
    Not described. In doubt: Another reseller of the same Zalo message says a colour such as yellow
    (unverified).
    """
    value: str | None = None
    """
    Not described; by its name, the right column. In doubt: Another reseller of the same Zalo
    message says at most 100 characters (unverified).
    """


@attrs.frozen(kw_only=True, repr=False)
class TransactionText(Model):
    """
    Text of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    align: str | None = None
    """
    Not described. In doubt: Another reseller of the same Zalo message says left, center or right
    (unverified).
    """
    content: str | None = None
    """Not described; by its name, the text."""


@attrs.frozen(kw_only=True, repr=False)
class TransactionReceipt(Model):
    """
    A transaction message that was sent.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    message_id: str = ""
    """Message's id. This field is message_id; the other messages have msg_id."""

    @property
    def id(self) -> str:
        """The message_id, as every result has it."""
        return self.message_id


@attrs.frozen(kw_only=True, repr=False)
class UploadFileRequest(Model):
    """
    The file to upload, as a form (multipart/form-data).

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file
    """

    type: UploadType | str
    """Kind of data."""
    oa_id: str
    """Id of the official account for which to upload the file."""
    file: Attachment = attrs.field(converter=to_attachment)
    """The file."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(UploadType, self.type)


@attrs.frozen(kw_only=True, repr=False)
class UploadedFile(Model):
    """
    A file that was uploaded.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file
    """

    token: str = ""
    """
    Token for the messages with a file or a picture. The page does not say how long it is valid. In
    doubt: OASendImage and SendZNSTxn take attachment_id, OASendFile takes token. Assumed: it is the
    same value.
    """
