"""
Receive webhooks: calls, messages, events of official accounts, and the status of SMS.

    router = webhooks.Router(secret=os.environ["WEBHOOK_SECRET"])

    @router.on("call_log")
    async def save(event: webhooks.CallLogEvent) -> None:
        print(event.call.id, event.call.call_state)

The modules `aiohttp`, `asgi` and `wsgi` have a function `receiver(router)` for a server of that kind. `parse`
reads a delivery without any server.

No page shows the body of a delivery. So all kinds of events are inferred from the names of their fields.
Nothing is signed: a secret in the path says who posts, and `confirm=` reads the object that an event claims.

`import etelecom_async.webhooks` loads none of its modules. The first use of a name loads its module.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etelecom_async.errors import InvalidWebhookError
    from etelecom_async.webhooks.answers import Answer
    from etelecom_async.webhooks.drops import Dropped
    from etelecom_async.webhooks.duplicates import SeenInMemory, SeenStore
    from etelecom_async.webhooks.events import (
        CallLogEvent,
        Event,
        MessageEvent,
        OAEvent,
        SmsStatus,
        SmsStatusEvent,
        UnknownEvent,
        parse,
    )
    from etelecom_async.webhooks.path_secret import new_secret
    from etelecom_async.webhooks.router import Router

__all__ = [
    "Answer",
    "CallLogEvent",
    "Dropped",
    "Event",
    "InvalidWebhookError",
    "MessageEvent",
    "OAEvent",
    "Router",
    "SeenInMemory",
    "SeenStore",
    "SmsStatus",
    "SmsStatusEvent",
    "UnknownEvent",
    "new_secret",
    "parse",
]

_MODULES: Final = {
    "Answer": "webhooks.answers",
    "CallLogEvent": "webhooks.events",
    "Dropped": "webhooks.drops",
    "Event": "webhooks.events",
    "InvalidWebhookError": "errors",
    "MessageEvent": "webhooks.events",
    "OAEvent": "webhooks.events",
    "Router": "webhooks.router",
    "SeenInMemory": "webhooks.duplicates",
    "SeenStore": "webhooks.duplicates",
    "SmsStatus": "webhooks.events",
    "SmsStatusEvent": "webhooks.events",
    "UnknownEvent": "webhooks.events",
    "new_secret": "webhooks.path_secret",
    "parse": "webhooks.events",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"etelecom_async.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, *(name for name in globals() if name.startswith("_"))})
