"""
Turn a spreadsheet into a telephone system: read which employees and extensions the shops should have.

It needs the extra `provision`: `pip install 'etelecom-async[provision]'`.

`import etelecom_async.provisioning` loads none of its modules. The first use of a name loads its module.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etelecom_async.provisioning.bad_rows import BadRow
    from etelecom_async.provisioning.headings import Column, Field
    from etelecom_async.provisioning.roster import Roster, write_roster
    from etelecom_async.provisioning.rows import NEXT_FREE, UNASSIGN, Marker, Repair, RosterRow
    from etelecom_async.provisioning.tables import write_table

__all__ = [
    "NEXT_FREE",
    "UNASSIGN",
    "BadRow",
    "Column",
    "Field",
    "Marker",
    "Repair",
    "Roster",
    "RosterRow",
    "write_roster",
    "write_table",
]

_MODULES: Final = {
    "NEXT_FREE": "rows",
    "UNASSIGN": "rows",
    "BadRow": "bad_rows",
    "Column": "headings",
    "Field": "headings",
    "Marker": "rows",
    "Repair": "rows",
    "Roster": "roster",
    "RosterRow": "rows",
    "write_roster": "roster",
    "write_table": "tables",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, *(name for name in globals() if name.startswith("_"))})
