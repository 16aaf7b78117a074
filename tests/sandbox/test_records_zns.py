"""The JSON of ZNS and of consents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest

from etelecom_async.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

TABLES = {
    "consent": "shop.zalo.consents.list",
    "zns_template": "shop.zns.templates.list",
    "journey": "shop.zns.journeys.list",
    "zns_message": "shop.zns.messages.list",
}
# Gone from the newest pages.
NO_LONGER_SHOWN = {"enable_sms_on_zns_failure", "sms"}


@pytest.mark.parametrize("table", TABLES)
def test_a_record_has_all_documented_fields(populated: Callable[..., State], table: str) -> None:
    """What is kept has each field of the documented item, by its name on the wire, and no other."""
    state = populated(call_logs=0)
    fields = attrs.fields(OPERATIONS[TABLES[table]].response)
    wanted = {field.metadata.get("wire", field.name) for field in fields} - NO_LONGER_SHOWN
    for row in state.fetch_all(f"SELECT doc FROM {table}"):
        assert set(json.loads(row["doc"])) == wanted
