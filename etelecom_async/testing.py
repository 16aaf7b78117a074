"""
Start a sandbox for tests: the SDK's own tests and yours.

    async with sandbox(call_logs=1000) as service:
        async with ShopClient(api_key=service.shop_api_key, base_url=service.base_url) as shop:
            ...

It listens on a free loopback port. The same options give the same records, ids and keys each time.

In the cells of a notebook, `start` and `stop` replace the `async with`:

    service = await sandbox(call_logs=1000).start()
    ...
    await service.stop()
"""

from etelecom_async.sandbox import Fault, Sandbox, StateFileError

__all__ = ["Fault", "Sandbox", "StateFileError", "sandbox"]

sandbox = Sandbox
