"""
The page "Partner Get Tenant List".

https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import pytest

from etelecom_async import errors

if TYPE_CHECKING:
    from tests.documentation.conftest import Docs, Reading

LIST: Final = "Etelecom/GetPartnerTenantList"
SAMPLES: Final = "Etelecom.GetPartnerTenantList"


def test_earlier_tenants(docs: Docs) -> None:
    """The list has the tenants that exist, also a new one."""
    shop = docs.partner("Shop/CreateShopAccount", name="Cửa hàng mới")
    tenant = docs.post("partner.Etelecom/CreateTenant", key=shop["shop_key"])[1]
    assert docs.partner(LIST)["tenants"][0] == tenant
    tenants = docs.with_partner(lambda client: client.tenants.list().collect())
    assert tenants[0].domain == tenant["domain"]


def test_the_key(docs: Docs) -> None:
    """The partner's own key on the partner's base URL may call it, and no shop's key."""
    assert docs.post(f"partner.{LIST}")[0] == 200
    assert docs.refused(LIST, {}, key=docs.service.shop_key) == (403, "permission_denied")
    assert docs.post(f"shop.{LIST}")[0] == 403
    with pytest.raises(errors.PermissionDeniedError):
        docs.with_shop(lambda client: client.call(LIST, {}))


def test_the_filter_by_name(docs: Docs) -> None:
    """A filter has a name."""
    tenants = docs.partner(LIST)["tenants"]
    name = tenants[-1]["name"]
    found = docs.partner(LIST, filter={"name": name})["tenants"]
    assert tenants[-1] in found
    assert all(name in one["name"] for one in found)
    assert docs.with_partner(lambda client: client.tenants.list(name="không có").collect()) == []


def test_the_filter_by_owner(docs: Docs) -> None:
    """A filter has the id of an owner, as text."""
    tenants = docs.partner(LIST)["tenants"]
    owner_id = tenants[0]["owner_id"]
    found = docs.with_partner(lambda client: client.tenants.list(owner_id=owner_id).collect())
    assert [one.id for one in found] == [one["id"] for one in tenants if one["owner_id"] == owner_id]


@pytest.mark.deviation(
    "Placeholders such as `string` are no id, no cursor and no order, so the sample is refused."
)
def test_the_sample_request_as_printed(docs: Docs) -> None:
    """The samples fill filter and paging with placeholders."""
    for sample in docs.samples(SAMPLES, "request"):
        assert docs.refused(LIST, sample) == (400, "invalid_argument")


@pytest.mark.deviation(
    "The sample fills both cursors. `after` counts, and a strict sandbox refuses the request."
)
def test_the_sample_request(docs: Docs) -> None:
    """A request has a filter, and a paging with after, before, limit and sort."""
    sample = docs.samples(SAMPLES, "request")[0]
    first = docs.partner(LIST, paging={"limit": 1})
    second = docs.partner(LIST, paging={"limit": 1, "after": first["paging"]["next"]})
    wanted = {"name": second["tenants"][0]["name"], "owner_id": second["tenants"][0]["owner_id"]}
    paging = {"after": first["paging"]["next"], "before": second["paging"]["prev"], "limit": 1}
    body = {"filter": wanted, "paging": paging | {"sort": first["paging"]["sort"]}}
    assert {name: set(part) for name, part in body.items()} == {name: set(sample[name]) for name in sample}
    if docs.strict:
        assert docs.refused(LIST, body) == (400, "invalid_argument")
    else:
        assert docs.partner(LIST, **body)["tenants"] == second["tenants"]


def test_the_fields_of_a_tenant(docs: Docs) -> None:
    """A tenant has the fields of the sample, and the paging of a response, too."""
    sample = docs.samples(SAMPLES, "response")[0]
    found = docs.partner(LIST)
    assert set(found) == set(sample)
    assert set(found["paging"]) == set(sample["paging"])
    for tenant in found["tenants"]:
        assert {name: type(value) for name, value in tenant.items()} == dict.fromkeys(
            sample["tenants"][0], str
        )


def test_ids(docs: Docs) -> None:
    """The ids of tenant and owner are int64 in a text; so is the connection, which the table calls a text."""
    for tenant in docs.partner(LIST)["tenants"]:
        for name in ("id", "owner_id", "connection_id"):
            assert 0 <= int(tenant[name]) < 2**63


def test_the_states(docs: Docs) -> None:
    """A tenant is new (Z), enabled (P) or disabled (N)."""
    states = {one["status"] for one in docs.partner(LIST)["tenants"]}
    assert "P" in states
    assert states <= {"Z", "P", "N"}


def test_the_times(docs: Docs) -> None:
    """Creation and change are times."""
    for tenant in docs.partner(LIST)["tenants"]:
        assert datetime.fromisoformat(tenant["created_at"]) <= datetime.fromisoformat(tenant["updated_at"])


def test_the_sample_responses(docs: Docs, reading: Reading) -> None:
    """The client reads both sample responses."""
    for sample in docs.samples(SAMPLES, "response"):
        page = reading.partner(sample, lambda client: client.tenants.list())
        (tenant,) = page.items
        assert (tenant.status, tenant.connection_method) == ("Z", "unknown")
        assert tenant.domain == sample["tenants"][0]["domain"]
        assert tenant.updated_at == datetime.fromisoformat(sample["tenants"][0]["updated_at"])
        assert (page.next, page.prev) == (sample["paging"]["next"], sample["paging"]["prev"])


@pytest.mark.deviation(
    "The block writes `ETelecom`. A strict sandbox has only `Etelecom`, as all samples do."
)
def test_the_schema_block(docs: Docs) -> None:
    """The block has the service `ETelecom` in its host."""
    status, found = docs.post("partner.ETelecom/GetPartnerTenantList")
    assert (status, found.get("code")) == ((404, "bad_route") if docs.strict else (200, None))
