"""
A sandbox for tests, the SDK's own and yours.

    async with sandbox(call_logs=1000) as service:
        async with ShopClient(api_key=service.shop_api_key, base_url=service.base_url) as shop:
            ...

It listens on a free loopback port, and the same numbers give the same records, ids and keys every time.
"""

from etelecom_async.sandbox import Fault, Sandbox

__all__ = ["Fault", "Sandbox", "sandbox"]

sandbox = Sandbox
