"""Tables in memory: frames of pandas and polars, the Arrow interface, and any list of the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from etelecom_async import InvalidRequestError, Page, ShopClient
from etelecom_async.errors import InvalidArgumentError
from etelecom_async.history.tables import Table, list_table
from etelecom_async.models import CallLog, CallTarget, Extension, Hotline
from etelecom_async.testing import sandbox

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOGS = [
    CallLog(id="1", duration=5, started_at=NOON, call_targets=(CallTarget(ring_time=NOON),)),
    CallLog(id="2", user_id="0"),
]


@pytest.fixture
async def table() -> Table:
    """A table of two call logs, one of them with hardly a value."""
    return await list_table(LOGS)


@pytest.fixture
async def shop() -> AsyncIterator[ShopClient]:
    """A shop of a sandbox with some extensions and no webhooks."""
    async with (
        sandbox(extensions=7, call_logs=0, until="2026-11-30") as service,
        ShopClient(service.shop_key, base_url=service.base_url) as client,
    ):
        yield client


def test_repr_and_length(table: Table) -> None:
    """A table shows its size, and no values."""
    assert len(table) == 2
    assert repr(table) == "<table of 2 rows and 19 columns>"


async def test_html() -> None:
    """A notebook shows the first rows, with times of Hanoi, and without the addresses of recordings."""
    logs = [
        CallLog(id=f"{number}", caller="<b>", started_at=NOON, recording_urls=("https://example.com/r",))
        for number in range(1, 1013)
    ]
    html = (await list_table(logs))._repr_html_()
    assert "1,012 rows" in html
    assert "2026-11-02 19:00:00+07:00" in html
    assert "&lt;b&gt;" in html
    assert "1 item<" in html
    assert "example.com" not in html
    assert "… and 1,002 more" in html
    assert "call_targets" not in html


def test_arrow_interface(table: Table) -> None:
    """Programs that know the Arrow interface read the table without a copy of its rows."""
    assert pa.table(table).equals(table.arrow)
    assert pl.DataFrame(table).shape == (2, 19)


class TestPandas:
    """Frames of pandas."""

    def test_types(self, table: Table) -> None:
        """Numbers and texts keep null, so a number is no float."""
        frame = table.to_pandas()
        assert frame["duration"].dtype == pd.Int64Dtype()
        assert isinstance(frame["id"].dtype, pd.StringDtype)
        assert frame["duration"].tolist() == [5, pd.NA]
        assert frame["user_id"].isna().all()
        assert frame["started_at"].isna().tolist() == [False, True]

    def test_booleans(self) -> None:
        """Booleans keep null, too."""
        frame = Table(pa.table({"a": pa.array([True, None])})).to_pandas()
        assert frame["a"].dtype == pd.BooleanDtype()

    @pytest.mark.parametrize(
        ("options", "zone", "hour"),
        [
            ({}, None, 19),
            ({"tz": "Asia/Tokyo"}, "Asia/Tokyo", 21),
            ({"tz": ZoneInfo("Asia/Tokyo")}, "Asia/Tokyo", 21),
            ({"tz": None}, "UTC", 12),
        ],
    )
    def test_zone(self, table: Table, options: dict[str, Any], zone: str | None, hour: int) -> None:
        """Times are in Hanoi by default, and in any other zone; they are the same moments."""
        column = table.to_pandas(**options)["started_at"]
        assert column[0] == NOON
        assert column[0].hour == hour
        assert zone is None or str(column.dt.tz) == zone

    def test_times_in_targets(self, table: Table) -> None:
        """Times inside of `call_targets` stay in UTC."""
        (target,) = table.to_pandas()["call_targets"][0]
        assert pd.Timestamp(target["ring_time"]).tz_convert("UTC") == NOON


class TestPolars:
    """Frames of polars."""

    @pytest.mark.parametrize(
        ("options", "zone", "hour"),
        [
            ({}, "Asia/Ho_Chi_Minh", 19),
            ({"tz": "Asia/Tokyo"}, "Asia/Tokyo", 21),
            ({"tz": None}, "UTC", 12),
        ],
    )
    def test_zone(self, table: Table, options: dict[str, Any], zone: str, hour: int) -> None:
        """Times are in Hanoi by default, and in any other zone; numbers and texts keep null."""
        frame = table.to_polars(**options)
        assert frame.schema["started_at"] == pl.Datetime("us", zone)
        assert frame.schema["duration"] == pl.Int64()
        when, nothing = frame["started_at"].to_list()
        assert (when, when.hour, nothing) == (NOON, hour, None)
        assert frame["duration"].to_list() == [5, None]

    def test_without_times(self) -> None:
        """A table without times is a frame, too."""
        assert Table(pa.table({"a": [1]})).to_polars().shape == (1, 1)


class TestListTable:
    """A table of any list."""

    async def test_pager(self, shop: ShopClient) -> None:
        """All items of a pager are rows, from all of its pages, and passwords are masked."""
        items = await shop.extensions.list().collect()
        table = await list_table(shop.extensions.list(limit=2))
        assert table.arrow.to_pylist() == [item.to_dict(unset_ids_as_none=True) for item in items]
        assert len(table) == 7
        secrets = [item.extension_password for item in items if item.extension_password]
        assert secrets
        shown = table.to_pandas().to_csv() + str(table.to_polars().to_dicts())
        assert not [secret for secret in secrets if secret.reveal() in shown]

    async def test_first_items_and_one_page(self, shop: ShopClient) -> None:
        """`take(n)`, a page, its items and models in memory are tables of the same rows."""
        page = await shop.extensions.list(limit=3)
        expected = [item.to_dict(unset_ids_as_none=True) for item in page.items]
        for items in (shop.extensions.list().take(3), page, page.items, list(page)):
            assert (await list_table(items)).arrow.to_pylist() == expected

    async def test_empty_list_of_a_client(self, shop: ShopClient) -> None:
        """An empty list of a client has the columns of its models."""
        for items in (shop.call_logs.list(), shop.call_logs.list().take(3), shop.extensions.list().take(0)):
            table = await list_table(items)
            assert len(table) == 0
            assert {"id", "created_at"} <= set(table.to_pandas().columns)
            assert table.to_polars().schema["created_at"] == pl.Datetime("us", "Asia/Ho_Chi_Minh")

    async def test_empty_list_in_memory(self) -> None:
        """An empty list in memory has no columns, because nothing says which models it would hold."""
        for items in ([], (), Page[Any](items=())):
            table = await list_table(items)
            assert (len(table), table.arrow.num_columns) == (0, 0)
            assert table.to_pandas().empty
            assert table.to_polars().is_empty()

    async def test_many_items(self) -> None:
        """More models than one batch come in their order."""
        table = await list_table([CallLog(id=str(number)) for number in range(1, 2002)])
        assert table.arrow.column("id").to_pylist() == [str(number) for number in range(1, 2002)]

    @pytest.mark.parametrize(
        ("items", "problem"),
        [
            (None, "items takes a list of the SDK, for example shop.extensions.list(), not None"),
            ("extensions", "items takes a list of the SDK"),
            (b"x", "items takes a list of the SDK"),
            (CallLog(), "items takes a list of the SDK"),
            ({"id": "1"}, "items takes a list of the SDK"),
            ([{"id": "1"}], "items takes a list of models, not of"),
            ([CallLog(), None], "items takes a list of models, not of"),
            ([Hotline(), Extension()], "items takes models of one class, not Hotline and Extension"),
        ],
    )
    async def test_wrong_argument(self, items: Any, problem: str) -> None:
        """Anything else is refused, and the error says what is right."""
        with pytest.raises(InvalidRequestError) as caught:
            await list_table(items)
        assert problem in str(caught.value)

    async def test_failed_request(self, shop: ShopClient) -> None:
        """An error of a request reaches the caller."""
        with pytest.raises(InvalidArgumentError, match="limit is negative"):
            await list_table(shop.extensions.list(limit=-1))
