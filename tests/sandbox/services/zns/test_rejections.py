"""Rejections of ZNS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async._core.codec.zalo_codes import QUOTA_CODES
from etelecom_async.sandbox.services.zns import rejections

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.services.zalo.rejections import Rejection


@pytest.mark.parametrize(
    ("reject", "code"),
    [
        (rejections.no_template, -109),
        (rejections.unknown_value, -112),
        (rejections.long_value, -1121),
        (rejections.missing_value, -1122),
        (rejections.malformed_value, -1124),
        (rejections.not_approved, -131),
    ],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_codes(reject: Callable[[str], Rejection], code: int) -> None:
    """Each rejection has Zalo's code, and its text has the reason."""
    rejection = reject("parameter 'otp'")
    assert (rejection.code, "parameter 'otp'" in rejection.text) == (code, True)


def test_used_up_quotas() -> None:
    """The client sees each used-up quota as one."""
    used_up = (rejections.NO_OA_QUOTA, rejections.NO_TEMPLATE_QUOTA, rejections.NO_PROMOTION_QUOTA)
    assert {one.code for one in used_up} < QUOTA_CODES
