"""
The content of a new sandbox: a partner, its shops with their history, and Zalo accounts of the first shop.

The same content gives the same records, ids and secrets; each part has its own random numbers. The other
shops have fewer employees, extensions and calls than the first one (`Content.of_shop`). Some rows have the
unusual values of real rows: ids "0", times `0001-01-01T00:00:00Z`, null arrays, offsets as well as `Z`, and
unlisted enum values.

A program that starts many sandboxes with the same content, as tests do, seeds it once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from etelecom_async.sandbox.services.account.seed import SeededShop, populate_partner, populate_shops
from etelecom_async.sandbox.services.pbx.call_history import populate_calls
from etelecom_async.sandbox.services.pbx.seed import populate_extensions, populate_users
from etelecom_async.sandbox.services.sms import seed as sms
from etelecom_async.sandbox.services.tenants.seed import Line, lines_of, populate_hotlines
from etelecom_async.sandbox.services.zalo.seed import populate_accounts, populate_followers
from etelecom_async.sandbox.services.zns.seed import populate_history, populate_templates
from etelecom_async.sandbox.store.state import SavedState, State
from etelecom_async.sandbox.world.content import Content

_MOST_KEPT: Final = 8
_LARGEST_KEPT: Final = 8 * 1024 * 1024
_kept: Final[OrderedDict[Content, SavedState]] = OrderedDict()
"""Seeded states of small contents, the last used one at the end."""


def create_in_memory(state: State, content: Content) -> None:
    """Create the tables of a new state in memory, and add the content."""
    saved = _kept.pop(content, None)
    if saved is not None:
        state.load(saved)
    else:
        with state.create():
            populate(state, content)
        if state.size() > _LARGEST_KEPT:
            return
        saved = state.save()
    _kept[content] = saved
    # Sandboxes can start in several threads, so another one may have removed the oldest.
    while len(_kept) > _MOST_KEPT:
        with suppress(KeyError):
            _kept.popitem(last=False)


def populate(state: State, content: Content) -> None:
    """Add the content to an empty state."""
    populate_partner(state, content)
    shops = populate_shops(state, content)
    lines = populate_hotlines(state, content, [shop.tenant for shop in shops if shop.tenant])
    for index, shop in enumerate(shops):
        user_ids = _populate_pbx(state, content.of_shop(index), shop, lines)
        if index == 0:
            _populate_zalo(state, content, shop.id, user_ids)
    sms.populate(state, content)
    # Changes after this time stay scheduled.
    state.apply_due(content.until)


def _populate_pbx(
    state: State, content: Content, shop: SeededShop, lines: Mapping[str | None, list[Line]]
) -> list[int]:
    """Add employees, extensions and calls of a shop; return the ids of the employees."""
    users = populate_users(state, content, shop.id)
    if shop.tenant:
        own = lines_of(shop.tenant, lines)
        agents = populate_extensions(
            state, content, shop_id=shop.id, tenant=shop.tenant, lines=own, users=users
        )
        populate_calls(state, content, shop_id=shop.id, lines=own, agents=agents)
    return [user_id for user_id, _ in users]


def _populate_zalo(state: State, content: Content, shop_id: int, user_ids: list[int]) -> None:
    owner_id = int(state.fetch_doc("shop", shop_id)["owner_id"])
    accounts = populate_accounts(state, content, shop_id=shop_id, owner_id=owner_id)
    if accounts:
        populate_followers(state, content, accounts=accounts, user_ids=user_ids)
        templates = populate_templates(state, content, accounts)
        populate_history(state, content, oa=accounts[0], templates=templates)
