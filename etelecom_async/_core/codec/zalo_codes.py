"""Meanings of the Zalo error codes in responses with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Zalo's own codes for ZNS: https://zalo.cloud/zns/guidelines/handle-error-code
# We infer that eTelecom passes them on in error_code. The codes from -112 on could not be read.
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
}
