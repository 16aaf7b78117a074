"""
Models of `zns` (eTelecom: ZNS and call consents).

Written by `python -m codegen` from zns.openapi.yaml and overlay.toml (sha256 457e790e4f8b); do not
edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment
from etelecom_async.paging import Paging


class CallType(OpenEnum):
    """Kind of call that a consent is asked for."""

    UNKNOWN = "unknown"
    """The default of the schema, not a choice the table lists."""
    AUDIO = "audio"
    """Voice call."""
    VIDEO = "video"
    """Video call."""
    AUDIO_AND_VIDEO = "audio_and_video"
    """Voice and video."""


class ConsentReason(OpenEnum):
    """Why the official account wants to call; shown to the user."""

    UNKNOWN = "unknown"
    """The default of the schema, not a choice the table lists."""
    PRODUCT_SERVICE_CONSULTING = "product_service_consulting"
    """Advice on a product or service."""
    ORDER_APPOINTMENT_CONFIRMATION = "order_appointment_confirmation"
    """Confirming an order or an appointment."""
    DELIVERY_NOTIFICATION = "delivery_notification"
    """Delivery notice."""
    FLIGHT_ANNOUNCEMENT = "flight_announcement"
    """Flight notice."""
    UPDATE_ORDER = "update_order"
    """Order update."""


class ConsentStatus(OpenEnum):
    """
    Outcome of sending a request for consent.

    In doubt: The table gives P and N only; the samples show Z.
    """

    ZERO = "Z"
    """In the samples only (the first value of the schema)."""
    SUCCESS = "P"
    """Success."""
    FAILURE = "N"
    """Failure."""


class ConsentReplyStatus(OpenEnum):
    """The user's answer to a request for consent."""

    ZERO = "Z"
    """In the samples only (the first value of the schema)."""
    WAITING = "S"
    """Waiting for the user's answer."""
    NO_ANSWER = "NS"
    """No answer."""
    AGREED = "P"
    """Agreed."""
    REFUSED = "N"
    """Refused."""


class DeliveryStatus(OpenEnum):
    """
    How far a message or a request got.

    In doubt: The tables write Unkown, Received and Seen with capitals; the filter's enum of
    ListMessages and the samples write them small, which is believed. GetMessage's English table
    lists no seen; SendZNS and ListMessages do.
    """

    UNKNOWN = "unknown"
    """Not known yet."""
    RECEIVED = "received"
    """Reached the user's device."""
    SEEN = "seen"
    """Opened by the user."""


class TemplateType(OpenEnum):
    """
    Kind of a ZNS template.

    In doubt: Zalo itself now has five kinds: custom, otp, rating, payment, voucher (zalo.cloud).
    eTelecom's page still lists the old ones; whether the new ones come through was not seen.
    """

    UNKNOWN = "unknown"
    """Not set."""
    TEXT = "text"
    """Text template."""
    OTP = "otp"
    """One-time code."""
    TABLE = "table"
    """Table template."""
    RATING = "rating"
    """Service rating."""
    CUSTOM = "custom"
    """Zalo's newer name, not on eTelecom's pages."""
    PAYMENT = "payment"
    """Zalo's newer name, not on eTelecom's pages."""
    VOUCHER = "voucher"
    """Zalo's newer name, not on eTelecom's pages."""


class TemplateStatus(OpenEnum):
    """State of the review of a ZNS template."""

    UNKNOWN = "unknown"
    """Not known."""
    PENDING_REVIEW = "PENDING_REVIEW"
    """Being reviewed."""
    DISABLE = "DISABLE"
    """Locked."""
    ENABLE = "ENABLE"
    """Approved."""
    REJECT = "REJECT"
    """Refused."""


class TemplateQuality(OpenEnum):
    """Sending quality of a ZNS template."""

    UNKNOWN = "unknown"
    """Not known."""
    UNDEFINED = "UNDEFINED"
    """Not rated (the official account sent no ZNS in the rating window)."""
    LOW = "LOW"
    """Poor."""
    MEDIUM = "MEDIUM"
    """Medium."""
    HIGH = "HIGH"
    """Good."""


class TemplateTag(OpenEnum):
    """
    Purpose of a ZNS template.

    In doubt: Zalo renamed the tags on 2024-04-16 (zalo.cloud). eTelecom's page still lists the old
    names; whether the new ones come through was not seen.
    """

    UNKNOWN = "unknown"
    """Not known."""
    OTP = "OTP"
    """One-time code (tag 0)."""
    IN_TRANSACTION = "IN_TRANSACTION"
    """Confirm or update a transaction (tag 1)."""
    POST_TRANSACTION = "POST_TRANSACTION"
    """Support after a transaction (tag 2)."""
    ACCOUNT_UPDATE = "ACCOUNT_UPDATE"
    """Account information update (tag 3)."""
    GENERAL_UPDATE = "GENERAL_UPDATE"
    """Service information change (tag 4)."""
    FOLLOW_UP = "FOLLOW_UP"
    """Promotion to earlier customers (tag 5)."""
    TRANSACTION = "TRANSACTION"
    """Zalo's newer name, not on eTelecom's pages."""
    CUSTOMER_CARE = "CUSTOMER_CARE"
    """Zalo's newer name, not on eTelecom's pages."""
    PROMOTION = "PROMOTION"
    """Zalo's newer name, not on eTelecom's pages."""


class JourneyTokenType(OpenEnum):
    """
    Kind of a journey token.

    The service's own name of the set is uqTokenType. In doubt: That 7 and 30 are days is read from
    the names.
    """

    UNKNOWN = "unknown"
    """Default of the schema."""
    TOKEN_LOGISTICS_7 = "token_logistics_7"
    """Logistics journey (7; by its name, days)."""
    TOKEN_LOGISTICS_30 = "token_logistics_30"
    """Logistics journey (30; by its name, days)."""
    TOKEN_COACH_BUS_7 = "token_coach_bus_7"
    """Coach-bus journey (7; by its name, days)."""
    TOKEN_COACH_BUS_30 = "token_coach_bus_30"
    """Coach-bus journey (30; by its name, days)."""


class JourneyStatus(OpenEnum):
    """State of a journey."""

    NEW = "Z"
    """Newly created."""
    ENABLED = "P"
    """Enabled."""
    DISABLED = "N"
    """Disabled."""


class ZNSMessageType(OpenEnum):
    """
    Kind of a ZNS message.

    In doubt: Uid is in the enum of the filter (msg_type), not in the table of the answer (type).
    """

    UNKNOWN = "unknown"
    """Default of the schema."""
    TEMPLATE = "template"
    """Ordinary ZNS."""
    JOURNEY = "journey"
    """ZNS sent under a journey."""
    UID = "uid"
    """No meaning given; by its name, sent to a Zalo user id."""


class ZNSMessageStatus(OpenEnum):
    """
    State of a ZNS message, a letter.

    In doubt: The table's words (new, enable, disable) are the stock words of other pages; the same
    letters are success and failure on the page of RequestConsent. By inference P means sent, N
    failed, Z not handled yet.
    """

    NEW = "Z"
    """The table says newly created (by inference, not handled yet)."""
    SENT = "P"
    """The table says enabled (by inference, sent)."""
    FAILED = "N"
    """The table says disabled (by inference, failed)."""


class MessageTimeType(OpenEnum):
    """
    Which time of a message date_from and date_to look at.

    The service's own name of the set is otTimeFilter.
    """

    UNKNOWN = "unknown"
    """Default of the schema."""
    REQUEST_TIME = "request_time"
    """When the message was sent."""
    UPDATED_TIME = "updated_time"
    """When the message last changed; used when the field is left out."""
    SUBMIT_TIME = "submit_time"
    """When the rating was submitted."""


class SendingMode(OpenEnum):
    """How a ZNS is sent."""

    UNKNOWN = "unknown"
    """Not known or not passed."""
    DEFAULT = "default"
    """Sent the usual way."""
    TAG3 = "tag3"
    """Sent past the quota; only for whitelisted official accounts and tag-3 messages."""


class SendMode(OpenEnum):
    """Whether a ZNS is sent for real or as a test."""

    UNKNOWN = "unknown"
    """Real send; used when the field is left out."""
    DEVELOPMENT = "development"
    """Test send, only to administrators of the app or of the official account."""


@attrs.frozen(kw_only=True)
class RequestConsentRequest(Model):
    """
    Whom to ask for which consent.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number."""
    call_type: CallType | str
    """Kind of call to ask for."""
    reason_code: ConsentReason | str
    """Reason shown to the user."""


@attrs.frozen(kw_only=True)
class Consent(Model):
    """
    A request for the consent to be called.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission
    """

    id: str = ""
    """Request's (message's) id on eTelecom."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    user_id: str = ""
    """Sender's user id on eTelecom."""
    oa_id: str = ""
    """Official account's id."""
    phone: str = ""
    """Recipient's phone number."""
    call_type: CallType | None = None
    """Kind of call asked for."""
    reason_code: ConsentReason | None = None
    """Why the official account wants to call."""
    status: ConsentStatus | None = None
    """Outcome of sending the request."""
    reply_status: ConsentReplyStatus | None = None
    """
    The user's answer. In doubt: In the sample of RequestConsent but not in its table; the values
    are from ListRequestConsent's page.
    """
    delivery_status: DeliveryStatus | None = None
    """How far the request got."""
    delivery_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the user's device got the request."""
    is_charged: bool | None = None
    """Whether it was charged."""
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: That it carries Zalo's own
    codes (x-zalo-error-codes) is an inference.
    """
    error_message: str = ""
    """Error text."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """In the samples and the schema only; no meaning given."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""


@attrs.frozen(kw_only=True)
class CheckConsentRequest(Model):
    """
    The official account and the phone to check.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number."""


@attrs.frozen(kw_only=True)
class ConsentCheck(Model):
    """
    Whether an official account may call.

    There is no plain yes or no: the answer is in error and expired_time.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission
    """

    error: int | None = None
    """
    Error code; 0 in the sample. What it holds when permission is missing is not said. In doubt: The
    tables (English and Vietnamese) call the code error_code; every JSON sample and the schema call
    it error, which is believed.
    """
    message: str = ""
    """Error text."""
    expired_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the permission ends."""


@attrs.frozen(kw_only=True)
class ListRequestConsentRequest(Model):
    """
    Which requests for consent to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission
    """

    filter: ConsentFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class ConsentFilter(Model):
    """
    Which requests for consent a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission
    """

    oa_id: str | None = None
    """Official account's id."""
    phone: str | None = None
    """Recipient's phone number."""
    call_type: CallType | str | None = None
    """Kind of call."""
    reason_code: ConsentReason | str | None = None
    """Reason."""
    status: ConsentStatus | str | None = None
    """Outcome of sending."""
    reply_status: ConsentReplyStatus | str | None = None
    """The user's answer."""
    is_charged: bool | None = None
    """Whether it was charged."""
    user_id: str | None = None
    """Sender's user id on eTelecom. In the JSON, not in the table."""
    date_from: datetime | None = None
    """From this time; of which date is not said."""
    date_to: datetime | None = None
    """To this time; of which date is not said."""


@attrs.frozen(kw_only=True)
class CreateTemplateRequest(Model):
    """
    The template to add, by its id at Zalo.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template
    """

    oa_id: str
    """Official account's id."""
    template_id: int
    """
    Zalo's id of the template. In doubt: In quotes in the page's sample, a bare number in the schema
    sample. A bare number is believed.
    """
    type: TemplateType | str | None = None
    """Kind of template."""


@attrs.frozen(kw_only=True)
class ZNSTemplate(Model):
    """
    A ZNS template.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template
    """

    template_id: int | None = None
    """Zalo's id of the template."""
    template_name: str = ""
    """Template's name."""
    type: TemplateType | None = None
    """Kind of template."""
    template_status: TemplateStatus | None = None
    """State of the review."""
    template_quality: TemplateQuality | None = None
    """Sending quality."""
    template_tag: TemplateTag | None = None
    """Purpose of the template."""
    price: int | None = None
    """Unit not documented. Price of one message of this template."""
    timeout: int | None = None
    """Unit not documented. The machine-translated text is unclear (reads like a charging time)."""
    apply_template_quota: bool | None = None
    """Whether the daily quota below applies."""
    template_daily_quota: int | None = None
    """ZNS that can be sent in a day."""
    template_remaining_quota: int | None = None
    """ZNS still to be sent that day."""
    preview_url: str = ""
    """Preview page of the template. In doubt: In the schema sample, not in the page's own curl sample."""
    template_params: Many[TemplateParam] = ()
    """The variables of the template."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""
    oa_id: str = ""
    """
    Official account. In the newest schema only. Seen only in ListTemplates. In doubt: The schema of
    mid-2025 does not have it, the newest has. Optional.
    """
    shop_id: str = ""
    """
    Shop's id on eTelecom. In the newest schema only. Seen only in ListTemplates. In doubt: The
    schema of mid-2025 does not have it, the newest has. Optional.
    """
    is_journey: bool | None = None
    """
    By its name, whether it is a journey template. In the newest schema only. Seen only in
    ListTemplates. In doubt: The schema of mid-2025 does not have it, the newest has. Optional.
    """
    price_exceeded: int | None = None
    """
    Unit not documented. By its name, the price past the quota. In the newest schema only. Seen only
    in ListTemplates. In doubt: The schema of mid-2025 does not have it, the newest has. Optional.
    """
    retail_price: int | None = None
    """
    Unit not documented. No meaning given. In the newest schema only. Seen only in ListTemplates. In
    doubt: The schema of mid-2025 does not have it, the newest has. Optional.
    """
    ref_param: str = ""
    """
    No meaning given. In the newest schema only. Seen only in ListTemplates. In doubt: The schema of
    mid-2025 does not have it, the newest has. Optional.
    """

    def __attrs_post_init__(self) -> None:
        if self.template_params is NULL:
            set_blank(self, "template_params", ())


@attrs.frozen(kw_only=True)
class TemplateParam(Model):
    """
    A variable of a ZNS template.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template
    """

    name: str = ""
    """Name of the variable: its key in template_data."""
    type: str = ""
    """Kind of variable; free text in the schema."""
    require: bool | None = None
    """Whether it must be filled. The key is require, not required."""
    accept_null: bool | None = None
    """Whether it may be empty."""
    min_length: int | None = None
    """Characters of the shortest value."""
    max_length: int | None = None
    """Characters of the longest value."""


@attrs.frozen(kw_only=True)
class GetTemplateRequest(Model):
    """
    The template to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-sample-details
    """

    oa_id: str
    """Official account's id."""
    template_id: int
    """Zalo's id of the template."""


@attrs.frozen(kw_only=True)
class ListTemplatesRequest(Model):
    """
    Which templates to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples
    """

    filter: ZNSTemplateFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class ZNSTemplateFilter(Model):
    """
    Which templates a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples
    """

    oa_id: str | None = None
    """Official account's id."""
    template_id: int | None = None
    """Zalo's id of the template."""
    template_name: str | None = None
    """Template's name."""
    type: TemplateType | str | None = None
    """Kind of template."""
    date_from: datetime | None = None
    """From this time; of which date is not said."""
    date_to: datetime | None = None
    """To this time; of which date is not said."""


@attrs.frozen(kw_only=True)
class CreateJourneyRequest(Model):
    """
    Whom a journey token is made for.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number; must belong to a Zalo account."""
    token_type: JourneyTokenType | str | None = None
    """
    Kind of journey; left out means token_logistics_7. In doubt: A reseller's copy does not have it;
    eTelecom's pages have.
    """


@attrs.frozen(kw_only=True)
class Journey(Model):
    """
    A journey token: leave to send one recipient a chain of ZNS under one fee.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation
    """

    id: str = ""
    """Journey's id on eTelecom."""
    journey_id: str = ""
    """
    Journey's id; the table does not say whose. In doubt: A string in the table of the answer, int64
    in a string in the requests that take it.
    """
    journey_token: str = ""
    """The activated journey code."""
    phone: str = ""
    """Recipient's phone number."""
    status: JourneyStatus | None = None
    """State of the journey."""
    is_charged: bool | None = None
    """Whether it was charged."""
    expired_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    When the token ends. In doubt: The tables name it expires_at; every JSON sample and the schema
    name it expired_at, which is believed.
    """
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: That it carries Zalo's own
    codes (x-zalo-error-codes) is an inference.
    """
    error_message: str = ""
    """Error text."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""


@attrs.frozen(kw_only=True)
class GetJourneyRequest(Model):
    """
    The journey to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-details
    """

    oa_id: str | None = None
    """Official account. In table and schema, not in the page's curl sample."""
    journey_id: str
    """
    Journey's id. In doubt: A journey has both id (eTelecom's) and journey_id, and which of the two
    is wanted is not said; by its name, journey_id. int64 in the request's table and schema, string
    in the answer's table and in the sample: sent as a string.
    """


@attrs.frozen(kw_only=True)
class ListJourneysRequest(Model):
    """
    Which journeys to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list
    """

    filter: JourneyFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class JourneyFilter(Model):
    """
    Which journeys a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list
    """

    oa_id: str | None = None
    """Official account's id."""
    journey_id: str | None = None
    """Journey's id."""
    phone: str | None = None
    """Recipient's phone number."""
    is_charged: bool | None = None
    """Whether it was charged."""
    status: JourneyStatus | str | None = None
    """State of the journey."""
    date_from: datetime | None = None
    """From this time; of which date is not said."""
    date_to: datetime | None = None
    """To this time; of which date is not said."""


@attrs.frozen(kw_only=True)
class ListMessagesRequest(Model):
    """
    Which ZNS messages to list.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    filter: ZNSMessageFilter | None = None
    """Which items the list holds."""
    paging: Paging | None = None
    """Which page of the list."""


@attrs.frozen(kw_only=True)
class ZNSMessageFilter(Model):
    """
    Which ZNS messages a list holds.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    oa_id: str | None = None
    """Official account's id."""
    campaign_id: str | None = None
    """Campaign's id."""
    template_id: int | None = None
    """Zalo's id of the template."""
    journey_id: str | None = None
    """Journey's id."""
    msg_id: str | None = None
    """Zalo's id of the message."""
    msg_type: ZNSMessageType | str | None = None
    """Kind of message; the field of the message is called type."""
    tracking_id: str | None = None
    """Caller's own id."""
    phone: str | None = None
    """Recipient's phone number."""
    status: ZNSMessageStatus | str | None = None
    """State of the message."""
    delivery_status: DeliveryStatus | str | None = None
    """How far the message got."""
    is_charged: bool | None = None
    """Whether it was charged."""
    is_development: bool | None = None
    """
    Whether it was sent in development (test) mode. In doubt: Older copies do not have it, newer ones have.
    """
    user_id: str | None = None
    """Sender's user id on eTelecom. In the JSON, not in the table."""
    time_type: MessageTimeType | str | None = None
    """
    Which time date_from and date_to look at; left out means updated_time, so the last change, not
    the sending. In doubt: Older copies do not have it, newer ones have.
    """
    date_from: datetime | None = None
    """From this time; time_type says of what."""
    date_to: datetime | None = None
    """To this time; time_type says of what."""


@attrs.frozen(kw_only=True)
class ZNSMessage(Model):
    """
    A ZNS message.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    id: str = ""
    """Message's id on eTelecom."""
    msg_id: str = ""
    """Zalo's id of the message."""
    shop_id: str = ""
    """Shop's id on eTelecom."""
    user_id: str = ""
    """Sender's user id on eTelecom."""
    oa_id: str = ""
    """Official account's id."""
    campaign_id: str = ""
    """Campaign's id."""
    journey_id: str = ""
    """Journey's id."""
    zl_user_id: str = ""
    """By its name the recipient's Zalo user id. In the schema only."""
    phone: str = ""
    """Recipient's phone number."""
    template_id: int | None = None
    """Zalo's id of the template."""
    template_data: Map = attrs.field(factory=dict)
    """Values of the variables that were sent."""
    tracking_id: str = ""
    """Caller's own id, given back."""
    type: ZNSMessageType | None = None
    """
    Kind of message. In doubt: SendZNSJourney's own curl answer is an older shape with msg_type and
    price and without type, fee_main and fee_token. The schema sample and the table are believed;
    msg_type and price are unknown extras.
    """
    status: ZNSMessageStatus | None = None
    """State of the message."""
    delivery_status: DeliveryStatus | None = None
    """How far the message got."""
    delivery_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the user's device got it."""
    sent_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the ZNS was sent."""
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: That it carries Zalo's own
    codes (x-zalo-error-codes) is an inference.
    """
    error_message: str = ""
    """Error text."""
    is_charged: bool | None = None
    """Whether it was charged; false means free."""
    fee_main: int | None = None
    """Unit not documented. Main fee. In doubt: VND by inference."""
    fee_token: int | None = None
    """Unit not documented. Fee of making the journey token. In doubt: VND by inference."""
    timeout: int | None = None
    """Unit not documented. Longest time the system needs to handle the request."""
    rate: int | None = None
    """Stars the customer gave."""
    note: str = ""
    """Customer's extra note."""
    feedback: Many[str] = ()
    """Customer's chosen remarks."""
    submit_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the customer sent the rating."""
    is_development: bool | None = None
    """
    Whether it was sent in development (test) mode. Seen only in ListMessages, GetMessage and
    SendZNS. In doubt: The oldest copies do not have it. Optional.
    """
    request_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """When the send was asked for. In the schema only. Seen only in ListMessages, GetMessage and SendZNS."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was created."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """When it was last changed."""
    response_data: str = ""
    """
    No meaning given. In the newest schema only. Seen only in GetMessage and SendZNS. In doubt: In
    the newest schema, not in older ones. Optional.
    """
    sending_mode: SendingMode | None = None
    """
    How it was sent. Seen only in GetMessage and SendZNS. In doubt: In the newest schema, not in
    older ones. Optional.
    """
    enable_sms_on_zns_failure: bool | None = None
    """
    Whether an SMS is sent when the ZNS fails. In the schema of mid-2025 only. Seen only in SendZNS
    and SendZNSJourney. In doubt: In the schema samples of mid-2025 and gone from the newest.
    Optional.
    """
    sms: ZNSFallbackSms | None = None
    """
    The fallback SMS. In the schema of mid-2025 only. Seen only in SendZNS and SendZNSJourney. In
    doubt: In the schema samples of mid-2025 and gone from the newest. Optional.
    """

    def __attrs_post_init__(self) -> None:
        if self.template_data is NULL:
            set_blank(self, "template_data", {})
        if self.feedback is NULL:
            set_blank(self, "feedback", ())


@attrs.frozen(kw_only=True)
class ZNSFallbackSms(Model):
    """
    The SMS that is sent when a ZNS fails.

    Seen in the schema of mid-2025 only.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    brandname: str = ""
    """SMS sender name."""
    code: str = ""
    """No meaning given."""
    description: str = ""
    """No meaning given."""
    message: str = ""
    """SMS text."""
    request_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """No meaning given."""
    send_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """No meaning given."""
    status: str = ""
    """No values given."""
    status_description: str = ""
    """No meaning given."""
    unicode: bool | None = None
    """Whether the SMS is in unicode."""


@attrs.frozen(kw_only=True)
class GetMessageRequest(Model):
    """
    The message to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-details
    """

    oa_id: str
    """Official account's id."""
    msg_id: str
    """Zalo's id of the message, not eTelecom's id."""


@attrs.frozen(kw_only=True)
class SendZNSRequest(Model):
    """
    The ZNS to send.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number."""
    template_id: int | None = None
    """
    Zalo's id of the template. In doubt: In quotes in the page's sample, a bare number in the schema
    sample. A bare number is believed.
    """
    template_data: Mapping[str, str]
    """Values of the template's variables; the keys differ by template (see template_params)."""
    tracking_id: str | None = None
    """
    Caller's own id, to reconcile without eTelecom's id. Its length and uniqueness are not said: not
    an idempotency key.
    """
    mode: SendMode | str | None = None
    """
    Real or test; left out means a real send. In doubt: The oldest copies do not have it, newer ones have.
    """
    sending_mode: SendingMode | str | None = None
    """How to send. In doubt: The oldest copies do not have it, newer ones have."""
    template: ZNSTemplate | None = attrs.field(default=None, metadata={"local": True})
    """
    The template itself: it gives the template_id, and template_data is checked against it before
    anything is sent. It is not sent.
    """


@attrs.frozen(kw_only=True)
class SendZNSJourneyRequest(Model):
    """
    The ZNS to send, and the journey it is sent under.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns-with-journey-token
    """

    oa_id: str
    """Official account's id."""
    journey_id: str
    """
    Journey's id; the token itself is never sent. In doubt: Whether it is CreateJourney's id (int64,
    eTelecom's) or its journey_id (string) is not said: the field is typed int64, which fits id, and
    is named journey_id.
    """
    phone: str
    """Recipient's phone number."""
    template_id: int | None = None
    """
    Zalo's id of the template. In doubt: In quotes in the page's sample, a bare number in the schema
    sample. A bare number is believed.
    """
    template_data: Mapping[str, str]
    """Values of the template's variables."""
    tracking_id: str | None = None
    """Caller's own id."""
    template: ZNSTemplate | None = attrs.field(default=None, metadata={"local": True})
    """
    The template itself: it gives the template_id, and template_data is checked against it before
    anything is sent. It is not sent.
    """
