"""The filters that lists share; other filters are tested with their operations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_time
from etelecom_async.sandbox.listing import ListQuery
from etelecom_async.sandbox.rules import DEFAULTS
from etelecom_async.sandbox.store.state import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Wanted:
    """A filter."""

    oa_id: str | None = None
    phone: str | None = None
    status: str | None = None
    is_charged: bool | None = None
    template_id: int | None = None


@pytest.fixture(scope="module")
def chosen(new_state: Callable[[], State]) -> Callable[..., list[int]]:
    """Returns the ids of the records that match a filter."""
    state = new_state()
    for number in (1, 2):
        doc = {
            "oa_id": str(number),
            "phone": f"8490123456{number}",
            "status": "P",
            "is_charged": number == 1,
            "template_id": number,
        }
        times = {"created_at": number, "updated_at": 0, "granted_until": 0}
        state.insert("consent", id=number, shop_id=1, doc=to_json(doc), **times)

    def choose_from(**wanted: Any) -> list[int]:
        query = ListQuery("consent", rules=DEFAULTS)
        words = ("phone", "status", "is_charged", "template_id")
        filter_by_fields(query, Wanted(**wanted), ids=("oa_id",), words=words)
        where = " AND ".join(query.conditions) or "1"
        return [row["id"] for row in state.fetch_all(f"SELECT id FROM consent WHERE {where}", *query.values)]

    return choose_from


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2]),
        ({"oa_id": "", "phone": "", "status": ""}, [1, 2]),
        ({"oa_id": "0"}, [1, 2]),
        ({"oa_id": "2"}, [2]),
        ({"oa_id": "002"}, [2]),
        ({"phone": "84901234561"}, [1]),
        ({"phone": "0901234561"}, [1]),
        ({"phone": "nobody"}, []),
        ({"status": "P", "is_charged": False}, [2]),
        ({"is_charged": True}, [1]),
        ({"template_id": 2}, [2]),
        ({"status": "unknown"}, []),
    ],
)
def test_choose(chosen: Callable[..., list[int]], wanted: dict[str, Any], expected: list[int]) -> None:
    """A given value must be equal. A missing or blank value, or an id "0", does not filter."""
    assert chosen(**wanted) == expected


@pytest.mark.parametrize("wanted", [{"oa_id": "x"}, {"template_id": 2**63}, {"template_id": -1}])
def test_wrong_filters(chosen: Callable[..., list[int]], wanted: dict[str, Any]) -> None:
    """A wrong id, or a number that is too large, raises an error that names the field."""
    with pytest.raises(InvalidArgumentError, match=f"filter.{next(iter(wanted))}"):
        chosen(**wanted)


def test_a_time_span_includes_both_ends() -> None:
    """A time span includes both ends; the zero time does not filter."""
    query = ListQuery("consent", rules=DEFAULTS)
    filter_by_time(query, "created_at", NOW, NOW)
    assert query.conditions == ["created_at >= ?", "created_at <= ?"]
    query = ListQuery("consent", rules=DEFAULTS)
    filter_by_time(query, "created_at", None, datetime(1, 1, 1, tzinfo=UTC))
    assert query.conditions == []
