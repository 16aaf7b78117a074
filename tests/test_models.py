"""The public view of the models, and the properties of each model."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args, get_origin

import attrs
import pytest

from etelecom_async import Attachment, Secret, models
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import Model

CLASSES = [getattr(models, name) for name in models.__all__]
MODELS = [kind for kind in CLASSES if attrs.has(kind)]
ENUMS = [kind for kind in CLASSES if issubclass(kind, OpenEnum)]
PLAIN = {
    Any: {"a": 1},
    str: "text",
    int: 7,
    bool: True,
    datetime: datetime(2026, 1, 2, 12, tzinfo=UTC),
    Secret: Secret("canary-5"),
    Attachment: Attachment(b"content", name="a.txt"),
}
each_model = pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)


def filled(kind: Any) -> Any:
    """Return a value of this type with every field set."""
    parts = [part for part in get_args(kind) if part not in {type(None), ...}]
    origin: Any = get_origin(kind)
    if origin in {tuple, Sequence}:
        value: Any = (filled(parts[0]),)
    elif origin in {dict, Mapping}:
        value = {"key": filled(parts[1])}
    elif parts:
        value = filled(parts[0])
    elif kind in PLAIN:
        value = PLAIN[kind]
    elif attrs.has(kind):
        fields = attrs.fields(attrs.resolve_types(kind))
        value = kind(**{field.name: filled(field.type) for field in fields})
    else:
        assert issubclass(kind, OpenEnum)
        value = kind("not listed")
    return value


def leaves(value: object) -> Iterator[object]:
    """Yield all keys and values of exported data."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *leaves(item))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_every_class_is_a_model_or_an_enum() -> None:
    """The module exports only models and enums."""
    assert len(MODELS) + len(ENUMS) == len(CLASSES) > 100
    assert all(issubclass(kind, Model) for kind in MODELS)


def test_unknown_name() -> None:
    """An unknown name raises AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="Extensoin"):
        models.Extensoin  # noqa: B018 - the test is about the attribute access


def test_dir_is_the_public_names() -> None:
    """`dir()` lists the models before any of them is loaded."""
    assert dir(models) == sorted(models.__all__)


def test_models_load_on_first_use() -> None:
    """An import of the module loads no model; the first use of a model loads only its area."""
    code = (
        "import sys; from etelecom_async import models\n"
        "def loaded(): return sorted(name.rpartition('.')[2] for name in sys.modules "
        "if name.startswith('etelecom_async._generated.models.'))\n"
        "before = loaded(); models.CallLog; print(before, loaded())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout == "[] ['pbx']\n"


@each_model
def test_model_is_a_frozen_slotted_value(kind: type[Model]) -> None:
    """A model takes only keywords, accepts no other attributes, and equals a model with the same values."""
    model = filled(kind)
    assert not hasattr(model, "__dict__")
    assert model == filled(kind)
    for field in attrs.fields(kind):
        assert field.kw_only
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(model, field.name, None)


@each_model
def test_model_can_be_pickled(kind: type[Model]) -> None:
    """A pickle restores the same model without its secrets, which are not pickled."""
    data = pickle.dumps(filled(kind))
    assert b"canary-5" not in data
    copy = pickle.loads(data)
    assert copy.to_dict() == filled(kind).to_dict()
    if "Secret" not in repr(copy) and "Attachment" not in repr(copy):
        assert copy == filled(kind)


@each_model
def test_export_is_plain_and_masked(kind: type[Model]) -> None:
    """`to_dict()` has every field as plain data, and no secret."""
    exported = filled(kind).to_dict()
    assert list(exported) == [field.name for field in attrs.fields(kind)]
    kinds = {type(leaf) for leaf in leaves(exported)}
    assert kinds <= {str, int, float, bool, type(None), datetime}
    assert "canary-5" not in repr(exported) + repr(filled(kind))


@each_model
def test_model_is_described(kind: type[Model]) -> None:
    """A model has a docstring."""
    assert inspect.getdoc(kind)


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_enum_is_open(kind: type[OpenEnum]) -> None:
    """An enum keeps an unlisted value."""
    assert kind("not listed") == "not listed"
    assert not kind("not listed").is_listed
    assert all(member.is_listed for member in kind)
