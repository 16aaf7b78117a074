"""
The records of the SMS service: templates and messages.

A status report has the values of a template as JSON text or as an object. The sample in the documentation
allows both, so the sandbox sends text for even phone numbers, and an object for odd ones. A strict sandbox
always sends text, as the table of the page says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etelecom_async.sandbox.store.state import State, to_json
from etelecom_async.sandbox.times import micros
from etelecom_async.times import VIETNAM


def add_template(
    state: State,
    *,
    code: str,
    senders: Mapping[str, str],
    formats: Mapping[str, tuple[str, str]],
) -> None:
    """
    Add a template.

    Args:
        state: The state.
        code: The code of the template.
        senders: Senders by channel.
        formats: Regular expression and type of each variable.
    """
    doc = {
        "TemplateCode": code,
        "SenderChannel": dict(senders),
        "ParamsFormat": {name: {"Regex": regex, "Type": kind} for name, (regex, kind) in formats.items()},
    }
    state.insert("sms_template", code=code, doc=to_json(doc))


def add_message(
    state: State,
    *,
    record_id: int,
    name: str,
    phone: str,
    template_code: str,
    values: Mapping[str, str],
    channel: str,
    created_at: datetime,
    strict: bool = False,
) -> None:
    """Add an accepted message, on its first channel."""
    is_text = strict or int(phone[-1]) % 2 == 0
    doc: dict[str, Any] = {
        "phonenumber": phone,
        "list_param": to_json(values) if is_text else dict(values),
        "createdatetime": created_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S"),
        "status": "PROCESSING",
        "channel": channel,
        "templatecode": template_code,
        "errorCode": "",
    }
    state.insert("sms_message", id=record_id, name=name, updated_at=micros(created_at), doc=to_json(doc))
