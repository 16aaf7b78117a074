"""
Models of `sms` (eTelecom: SMS brandname).

Written by `python -m codegen` from sms.openapi.yaml and overlay.toml (sha256 fd9c6cbbd314); do not
edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import NULL, Map, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret_or_none


class SmsChannel(OpenEnum):
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

    Everything but 1 is a refusal, and comes with HTTP 200 all the same. In doubt: -4, -5 and -7 are
    on no stored copy of the page.
    """

    ACCEPTED = "1"
    """Success: accepted, not yet delivered; idOmniMess is given."""
    BAD_PHONE_NUMBER = "-1"
    """PhoneNumber Wrong Format: the phone number is not in a valid form."""
    BAD_PARAMETER = "-2"
    """Wrong Format Parameter: the named variable has a wrong form."""
    OUT_OF_MESSAGES = "-3"
    """You have run out of messages: the quota is used up; ask the sales contact for more."""
    NO_TEMPLATE = "-6"
    """Can't find template with templatecode: no such template."""
    NO_ROUTE = "-8"
    """Can't find any routing for this request: the template has no routing rule; ask the technical staff."""
    NO_CHANNEL = "-9"
    """
    Can't find any information about channel: a channel of routerule is wrongly configured; ask the
    technical staff.
    """


class SmsDeliveryStatus(OpenEnum):
    """What became of a message."""

    FAIL = "FAIL"
    """Failed."""
    SUCCESS = "SUCCESS"
    """Delivered."""
    PROCESSING = "PROCESSING"
    """In progress."""


@attrs.frozen(kw_only=True)
class SendSmsRequest(Model):
    """
    A message by template to one phone number, over one or more channels in turn.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    username: str | None = None
    """
    Account given by eTelecom. In doubt: The table marks no field as required; it is here because
    the sample has it and the call makes no sense without it.
    """
    password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """
    Password given by eTelecom. In doubt: The table marks no field as required; it is here because
    the sample has it and the call makes no sense without it.
    """
    phonenumber: str = attrs.field(metadata={"form": "phone"})
    """
    Receiver; the form with country code 84 is recommended. In doubt: The table marks no field as
    required; it is here because the sample has it and the call makes no sense without it.
    """
    routerule: Sequence[SmsChannel | str]
    """
    Channels in the order to try; when one fails the next is tried. In doubt: A string in the table
    and in the older sample; an array, ["3"], in the newer sample. Believed: array of strings, as
    three third-party programs send it.
    """
    templatecode: str
    """
    Code of the registered template. In doubt: The table marks no field as required; it is here
    because the sample has it and the call makes no sense without it.
    """
    list_param: Mapping[str, str]
    """
    Values of the template's variables; the names depend on the template. In doubt: The table marks
    no field as required; it is here because the sample has it and the call makes no sense without
    it.
    """


@attrs.frozen(kw_only=True)
class SmsReceipt(Model):
    """
    Whether a message was accepted.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    status: SmsSendStatus | None = None
    """Accepted (1) or refused. In doubt: A string in the samples; third-party code reads a number."""
    code: str = ""
    """Text that belongs to status; it may carry a name after a colon."""
    id_omni_mess: str = attrs.field(default="", metadata={"wire": "idOmniMess"})
    """
    Message's id, ICOMNI and 30 characters; only with status 1. In doubt: The sample prints the name
    with blanks inside the quotes. Believed: idOmniMess, as the text has it. One page shows ICOMNI
    and 30 characters, the other ICOMNI-, a dash and 23 X: opaque.
    """
    message: str = ""
    """A further field of the answer, read by a third-party program. Inferred, not documented."""


@attrs.frozen(kw_only=True)
class SmsStatusRequest(Model):
    """
    The message to ask about.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status
    """

    username: str | None = None
    """Account given by eTelecom."""
    password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """Password given by eTelecom."""
    id_omni_mess: str = attrs.field(metadata={"wire": "idOmniMess"})
    """
    Message's id from SendMessage. In doubt: ICOMNI and 30 characters on one page, ICOMNI-, a dash
    and 23 X on the other: opaque.
    """


@attrs.frozen(kw_only=True)
class SmsStatusReport(Model):
    """
    What became of a message.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status
    """

    phonenumber: str = ""
    """Receiver."""
    list_param: dict[str, Any] | None = attrs.field(default=None, metadata={"form": "json"})
    """
    The template's values, as JSON text in the sample. In doubt: The sample is not valid JSON: a
    string with unescaped quotes inside. It can be meant as an escaped string or as an object, which
    a third-party program takes it for. Both are to be accepted.
    """
    createdatetime: Moment | None = attrs.field(
        default=None, converter=to_moment, metadata={"form": "local_time"}
    )
    """Time of the request, dd/MM/yyyy HH:mm:ss. No zone is given (Vietnam time is likely)."""
    status: SmsDeliveryStatus | None = None
    """What became of the message."""
    channel: str = ""
    """
    Channel that was used; the values are not listed on the page. In doubt: Third-party code reads
    brandnamesms for SMS, after turning it into small letters.
    """
    templatecode: str = ""
    """Code of the template."""
    error_code: str = attrs.field(default="", metadata={"wire": "errorCode"})
    """
    Error code of the channel; the tables of the codes were not read. In doubt: ErrorCode in the
    sample; a third-party program declares errorcode (its JSON library ignores case). For the ZNS
    channel third-party code treats the value as Zalo's own code.
    """
    mtcount: str = ""
    """
    Paid messages. SMS only. In doubt: Its type is not given on the page. Third-party code reads it
    as a string.
    """
    telcoid: str = ""
    """
    Mobile network; the page lists no values. SMS only. In doubt: Its type is not given on the page.
    Third-party code reads it as a string.
    """
    duration: str = ""
    """
    Unit not documented. Length of the call. AutoCall only. In doubt: Its type is not given on the
    page; a string by analogy.
    """
    ischarged: str = ""
    """
    Whether a ZNS was charged: the text True or true, as a third-party program reads it. Inferred,
    not documented. In doubt: The page begins a list of extra fields for ZNS and leaves it empty.
    """


@attrs.frozen(kw_only=True)
class SmsTemplateRequest(Model):
    """
    Which templates to answer.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    username: str | None = attrs.field(default=None, metadata={"wire": "Username"})
    """Account given by eTelecom."""
    password: Secret | None = attrs.field(
        default=None, converter=to_secret_or_none, metadata={"wire": "Password"}
    )
    """Password given by eTelecom."""
    template_code: str | None = attrs.field(default=None, metadata={"wire": "TemplateCode"})
    """Code of the template; empty for all templates."""
    page: int | None = attrs.field(default=None, metadata={"wire": "Page"})
    """
    Number of the page. In doubt: 1 for the first page in the call that was read, 0 as the default
    of that program.
    """
    item_count: int | None = attrs.field(default=None, metadata={"wire": "ItemCount"})
    """Items a page. In doubt: 10 in the call that was read, 200 as the default of that program."""


@attrs.frozen(kw_only=True)
class SmsTemplate(Model):
    """
    A template, with its channels and variables.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    template_code: str = attrs.field(default="", metadata={"wire": "TemplateCode"})
    """Code of the template."""
    sender_channel: Map = attrs.field(factory=dict, metadata={"wire": "SenderChannel"})
    """Channels of the template."""
    params_format: dict[str, SmsVariableFormat] | None = attrs.field(
        default=None, metadata={"wire": "ParamsFormat"}
    )
    """Form that each variable must have, by the name of the variable."""

    def __attrs_post_init__(self) -> None:
        if self.sender_channel is NULL:
            set_blank(self, "sender_channel", {})


@attrs.frozen(kw_only=True)
class SmsVariableFormat(Model):
    """
    Form that a variable of a template must have.

    Inferred, not documented.

    Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
    """

    regex: str = attrs.field(default="", metadata={"wire": "Regex"})
    """Regular expression that the value must match."""
    type: str = attrs.field(default="", metadata={"wire": "Type"})
    """Kind of value; the values are not known."""
