"""The state of a shop shows no phone number."""

from __future__ import annotations

from etelecom_async.provisioning import PresentShop, PresentUser


def test_repr() -> None:
    """The text of an employee, and of a shop with the employee, masks the phone number."""
    user = PresentUser(user_id="11", full_name="Lan", phone="84901234567")
    shop = PresentShop(shop="1", users={"84901234567": user}, extensions={}, hotlines={})
    assert "phone='849******67'" in repr(user)
    assert "84901234567" not in repr(shop)
