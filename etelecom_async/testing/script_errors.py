"""The errors of scripts and recordings, which mean that a test or the tested code is wrong."""

from __future__ import annotations


class ScriptError(AssertionError):
    """
    The tested code made other calls than the test expects.

    It is no error of the SDK, so code that handles `EtelecomError` does not hide it.
    """


class ReplyError(ValueError):
    """A reply is not what the API could send; the text lists every problem."""
