"""The records of employees and extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.pbx.records import add_extension, add_user
from etelecom_async.sandbox.store.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_a_new_extension(new_state: Callable[[], State]) -> None:
    """An extension without an employee has the id "0" in its JSON and null in its column."""
    state = new_state()
    tenant = {"id": "5", "domain": "t5.pbx.example.com"}
    doc = add_extension(
        state,
        record_id=7,
        tenant=tenant,
        shop_id=1,
        hotline_id=2,
        user_id=None,
        number="1001",
        password="x",
        created_at=utc_now(),
    )
    assert (doc["user_id"], doc["tenant_domain"], doc["extension_number"]) == ("0", tenant["domain"], "1001")
    row = state.fetch_one("SELECT user_id, tenant_id, hotline_id, number FROM extension WHERE id = 7")
    assert tuple(row) == (None, 5, 2, "1001")


def test_a_new_employee(new_state: Callable[[], State]) -> None:
    """An employee has null roles and permissions until they are set."""
    state = new_state()
    add_user(state, record_id=7, shop_id=1, full_name="Lê An", phone="0901234567", created_at=utc_now())
    doc = state.fetch_doc("account_user", 7)
    assert (doc["user_id"], doc["account_id"], doc["roles"], doc["permissions"]) == ("7", "1", None, None)
    assert state.fetch_one("SELECT search_name FROM account_user")["search_name"] == "lê an"
