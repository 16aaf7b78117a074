"""
Test your own code: a sandbox, scripted replies, a clock that you drive, and recordings.

    async with sandbox(call_logs=1000) as service:
        async with ShopClient(api_key=service.shop_api_key, base_url=service.base_url) as shop:
            ...

The sandbox listens on a free loopback port. The same options give the same records, ids and keys on the same
day; with `until="2026-11-30"`, on every day. `service.calls.add(...)` adds a record; so do the other kinds.

In the cells of a notebook, `start` and `stop` replace the `async with`:

    service = await sandbox(call_logs=1000).start()
    ...
    await service.stop()

The modules, from the outside to the inside:

    - recorder             `Recorder`: real exchanges in a file, and their replay
    - exchanges, masks     the file of a recorder, and what it never holds
    - script               `ScriptedTransport`: replies without a server
    - replies, results     what a test may give as a reply; results as JSON of the wire
    - driven_clock         `DrivenClock`: waits that take no time
    - responder            a transport that asks a function for each response
    - diversion            clients that a test changes for a while
    - sandbox_thread       a sandbox in a thread of its own, for tests without an event loop
    - script_errors        `ScriptError`, `ReplyError`
    - sandbox_names        the names of the sandbox that tests use

`pytest_etelecom`, beside this package, has the fixtures of pytest.

An import of this package loads none of them. The first use of a name loads its module.
"""

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports

if TYPE_CHECKING:
    from etelecom_async.testing.driven_clock import DrivenClock
    from etelecom_async.testing.recorder import Recorder
    from etelecom_async.testing.replies import RawResponse
    from etelecom_async.testing.sandbox_names import (
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
        sandbox,
    )
    from etelecom_async.testing.sandbox_thread import SandboxThread
    from etelecom_async.testing.script import ScriptedTransport
    from etelecom_async.testing.script_errors import ReplyError, ScriptError

__all__ = [
    "Deliveries",
    "Delivery",
    "DrivenClock",
    "Fault",
    "RawResponse",
    "RecordError",
    "RecordedRequest",
    "Recorder",
    "ReplyError",
    "Requests",
    "Sandbox",
    "SandboxThread",
    "ScriptError",
    "ScriptedTransport",
    "Snapshot",
    "StateFileError",
    "View",
    "sandbox",
]

_MODULES: Final = {
    "Deliveries": "sandbox_names",
    "Delivery": "sandbox_names",
    "DrivenClock": "driven_clock",
    "Fault": "sandbox_names",
    "RawResponse": "replies",
    "RecordError": "sandbox_names",
    "RecordedRequest": "sandbox_names",
    "Recorder": "recorder",
    "ReplyError": "script_errors",
    "Requests": "sandbox_names",
    "Sandbox": "sandbox_names",
    "SandboxThread": "sandbox_thread",
    "ScriptError": "script_errors",
    "ScriptedTransport": "script",
    "Snapshot": "sandbox_names",
    "StateFileError": "sandbox_names",
    "View": "sandbox_names",
    "sandbox": "sandbox_names",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _MODULES)
