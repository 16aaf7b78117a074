"""Why Zalo refuses."""

from __future__ import annotations

from etelecom_async.sandbox import rejections
from etelecom_async.sandbox.records_zns import ACCEPTED


def test_phone_numbers() -> None:
    """A number that is none keeps its text and is -108; one whose Zalo is too old is -110; others pass."""
    assert rejections.read_phone("0901234560") == ("84901234560", ACCEPTED)
    assert rejections.read_phone("0901234568") == ("84901234568", rejections.OLD_ZALO)
    assert rejections.read_phone("+84 901") == ("+84 901", rejections.BAD_PHONE)
    assert (rejections.BAD_PHONE.code, rejections.OLD_ZALO.code) == (-108, -110)


def test_templates() -> None:
    """A template that cannot be sent is -109, and says why."""
    rejection = rejections.bad_template("its status is REJECT")
    assert (rejection.code, "REJECT" in rejection.text) == (-109, True)
