"""
Start a sandbox for tests: the SDK's own tests and yours.

    async with sandbox(call_logs=1000) as service:
        async with ShopClient(api_key=service.shop_api_key, base_url=service.base_url) as shop:
            ...

It listens on a free loopback port. The same options give the same records, ids and keys on the same day; with
`until="2026-11-30"`, on every day. `service.calls.add(...)` adds a record, and so do the other kinds.

In the cells of a notebook, `start` and `stop` replace the `async with`:

    service = await sandbox(call_logs=1000).start()
    ...
    await service.stop()
"""

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
