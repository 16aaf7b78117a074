"""
The operations of the SMS service: templated messages over ZNS, automatic calls and SMS, channel by channel.

Every rejection of a send is a 200 with a negative status. The documentation leaves some rules open, so the
sandbox chooses. It checks template, phone number, route, variables and quota, in this order. A route needs a
channel of the template. A variable that the template does not have is wrong. An unknown message has a blank
status and an errorCode.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from typing import TYPE_CHECKING, Any, Final, cast

from etelecom_async.sandbox.context import Context, Response, handles
from etelecom_async.sandbox.services.sms.lifecycle import CHANNELS, schedule_message
from etelecom_async.sandbox.services.sms.records import add_message
from etelecom_async.sandbox.world import people

if TYPE_CHECKING:
    from etelecom_async._core.operation import JsonObject

_NAME_PREFIX: Final = "ICOMNI"
_NAME_LENGTH: Final = 30
_MAX_ITEMS: Final = 200
_MAX_PAGE: Final = 2**31


class _RejectedError(Exception):
    def __init__(self, status: str, code: str) -> None:
        super().__init__(code)
        self.response: Final = {"status": status, "code": code}


@handles("sms.send")
def send(context: Context, fields: JsonObject) -> Response:
    """Accept a message, or reject it inside a 200."""
    try:
        return _send(context, fields)
    except _RejectedError as rejected:
        return rejected.response


def _send(context: Context, fields: JsonObject) -> Response:
    code = _text(fields.get("templatecode"))
    row = context.state.fetch_first("SELECT doc FROM sms_template WHERE code = ?", code)
    if row is None:
        raise _RejectedError("-6", f"Can't find template with templatecode: {code}")
    template = json.loads(row["doc"])
    phone = people.normalize(_text(fields.get("phonenumber")))
    if phone is None:
        raise _RejectedError("-1", "PhoneNumber Wrong Format")
    channels = _read_route(template["SenderChannel"], fields.get("routerule"), strict=context.strict)
    values = _read_values(template["ParamsFormat"], fields.get("list_param"))
    left = int(context.state.setting("sms_quota"))
    if left < 1:
        raise _RejectedError("-3", "You have run out of messages")
    context.state.save_settings(sms_quota=str(left - 1))
    message_id, name = context.state.new_id(context.now), _new_name()
    add_message(
        context.state,
        record_id=message_id,
        name=name,
        phone=phone,
        template_code=code,
        values=values,
        channel=CHANNELS[channels[0]].word,
        created_at=context.now,
        strict=context.strict,
    )
    schedule_message(context.state, message_id, phone=phone, channels=channels, created_at=context.now)
    return {"status": "1", "code": "Success", "idOmniMess": name}


def _new_name() -> str:
    signs = string.ascii_uppercase + string.digits
    return _NAME_PREFIX + "".join(secrets.choice(signs) for _ in range(_NAME_LENGTH))


def _read_route(senders: dict[str, str], rule: object, *, strict: bool) -> list[str]:
    """Return the numbers of the channels to try."""
    wanted = cast("list[object]", rule) if isinstance(rule, list) else []
    numbers = [_text(number) for number in wanted]
    if not senders or not any(numbers):
        raise _RejectedError("-8", "Can't find any routing for this request")
    there = [number for number in numbers if number in CHANNELS and CHANNELS[number].name in senders]
    for number in numbers:
        channel = CHANNELS.get(number)
        if channel is None or (number not in there and (strict or not there)):
            name = channel.name if channel else number
            raise _RejectedError("-9", f"Can't find any information about channel: {name}")
    return there


def _read_values(formats: dict[str, dict[str, str]], given: object) -> dict[str, str]:
    values = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    for name in (*formats, *values):
        value, form = values.get(name), formats.get(name)
        if not (form and isinstance(value, str) and re.fullmatch(form["Regex"], value)):
            raise _RejectedError("-2", f"Wrong Format Parameter: {name}")
    return cast("dict[str, str]", values)


@handles("sms.status")
def get_status(context: Context, fields: JsonObject) -> Response:
    """Return the status report of a message."""
    name = _text(fields.get("idomnimess"))
    row = context.state.fetch_first("SELECT doc FROM sms_message WHERE name = ?", name)
    if row is None:
        blanks = ("phonenumber", "list_param", "createdatetime", "status", "channel", "templatecode")
        return dict.fromkeys(blanks, "") | {"errorCode": "MESSAGE_NOT_FOUND"}
    report: dict[str, Any] = json.loads(row["doc"])
    return report


@handles("sms.templates.list")
def list_templates(context: Context, fields: JsonObject) -> Response:
    """Return a page of the templates, or one template. Pages start at 1, and 0 is the first one too."""
    code = _text(fields.get("templatecode"))
    number, count = _number(fields.get("page")), _number(fields.get("itemcount"))
    count = min(count or _MAX_ITEMS, _MAX_ITEMS)
    condition = "(? = '' OR code = ?)"
    counted = f"SELECT count(*) FROM sms_template WHERE {condition}"  # noqa: S608 - the condition above holds no value
    total = context.state.fetch_one(counted, code, code)[0]
    rows = context.state.fetch_all(
        f"SELECT doc FROM sms_template WHERE {condition} ORDER BY id LIMIT ? OFFSET ?",  # noqa: S608 - as for the count
        code,
        code,
        count,
        max(number - 1, 0) * count,
    )
    return {"Page": max(number, 1), "TotalItem": total, "ListTemp": [json.loads(row["doc"]) for row in rows]}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> int:
    """Return a number that is valid for a page; 0 for any other value."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 < value < _MAX_PAGE else 0
