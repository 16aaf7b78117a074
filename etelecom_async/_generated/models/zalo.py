"""
Models of `zalo` (eTelecom: Zalo official accounts).

Written by `python -m codegen` from zalo.openapi.yaml and overlay.toml (sha256 97ed8f4fbac4); do not
edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from etelecom_async._core.attachment import Attachment, to_attachment
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret
from etelecom_async.paging import Paging


class OAConnectionMethod(OpenEnum):
    """
    Kind of connection of an official account.

    In doubt: ConnectOA's table knows only direct, its schema also a deprecated topship; other pages
    show unknown, builtin and direct. All are accepted.
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
    """Quality of the ZNS that an official account sent in a window of time."""

    UNKNOWN = "unknown"
    """In the samples."""
    HIGH = "HIGH"
    """Good."""
    MEDIUM = "MEDIUM"
    """Medium."""
    LOW = "LOW"
    """Poor."""
    UNDEFINED = "UNDEFINED"
    """No ZNS was sent in the window."""


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
    """Not known."""
    MALE = "male"
    """Male."""
    FEMALE = "female"
    """Female."""
    OTHER = "other"
    """Other."""


class FollowState(OpenEnum):
    """
    Whether a Zalo user follows the official account.

    In doubt: The English request row lists follow only; the answer and the Vietnamese page have
    both, which is believed.
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
    """What kind of owner a quota of messages has."""

    OA = "OA"
    """The official account owns the quota."""
    APP = "App"
    """The Zalo app owns the quota."""


class QuotaType(OpenEnum):
    """Which quota paid for a message."""

    REPLY = "reply"
    """One of the 8 messages that may be sent in the 48 hours."""
    SUB_QUOTA = "sub_quota"
    """Free messages of the package of the official account."""
    PURCHASE_QUOTA = "purchase_quota"
    """From a feature package bought apart."""
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

    In doubt: The English page prints WE and IN, a machine translation of VI and EN; the sample has
    unknown. Believed: VI and EN, though no JSON shows either. Another reseller of the same Zalo
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

    In doubt: ETelecom's pages show unknown only. The other values are the words of another reseller
    of the same Zalo message (unverified, its names may differ).
    """

    UNKNOWN = "unknown"
    """In the sample."""
    TRANSACTION_BILLING = "transaction_billing"
    """Another reseller's word, unverified."""
    TRANSACTION_ORDER = "transaction_order"
    """Another reseller's word, unverified."""
    TRANSACTION_REWARD = "transaction_reward"
    """Another reseller's word, unverified."""
    TRANSACTION_CONTRACT = "transaction_contract"
    """Another reseller's word, unverified."""
    TRANSACTION_BOOKING = "transaction_booking"
    """Another reseller's word, unverified."""
    TRANSACTION_MEMBERSHIP = "transaction_membership"
    """Another reseller's word, unverified."""
    TRANSACTION_EVENT = "transaction_event"
    """Another reseller's word, unverified."""
    TRANSACTION_TRANSACTION = "transaction_transaction"
    """Another reseller's word, unverified."""
    TRANSACTION_ACCOUNT = "transaction_account"
    """Another reseller's word, unverified."""
    TRANSACTION_INTERNAL = "transaction_internal"
    """Another reseller's word, unverified."""
    TRANSACTION_PARTNERSHIP = "transaction_partnership"
    """Another reseller's word, unverified."""
    TRANSACTION_EDUCATION = "transaction_education"
    """Another reseller's word, unverified."""
    TRANSACTION_RATING = "transaction_rating"
    """Another reseller's word, unverified."""


class TransactionButtonType(OpenEnum):
    """
    What a button of a transaction message does.

    In doubt: The list on the page was cut off after oa.open.sms. oa.open.phone, and which payload
    goes with which type, are the words of another reseller of the same Zalo message (unverified).
    """

    UNKNOWN = "unknown"
    """In the sample."""
    OPEN_URL = "oa.open.url"
    """Opens an address inside Zalo; takes payload.url."""
    QUERY_SHOW = "oa.query.show"
    """Sends a text back to the official account, seen in the chat."""
    QUERY_HIDE = "oa.query.hide"
    """Sends a text back to the official account, not seen in the chat."""
    OPEN_SMS = "oa.open.sms"
    """The description was cut off; another reseller gives it payload.content and payload.phone_code."""
    OPEN_PHONE = "oa.open.phone"
    """Another reseller's word, unverified; takes payload.phone_code."""


class UploadType(OpenEnum):
    """
    Kind of data that is uploaded.

    In doubt: Image is the one value shown; the others were in no stored copy, so the caller passes
    what Zalo expects.
    """

    IMAGE = "image"
    """A picture."""


@attrs.frozen(kw_only=True)
class AuthorizeOARequest(Model):
    """
    The Zalo app that is to be granted the right to act.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link
    """

    app_id: str
    """Zalo app's id."""
    app_secret: Secret = attrs.field(converter=to_secret)
    """Secret of the Zalo app."""
    redirect_uri: str
    """
    Address set as Official Account Callback Url of the app on developers.zalo.me. In doubt: The
    English table names it redirects; the Vietnamese page and the JSON name it redirect_uri, which
    is believed.
    """


@attrs.frozen(kw_only=True)
class AuthorizationLink(Model):
    """
    The link on which an official account's administrator agrees.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link
    """

    url: str = ""
    """The link. How long it is good for is not said."""


@attrs.frozen(kw_only=True)
class ConnectOARequest(Model):
    """
    What Zalo put on the redirect address.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa
    """

    code: str
    """Code from the query of the redirect address."""
    oa_id: str
    """Account's id on Zalo."""
    state: int | None = None
    """
    State from the query of the redirect address; a JSON number. In doubt: The curl sample has the
    word integer in quotes, a placeholder; the swagger sample has the number 1.
    """


@attrs.frozen(kw_only=True)
class OfficialAccount(Model):
    """
    A Zalo official account that is connected on eTelecom.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa
    """

    app_id: str = ""
    """Zalo app's id."""
    avatar: str = ""
    """Link to the account's picture."""
    connection_id: str = ""
    """Connection's id."""
    connection_method: OAConnectionMethod | None = None
    """Kind of connection."""
    cover: str = ""
    """Link to the account's cover picture."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    current_quality: SendingQuality | None = None
    """Quality of ZNS sending in the last 48 hours."""
    daily_quota: int | None = None
    """ZNS that may be sent in a day."""
    description: str = ""
    """Account's description."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the refresh token runs out; then the account has to be authorised again."""
    is_verified: bool | None = None
    """Whether Zalo has verified the account."""
    last_week_quality: SendingQuality | None = None
    """Quality of ZNS sending in the last 7 days."""
    name: str = ""
    """Account's name."""
    oa_id: str = ""
    """Account's id on Zalo."""
    owner_id: str = attrs.field(default="", metadata={"wire": "onwer_id"})
    """
    Id of the user on eTelecom who owns the shop. In doubt: The tables write owner_id; all JSON
    samples and schema rows spell it onwer_id, which is believed to be what the wire carries. A
    client reads both.
    """
    remaining_quota: int | None = None
    """ZNS left today."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    status: OAStatus | None = None
    """State of the connection."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""
    daily_quota_promotion: int | None = None
    """
    After-sales ZNS that may be sent in a day. The page says null from November 1, without a year.
    Seen only in GetShopOA and UpdateShopOA. In doubt: In the schema block of UpdateShopOA but not
    in its own sample; GetShopOA has it in both. Optional.
    """
    estimated_next_month_promotion_quota: int | None = None
    """
    After-sales ZNS expected for next month. Seen only in GetShopOA and UpdateShopOA. In doubt: In
    the schema block of UpdateShopOA but not in its own sample; GetShopOA has it in both. Optional.
    """
    monthly_promotion_quota: int | None = None
    """
    After-sales ZNS that may be sent this month. Seen only in GetShopOA and UpdateShopOA. In doubt:
    In the schema block of UpdateShopOA but not in its own sample; GetShopOA has it in both.
    Optional.
    """
    remaining_monthly_promotion_quota: int | None = None
    """
    After-sales ZNS left this month. Seen only in GetShopOA and UpdateShopOA. In doubt: In the
    schema block of UpdateShopOA but not in its own sample; GetShopOA has it in both. Optional.
    """
    webhook_url: str = ""
    """
    Address that receives the account's events; blank where there is none. Seen only in GetShopOA
    and UpdateShopOA. In doubt: The samples of ListOA do not have it; a public program reads it
    there too (unverified).
    """


@attrs.frozen(kw_only=True)
class RefreshTokenRequest(Model):
    """
    The official account whose grant has run out.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-refresh-token
    """

    oa_id: str
    """Account's id."""


@attrs.frozen(kw_only=True)
class ListOARequest(Model):
    """
    Which official accounts to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list
    """

    filter: OfficialAccountFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class OfficialAccountFilter(Model):
    """
    Which official accounts a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list
    """

    app_id: str | None = None
    """Zalo app's id."""
    date_from: datetime | None = None
    """From this time; of which date is not said."""
    date_to: datetime | None = None
    """To this time; of which date is not said."""
    name: str | None = None
    """Account's name."""
    oa_id: str | None = None
    """Account's id."""


@attrs.frozen(kw_only=True)
class GetShopOARequest(Model):
    """
    The official account to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-information
    """

    oa_id: str
    """Account's id."""


@attrs.frozen(kw_only=True)
class UpdateShopOARequest(Model):
    """
    The official account, and the address for its events.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/update-webhook-for-oa
    """

    oa_id: str
    """Account's id."""
    webhook_url: str
    """
    Address to receive the account's events on; blank to take it away. In doubt: That a blank one
    takes it away is what a public program relies on (unverified).
    """


@attrs.frozen(kw_only=True)
class ListFollowersRequest(Model):
    """
    Which followers to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    filter: FollowerFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class FollowerFilter(Model):
    """
    Which followers a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    assigned_user_id: str | None = None
    """Id of the employee the user is assigned to."""
    date_from: datetime | None = None
    """From this time."""
    date_to: datetime | None = None
    """To this time."""
    gender: Gender | str | None = None
    """User's gender."""
    has_conversation: bool | None = None
    """Whether there is a conversation with the user."""
    name: str | None = None
    """User's name on Zalo."""
    oa_id: str | None = None
    """Official account's id."""
    phone: str | None = None
    """Phone number."""
    state: FollowState | str | None = None
    """Whether the user follows the account."""
    tags: Sequence[str] | None = None
    """Names of tags."""
    zl_user_id: str | None = None
    """User's id on Zalo."""
    zl_user_ids: Sequence[str] | None = None
    """Users' ids on Zalo. In the samples only."""


@attrs.frozen(kw_only=True)
class Follower(Model):
    """
    A Zalo user who has had to do with an official account.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
    """

    assigned_user_id: str = ""
    """
    Id of the employee the user is assigned to. In doubt: The pages say string; that it holds an
    int64 was not seen here (RequestUserInfo types zl_user_id so). Kept as text.
    """
    avatar: str = ""
    """Link to the user's picture."""
    avatars: Map = attrs.field(factory=dict)
    """Links to pictures by size; the keys 120 and 240 were seen."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the contact was recorded."""
    full_name: str = ""
    """User's name."""
    gender: Gender | None = None
    """User's gender."""
    has_conversation: bool | None = None
    """Whether there is a conversation with the user."""
    id: str = ""
    """User's id on eTelecom."""
    oa_id: str = ""
    """Official account's id."""
    phone: str = ""
    """Phone number."""
    shared_info: FollowerSharedInfo | None = None
    """What the user agreed to share; null before that."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    state: FollowState | None = None
    """Whether the user follows the account."""
    tags_and_notes_info: FollowerTags | None = None
    """
    Tags and notes on the user. In doubt: The table has tags in the answer, the samples have
    tags_and_notes_info.tag_names, which are believed.
    """
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""
    zl_user_id: str = ""
    """
    User's id on Zalo. In doubt: The pages say string; that it holds an int64 was not seen here
    (RequestUserInfo types zl_user_id so). Kept as text.
    """
    zl_user_id_by_app: str = ""
    """
    User's id on Zalo as seen by the app. In doubt: The pages say string; that it holds an int64 was
    not seen here (RequestUserInfo types zl_user_id so). Kept as text.
    """

    def __attrs_post_init__(self) -> None:
        if self.avatars is NULL:
            set_blank(self, "avatars", {})


@attrs.frozen(kw_only=True)
class FollowerSharedInfo(Model):
    """
    What a Zalo user agreed to share.

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


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
class OASendTextRequest(Model):
    """
    The text to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    message: TextMessage
    """
    The text. Inferred, not documented. In doubt: The table calls the row text, without its parent.
    The nesting rests on a public program that calls the service and on OASendImage.
    """
    oa_id: str
    """Id of the official account that sends."""
    recipient: Recipient
    """
    Who receives it. Inferred, not documented. In doubt: The table calls the row user_id, without
    its parent. The nesting rests on a public program that calls the service and on OASendImage.
    """


@attrs.frozen(kw_only=True)
class TextMessage(Model):
    """
    A message of plain text.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    text: str | None = None
    """
    The text. Its greatest length is not stated. In doubt: At most 2000 characters by the words of
    another reseller of the same Zalo message (unverified).
    """


@attrs.frozen(kw_only=True)
class Recipient(Model):
    """
    The Zalo user who receives a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    user_id: str | None = None
    """Recipient's id on Zalo."""


@attrs.frozen(kw_only=True)
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
    doubt: An older Vietnamese crawl of OASendImage has neither quota nor wl_partner_id, the newer
    ones have; OASendFile's copies have none. Optional.
    """
    recipient_id: str = ""
    """Who received."""
    sender_id: str = ""
    """Who sent."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    type: ZaloMessageType | None = None
    """Kind of message."""
    user_id: str = ""
    """User's id on eTelecom."""
    wl_partner_id: str = ""
    """
    White-label partner's id; not described. Seen only in OASendSticker and OASendImage. In doubt:
    An older Vietnamese crawl of OASendImage has neither quota nor wl_partner_id, the newer ones
    have. Optional.
    """
    zl_user_id: str = ""
    """User's id on Zalo. Seen only in OASendSticker, OASendImage and OASendFile."""


@attrs.frozen(kw_only=True)
class MessageQuota(Model):
    """
    The quota that paid for a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
    """

    expired_date: str = ""
    """End of the free consulting messages that come with the account's package; its format was not shown."""
    owner_id: str = ""
    """Owner of the quota: an official account's id or an app's id."""
    owner_type: QuotaOwner | None = None
    """What kind of owner."""
    quota_type: QuotaType | None = None
    """Which quota paid for the message."""
    remain: str = ""
    """
    Messages left: of the 8 in 48 hours for reply, of the package's free ones for sub_quota. A
    number carried as a string.
    """
    total: str = ""
    """All free consulting messages of the package. A number carried as a string."""


@attrs.frozen(kw_only=True)
class RequestUserInfoRequest(Model):
    """
    The form to send.

    The body is flat: it has no message and recipient objects as the other messages have.

    Source: https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung
    """

    oa_id: str
    """
    Id of the official account that asks. In doubt: The English page and an older Vietnamese crawl
    have only oa_id and zl_user_id, both optional; a newer Vietnamese crawl marks these two required
    and adds image_url, title and subtitle. The newer one is believed.
    """
    zl_user_id: str
    """
    User's id on Zalo. In doubt: The English page and an older Vietnamese crawl have only oa_id and
    zl_user_id, both optional; a newer Vietnamese crawl marks these two required and adds image_url,
    title and subtitle. The newer one is believed.
    """
    image_url: str | None = None
    """
    Picture of the form. In doubt: The English page and an older Vietnamese crawl have only oa_id
    and zl_user_id, both optional; a newer Vietnamese crawl marks these two required and adds
    image_url, title and subtitle. The newer one is believed.
    """
    title: str | None = attrs.field(default=None, metadata={"max_length": 100})
    """
    Title of the form. In doubt: The English page and an older Vietnamese crawl have only oa_id and
    zl_user_id, both optional; a newer Vietnamese crawl marks these two required and adds image_url,
    title and subtitle. The newer one is believed.
    """
    subtitle: str | None = attrs.field(default=None, metadata={"max_length": 500})
    """
    Text below the title. In doubt: The English page and an older Vietnamese crawl have only oa_id
    and zl_user_id, both optional; a newer Vietnamese crawl marks these two required and adds
    image_url, title and subtitle. The newer one is believed.
    """


@attrs.frozen(kw_only=True)
class RequestUserInfoResult(Model):
    """
    What sending the form changed.

    Source: https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung
    """

    updated: int | None = None
    """Not described."""


@attrs.frozen(kw_only=True)
class OASendStickerRequest(Model):
    """
    The sticker to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker
    """

    message: StickerMessage
    """
    The sticker. Inferred, not documented. In doubt: The row attachment_id is from a white label's
    copy of the page, the nesting from OASendImage.
    """
    oa_id: str
    """
    Id of the official account that sends. Inferred, not documented. In doubt: The row is from a
    white label's copy of the page.
    """
    recipient: Recipient
    """
    Who receives it. Inferred, not documented. In doubt: The row user_id is from a white label's
    copy of the page, the nesting from OASendImage.
    """


@attrs.frozen(kw_only=True)
class StickerMessage(Model):
    """
    A message that is a sticker.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker
    """

    attachment_id: str | None = None
    """
    Sticker's id. Where sticker ids come from is not said. Inferred, not documented. In doubt: The
    row is from a white label's copy of the page.
    """


@attrs.frozen(kw_only=True)
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
    """Who receives it."""


@attrs.frozen(kw_only=True)
class ImageMessage(Model):
    """
    A message that is a picture.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo
    """

    attachment_id: str | None = None
    """
    Picture's id, from the upload. In doubt: UploadFile answers token; believed to be what is passed
    here. Not seen in any sample. Whether exactly one of attachment_id and image_url must be given
    is not said; the sample shows both.
    """
    image_url: str | None = None
    """
    Picture's address. In doubt: Whether exactly one of attachment_id and image_url must be given is
    not said; the sample shows both. jpg or png of at most 1 MB by the words of another reseller of
    the same Zalo message (unverified).
    """


@attrs.frozen(kw_only=True)
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
    """Who receives it."""


@attrs.frozen(kw_only=True)
class FileMessage(Model):
    """
    A message that is an uploaded file.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file
    """

    token: str | None = None
    """File's token, from the upload."""


@attrs.frozen(kw_only=True)
class SendZNSTxnRequest(Model):
    """
    The transaction message to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    language: TransactionLanguage | str | None = None
    """
    Language of the message. In doubt: The English page prints WE and IN, a machine translation of
    VI and EN; the sample has unknown. Believed: VI and EN; no JSON shows either.
    """
    oa_id: str
    """Id of the official account that sends."""
    template_type: TransactionTemplateType | str | None = None
    """Kind of transaction message."""
    recipient: Recipient
    """Who receives it: a Zalo user's id, not a phone number."""
    message: TransactionMessage
    """The content."""


@attrs.frozen(kw_only=True)
class TransactionMessage(Model):
    """
    Content of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    buttons: Sequence[TransactionButton] | None = attrs.field(default=None, metadata={"max_items": 4})
    """Buttons, 4 at most."""
    content_banner: TransactionBanner | None = None
    """Banner."""
    content_header: TransactionHeader | None = None
    """Heading."""
    content_table: Sequence[TransactionRow] | None = None
    """
    Table. In doubt: One row must be the customer's code or the customer's name by the words of
    another reseller of the same Zalo message (unverified).
    """
    content_text: TransactionText | None = None
    """Text."""


@attrs.frozen(kw_only=True)
class TransactionButton(Model):
    """
    A button of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    image_icon: str | None = None
    """
    Icon: an address, or an attachment_id from the upload, or blank or default for the standard one;
    best at 100 x 100 pixels.
    """
    payload: TransactionButtonPayload | None = None
    """What the button carries."""
    title: str | None = None
    """
    Button's label. In doubt: One row says 35 characters at most, the row of type says 100. Neither
    can be preferred; the check is left to the server.
    """
    type: TransactionButtonType | str | None = None
    """What the button does."""


@attrs.frozen(kw_only=True)
class TransactionButtonPayload(Model):
    """
    What a button carries.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    content: str | None = None
    """
    Text that the button carries. In doubt: For the query types the page says a string of at most
    1000 characters, yet the samples make payload an object. Believed: the text goes here; not seen.
    """
    phone_code: str | None = None
    """Phone number that the button carries."""
    url: str | None = None
    """Address that the button opens."""


@attrs.frozen(kw_only=True)
class TransactionBanner(Model):
    """
    Banner of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    attachment_id: str | None = None
    """
    Banner picture's id, from the upload. In doubt: UploadFile answers token; believed to be the same value.
    """
    image_url: str | None = None
    """Banner picture's address."""


@attrs.frozen(kw_only=True)
class TransactionHeader(Model):
    """
    Heading of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    align: str | None = None
    """
    Not described. In doubt: Left, center or right by the words of another reseller of the same Zalo
    message (unverified).
    """
    content: str | None = None
    """Not described; by its name, the heading."""


@attrs.frozen(kw_only=True)
class TransactionRow(Model):
    """
    A row of the table of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    key: str | None = None
    """
    Not described; by its name, the left column. In doubt: At most 25 characters by the words of
    another reseller of the same Zalo message (unverified).
    """
    style: str | None = None
    """
    Not described. In doubt: A colour such as yellow by the words of another reseller of the same
    Zalo message (unverified).
    """
    value: str | None = None
    """
    Not described; by its name, the right column. In doubt: At most 100 characters by the words of
    another reseller of the same Zalo message (unverified).
    """


@attrs.frozen(kw_only=True)
class TransactionText(Model):
    """
    Text of a transaction message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    align: str | None = None
    """
    Not described. In doubt: Left, center or right by the words of another reseller of the same Zalo
    message (unverified).
    """
    content: str | None = None
    """Not described; by its name, the text."""


@attrs.frozen(kw_only=True)
class TransactionReceipt(Model):
    """
    A transaction message that was sent.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
    """

    message_id: str = ""
    """Message's id; named message_id here, msg_id in the other messages."""


@attrs.frozen(kw_only=True)
class UploadFileRequest(Model):
    """
    The file to upload, as a form (multipart/form-data).

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file
    """

    type: UploadType | str
    """Kind of data."""
    oa_id: str
    """Id of the official account for which the file is uploaded."""
    file: Attachment = attrs.field(converter=to_attachment)
    """The file."""


@attrs.frozen(kw_only=True)
class UploadedFile(Model):
    """
    A file that was uploaded.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file
    """

    token: str = ""
    """
    Token for the messages with a file or a picture. How long it is good for is not said. In doubt:
    OASendImage and SendZNSTxn ask for attachment_id, OASendFile for token. Believed: it is the same
    value.
    """
