"""
The embedded service: an eTelecom of one's own, with state, over HTTP.

The floor plan, from the door inwards:

    server                   `Sandbox`: settings in, keys and a base URL out
    app                      finds the row, lets the caller in, runs the handler
    pages, control           what a browser opens; what drives and shows the sandbox itself
    faults/                  what goes wrong on purpose
    keys, sms_host           who may call what; the SMS service, which is another host with another style
    handlers                 what each operation does: account, tenants, pbx, webhooks, zalo/, zns/, sms
    arguments, filters,      what a handler reads, ...
    uploads, call, paging    ... gets and gives; pages of a list
    phones, timelines        who is behind a phone number; what time does to records
    quotas, refusals,        how much may be sent; why Zalo refuses; ...
    zns_templates            ... and what data fits a template
    records*, recordings     the JSON of each kind of record; the audio of a call
    seed*, draw              what a new sandbox holds
    state, tables, clock     SQLite, and the time
    ids, times, urls         forms of ids, times and URLs
    answers, console         HTTP answers, and pages for a browser

It uses the rows and the wire code of the SDK in the other direction, never its client, engine or transport.
"""

from etelecom_async.sandbox.faults import Fault
from etelecom_async.sandbox.server import Sandbox
from etelecom_async.sandbox.world.content import Content, ContentOptions

__all__ = ["Content", "ContentOptions", "Fault", "Sandbox"]
