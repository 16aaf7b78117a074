"""Changes and notes show no phone number and no password."""

from __future__ import annotations

from etelecom_async import Secret
from etelecom_async.provisioning import Change, Kind


def test_repr() -> None:
    """The text of a change masks the phone number and the password; a change without a phone shows none."""
    change = Change(
        kind=Kind.CREATE_USER, key="1/user/ab", shop="1", phone="84901234567", password=Secret("hidden-1")
    )
    assert "phone='849******67'" in repr(change)
    assert "hidden-1" not in repr(change)
    assert "phone=None" in repr(Change(kind=Kind.MOVE, key="1/move/1001", shop="1"))
