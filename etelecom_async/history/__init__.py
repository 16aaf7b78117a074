"""
Read the call history in columns: into tables, frames, files and reports. Download its recordings.

It needs the extra `history`: `pip install 'etelecom-async[history]'`. Reports also need the extra `report`,
and the sync needs `sync`.

`import etelecom_async.history` loads none of its modules. The first use of a name loads its module.
"""

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports

if TYPE_CHECKING:
    from etelecom_async.history.downloading import (
        RecordingCounts,
        RecordingOptions,
        download_recordings,
        recordings,
    )
    from etelecom_async.history.exporting import Export, export
    from etelecom_async.history.many_shops import Sync, sync_shops
    from etelecom_async.history.reading import CallFilter, CallOptions, Calls, calls, table
    from etelecom_async.history.recording_manifest import Recording
    from etelecom_async.history.reporting import ReadOptions, Report, report
    from etelecom_async.history.spans import Span
    from etelecom_async.history.syncing import ShopSync, SyncOptions, sync
    from etelecom_async.history.tables import Table, list_table, to_pandas, to_polars
    from etelecom_async.history.walking import Progress, Stage

__all__ = [
    "CallFilter",
    "CallOptions",
    "Calls",
    "Export",
    "Progress",
    "ReadOptions",
    "Recording",
    "RecordingCounts",
    "RecordingOptions",
    "Report",
    "ShopSync",
    "Span",
    "Stage",
    "Sync",
    "SyncOptions",
    "Table",
    "calls",
    "download_recordings",
    "export",
    "list_table",
    "recordings",
    "report",
    "sync",
    "sync_shops",
    "table",
    "to_pandas",
    "to_polars",
]

_MODULES: Final = {
    "CallFilter": "reading",
    "CallOptions": "reading",
    "Calls": "reading",
    "Export": "exporting",
    "Progress": "walking",
    "Recording": "recording_manifest",
    "RecordingCounts": "downloading",
    "RecordingOptions": "downloading",
    "ReadOptions": "reporting",
    "Report": "reporting",
    "Span": "spans",
    "Stage": "walking",
    "ShopSync": "syncing",
    "Sync": "many_shops",
    "SyncOptions": "syncing",
    "Table": "tables",
    "calls": "reading",
    "download_recordings": "downloading",
    "export": "exporting",
    "list_table": "tables",
    "recordings": "downloading",
    "report": "reporting",
    "sync": "syncing",
    "sync_shops": "many_shops",
    "table": "reading",
    "to_pandas": "tables",
    "to_polars": "tables",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _MODULES)
