"""
Make thousands of calls, each of them once, whatever breaks on the way.

A journal on disk records what is planned, started and done. So a job that was killed continues where it was.
It needs the extra `bulk`: `pip install 'etelecom-async[bulk]'`.

`import etelecom_async.bulk` loads none of its modules. The first use of a name loads its module.
"""

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports

if TYPE_CHECKING:
    from etelecom_async.bulk.events import Ended, JsonLines, Waiting
    from etelecom_async.bulk.ledger import Ledger, LedgerKey
    from etelecom_async.bulk.messages import send, send_sms
    from etelecom_async.bulk.rate import SharedRate
    from etelecom_async.bulk.report import Line, Report
    from etelecom_async.bulk.runner import Run, run
    from etelecom_async.bulk.sql_ledger import SqlLedger
    from etelecom_async.bulk.sqlite_ledger import SqliteLedger
    from etelecom_async.bulk.states import State
    from etelecom_async.bulk.steps import Step, step

__all__ = [
    "Ended",
    "JsonLines",
    "Ledger",
    "LedgerKey",
    "Line",
    "Report",
    "Run",
    "SharedRate",
    "SqlLedger",
    "SqliteLedger",
    "State",
    "Step",
    "Waiting",
    "run",
    "send",
    "send_sms",
    "step",
]

_MODULES: Final = {
    "Ended": "events",
    "JsonLines": "events",
    "Ledger": "ledger",
    "LedgerKey": "ledger",
    "Line": "report",
    "Report": "report",
    "Run": "runner",
    "SharedRate": "rate",
    "SqlLedger": "sql_ledger",
    "SqliteLedger": "sqlite_ledger",
    "State": "states",
    "Step": "steps",
    "Waiting": "events",
    "run": "runner",
    "send": "messages",
    "send_sms": "messages",
    "step": "steps",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _MODULES)
