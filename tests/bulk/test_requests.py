"""The request of a step with all values; and errors without the data of a request."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import errors
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.records import Entry
from etelecom_async.bulk.requests import failure_of, filled
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan, step

if TYPE_CHECKING:
    from etelecom_async import ShopClient


async def test_values_of_results(shop: ShopClient, tmp_path: Path) -> None:
    """Values come from the results in the journal; one that is missing there is an error."""
    user = step("user", shop.users.create, full_name="Lan", phone="0901234567", password="p")
    assign = step("assign", shop.extensions.assign, extension_id="1", user_id=user.result.user_id)
    plan = Plan([user, assign])
    entries = [
        Entry(key=each.key, operation="o", effect=each.effect, account="1", digest="d")
        for each in plan.steps.values()
    ]
    async with await Journal.open(tmp_path / "job", lambda _: entries) as journal:
        with pytest.raises(errors.InvalidRequestError, match="user_id of step 'user' is not set"):
            filled(assign, journal)
        await journal.outcome("user", State.DONE, kept={"user_id": "17"})
        assert filled(assign, journal).user_id == "17"


def failure(shop: ShopClient, text: str, **data: Any) -> str:
    """Return what a journal keeps of an error about a message with this data."""
    sent = step(
        "a",
        shop.zns.messages.send,
        oa_id="579745863508352884",
        phone="0901234567",
        template_id=7,
        template_data=data,
        tracking_id="invoice-1",
    )
    error = errors.InvalidArgumentError(text)
    kept = failure_of(error, sent.request)
    assert (kept.kind, kept.code) == ("InvalidArgumentError", "invalid_argument")
    return kept.text


async def test_message_data(shop: ShopClient) -> None:
    """Template data and phone numbers are masked in an error; ids, and short texts, are not."""
    text = failure(
        shop,
        "Nguyễn Thị Lan (0901234567) has no order A-77 for OA 579745863508352884, invoice-1, vn",
        name="Nguyễn Thị Lan",
        order="A-77",
        country="vn",
        nested={"list": ["A-77"]},
    )
    assert "Lan" not in text
    assert "A-77" not in text
    assert "0901234567" not in text
    assert "invoice-1, vn" in text


async def test_long_error(shop: ShopClient) -> None:
    """A value at the place where a long text is cut is masked whole."""
    for offset in range(20):
        text = failure(shop, "x" * (440 + offset) + " Nguyễn Thị Lan " + "y" * 100, name="Nguyễn Thị Lan")
        assert "Nguy" not in text


async def test_forms_of_a_text(shop: ShopClient) -> None:
    """A text is found in the form in which it was sent."""
    decomposed = unicodedata.normalize("NFD", "Nguyễn")
    assert "Nguyễn" not in failure(shop, "no Nguyễn", name=decomposed)


async def test_lists_and_objects(shop: ShopClient) -> None:
    """The values of an open request are masked at any depth."""
    sent = step(
        "a", shop.call, "Any/Create", {"people": [{"kid": "Lan Anh"}, {"user_id": "12345", "id": "67890"}]}
    )
    text = failure_of(errors.InvalidArgumentError("no Lan Anh of 12345, 67890"), sent.request).text
    assert "Lan" not in text
    assert "12345, 67890" in text
