"""
A local sandbox: an eTelecom service with state, over HTTP, on this machine.

The modules, from the outside to the inside:

    - server                     `Sandbox`: options, keys and base URL
    - app                        routing, authentication, handlers, responses
    - seed                       the content of a new sandbox
    - snapshots, views           saved states of the whole sandbox; the part of one test or key
    - records/                   records that tests add, change and delete
    - web/                       protection from web pages; pages, the control API, HTTP responses
    - auth                       API keys and their permissions
    - faults/                    faults that tests inject
    - journal                    the requests that arrived, and their counts
    - services/                  account, tenants, pbx, webhooks, zalo, zns, sms:
                                 handlers, records, seed and lifecycle of each
    - filters, listing           filters and pages of lists
    - leniency                   requests as public programs send them
    - context, params, uploads   context and response of a handler; checks of parameters; uploaded files
    - store/                     state, tables, clock and outbox, in SQLite; the lock of the file
    - world/                     fake people and numbers; owners of numbers; options of the content
    - rules                      the rules that the documentation leaves open, as data
    - sender                     the test and the key of a request
    - hints, ids, times, urls    suggestions for wrong names; forms of ids, times and URLs

The sandbox uses the operation table and the codec of the SDK in the opposite direction: it decodes requests
and encodes responses. It uses no client, engine or transport.
"""

from etelecom_async.sandbox.deliveries import Deliveries, Delivery
from etelecom_async.sandbox.faults import Fault
from etelecom_async.sandbox.journal import RecordedRequest, Requests
from etelecom_async.sandbox.records import RecordError
from etelecom_async.sandbox.rules import RuleOptions, Rules
from etelecom_async.sandbox.server import Sandbox
from etelecom_async.sandbox.snapshots import Snapshot
from etelecom_async.sandbox.store.state import StateFileError
from etelecom_async.sandbox.views import View
from etelecom_async.sandbox.world.content import Content, ContentOptions

__all__ = [
    "Content",
    "ContentOptions",
    "Deliveries",
    "Delivery",
    "Fault",
    "RecordError",
    "RecordedRequest",
    "Requests",
    "RuleOptions",
    "Rules",
    "Sandbox",
    "Snapshot",
    "StateFileError",
    "View",
]
