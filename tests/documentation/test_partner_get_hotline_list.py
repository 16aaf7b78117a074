"""
The page "Partner Get Hotline List".

https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from etelecom_async import errors
from etelecom_async.models import MobileNetwork

if TYPE_CHECKING:
    from tests.documentation.conftest import Docs, Reading

LIST: Final = "Etelecom/GetPartnerHotlineList"
SAMPLES: Final = "Etelecom.GetPartnerHotlineList"


def test_earlier_hotlines(docs: Docs) -> None:
    """The list has the hotlines that the partner created."""
    created = docs.partner("Etelecom/PartnerAddHotline", hotline="02873001001", name="Tổng đài 1")
    assert created in docs.partner(LIST)["hotlines"]
    hotlines = docs.with_partner(lambda client: client.hotlines.list().collect())
    assert "02873001001" in {one.hotline for one in hotlines}


def test_the_key(docs: Docs) -> None:
    """The partner's own key on the partner's base URL may call it, and no shop's key."""
    assert docs.post(f"partner.{LIST}")[0] == 200
    assert docs.refused(LIST, {}, key=docs.service.shop_key) == (403, "permission_denied")
    for key in (docs.service.partner_api_key, docs.service.shop_api_key):
        assert docs.post(f"shop.{LIST}", key=key)[0] == 403
    with pytest.raises(errors.PermissionDeniedError):
        docs.with_shop(lambda client: client.call(LIST, {}))


@pytest.mark.deviation("Placeholders such as `string` are no cursor and no order, so the sample is refused.")
def test_the_sample_request_as_printed(docs: Docs) -> None:
    """The samples fill the whole paging with placeholders."""
    for sample in docs.samples(SAMPLES, "request"):
        assert docs.refused(LIST, sample) == (400, "invalid_argument")


@pytest.mark.deviation(
    "The sample fills both cursors. `after` counts, and a strict sandbox refuses the request."
)
def test_the_sample_request(docs: Docs) -> None:
    """A request has after, before, limit and sort."""
    sample = docs.samples(SAMPLES, "request")[0]
    first = docs.partner(LIST, paging={"limit": 2})["paging"]
    second = docs.partner(LIST, paging={"limit": 2, "after": first["next"]})
    paging = {"after": first["next"], "before": second["paging"]["prev"], "limit": 2, "sort": first["sort"]}
    assert set(paging) == set(sample["paging"])
    if docs.strict:
        assert docs.refused(LIST, {"paging": paging}) == (400, "invalid_argument")
    else:
        assert docs.partner(LIST, paging=paging)["hotlines"] == second["hotlines"]


def test_a_limit_of_zero(docs: Docs) -> None:
    """The limit 0 of the sample is the default limit."""
    assert docs.partner(LIST, paging={"limit": 0}) == docs.partner(LIST)


def test_the_fields_of_a_hotline(docs: Docs) -> None:
    """A hotline has the fields of the sample, and the paging of a response, too."""
    sample = docs.samples(SAMPLES, "response")[0]
    found = docs.partner(LIST)
    assert set(found) == set(sample)
    assert set(found["paging"]) == set(sample["paging"])
    for hotline in found["hotlines"]:
        assert set(hotline) == set(sample["hotlines"][0])
        kinds = {name: type(value) for name, value in sample["hotlines"][0].items()}
        assert {name: type(value) for name, value in hotline.items()} == kinds


def test_the_networks(docs: Docs) -> None:
    """A network is unknown, mobifone, vinaphone, viettel or other; the client lists the same words."""
    networks = ("unknown", "mobifone", "vinaphone", "viettel", "other")
    assert tuple(MobileNetwork) == networks
    for index, network in enumerate(networks):
        hotline = {"hotline": f"0287300200{index}", "name": network, "network": network}
        status, created = docs.post("partner.Etelecom/PartnerAddHotline", hotline)
        assert (status, created.get("network")) == (200, network)


def test_the_states(docs: Docs) -> None:
    """A hotline is new (Z), enabled (P) or disabled (N)."""
    assert {one["status"] for one in docs.partner(LIST)["hotlines"]} <= {"Z", "P", "N"}


@pytest.mark.deviation(
    "The table types the number int64. It is a text as in the sample, because it starts with 0."
)
def test_the_number(docs: Docs) -> None:
    """A hotline's number is carried as text."""
    numbers = [one["hotline"] for one in docs.partner(LIST)["hotlines"]]
    assert any(number.startswith("0") for number in numbers)


@pytest.mark.deviation("The table types `updated_at` as text. It is a time, as in the sample.")
def test_the_times(docs: Docs) -> None:
    """Creation and change are times."""
    for hotline in docs.partner(LIST)["hotlines"]:
        created_at, updated_at = (
            datetime.fromisoformat(hotline[f"{name}_at"]) for name in ("created", "updated")
        )
        assert created_at <= updated_at
        assert created_at.tzinfo is not None


def test_the_sample_responses(docs: Docs, reading: Reading) -> None:
    """The client reads both sample responses, and ids, times and enums have their types."""
    for sample in docs.samples(SAMPLES, "response"):
        page = reading.partner(sample, lambda client: client.hotlines.list())
        (hotline,) = page.items
        assert (hotline.network, hotline.status, hotline.is_free_charge) == ("unknown", "Z", True)
        assert (page.next, page.prev) == (sample["paging"]["next"], sample["paging"]["prev"])
        assert hotline.created_at == datetime.fromisoformat(sample["hotlines"][0]["created_at"])
        assert hotline.created_at.astimezone(UTC).year in (2019, 2025)


@pytest.mark.deviation(
    "The block writes `ETelecom`. A strict sandbox has only `Etelecom`, as all samples do."
)
def test_the_schema_block(docs: Docs) -> None:
    """The block has the service `ETelecom` in its host."""
    status, found = docs.post("partner.ETelecom/GetPartnerHotlineList")
    assert (status, found.get("code")) == ((404, "bad_route") if docs.strict else (200, None))
