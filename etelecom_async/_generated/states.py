"""
States of objects: the values of their enums, and what each value means.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "CallState": {
        "unknown": "Not explained.",
        "answered": "Not explained; by its name, the call was answered.",
        "not_answered": "Not explained; by its name, the call was not answered.",
    },
    "CallStatus": {"Z": "Not described."},
    "ConsentReplyStatus": {
        "Z": "In the samples only (the first value of the schema).",
        "S": "Waiting for the user's answer.",
        "NS": "No answer.",
        "P": "Agreed.",
        "N": "Refused.",
    },
    "ConsentStatus": {
        "Z": "In the samples only (the first value of the schema).",
        "P": "Success.",
        "N": "Failure.",
    },
    "DeliveryStatus": {
        "unknown": "Not yet known.",
        "received": "Reached the user's device.",
        "seen": "Opened by the user.",
    },
    "ExtensionState": {"Z": "Newly created.", "P": "Still valid.", "N": "Expired."},
    "FollowState": {"follow": "Follows the official account.", "unfollow": "Does not follow it (any more)."},
    "JourneyStatus": {"Z": "Newly created.", "P": "Enabled.", "N": "Disabled."},
    "OAStatus": {
        "Z": "In the samples only (the first value of the schema).",
        "P": "Connected.",
        "N": "Disconnected.",
    },
    "SmsDeliveryStatus": {"FAIL": "Failed.", "SUCCESS": "Delivered.", "PROCESSING": "In progress."},
    "SmsSendStatus": {
        "1": "Success: accepted, not yet delivered; idOmniMess is given.",
        "-1": "PhoneNumber Wrong Format: the phone number is not in a valid form.",
        "-2": "Wrong Format Parameter: the named variable has a wrong form.",
        "-3": "You have run out of messages: the quota is exhausted; contact sales for more.",
        "-6": "Can't find template with templatecode: no such template.",
        "-8": "Can't find any routing for this request: the template has no routing rule; contact the technical staff.",
        "-9": "Can't find any information about channel: a channel of routerule has a wrong configuration; contact the technical staff.",
    },
    "TemplateStatus": {
        "unknown": "Unknown.",
        "PENDING_REVIEW": "Being reviewed.",
        "DISABLE": "Locked.",
        "ENABLE": "Approved.",
        "REJECT": "Refused.",
    },
    "TenantStatus": {"Z": "Newly created.", "P": "Enabled.", "N": "Disabled."},
    "WebhookState": {
        "ok": "The last delivery succeeded.",
        "retry": "The last delivery failed; the service retries it with growing pauses.",
        "stop": "The last retry failed too; the service disabled the webhook.",
    },
    "ZNSMessageStatus": {
        "Z": "The table says newly created (inferred: not handled yet).",
        "P": "The table says enabled (inferred: sent).",
        "N": "The table says disabled (inferred: failed).",
    },
}
"""The meaning of each listed value, by the name of the enum."""
