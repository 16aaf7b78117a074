"""Test what the commands that list have in common."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli.words import SUMMARIES, listing


def test_callers_of_several_operations() -> None:
    """A command that makes several calls takes the key that may make all of them."""
    alone = listing.operation_of("shop.call_logs.list")
    assert alone.callers == ("shop_api_key", "partner_shop_key")
    assert listing.operation_of("shop.call_logs.list", "shop.users.list").callers == ("partner_shop_key",)
    # No key may make both calls, so that of the rows decides.
    assert listing.operation_of("shop.users.list", "partner.tenants.list").callers == ("partner_shop_key",)


def test_options() -> None:
    """A list with pages can be resumed; none of the options shows a secret or sends something."""
    with_pages, without = (
        {flag for option in listing.list_options(("id",), has_pages=has_pages) for flag in option.opts}
        for has_pages in (True, False)
    )
    assert with_pages - without == {"--page-size", "--resume"}
    assert {"--limit", "--json", "--csv", "--columns", "--output", "--dry-run", "--debug"} <= without
    assert not {"--yes", "--reveal"} & with_pages


@pytest.mark.parametrize("words", SUMMARIES)
def test_help_starts_with_everyday_words(tool: Any, words: str) -> None:
    """The help of `etelecom` lists the command first, and the command has a help with examples."""
    everyday = tool("--help").out.partition("Everyday words:")[2].partition("Commands:")[0]
    assert f"\n  {words} " in everyday
    result = tool(*words.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert f"\n  etelecom {words} " in result.out
