"""
eTelecom for Python: cloud PBX, Zalo messaging and SMS, async.

The floor plan, from the door inwards:

    PartnerClient, ShopClient, SmsClient   what you call: `_client`
    errors                                 everything that is raised; the tree is drawn there
    paging                                 lists: a page when awaited, every item when iterated
    models                                 what comes back and goes in
    operations                             the table: one row for each of the 58 operations
    testing                                the sandbox for your own tests
    _generated                             models, rows and methods, written by `python -m codegen`
    _core                                  the machine that makes a call; it knows no operation
    sandbox, cli                           the embedded service; the command `etelecom`
"""

from etelecom_async._client import NewClientOptions, PartnerClient, ShopClient, SmsClient
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.calls.concurrent_map import MapResult
from etelecom_async._core.calls.limiter import LimiterStats, Stats
from etelecom_async._core.calls.options import NO_TIMEOUT, ClientOptions
from etelecom_async._core.calls.policy import RetryPolicy
from etelecom_async._core.hooks import Call, CallEnd, CallObserver, Hook, attempt_hook
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.operation import Effect, KeyKind
from etelecom_async._core.secret import Secret
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
    SmsError,
    TransportError,
)
from etelecom_async.paging import Page, Pager

__all__ = [
    "NO_TIMEOUT",
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
    "RetryPolicy",
    "Secret",
    "ShopClient",
    "SmsClient",
    "SmsError",
    "Stats",
    "Tls",
    "TransportError",
    "__version__",
    "attempt_hook",
]
