"""The names of the sandbox that tests use."""

from __future__ import annotations

from etelecom_async.sandbox import (
    Fault,
    RecordedRequest,
    RecordError,
    Requests,
    Sandbox,
    Snapshot,
    StateFileError,
    View,
)

__all__ = [
    "Fault",
    "RecordError",
    "RecordedRequest",
    "Requests",
    "Sandbox",
    "Snapshot",
    "StateFileError",
    "View",
    "sandbox",
]

sandbox = Sandbox
