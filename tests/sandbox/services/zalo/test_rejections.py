"""Rejections by Zalo."""

from __future__ import annotations

from etelecom_async.sandbox.services.zalo import rejections


def test_phone_numbers() -> None:
    """A wrong number keeps its text and gets -108; a number ending in 8 gets its code; others pass."""
    assert rejections.read_phone("0901234560") == ("84901234560", rejections.ACCEPTED)
    assert rejections.read_phone("0901234568") == ("84901234568", rejections.OLD_ZALO)
    assert rejections.read_phone("0901234518") == ("84901234518", rejections.NO_ACCOUNT)
    assert rejections.read_phone("0901234548") == ("84901234548", rejections.UNREACHABLE)
    assert rejections.read_phone("+84 901") == ("+84 901", rejections.BAD_PHONE)
    assert (rejections.BAD_PHONE.code, rejections.OLD_ZALO.code) == (-108, -110)
    assert (rejections.UNREACHABLE.code, rejections.NO_ACCOUNT.code) == (-114, -118)
