"""
The embedded service: an eTelecom of one's own, with state, over HTTP.

The floor plan, from the door inwards:

    server                   `Sandbox`: settings in, keys and a base URL out
    app                      finds the row, lets the caller in, runs the handler
    keys                     key kinds, and who may call what
    handlers                 what each operation does: account, tenants, pbx, webhooks
    arguments, call, paging  what a handler reads, gets and gives; pages of a list
    records, recordings      the JSON of each kind of record; the audio of a call
    seed, seed_calls, names  what a new sandbox holds
    state                    SQLite
    ids, times               forms of ids and times
    console                  pages for a browser

It uses the rows and the wire code of the SDK in the other direction, never its client, engine or transport.
"""

from etelecom_async.sandbox.seed import Content
from etelecom_async.sandbox.server import Sandbox

__all__ = ["Content", "Sandbox"]
