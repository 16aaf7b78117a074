"""
Turn a spreadsheet into a telephone system: read which employees and extensions the shops should have.

It needs the extra `provision`: `pip install 'etelecom-async[provision]'`.

`import etelecom_async.provisioning` loads none of its modules. The first use of a name loads its module.
"""

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports

if TYPE_CHECKING:
    from etelecom_async.provisioning.applying import apply, read_result
    from etelecom_async.provisioning.bad_rows import BadRow
    from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind
    from etelecom_async.provisioning.credentials import Credential, CredentialsFile, PasswordState
    from etelecom_async.provisioning.ensure import Ensured, ensure_extension, ensure_user
    from etelecom_async.provisioning.exporting import export
    from etelecom_async.provisioning.headings import Column, Field
    from etelecom_async.provisioning.new_shops import NewShop, read_new_shops
    from etelecom_async.provisioning.onboarding import onboard
    from etelecom_async.provisioning.plan import Plan, make_plan
    from etelecom_async.provisioning.plan_files import differences, read_plan, write_plan
    from etelecom_async.provisioning.present import PresentExtension, PresentHotline, PresentShop, PresentUser
    from etelecom_async.provisioning.reading import read_present
    from etelecom_async.provisioning.results import Result, ResultRow
    from etelecom_async.provisioning.roster import Roster, write_roster
    from etelecom_async.provisioning.rows import NEXT_FREE, UNASSIGN, Marker, Repair, RosterRow
    from etelecom_async.provisioning.shops import ResolvedShop, Shops, read_shops
    from etelecom_async.provisioning.tables import write_table

__all__ = [
    "NEXT_FREE",
    "UNASSIGN",
    "BadRow",
    "Change",
    "Column",
    "Credential",
    "CredentialsFile",
    "Ensured",
    "Field",
    "Kind",
    "Marker",
    "NewShop",
    "Note",
    "NoteKind",
    "PasswordState",
    "Plan",
    "PresentExtension",
    "PresentHotline",
    "PresentShop",
    "PresentUser",
    "Repair",
    "ResolvedShop",
    "Result",
    "ResultRow",
    "Roster",
    "RosterRow",
    "Shops",
    "apply",
    "differences",
    "ensure_extension",
    "ensure_user",
    "export",
    "make_plan",
    "onboard",
    "read_new_shops",
    "read_plan",
    "read_present",
    "read_result",
    "read_shops",
    "write_plan",
    "write_roster",
    "write_table",
]

_MODULES: Final = {
    "NEXT_FREE": "rows",
    "UNASSIGN": "rows",
    "BadRow": "bad_rows",
    "Change": "changes",
    "Column": "headings",
    "Credential": "credentials",
    "CredentialsFile": "credentials",
    "Ensured": "ensure",
    "Field": "headings",
    "Kind": "changes",
    "Marker": "rows",
    "NewShop": "new_shops",
    "Note": "changes",
    "NoteKind": "changes",
    "PasswordState": "credentials",
    "Plan": "plan",
    "PresentExtension": "present",
    "PresentHotline": "present",
    "PresentShop": "present",
    "PresentUser": "present",
    "Repair": "rows",
    "ResolvedShop": "shops",
    "Result": "results",
    "ResultRow": "results",
    "Roster": "roster",
    "RosterRow": "rows",
    "Shops": "shops",
    "apply": "applying",
    "differences": "plan_files",
    "ensure_extension": "ensure",
    "ensure_user": "ensure",
    "export": "exporting",
    "make_plan": "plan",
    "onboard": "onboarding",
    "read_new_shops": "new_shops",
    "read_plan": "plan_files",
    "read_present": "reading",
    "read_result": "applying",
    "read_shops": "shops",
    "write_plan": "plan_files",
    "write_roster": "roster",
    "write_table": "tables",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _MODULES)
