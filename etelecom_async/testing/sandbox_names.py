"""The names of the sandbox that tests use."""

from __future__ import annotations

from etelecom_async.sandbox import (
    Deliveries,
    Delivery,
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
    "Deliveries",
    "Delivery",
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
