"""A message whose response is lost is never sent twice, and `verify()` tells whether it was sent."""

from __future__ import annotations

import pytest

from etelecom_async import OutcomeUnknownError, ShopClient
from etelecom_async.models import OAStatus, TemplateStatus
from etelecom_async.testing import Fault, sandbox


@pytest.mark.parametrize(("kind", "processed"), [("reset_after", 1), ("reset_before", 0)])
async def test_verify_tells_whether_it_was_sent(kind: str, processed: int) -> None:
    """`verify()` gives the message if the call was executed before the connection broke; else `None`."""
    name = "shop.zns.messages.send"
    async with (
        sandbox(faults=[Fault(kind=kind, operation=name)]) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        accounts = await shop.zalo.accounts.list().collect()
        oa_id = [account.oa_id for account in accounts if account.status == OAStatus.CONNECTED][-1]
        templates = await shop.zns.templates.list(oa_id=oa_id).collect()
        usable = [t for t in templates if t.template_status == TemplateStatus.ENABLE and t.type == "text"]
        with pytest.raises(OutcomeUnknownError) as caught:
            await shop.zns.messages.send(
                oa_id=oa_id,
                phone="0901234560",
                template=usable[0],
                template_data={"customer_name": "Lan", "order_code": "DH-1"},
            )
        found = await caught.value.verify()
        received, executed = service.requests.counts[name], service.processed.get(name, 0)

    assert (found is not None, received, executed) == (bool(processed), 1, processed)
    assert "0901234560" not in caught.value.request
