"""Test the rows of the table, and that they import models only on first use."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from etelecom_async._core.operation import Effect, EmptyRequest, KeyKind, Operation, is_wire_name
from etelecom_async.models import AuthorizeShopRequest, CreateExtensionRequest, Extension
from etelecom_async.operations import OPERATIONS

ROW = OPERATIONS["shop.extensions.create"]


def test_wire_name_is_service_and_method() -> None:
    """`wire_name` is service and method as in the URL."""
    assert ROW.wire_name == "Etelecom/CreateExtension"


def test_row_names_its_classes() -> None:
    """`request` and `response` are the classes of the row."""
    assert (ROW.request, ROW.response) == (CreateExtensionRequest, Extension)


def test_classes_are_loaded_once() -> None:
    """A row loads its classes only once, because every call reads these attributes."""
    loaded: list[type] = []

    def load() -> type:
        loaded.append(dict)
        return dict

    row = attrs.evolve(ROW, request_type=load)
    assert (row.request, row.request, loaded) == (dict, dict, [dict])


def test_rows_load_no_model() -> None:
    """A model is imported when its row is asked for it, and not before."""
    code = (
        "import sys; from etelecom_async.operations import OPERATIONS as rows\n"
        "models = 'etelecom_async._generated.models.pbx'\n"
        "before = models in sys.modules; rows['shop.extensions.create'].request\n"
        "print(before, models in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False True\n"


def test_row_cannot_be_changed() -> None:
    """A row is frozen and equal only to itself, because it is a key of caches."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ROW.effect = Effect.READ
    assert attrs.evolve(ROW) != ROW


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        (KeyKind.SHOP_API_KEY, "shop"),
        (KeyKind.PARTNER_API_KEY, "partner"),
        (KeyKind.PARTNER_SHOP_KEY, "partner"),
    ],
)
def test_scope(kind: KeyKind, scope: str) -> None:
    """A shop's own key is sent to `/shop`, both keys of a partner to `/partner`."""
    assert kind.scope == scope


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Etelecom/GetExtensions", True),
        ("etelecom.v1.Shop/Get_2", True),
        ("", False),
        ("/", False),
        ("Etelecom", False),
        ("Etelecom/", False),
        ("/GetExtensions", False),
        ("Etelecom/Get/Extensions", False),
        ("Etelecom/Get Extensions", False),
        ("Etelecom/Get?a=1", False),
        ("Etelecom/Get\n", False),
    ],
)
def test_wire_name_form(text: str, *, expected: bool) -> None:
    """A wire name has the form `Service/Method`, without characters that would change the URL."""
    assert is_wire_name(text) is expected


def test_repr() -> None:
    """The repr names the operation, but not the functions that load its classes."""
    row: Operation[EmptyRequest, EmptyRequest] = Operation(
        name="a.b",
        service="S",
        method="M",
        effect=Effect.SEND,
        callers=frozenset(),
        request_type=lambda: EmptyRequest,
        response_type=lambda: EmptyRequest,
    )
    assert repr(row).startswith("Operation(name='a.b', service='S', method='M', effect=<Effect.SEND: 'SEND'>")
    assert "_type" not in repr(row)


class TestForms:
    """One operation on the wire may have several forms."""

    KEY = OPERATIONS["partner.shops.authorize"]
    BEGIN = OPERATIONS["partner.shops.connect"]

    def test_effect_depends_on_the_arguments(self) -> None:
        """The form with the shop's id is safe to repeat; without it, each call creates something."""
        assert self.KEY.effect_of(self.KEY.request(shop_id="1", redirect_url="u")) is Effect.IDEMPOTENT
        assert self.KEY.effect_of(self.KEY.request(shop_id="", redirect_url="u")) is Effect.CREATE
        begin = self.BEGIN.request(email="a", phone="b", name="c", redirect_url="u")
        assert self.BEGIN.effect_of(begin) is Effect.CREATE

    @pytest.mark.parametrize(
        ("body", "effect"),
        [
            ({"shop_id": "1"}, Effect.IDEMPOTENT),
            ({"shop_id": 12414}, Effect.IDEMPOTENT),
            *(({"shop_id": unset}, Effect.CREATE) for unset in ("", " ", "0", 0, None, [])),
            ({"email": "a@example.com"}, Effect.CREATE),
            ("no mapping", Effect.CREATE),
        ],
        ids=str,
    )
    def test_effect_of_plain_data(self, body: object, effect: Effect) -> None:
        """The request of a call by its wire name has the effect of its fields."""
        assert self.KEY.effect_of(body) is effect

    def test_served_form(self) -> None:
        """A server reads the fields of all forms; a row with one form is served as it is."""
        assert self.KEY.as_served().request is AuthorizeShopRequest
        assert self.KEY.as_served().name == self.KEY.name
        assert ROW.as_served() is ROW
