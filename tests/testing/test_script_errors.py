"""Errors of scripts are failures of a test, and not errors of the SDK."""

from __future__ import annotations

from etelecom_async import EtelecomError
from etelecom_async.testing import ReplyError, ScriptError


def test_no_handler_of_the_tested_code_hides_them() -> None:
    """Code that handles errors of the SDK handles neither; pytest shows a `ScriptError` as a failure."""
    assert issubclass(ScriptError, AssertionError)
    assert issubclass(ReplyError, ValueError)
    assert not issubclass(ScriptError, EtelecomError)
    assert not issubclass(ReplyError, EtelecomError)
