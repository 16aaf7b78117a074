"""
Rejections of ZNS by Zalo, as codes inside a 200.

The codes up to -111 come from Zalo's documentation. Public programs read -115 as a used-up quota. Only
"Templ" is known of the text of -112, so the sandbox uses it for data that does not fit the template.
"""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox.services.zalo.rejections import Rejection

OUT_OF_QUOTA: Final = Rejection(-115, "Out of quota")
NOT_ADMINISTRATOR: Final = Rejection(-108, "Phone number invalid: a test goes to an administrator only")
NOT_WHITELISTED: Final = Rejection(
    -106, "Method unsupported: tag3 is for whitelisted accounts and tag-3 templates"
)
EMPTY_DATA: Final = Rejection(-111, "Template data empty")


def bad_template(problem: str) -> Rejection:
    """Return the rejection of a template that cannot be sent."""
    return Rejection(-109, f"Template ID invalid: {problem}")


def bad_data(problem: str) -> Rejection:
    """Return the rejection of data that does not fit a template."""
    return Rejection(-112, f"Template data invalid: {problem}")
