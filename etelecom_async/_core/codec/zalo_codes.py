"""The meanings of the codes with which a 200 says that a message was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Zalo's own codes for ZNS: https://zalo.cloud/zns/guidelines/handle-error-code
# The part of this page with the codes from -112 on could not be read. They are those that a reseller of the
# same gateway passes on. It is inferred that eTelecom passes all codes on in error_code.
ZALO: Final[Mapping[int, str]] = {
    -100: "Zalo failed without saying why; try later",
    -101: "the Zalo app is not valid",
    -102: "there is no such Zalo app",
    -103: "the Zalo app is not activated",
    -104: "the Zalo app's secret is not valid",
    -105: "the Zalo app is not linked to an official account",
    -106: "Zalo does not support the method",
    -107: "the message id is not valid",
    -108: "the phone number is not valid",
    -109: "the template id is not valid",
    -110: "the recipient's Zalo is too old for this message",
    -111: "the template data is empty",
    -112: "the template data is not valid",
    -1121: "a template value is too long",
    -1122: "a template value is missing",
    -1124: "a template value has the wrong format",
    -114: "the recipient cannot be reached",
    -115: "the balance of the account is used up",
    -118: "the phone number has no Zalo account",
    -127: "a test message goes to administrators of the official account only",
    -131: "the template is not approved",
    -133: "messages are not sent at night",
    -144: "the daily quota of the official account is used up",
    -147: "the daily quota of the template is used up",
    -1441: "the quota of promotion messages is used up",
}

_OTHER_CHANNEL: Final = "Use another channel for this recipient, for example an SMS."
_APP: Final = "Ask eTelecom: the link between its Zalo app and your official account is wrong."
_TEMPLATE: Final = "List the templates of the official account, and use one that is approved."
_DATA: Final = "Compare the data with the parameters of the template, which a list of templates shows."
_QUOTA: Final = "Wait until the quota is renewed, or ask eTelecom for more; a retry does not help."

REMEDIES: Final[Mapping[int, str]] = {
    -100: "Look for the message first; if it was not sent, send it again later.",
    **dict.fromkeys((-101, -102, -103, -104, -105), _APP),
    -106: "Send it by another method, and tell eTelecom.",
    -107: "Use Zalo's id of the message (msg_id), not eTelecom's id.",
    -108: "Correct the phone number, for example 84901234567.",
    -109: _TEMPLATE,
    -110: _OTHER_CHANNEL,
    **dict.fromkeys((-111, -112, -1121, -1122, -1124), _DATA),
    -114: _OTHER_CHANNEL,
    -115: "Ask eTelecom to top up the balance; a retry does not help.",
    -118: _OTHER_CHANNEL,
    -127: "Send the test to the phone number of an administrator of the official account.",
    -131: _TEMPLATE,
    -133: "Send it again in the daytime.",
    -144: _QUOTA,
    -147: _QUOTA,
    -1441: _QUOTA,
}
"""What a sender can do about each code. It is advice of this project, and not from the documentation."""

QUOTA_CODES: Final = frozenset((-115, -144, -147, -1441))
"""The codes which prove that a quota or the balance is used up."""
