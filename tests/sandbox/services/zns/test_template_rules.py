"""The templates that Zalo knows, and the check of data."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox.services.zns import template_rules
from etelecom_async.sandbox.services.zns.template_rules import SHAPES
from etelecom_async.sandbox.world.fake import Rng

PARAMS = SHAPES["text"].params
GOOD = {"customer_name": "Lê An", "order_code": "A1"}


@pytest.mark.parametrize(
    "data", [GOOD, GOOD | {"note": ""}, GOOD | {"note": "x" * 100}, GOOD | {"customer_name": "ắ" * 30}]
)
def test_valid_data(data: dict[str, str]) -> None:
    """Required values of the right length fit, with or without optional ones."""
    assert template_rules.check_data(PARAMS, data) is None


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        ({}, -111, "empty"),
        ({"customer_name": "Lê An"}, -1122, "'order_code' is missing"),
        (GOOD | {"customer_name": ""}, -1122, "'customer_name' is empty"),
        (GOOD | {"customer_name": "x" * 31}, -1121, "31 characters, more than 30"),
        (GOOD | {"note": "x" * 101}, -1121, "101 characters, more than 100"),
        (GOOD | {"colour": "red"}, -112, "no parameter 'colour'"),
    ],
)
def test_wrong_data(data: dict[str, str], code: int, word: str) -> None:
    """Each mistake has its code, and the text names the parameter."""
    rejection = template_rules.check_data(PARAMS, data)
    assert rejection is not None
    assert rejection.code == code
    assert word in rejection.text


def test_a_value_can_be_too_short() -> None:
    """A value shorter than the minimum is rejected."""
    rejection = template_rules.check_data(SHAPES["otp"].params, {"otp": "123"})
    assert rejection is not None
    assert "3 characters, fewer than 4" in rejection.text


def test_a_template_without_parameters_takes_nothing() -> None:
    """A template without required parameters accepts empty data."""
    assert template_rules.check_data([], {}) is None


@pytest.mark.parametrize("kind", SHAPES)
def test_seeded_data_fit(kind: str) -> None:
    """Fake data fits a template of any kind."""
    for seed in range(50):
        data = template_rules.fake_data(SHAPES[kind].params, Rng(seed))
        assert template_rules.check_data(SHAPES[kind].params, data) is None


def test_zalo_has_every_kind() -> None:
    """An id always has the same kind, and every kind occurs."""
    kinds = [template_rules.kind_at_zalo(number) for number in range(200_000, 200_100)]
    assert kinds == [template_rules.kind_at_zalo(number) for number in range(200_000, 200_100)]
    assert set(kinds) == set(SHAPES)
