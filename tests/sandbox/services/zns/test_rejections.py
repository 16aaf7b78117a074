"""Rejections of ZNS."""

from __future__ import annotations

from etelecom_async.sandbox.services.zns import rejections


def test_templates() -> None:
    """A template that cannot be sent gets -109 with the reason."""
    rejection = rejections.bad_template("its status is REJECT")
    assert (rejection.code, "REJECT" in rejection.text) == (-109, True)


def test_data() -> None:
    """Data that does not fit gets -112 with the reason; missing data gets -111."""
    rejection = rejections.bad_data("parameter 'otp' is missing")
    assert (rejection.code, "'otp' is missing" in rejection.text) == (-112, True)
    assert rejections.EMPTY_DATA.code == -111
