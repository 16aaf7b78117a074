"""
The content of a new sandbox: a partner, its shops, and one shop with a history of everything.

The same content gives the same records, ids and secrets; each part has its own random numbers. Some rows have
the unusual values of real rows: ids "0", times `0001-01-01T00:00:00Z`, null arrays, offsets as well as `Z`,
and unlisted enum values.
"""

from __future__ import annotations

from etelecom_async.sandbox.services.account.seed import populate_partner, populate_shops
from etelecom_async.sandbox.services.pbx.call_history import populate_calls
from etelecom_async.sandbox.services.pbx.seed import populate_extensions, populate_users
from etelecom_async.sandbox.services.sms import seed as sms
from etelecom_async.sandbox.services.tenants.seed import populate_hotlines
from etelecom_async.sandbox.services.zalo.seed import populate_accounts, populate_followers
from etelecom_async.sandbox.services.zns.seed import populate_history, populate_templates
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import Content


def populate(state: State, content: Content) -> None:
    """Add the content to an empty state."""
    populate_partner(state, content)
    tenants = populate_shops(state, content)
    shop_id = int(state.setting("shop_id"))
    lines = populate_hotlines(state, content, tenants)
    users = populate_users(state, content, shop_id)
    agents = populate_extensions(state, content, shop_id=shop_id, tenants=tenants, lines=lines, users=users)
    populate_calls(state, content, shop_id=shop_id, lines=lines, agents=agents)
    _populate_zalo(state, content, shop_id, [user_id for user_id, _ in users])
    sms.populate(state, content)
    # Changes after this time stay scheduled.
    state.apply_due(content.until)


def _populate_zalo(state: State, content: Content, shop_id: int, user_ids: list[int]) -> None:
    owner_id = int(state.fetch_doc("shop", shop_id)["owner_id"])
    accounts = populate_accounts(state, content, shop_id=shop_id, owner_id=owner_id)
    if accounts:
        populate_followers(state, content, accounts=accounts, user_ids=user_ids)
        templates = populate_templates(state, content, accounts)
        populate_history(state, content, oa=accounts[0], templates=templates)
