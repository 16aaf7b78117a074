"""The pages for a browser; the actions are tested with the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer


@pytest.mark.parametrize("path", ["/login", "/zalo/oa/permission"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=x"])
async def test_an_unknown_link(newcomer: Peer, method: str, path: str, query: str) -> None:
    """An unknown token leads to a page that says so, without a redirect."""
    url = f"{newcomer.service.sms_base_url}{path}{query}"
    status, location, page = await newcomer.browse(method, url)
    assert (status, location) == (410, "")
    assert "cannot be used" in page


async def test_the_overview_counts_all_records(peer: Peer) -> None:
    """The page at the root has the number of records of every kind."""
    status, _, page = await peer.browse("GET", peer.service.sms_base_url)
    assert status == 200
    for word in ("tenant", "oa", "follower", "zns_message", "journey", "consent", "sms_template"):
        assert f"<td>{word}</td>" in page
