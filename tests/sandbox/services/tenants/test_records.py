"""The records of tenants and hotlines."""

from __future__ import annotations

from etelecom_async.sandbox.services.tenants.records import attachment_fields


def test_a_hotline_has_the_connection_of_its_tenant() -> None:
    """An attached hotline is enabled and has the connection of its tenant; others have none."""
    tenant = {"connection_id": "7", "connection_method": "direct"}
    assert attachment_fields(tenant) == {
        "connection_id": "7",
        "connection_method": "direct",
        "status": "P",
    }
    assert attachment_fields(None)["connection_id"] == "0"
