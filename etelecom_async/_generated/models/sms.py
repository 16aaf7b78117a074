"""
Models of `sms` (eTelecom: SMS brandname).

Written by `python -m codegen` from sms.openapi.yaml and overlay.toml (sha256 eca9c38581a0); do not
edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum
from etelecom_async._core.model import NULL, Map, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret_or_none


class SmsChannel(CompleteEnum):
    """Channel of a message, by its number in a routing rule."""

    ZNS = "1"
    """ZNS."""
    AUTO_CALL = "2"
    """AutoCall."""
    SMS = "3"
    """SMS."""


class SmsSendStatus(OpenEnum):
    """
    Outcome of SendMessage.

    Every value except 1 is a rejection, also with HTTP 200. In doubt: No stored copy of the page
    lists -4, -5 or -7.
    """

    ACCEPTED = "1"
    """Success: accepted, not yet delivered; idOmniMess is given."""
    BAD_PHONE_NUMBER = "-1"
    """PhoneNumber Wrong Format: the phone number is not in a valid form."""
    BAD_PARAMETER = "-2"
    """Wrong Format Parameter: the named variable has a wrong form."""
    OUT_OF_MESSAGES = "-3"
    """You have run out of messages: the quota is exhausted; contact sales for more."""
    NO_TEMPLATE = "-6"
    """Can't find template with templatecode: no such template."""
    NO_ROUTE = "-8"
    """
    Can't find any routing for this request: the template has no routing rule; contact the technical staff.
    """
    NO_CHANNEL = "-9"
    """
    Can't find any information about channel: a channel of routerule has a wrong configuration;
    contact the technical staff.
    """


class SmsDeliveryStatus(CompleteEnum):
    """Delivery status of a message."""

    FAIL = "FAIL"
    """Failed."""
    SUCCESS = "SUCCESS"
    """Delivered."""
    PROCESSING = "PROCESSING"
    """In progress."""


@attrs.frozen(kw_only=True, repr=False)
class SendSmsRequest(Model):
    """
    A template message to one phone number, over one or more channels in turn.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    username: str | None = None
    """
    Account given by eTelecom. In doubt: The table marks no field as required. This SDK requires it
    because the sample has it and the call makes no sense without it.
    """
    password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """
    Password given by eTelecom. In doubt: The table marks no field as required. This SDK requires it
    because the sample has it and the call makes no sense without it.
    """
    phonenumber: str = attrs.field(metadata={"form": "phone"})
    """
    Receiver's phone number; the form with country code 84 is recommended. In doubt: The table marks
    no field as required. This SDK requires it because the sample has it and the call makes no sense
    without it.
    """
    routerule: Sequence[SmsChannel | Literal["1", "2", "3"]]
    """
    Channels in the order to try; if one fails, the service tries the next. In doubt: A string in
    the table and in the older sample; an array, ["3"], in the newer sample. Assumed: an array of
    strings, as three third-party programs send it.
    """
    templatecode: str
    """
    Code of the registered template. In doubt: The table marks no field as required. This SDK
    requires it because the sample has it and the call makes no sense without it.
    """
    list_param: Mapping[str, str]
    """
    Values of the template's variables; the names depend on the template. In doubt: The table marks
    no field as required. This SDK requires it because the sample has it and the call makes no sense
    without it.
    """


@attrs.frozen(kw_only=True, repr=False)
class SmsReceipt(Model):
    """
    Result of sending a message: accepted or rejected.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    status: SmsSendStatus | None = None
    """Accepted (1) or rejected. In doubt: A string in the samples; third-party code reads a number."""
    code: str = ""
    """Text that belongs to `status`; a name may follow after a colon."""
    id_omni_mess: str = attrs.field(default="", metadata={"wire": "idOmniMess"})
    """
    Message's id, ICOMNI and 30 characters; only with status 1. In doubt: The sample shows the name
    with spaces inside the quotes. Assumed: idOmniMess, as in the text. One page shows ICOMNI and 30
    characters; the other shows ICOMNI-, a dash and 23 X. Treat it as opaque.
    """
    message: str = ""
    """One more field of the response, which a third-party program reads. Inferred, not documented."""


@attrs.frozen(kw_only=True, repr=False)
class SmsStatusRequest(Model):
    """
    The message whose status to return.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status
    """

    username: str | None = None
    """Account given by eTelecom."""
    password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """Password given by eTelecom."""
    id_omni_mess: str = attrs.field(metadata={"wire": "idOmniMess"})
    """
    Message's id from SendMessage. In doubt: ICOMNI and 30 characters on one page; ICOMNI-, a dash
    and 23 X on the other. Treat it as opaque.
    """


@attrs.frozen(kw_only=True, repr=False)
class SmsStatusReport(Model):
    """
    Delivery status of a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status
    """

    phonenumber: str = ""
    """Receiver."""
    list_param: dict[str, Any] | None = attrs.field(default=None, metadata={"form": "json"})
    """
    The template's values, as JSON text in the sample. In doubt: The sample is not valid JSON: a
    string with unescaped quotes inside. It may mean an escaped string or an object; a third-party
    program reads an object. A client must accept both.
    """
    createdatetime: Moment | None = attrs.field(
        default=None, converter=to_moment, metadata={"form": "local_time"}
    )
    """Time of the request, dd/MM/yyyy HH:mm:ss. The page gives no time zone (Vietnam time is likely)."""
    status: SmsDeliveryStatus | None = None
    """Delivery status of the message."""
    channel: str = ""
    """
    Channel that was used; the page does not list the values. In doubt: Third-party code reads
    brandnamesms for SMS, after conversion to lower case.
    """
    templatecode: str = ""
    """Code of the template."""
    error_code: str = attrs.field(default="", metadata={"wire": "errorCode"})
    """
    Error code of the channel; the tables of the codes were not read. In doubt: The sample has
    `errorCode`. A third-party program declares errorcode (its JSON library ignores case). For the
    ZNS channel, third-party code treats the value as Zalo's own code.
    """
    mtcount: str = ""
    """
    Number of paid messages. SMS only. In doubt: The page does not give its type. Third-party code
    reads it as a string.
    """
    telcoid: str = ""
    """
    Mobile network; the page lists no values. SMS only. In doubt: The page does not give its type.
    Third-party code reads it as a string.
    """
    duration: str = ""
    """
    Unit not documented. Duration of the call. AutoCall only. In doubt: The page does not give its
    type. Assumed by analogy: a string.
    """
    ischarged: str = ""
    """
    Whether a ZNS was charged: the text True or true, as a third-party program reads it. Inferred,
    not documented. In doubt: The page begins a list of extra fields for ZNS, but the list is empty.
    """


@attrs.frozen(kw_only=True, repr=False)
class SmsTemplateRequest(Model):
    """
    Request to list templates.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    username: str | None = attrs.field(default=None, metadata={"wire": "Username"})
    """Account given by eTelecom."""
    password: Secret | None = attrs.field(
        default=None, converter=to_secret_or_none, metadata={"wire": "Password"}
    )
    """Password given by eTelecom."""
    templatecode: str | None = attrs.field(default=None, metadata={"wire": "TemplateCode"})
    """Code of the template; empty for all templates."""
    page: int | None = attrs.field(default=None, metadata={"wire": "Page"})
    """
    Page number. In doubt: The call in that program passes 1 for the first page; the program's default is 0.
    """
    item_count: int | None = attrs.field(default=None, metadata={"wire": "ItemCount"})
    """Items per page. In doubt: The call in that program passes 10; the program's default is 200."""


@attrs.frozen(kw_only=True, repr=False)
class SmsTemplate(Model):
    """
    A template, with its channels and variables.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    templatecode: str = attrs.field(default="", metadata={"wire": "TemplateCode"})
    """Code of the template."""
    sender_channel: Map = attrs.field(factory=dict, metadata={"wire": "SenderChannel"})
    """Channels of the template."""
    params_format: dict[str, SmsVariableFormat] | None = attrs.field(
        default=None, metadata={"wire": "ParamsFormat"}
    )
    """Form that the value of each variable must have, by the variable's name."""

    def __attrs_post_init__(self) -> None:
        if self.sender_channel is NULL:
            set_blank(self, "sender_channel", {})

    @property
    def id(self) -> str:
        """The templatecode, as every result has it."""
        return self.templatecode


@attrs.frozen(kw_only=True, repr=False)
class SmsVariableFormat(Model):
    """
    Form that the value of a template's variable must have.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    regex: str = attrs.field(default="", metadata={"wire": "Regex"})
    """Regular expression that the value must match."""
    type: str = attrs.field(default="", metadata={"wire": "Type"})
    """Kind of value; the values are not known."""
