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

    - pytest_plugin        fixtures of pytest; it imports nothing of the SDK before a fixture is used
    - recorder             `Recorder`: real exchanges in a file, and their replay
    - exchanges, masks     the file of a recorder, and what it never holds
    - script               `ScriptedTransport`: replies without a server
    - replies, results     what a test may give as a reply; results as JSON of the wire
    - driven_clock         `DrivenClock`: waits that take no time
    - responder            a transport that asks a function for each response
    - diversion            clients that a test changes for a while
    - sandbox_thread       a sandbox in a thread of its own, for tests without an event loop
    - script_errors        `ScriptError`, `ReplyError`

An import of this package loads none of them. The first use of a name loads its module.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
    from etelecom_async.testing.driven_clock import DrivenClock
    from etelecom_async.testing.recorder import Recorder
    from etelecom_async.testing.replies import RawResponse
    from etelecom_async.testing.sandbox_thread import SandboxThread
    from etelecom_async.testing.script import ScriptedTransport
    from etelecom_async.testing.script_errors import ReplyError, ScriptError

    sandbox = Sandbox

__all__ = [
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
    "DrivenClock": "testing.driven_clock",
    "Fault": "sandbox",
    "RawResponse": "testing.replies",
    "RecordError": "sandbox",
    "RecordedRequest": "sandbox",
    "Recorder": "testing.recorder",
    "ReplyError": "testing.script_errors",
    "Requests": "sandbox",
    "Sandbox": "sandbox",
    "SandboxThread": "testing.sandbox_thread",
    "ScriptError": "testing.script_errors",
    "ScriptedTransport": "testing.script",
    "Snapshot": "sandbox",
    "StateFileError": "sandbox",
    "View": "sandbox",
    "sandbox": "sandbox",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        package = __name__.partition(".")[0]
        module = import_module(f"{package}.{_MODULES[name]}")
        value = module.Sandbox if name == "sandbox" else getattr(module, name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, *(name for name in globals() if name.startswith("_"))})
