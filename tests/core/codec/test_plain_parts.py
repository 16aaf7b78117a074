"""Test the models that dicts in a request become."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from etelecom_async import Secret
from etelecom_async._core.codec.plain_parts import field_names, to_model, with_models
from etelecom_async._core.model import Model
from etelecom_async._core.secret import to_secret_or_none


@attrs.frozen(kw_only=True)
class Leaf(Model):
    """The deepest model."""

    id: str = attrs.field(metadata={"wire": "Id"})
    secret: Secret | None = attrs.field(default=None, converter=to_secret_or_none)


@attrs.frozen(kw_only=True)
class Tree(Model):
    """A model with each kind of place for another one."""

    name: str = ""
    leaf: Leaf | None = None
    leaves: Sequence[Leaf] | None = None
    open: Mapping[str, Any] | None = None
    kept: Leaf | None = attrs.field(default=None, metadata={"local": True})


def test_dicts_become_models() -> None:
    """A dict becomes a model in a field and in a list, by both names of a field; an open mapping stays."""
    tree: Any = Tree(leaf=UserDict(Id="1", secret="x"), leaves=[{"id": "2"}, Leaf(id="3")], open={"id": "4"})
    leaves = [Leaf(id="2"), Leaf(id="3")]
    assert with_models(tree) == Tree(leaf=Leaf(id="1", secret="x"), leaves=leaves, open={"id": "4"})


def test_models_stay() -> None:
    """A request without dicts is returned itself."""
    for tree in (Tree(), Tree(name="a", leaf=Leaf(id="1"), leaves=(Leaf(id="2"),))):
        assert with_models(tree) is tree


def test_names() -> None:
    """A dict may use the name of a field here or in the API; a field that is not sent has neither."""
    assert field_names(Leaf) == {"Id": "id", "id": "id", "secret": "secret"}
    assert "kept" not in field_names(Tree)
    assert to_model(Tree, {"name": "a", "kept": None, "other": 1}) == Tree(name="a")
