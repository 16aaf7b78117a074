"""
Models of `zns` (eTelecom: ZNS and call consents).

Written by `python -m codegen` from zns.openapi.yaml and overlay.toml (sha256 6d24895a51e2); do not
edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from etelecom_async._core.codec.enums import OpenEnum, note_unlisted
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment
from etelecom_async.paging import Paging


class CallType(OpenEnum):
    """Kind of call that a consent covers."""

    UNKNOWN = "unknown"
    """Default of the schema; the table does not list it as a choice."""
    AUDIO = "audio"
    """Voice call."""
    VIDEO = "video"
    """Video call."""
    AUDIO_AND_VIDEO = "audio_and_video"
    """Voice and video."""


class ConsentReason(OpenEnum):
    """Reason why the official account wants to call; the user sees it."""

    UNKNOWN = "unknown"
    """Default of the schema; the table does not list it as a choice."""
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
    Delivery status of a message or a request.

    In doubt: The tables write Unkown, Received and Seen with capitals. The filter's enum of
    ListMessages and the samples write them in lower case. Assumed: lower case. GetMessage's English
    table does not list seen; SendZNS and ListMessages do.
    """

    UNKNOWN = "unknown"
    """Not yet known."""
    RECEIVED = "received"
    """Reached the user's device."""
    SEEN = "seen"
    """Opened by the user."""


class TemplateType(OpenEnum):
    """
    Kind of a ZNS template.

    In doubt: Zalo itself now has five kinds: custom, otp, rating, payment, voucher (zalo.cloud).
    eTelecom's page still lists the old ones. It was not seen whether eTelecom returns the new ones.
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
    """Unknown."""
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
    """Unknown."""
    UNDEFINED = "UNDEFINED"
    """Not rated (the official account sent no ZNS in the rating period)."""
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
    names. It was not seen whether eTelecom returns the new ones.
    """

    UNKNOWN = "unknown"
    """Unknown."""
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
    """Promotion to previous customers (tag 5)."""
    TRANSACTION = "TRANSACTION"
    """Zalo's newer name, not on eTelecom's pages."""
    CUSTOMER_CARE = "CUSTOMER_CARE"
    """Zalo's newer name, not on eTelecom's pages."""
    PROMOTION = "PROMOTION"
    """Zalo's newer name, not on eTelecom's pages."""


class JourneyTokenType(OpenEnum):
    """
    Kind of journey token.

    The service's own name for this set is uqTokenType. In doubt: The names suggest that 7 and 30
    are days.
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

    In doubt: The enum of the filter (msg_type) has uid; the table of the response (type) does not.
    """

    UNKNOWN = "unknown"
    """Default of the schema."""
    TEMPLATE = "template"
    """Ordinary ZNS."""
    JOURNEY = "journey"
    """ZNS sent under a journey."""
    UID = "uid"
    """No page explains it; by its name, sent to a Zalo user id."""


class ZNSMessageStatus(OpenEnum):
    """
    State of a ZNS message: a letter.

    In doubt: The table's words (new, enable, disable) are the standard words of other pages. The
    same letters are success and failure on the page of RequestConsent. Inferred: P means sent, N
    failed, Z not handled yet.
    """

    NEW = "Z"
    """The table says newly created (inferred: not handled yet)."""
    SENT = "P"
    """The table says enabled (inferred: sent)."""
    FAILED = "N"
    """The table says disabled (inferred: failed)."""


class MessageTimeType(OpenEnum):
    """
    Time of a message that date_from and date_to refer to.

    The service's own name for this set is otTimeFilter.
    """

    UNKNOWN = "unknown"
    """Default of the schema."""
    REQUEST_TIME = "request_time"
    """When the message was sent."""
    UPDATED_TIME = "updated_time"
    """When the message last changed; the default."""
    SUBMIT_TIME = "submit_time"
    """When the rating was submitted."""


class SendingMode(OpenEnum):
    """Mode of sending a ZNS."""

    UNKNOWN = "unknown"
    """Unknown or not passed."""
    DEFAULT = "default"
    """Normal sending."""
    TAG3 = "tag3"
    """Sent above the quota; only for official accounts on an allowlist and tag-3 messages."""


class SendMode(OpenEnum):
    """Real or test send of a ZNS."""

    UNKNOWN = "unknown"
    """Real send; the default."""
    DEVELOPMENT = "development"
    """Test send, only to administrators of the app or of the official account."""


@attrs.frozen(kw_only=True, repr=False)
class RequestConsentRequest(Model):
    """
    The recipient, and the consent to ask for.

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

    def __attrs_post_init__(self) -> None:
        note_unlisted(CallType, self.call_type)
        note_unlisted(ConsentReason, self.reason_code)


@attrs.frozen(kw_only=True, repr=False)
class Consent(Model):
    """
    A request for permission to call.

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
    """Kind of call that was asked for."""
    reason_code: ConsentReason | None = None
    """Reason why the official account wants to call."""
    status: ConsentStatus | None = None
    """Outcome of sending the request."""
    reply_status: ConsentReplyStatus | None = None
    """
    The user's answer. In doubt: The sample of RequestConsent has it, but its table does not. The
    values come from ListRequestConsent's page.
    """
    delivery_status: DeliveryStatus | None = None
    """Delivery status of the request."""
    delivery_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the user's device received the request."""
    is_charged: bool | None = None
    """True if it was charged."""
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: It is inferred that it holds
    Zalo's own codes (x-zalo-error-codes).
    """
    error_message: str = ""
    """Error text."""
    expires_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """In the samples and the schema only; no page explains it."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""


@attrs.frozen(kw_only=True, repr=False)
class CheckConsentRequest(Model):
    """
    The official account and the phone to check.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number."""


@attrs.frozen(kw_only=True, repr=False)
class ConsentCheck(Model):
    """
    Permission of an official account to call.

    There is no plain yes or no: error and expired_time hold the result.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission
    """

    error: int | None = None
    """
    Error code; 0 in the sample. The page does not give its value when permission is missing. In
    doubt: The tables (English and Vietnamese) name the code error_code; every JSON sample and the
    schema name it error. Assumed: error.
    """
    message: str = ""
    """Error text."""
    expired_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the permission ends."""


@attrs.frozen(kw_only=True, repr=False)
class ListRequestConsentRequest(Model):
    """
    Request to list requests for consent.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission
    """

    filter: ConsentFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class ConsentFilter(Model):
    """
    Filter for requests for consent.

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
    """True if it was charged."""
    user_id: str | None = None
    """Sender's user id on eTelecom. In the JSON, not in the table."""
    date_from: datetime | None = None
    """Earliest time. The page does not say which date it uses."""
    date_to: datetime | None = None
    """Latest time. The page does not say which date it uses."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(CallType, self.call_type)
        note_unlisted(ConsentReason, self.reason_code)
        note_unlisted(ConsentStatus, self.status)
        note_unlisted(ConsentReplyStatus, self.reply_status)


@attrs.frozen(kw_only=True, repr=False)
class CreateTemplateRequest(Model):
    """
    The template to add, by its id at Zalo.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template
    """

    oa_id: str
    """Official account's id."""
    template_id: int
    """
    Zalo's id of the template. In doubt: In quotes in the page's sample, a plain number in the
    schema sample. Assumed: a plain number.
    """
    type: TemplateType | str | None = None
    """Kind of template."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(TemplateType, self.type)


@attrs.frozen(kw_only=True, repr=False)
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
    """Unit not documented. The machine-translated text is unclear (it may mean a charging time)."""
    apply_template_quota: bool | None = None
    """True if the daily quota below applies."""
    template_daily_quota: int | None = None
    """Daily quota of ZNS."""
    template_remaining_quota: int | None = None
    """Remaining ZNS of the day's quota."""
    preview_url: str = ""
    """
    Preview page of the template. In doubt: The schema sample has it; the page's own curl sample does not.
    """
    template_params: Many[TemplateParam] = ()
    """The variables of the template."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""
    oa_id: str = ""
    """
    Official account. In the newest schema only. Seen only in ListTemplates. In doubt: The schema of
    mid-2025 does not have it; the newest has. Optional.
    """
    shop_id: str = ""
    """
    Shop's id on eTelecom. In the newest schema only. Seen only in ListTemplates. In doubt: The
    schema of mid-2025 does not have it; the newest has. Optional.
    """
    is_journey: bool | None = None
    """
    By its name, says whether it is a journey template. In the newest schema only. Seen only in
    ListTemplates. In doubt: The schema of mid-2025 does not have it; the newest has. Optional.
    """
    price_exceeded: int | None = None
    """
    Unit not documented. By its name, the price above the quota. In the newest schema only. Seen
    only in ListTemplates. In doubt: The schema of mid-2025 does not have it; the newest has.
    Optional.
    """
    retail_price: int | None = None
    """
    Unit not documented. No page explains it. In the newest schema only. Seen only in ListTemplates.
    In doubt: The schema of mid-2025 does not have it; the newest has. Optional.
    """
    ref_param: str = ""
    """
    No page explains it. In the newest schema only. Seen only in ListTemplates. In doubt: The schema
    of mid-2025 does not have it; the newest has. Optional.
    """

    def __attrs_post_init__(self) -> None:
        if self.template_params is NULL:
            set_blank(self, "template_params", ())

    @property
    def id(self) -> int | None:
        """The template_id, as every result has it."""
        return self.template_id


@attrs.frozen(kw_only=True, repr=False)
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
    """True if a value is required. The key is require, not required."""
    accept_null: bool | None = None
    """True if the value may be empty."""
    min_length: int | None = None
    """Minimum number of characters."""
    max_length: int | None = None
    """Maximum number of characters."""


@attrs.frozen(kw_only=True, repr=False)
class GetTemplateRequest(Model):
    """
    The template to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-sample-details
    """

    oa_id: str
    """Official account's id."""
    template_id: int
    """Zalo's id of the template."""


@attrs.frozen(kw_only=True, repr=False)
class ListTemplatesRequest(Model):
    """
    Request to list templates.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples
    """

    filter: ZNSTemplateFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class ZNSTemplateFilter(Model):
    """
    Filter for templates.

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
    """Earliest time. The page does not say which date it uses."""
    date_to: datetime | None = None
    """Latest time. The page does not say which date it uses."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(TemplateType, self.type)


@attrs.frozen(kw_only=True, repr=False)
class CreateJourneyRequest(Model):
    """
    The recipient for whom to create a journey token.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation
    """

    oa_id: str
    """Official account's id."""
    phone: str
    """Recipient's phone number; it must belong to a Zalo account."""
    token_type: JourneyTokenType | str | None = None
    """
    Kind of journey; token_logistics_7 by default. In doubt: A reseller's copy does not have it;
    eTelecom's pages do.
    """

    def __attrs_post_init__(self) -> None:
        note_unlisted(JourneyTokenType, self.token_type)


@attrs.frozen(kw_only=True, repr=False)
class Journey(Model):
    """
    A journey token: permission to send one recipient a chain of ZNS under one fee.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation
    """

    id: str = ""
    """Journey's id on eTelecom."""
    journey_id: str = ""
    """
    Journey's id; the table does not say whether it is eTelecom's. In doubt: A string in the table
    of the response; int64 in a string in the requests that take it.
    """
    journey_token: str = ""
    """The activated journey code."""
    phone: str = ""
    """Recipient's phone number."""
    status: JourneyStatus | None = None
    """State of the journey."""
    is_charged: bool | None = None
    """True if it was charged."""
    expired_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """
    Time when the token ends. In doubt: The tables name it expires_at; every JSON sample and the
    schema name it expired_at. Assumed: expired_at.
    """
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: It is inferred that it holds
    Zalo's own codes (x-zalo-error-codes).
    """
    error_message: str = ""
    """Error text."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""


@attrs.frozen(kw_only=True, repr=False)
class GetJourneyRequest(Model):
    """
    The journey to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-details
    """

    oa_id: str | None = None
    """Official account. In table and schema, not in the page's curl sample."""
    journey_id: str
    """
    Journey's id. In doubt: A journey has both id (eTelecom's) and journey_id. The page does not say
    which of the two the request takes; by its name, journey_id. It is int64 in the request's table
    and schema, and a string in the response's table and in the sample. The client sends a string.
    """


@attrs.frozen(kw_only=True, repr=False)
class ListJourneysRequest(Model):
    """
    Request to list journeys.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list
    """

    filter: JourneyFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class JourneyFilter(Model):
    """
    Filter for journeys.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list
    """

    oa_id: str | None = None
    """Official account's id."""
    journey_id: str | None = None
    """Journey's id."""
    phone: str | None = None
    """Recipient's phone number."""
    is_charged: bool | None = None
    """True if it was charged."""
    status: JourneyStatus | str | None = None
    """State of the journey."""
    date_from: datetime | None = None
    """Earliest time. The page does not say which date it uses."""
    date_to: datetime | None = None
    """Latest time. The page does not say which date it uses."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(JourneyStatus, self.status)


@attrs.frozen(kw_only=True, repr=False)
class ListMessagesRequest(Model):
    """
    Request to list ZNS messages.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    filter: ZNSMessageFilter | None = None
    """Filter for the items of the list."""
    paging: Paging | None = None
    """Page of the list to return."""


@attrs.frozen(kw_only=True, repr=False)
class ZNSMessageFilter(Model):
    """
    Filter for ZNS messages.

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
    """Kind of message; the name of the message's own field is type."""
    tracking_id: str | None = None
    """Caller's own id."""
    phone: str | None = None
    """Recipient's phone number."""
    status: ZNSMessageStatus | str | None = None
    """State of the message."""
    delivery_status: DeliveryStatus | str | None = None
    """Delivery status of the message."""
    is_charged: bool | None = None
    """True if it was charged."""
    is_development: bool | None = None
    """
    True if it was sent in development (test) mode. In doubt: Older copies do not have it; newer ones do.
    """
    user_id: str | None = None
    """Sender's user id on eTelecom. In the JSON, not in the table."""
    time_type: MessageTimeType | str | None = None
    """
    Time that date_from and date_to refer to; by default updated_time, so the last change, not the
    sending. In doubt: Older copies do not have it; newer ones do.
    """
    date_from: datetime | None = None
    """Earliest time; time_type says which time."""
    date_to: datetime | None = None
    """Latest time; time_type says which time."""

    def __attrs_post_init__(self) -> None:
        note_unlisted(ZNSMessageType, self.msg_type)
        note_unlisted(ZNSMessageStatus, self.status)
        note_unlisted(DeliveryStatus, self.delivery_status)
        note_unlisted(MessageTimeType, self.time_type)


@attrs.frozen(kw_only=True, repr=False)
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
    """Values of the variables in the message."""
    tracking_id: str = ""
    """Caller's own id, as sent."""
    type: ZNSMessageType | None = None
    """
    Kind of message. In doubt: SendZNSJourney's own curl response has an older shape: with msg_type
    and price, without type, fee_main and fee_token. Assumed: the schema sample and the table. Treat
    msg_type and price as unknown fields.
    """
    status: ZNSMessageStatus | None = None
    """State of the message."""
    delivery_status: DeliveryStatus | None = None
    """Delivery status of the message."""
    delivery_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the user's device received it."""
    sent_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the ZNS was sent."""
    error_code: int | None = None
    """
    Error code; 0 in the samples. No page lists the codes. In doubt: It is inferred that it holds
    Zalo's own codes (x-zalo-error-codes).
    """
    error_message: str = ""
    """Error text."""
    is_charged: bool | None = None
    """True if it was charged; false means free."""
    fee_main: int | None = None
    """Unit not documented. Main fee. In doubt: Inferred: VND."""
    fee_token: int | None = None
    """Unit not documented. Fee for creating the journey token. In doubt: Inferred: VND."""
    timeout: int | None = None
    """Unit not documented. Maximum time that the system needs to handle the request."""
    rate: int | None = None
    """Number of stars from the customer."""
    note: str = ""
    """Additional note from the customer."""
    feedback: Many[str] = ()
    """Remarks that the customer chose."""
    submit_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time when the customer sent the rating."""
    is_development: bool | None = None
    """
    True if it was sent in development (test) mode. Seen only in ListMessages, GetMessage and
    SendZNS. In doubt: The oldest copies do not have it. Optional.
    """
    request_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the request to send. In the schema only. Seen only in ListMessages, GetMessage and SendZNS."""
    created_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of creation."""
    updated_at: Moment | None = attrs.field(default=None, converter=to_moment)
    """Time of the last change."""
    response_data: str = ""
    """
    No page explains it. In the newest schema only. Seen only in GetMessage and SendZNS. In doubt:
    The newest schema has it; older ones do not. Optional.
    """
    sending_mode: SendingMode | None = None
    """
    Mode of sending. Seen only in GetMessage and SendZNS. In doubt: The newest schema has it; older
    ones do not. Optional.
    """
    enable_sms_on_zns_failure: bool | None = None
    """
    True if an SMS is sent when the ZNS fails. In the schema of mid-2025 only. Seen only in SendZNS
    and SendZNSJourney. In doubt: The schema samples of mid-2025 have it; the newest does not.
    Optional.
    """
    sms: ZNSFallbackSms | None = None
    """
    The fallback SMS. In the schema of mid-2025 only. Seen only in SendZNS and SendZNSJourney. In
    doubt: The schema samples of mid-2025 have it; the newest does not. Optional.
    """

    def __attrs_post_init__(self) -> None:
        if self.template_data is NULL:
            set_blank(self, "template_data", {})
        if self.feedback is NULL:
            set_blank(self, "feedback", ())


@attrs.frozen(kw_only=True, repr=False)
class ZNSFallbackSms(Model):
    """
    The SMS that is sent when a ZNS fails.

    Seen in the schema of mid-2025 only.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
    """

    brandname: str = ""
    """SMS sender name."""
    code: str = ""
    """No page explains it."""
    description: str = ""
    """No page explains it."""
    message: str = ""
    """SMS text."""
    request_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """No page explains it."""
    send_time: Moment | None = attrs.field(default=None, converter=to_moment)
    """No page explains it."""
    status: str = ""
    """No page gives values."""
    status_description: str = ""
    """No page explains it."""
    unicode: bool | None = None
    """True if the SMS is in Unicode."""


@attrs.frozen(kw_only=True, repr=False)
class GetMessageRequest(Model):
    """
    The message to get.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-details
    """

    oa_id: str
    """Official account's id."""
    msg_id: str
    """Zalo's id of the message, not eTelecom's id."""


@attrs.frozen(kw_only=True, repr=False)
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
    Zalo's id of the template. In doubt: In quotes in the page's sample, a plain number in the
    schema sample. Assumed: a plain number.
    """
    template_data: Mapping[str, str]
    """Values of the template's variables; the keys depend on the template (see template_params)."""
    tracking_id: str | None = None
    """
    Caller's own id, to match records without eTelecom's id. No page describes its length and
    uniqueness, so it is not an idempotency key.
    """
    mode: SendMode | str | None = None
    """
    Real send or test; a real send by default. In doubt: The oldest copies do not have it; newer ones do.
    """
    sending_mode: SendingMode | str | None = None
    """Mode of sending. In doubt: The oldest copies do not have it; newer ones do."""
    template: ZNSTemplate | None = attrs.field(default=None, metadata={"local": True})
    """
    The template itself: its id becomes template_id, and the client checks template_data against it
    before sending. The template itself is not sent.
    """

    def __attrs_post_init__(self) -> None:
        note_unlisted(SendMode, self.mode)
        note_unlisted(SendingMode, self.sending_mode)


@attrs.frozen(kw_only=True, repr=False)
class SendZNSJourneyRequest(Model):
    """
    The ZNS to send, and the journey that it belongs to.

    Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns-with-journey-token
    """

    oa_id: str
    """Official account's id."""
    journey_id: str
    """
    Journey's id; the request never contains the token itself. In doubt: The page does not say
    whether it is CreateJourney's id (int64, eTelecom's) or its journey_id (string). The field has
    type int64, which fits id, and the name journey_id.
    """
    phone: str
    """Recipient's phone number."""
    template_id: int | None = None
    """
    Zalo's id of the template. In doubt: In quotes in the page's sample, a plain number in the
    schema sample. Assumed: a plain number.
    """
    template_data: Mapping[str, str]
    """Values of the template's variables."""
    tracking_id: str | None = None
    """Caller's own id."""
    template: ZNSTemplate | None = attrs.field(default=None, metadata={"local": True})
    """
    The template itself: its id becomes template_id, and the client checks template_data against it
    before sending. The template itself is not sent.
    """
