"""Test the hints after a refusal, which depend on the operation and the key."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from etelecom_async import EtelecomError, KeyKind, errors
from etelecom_async._core.calls.hints import of_call
from etelecom_async.operations import OPERATIONS

SHOP_KEY = KeyKind.SHOP_API_KEY
CALLERS = "The documentation gives this call to a partner_shop_key; the key of this client is a shop_api_key."


def hint(error: EtelecomError, name: str = "shop.tenant.get", kind: KeyKind = SHOP_KEY) -> str:
    """Return the hint of an error."""
    row = OPERATIONS[name]
    return of_call(error, row, kind, row.wire_name)


@pytest.mark.parametrize("kind", errors.APIError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_callers(kind: type[errors.APIError]) -> None:
    """A refusal names the documented callers; a throttled call and a fault of the server do not."""
    names_callers = kind.status < 500 and not issubclass(kind, errors.ResourceExhaustedError)
    assert (CALLERS in hint(kind("no"))) == names_callers
    assert CALLERS not in hint(kind("no"), kind=KeyKind.PARTNER_SHOP_KEY)


@pytest.mark.parametrize(
    "error",
    [
        errors.ConnectError("x"),
        errors.OutcomeUnknownError("x"),
        errors.EtelecomError("x"),
        errors.APIError.without_code("x", status=403),
        errors.UnauthenticatedError.without_code("x", status=401),
    ],
    ids=["never sent", "unknown", "other", "firewall", "proxy"],
)
def test_other_errors(error: EtelecomError) -> None:
    """An error that is no refusal of the API keeps its hint."""
    assert hint(error) == error.hint


@pytest.mark.parametrize("status", [200, 403])
def test_denied(status: int) -> None:
    """The page of AuthorizeShop says what the refusal means; it is not an unlinked shop."""
    error = errors.PermissionDeniedError("no", status=status)
    text = hint(error, "partner.shops.authorize", KeyKind.PARTNER_API_KEY)
    assert text == "The shop_id is wrong: an unlinked shop gets a sign-in page instead of this error."
    other = errors.NotFoundError("no")
    assert hint(other, "partner.shops.authorize", KeyKind.PARTNER_API_KEY) == other.hint
    assert hint(error, "partner.tenants.list", KeyKind.PARTNER_API_KEY) == error.hint


def test_unauthenticated() -> None:
    """The hint covers a partner's key in a ShopClient, whose form does not show its kind."""
    assert "A partner's own key needs a PartnerClient" in hint(errors.UnauthenticatedError("no"))


@pytest.mark.parametrize(
    ("error", "name", "expected"),
    [
        (errors.BadRouteError("no"), "shop.extensions.list", True),
        (errors.BadRouteError("no"), "shop.hotlines.list", True),
        (errors.APIError.without_code("no", status=404), "shop.extensions.list", False),
        (errors.APIError.without_code("no", status=404), "shop.hotlines.list", True),
        (errors.NotFoundError("no"), "shop.hotlines.list", False),
        (errors.APIError.without_code("no", status=400), "shop.hotlines.list", False),
    ],
)
def test_unknown_path(error: EtelecomError, name: str, *, expected: bool) -> None:
    """A `bad_route` hints at `wire_names`; so does any 404 without a code for an inferred operation."""
    text = hint(error, name)
    assert (f"wire_names={{'{name}': 'Service/Method'}}" in text) == expected
    assert ("wire_names={'Etelecom': 'Service'}" in text) == expected
    assert ("but this name is inferred" in text) == (expected and name == "shop.hotlines.list")


def test_call_by_its_wire_name() -> None:
    """`wire_names` does not change a call by its wire name, so the hint does not name it."""
    row: Any = attrs.evolve(OPERATIONS["shop.extensions.list"], name="Etelecom/GetExtensions")
    error = errors.BadRouteError("no")
    assert of_call(error, row, SHOP_KEY, row.wire_name) == error.hint
