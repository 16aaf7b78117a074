"""
What a job of `send-many` sends, as its journal keeps it. So `etelecom bulk resume` can make the plan again.

It contains no secret and no row of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import attrs

from etelecom_async.cli.command import usage_error

_NAME: Final = "etelecom send-many"
_VERSION: Final = 1


@attrs.frozen(kw_only=True)
class JobDescription:
    """The description of a job."""

    kind: str
    """`zns` or `sms`."""
    file: str
    sha256: str = ""
    """Digest of the file when the job started or continued."""
    template: str
    """Id or code of the template."""
    oa_id: str | None = None
    routerule: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    key_column: str
    phone_column: str
    columns: dict[str, str]
    limit: int | None = None
    ledger: str | None = None
    """File of the ledger; `None` for the default."""
    profile: str | None = None
    shop: str | None = None

    @classmethod
    def of_options(cls, kind: str, given: Mapping[str, Any]) -> Self:
        """Return the job that the options of a command describe."""
        ledger = given["ledger"]
        return cls(
            kind=kind,
            file=str(Path(given["file"]).absolute()),
            template=str(given["template"]),
            oa_id=given.get("oa_id"),
            routerule=given.get("routerule", ()),
            key_column=given["key_column"],
            phone_column=given["phone_column"],
            columns=dict(given["columns"]),
            limit=given["limit"],
            ledger=None if ledger is None else str(Path(ledger).absolute()),
            profile=given["profile"],
            shop=given.get("shop"),
        )

    def meta(self) -> dict[str, Any]:
        """Return the description for the journal."""
        return {"job": _NAME, "version": _VERSION, **attrs.asdict(self)}

    @classmethod
    def of_meta(cls, journal: Path, meta: Mapping[str, Any]) -> Self:
        """
        Return the job that a journal describes.

        Raises:
            CommandError: Another program started the job.
        """
        fields = {name: value for name, value in meta.items() if name not in ("job", "version")}
        if is_described(meta):
            try:
                return cls(**fields)
            except TypeError:
                pass  # another version of this program
        raise usage_error(
            f"{journal} was not started by send-many of this version: run the program again that started it"
        )


def is_described(meta: Mapping[str, Any]) -> bool:
    """Return whether `send-many` of this version has started the job."""
    return (meta.get("job"), meta.get("version")) == (_NAME, _VERSION)
