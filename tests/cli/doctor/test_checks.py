"""Test the checks as data."""

from __future__ import annotations

import pytest

from etelecom_async.cli.doctor import checks
from etelecom_async.cli.doctor.checks import ACCESS, COLUMNS, DNS, KEY, TLS, Check

ALL = [each for each in vars(checks).values() if isinstance(each, Check)]


@pytest.mark.parametrize("check", ALL, ids=[check.name for check in ALL])
def test_texts(check: Check) -> None:
    """Each check says how it is made, and each remedy is a sentence."""
    assert check.how[0].islower()
    assert check.remedies
    assert all(remedy.endswith(".") for remedy in check.remedies.values())


def test_rows() -> None:
    """A finding is a row with all columns."""
    row = TLS.failed("host:443", "the certificate has expired", "expired").row()
    assert tuple(row) == COLUMNS
    assert row["status"] == "failed"
    assert row["remedy"] == TLS.remedies["expired"]
    assert DNS.skipped("host", KEY).row()["finding"] == "not checked, because this failed: key"


def test_exit_code() -> None:
    """The first failed check decides; warnings do not."""
    key, dns = KEY.failed("", "", "missing"), DNS.failed("", "", "unknown")
    assert checks.exit_code([DNS.ok("", ""), KEY.warning("", "", "kind"), ACCESS.skipped("", DNS)]) == 0
    assert checks.exit_code([dns, key]) == 1
    assert checks.exit_code([key, dns]) == 4
