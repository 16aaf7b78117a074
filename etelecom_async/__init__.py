"""
Async client for eTelecom: cloud PBX, Zalo messaging and SMS.

The public API comes first:

- `PartnerClient`, `ShopClient`, `SmsClient`: the clients, defined in `_client`.
- `errors`: all exceptions, with a diagram of the class tree.
- `paging`: lists. Awaiting a list gives one page; iterating over it gives every item.
- `models`: requests and results.
- `phones`, `times`: phone numbers in one form, and times and days of Hanoi.
- `operations`: the table with one row for each of the 58 operations.
- `testing`: the sandbox for your own tests.

The other packages are internal:

- `_generated`: models, rows and methods, written by `python -m codegen`.
- `_core`: the engine that makes a call. It contains nothing about a single operation.
- `sandbox`, `cli`: the embedded service, and the command `etelecom`.
"""

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
from etelecom_async._version import __version__
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
