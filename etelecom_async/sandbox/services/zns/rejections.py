"""
Rejections of ZNS by Zalo, as codes inside a 200.

The codes up to -111 come from Zalo's documentation. The others are those that a reseller of the same gateway
passes on; the sandbox assumes that eTelecom does the same. The exact meaning of the codes from -150 to -162
is known only roughly. The texts are ours. No code for the balance (-115) or the night (-133) is sent.
"""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox.services.zalo.rejections import Rejection

NOT_ADMINISTRATOR: Final = Rejection(-127, "A test goes to an administrator of the official account only")
NO_OA_QUOTA: Final = Rejection(-144, "Daily quota of the official account used up")
NO_TEMPLATE_QUOTA: Final = Rejection(-147, "Daily quota of the template used up")
NO_PROMOTION_QUOTA: Final = Rejection(-1441, "Quota of promotion messages used up")
JOURNEY_OVER: Final = Rejection(-150, "Journey token over")
NOT_WHITELISTED: Final = Rejection(-161, "Sending mode not allowed: tag3 is for whitelisted accounts")
WRONG_TAG: Final = Rejection(-162, "Sending mode invalid: tag3 is for templates with this tag")
EMPTY_DATA: Final = Rejection(-111, "Template data empty")


def no_template(problem: str) -> Rejection:
    """Return the rejection of a template that the account does not have, or not for this use."""
    return Rejection(-109, f"Template ID invalid: {problem}")


def not_approved(problem: str) -> Rejection:
    """Return the rejection of a template that Zalo has not approved, or has disabled."""
    return Rejection(-131, f"Template not approved: {problem}")


def unknown_value(problem: str) -> Rejection:
    """Return the rejection of data with a value that the template does not have."""
    return Rejection(-112, f"Template data invalid: {problem}")


def long_value(problem: str) -> Rejection:
    """Return the rejection of a value that is too long."""
    return Rejection(-1121, f"Template data too long: {problem}")


def missing_value(problem: str) -> Rejection:
    """Return the rejection of data without a required value."""
    return Rejection(-1122, f"Template data missing: {problem}")


def malformed_value(problem: str) -> Rejection:
    """Return the rejection of a value with the wrong format."""
    return Rejection(-1124, f"Template data format invalid: {problem}")
