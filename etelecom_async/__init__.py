"""
Async client for eTelecom: cloud PBX, Zalo messaging and SMS.

The public API comes first:

- `PartnerClient`, `ShopClient`, `SmsClient`: the clients, defined in `_client`.
- `errors`: all exceptions, with a diagram of the class tree.
- `paging`: lists. Awaiting a list gives one page; iterating over it gives every item.
- `models`: requests and results.
- `phones`, `times`: phone numbers in one form, and times and days of Hanoi.
- `call_logs`: which calls are missed calls.
- `softphone`: accounts of softphones from extensions.
- `operations`: the table with one row for each of the 58 operations.
- `bulk`: thousands of calls, each of them made once, whatever breaks on the way.
- `webhooks`: receives the posts of the service in aiohttp, ASGI and WSGI.
- `testing`: tools for your own tests: the sandbox, scripted replies, a clock without waits, recordings.

`import etelecom_async` loads none of them. The first use of a name loads its module.

The other packages are internal:

- `_generated`: models, rows and methods, written by `python -m codegen`.
- `_core`: the engine that makes a call. It contains nothing about a single operation.
- `sandbox`, `cli`: the embedded service, and the command `etelecom`.
"""

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports
from etelecom_async._version import __version__

if TYPE_CHECKING:
    from etelecom_async import bulk as bulk
    from etelecom_async import call_logs as call_logs
    from etelecom_async import errors as errors
    from etelecom_async import models as models
    from etelecom_async import operations as operations
    from etelecom_async import paging as paging
    from etelecom_async import phones as phones
    from etelecom_async import softphone as softphone
    from etelecom_async import testing as testing
    from etelecom_async import times as times
    from etelecom_async import webhooks as webhooks
    from etelecom_async._client import NewClientOptions, PartnerClient, ShopClient, SmsClient
    from etelecom_async._core.attachment import Attachment
    from etelecom_async._core.calls.concurrent_map import MapResult
    from etelecom_async._core.calls.limiter import LimiterStats, Stats
    from etelecom_async._core.calls.options import ClientOptions
    from etelecom_async._core.calls.policy import RetryPolicy
    from etelecom_async._core.hooks import Call, CallEnd, CallObserver, Hook, attempt_hook
    from etelecom_async._core.http.tls import Tls
    from etelecom_async._core.operation import Effect, KeyKind
    from etelecom_async._core.secret import Secret, SecretLike
    from etelecom_async.errors import (
        APIError,
        Attempt,
        ConfigurationError,
        ConnectError,
        DecodeError,
        DeliveryError,
        EtelecomError,
        InvalidRequestError,
        KeyKindError,
        NotAppliedError,
        OutcomeUnknownError,
        PagingError,
        ProvisionalOperationWarning,
        QueueTimeoutError,
        QuotaError,
        SmsError,
        TransportError,
        UnlistedValueWarning,
    )
    from etelecom_async.paging import Page, Pager

__all__ = [
    "APIError",
    "Attachment",
    "Attempt",
    "Call",
    "CallEnd",
    "CallObserver",
    "ClientOptions",
    "ConfigurationError",
    "ConnectError",
    "DecodeError",
    "DeliveryError",
    "Effect",
    "EtelecomError",
    "Hook",
    "InvalidRequestError",
    "KeyKind",
    "KeyKindError",
    "LimiterStats",
    "MapResult",
    "NewClientOptions",
    "NotAppliedError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PagingError",
    "PartnerClient",
    "ProvisionalOperationWarning",
    "QueueTimeoutError",
    "QuotaError",
    "RetryPolicy",
    "Secret",
    "SecretLike",
    "ShopClient",
    "SmsClient",
    "SmsError",
    "Stats",
    "Tls",
    "TransportError",
    "UnlistedValueWarning",
    "__version__",
    "attempt_hook",
]

_MODULES: Final = {
    "APIError": "errors",
    "Attachment": "_core.attachment",
    "Attempt": "errors",
    "Call": "_core.hooks",
    "CallEnd": "_core.hooks",
    "CallObserver": "_core.hooks",
    "ClientOptions": "_core.calls.options",
    "ConfigurationError": "errors",
    "ConnectError": "errors",
    "DecodeError": "errors",
    "DeliveryError": "errors",
    "Effect": "_core.operation",
    "EtelecomError": "errors",
    "Hook": "_core.hooks",
    "InvalidRequestError": "errors",
    "KeyKind": "_core.operation",
    "KeyKindError": "errors",
    "LimiterStats": "_core.calls.limiter",
    "MapResult": "_core.calls.concurrent_map",
    "NewClientOptions": "_client",
    "NotAppliedError": "errors",
    "OutcomeUnknownError": "errors",
    "Page": "paging",
    "Pager": "paging",
    "PagingError": "errors",
    "PartnerClient": "_client",
    "ProvisionalOperationWarning": "errors",
    "QueueTimeoutError": "errors",
    "QuotaError": "errors",
    "RetryPolicy": "_core.calls.policy",
    "Secret": "_core.secret",
    "SecretLike": "_core.secret",
    "ShopClient": "_client",
    "SmsClient": "_client",
    "SmsError": "errors",
    "Stats": "_core.calls.limiter",
    "Tls": "_core.http.tls",
    "TransportError": "errors",
    "UnlistedValueWarning": "errors",
    "attempt_hook": "_core.hooks",
}
"""Module of each public name."""

_SUBMODULES: Final = (
    "bulk",
    "call_logs",
    "errors",
    "models",
    "operations",
    "paging",
    "phones",
    "softphone",
    "testing",
    "times",
    "webhooks",
)
"""Public modules that are attributes of the package without an import of their own."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _MODULES, _SUBMODULES)
