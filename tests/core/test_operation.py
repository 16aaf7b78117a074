"""The row: what it says of a call, and that it costs no model until someone asks."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from etelecom_async._core.operation import Effect, EmptyRequest, KeyKind, Operation, is_wire_name
from etelecom_async.models import CreateExtensionRequest, Extension
from etelecom_async.operations import OPERATIONS

ROW = OPERATIONS["shop.extensions.create"]


def test_wire_name_is_service_and_method() -> None:
    """`wire_name` is what stands in the URL."""
    assert ROW.wire_name == "Etelecom/CreateExtension"


def test_row_names_its_classes() -> None:
    """`request` and `response` are the classes that the row names."""
    assert (ROW.request, ROW.response) == (CreateExtensionRequest, Extension)


def test_classes_are_loaded_once() -> None:
    """A row asks for its class once; the call's path reads the attribute."""
    asked: list[type] = []

    def load() -> type:
        asked.append(dict)
        return dict

    row = attrs.evolve(ROW, request_type=load)
    assert (row.request, row.request, asked) == (dict, dict, [dict])


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
    """A row is frozen, and equal to itself only: it is a key of caches."""
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
def test_scope_is_where_the_key_goes(kind: KeyKind, scope: str) -> None:
    """A shop's own key goes to `/shop`, both keys of a partner to `/partner`."""
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
    """A wire name is `Service/Method`, and nothing that would change the URL around it."""
    assert is_wire_name(text) is expected


def test_row_shows_what_matters() -> None:
    """The repr names the operation, and not the functions that load its classes."""
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
