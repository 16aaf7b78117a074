"""What the provisioning is, as JSON: the process that kills it gives it to the process of the job."""

from __future__ import annotations

import json
from typing import Self

import attrs

from etelecom_async.provisioning import UNASSIGN, RosterRow

FIRST_EXTENSION = 100_000
"""Number of the first new extension; those of the sandbox are smaller."""


@attrs.frozen(kw_only=True)
class ProvisionSettings:
    """The roster, and where the job runs."""

    base_url: str
    key: str = attrs.field(repr=False)
    shop: str
    """Id of the shop."""
    journal: str
    credentials: str
    users: int
    """Number of new employees. Each gets a new extension."""
    hotline_id: str
    present: tuple[tuple[int, str], ...]
    """Extensions that are there: number, and id of the hotline that it gets."""
    settle_after: float | None
    """Seconds; `None` if creates in doubt are not repeated."""

    def rows(self) -> list[RosterRow]:
        """Return the roster: present extensions lose their employees and move, and new ones are added."""
        moved = [
            RosterRow(row=row, shop=self.shop, phone=UNASSIGN, extension_number=number, hotline=hotline)
            for row, (number, hotline) in enumerate(self.present, 2)
        ]
        first = len(moved) + 2
        return moved + [
            RosterRow(
                row=first + index,
                shop=self.shop,
                full_name=f"Nhân Viên {index}",
                phone=f"849{index:08d}",
                extension_number=FIRST_EXTENSION + index,
                hotline=self.hotline_id,
            )
            for index in range(self.users)
        ]

    def encode(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(attrs.asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the settings in a JSON text."""
        fields = json.loads(text)
        present = tuple((number, hotline) for number, hotline in fields.pop("present"))
        return cls(present=present, **fields)
