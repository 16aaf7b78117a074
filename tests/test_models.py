"""The public view of the models, and the properties of each model."""

from __future__ import annotations

import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin

import attrs
import httpx
import msgspec
import pydantic
import pytest
from fastapi import Body, FastAPI
from litestar import Litestar
from litestar import get as litestar_get

from etelecom_async import Attachment, Page, Secret, UnlistedValueWarning, models
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.codec.request_checks import check
from etelecom_async._core.json_schema import json_schema
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
        value = kind.unlisted("not listed")
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


def without_files(value: object) -> object:
    """Return exported data in which each file is an `Attachment` again."""
    if isinstance(value, dict):
        return {name: without_files(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_files(item) for item in value]
    return PLAIN[Attachment] if value == "a.txt" else value


@each_model
def test_export_can_be_read(kind: type[Model]) -> None:
    """`from_dict()` reads what `to_dict()` and `to_json()` wrote, for every field of each model."""
    model = filled(kind)
    for exported in (model.to_dict(), model.to_dict(mode="json"), json.loads(model.to_json())):
        assert kind.from_dict(without_files(exported)).to_dict() == model.to_dict()


@each_model
def test_model_has_a_json_schema(kind: type[Model]) -> None:
    """The JSON Schema names each field of an export."""
    assert list(json_schema(kind)["properties"]) == list(filled(kind).to_dict())


@each_model
def test_model_is_described(kind: type[Model]) -> None:
    """A model has a docstring."""
    assert inspect.getdoc(kind)


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_enum_is_open(kind: type[OpenEnum]) -> None:
    """An enum keeps an unlisted value."""
    assert kind.unlisted("not listed") == "not listed"
    assert not kind.unlisted("not listed").is_listed
    assert all(member.is_listed for member in kind)


SECRET_ROW = models.Extension(
    id="0",
    extension_password=Secret("canary-5"),
    created_at=PLAIN[datetime],
    state=models.ExtensionState.unlisted("new"),
)
EXPORTED = SECRET_ROW.to_dict(mode="json")


async def one() -> models.Extension:
    """Return a model, as a handler of a web service."""
    return SECRET_ROW


async def optional() -> models.Extension | None:
    """Return a model that may be missing."""
    return SECRET_ROW


async def many() -> list[models.Extension]:
    """Return a list of models."""
    return [SECRET_ROW]


async def page() -> Page[models.Extension]:
    """Return a page."""
    return Page(items=(SECRET_ROW,), next="n")


HANDLERS = {"/one": one, "/optional": optional, "/many": many, "/page": page}
RESPONSES: dict[str, Any] = {
    "/one": EXPORTED,
    "/optional": EXPORTED,
    "/many": [EXPORTED],
    "/page": {"items": [EXPORTED], "next": "n", "prev": ""},
}


def fastapi_app() -> Any:
    """Return a FastAPI service with the handlers; it needs no hook."""
    app = FastAPI()
    for path, handler in HANDLERS.items():
        app.get(path)(handler)
    return app


def litestar_app() -> Any:
    """Return a Litestar service with the handlers and the documented hook."""
    handlers = [litestar_get(path)(handler) for path, handler in HANDLERS.items()]
    return Litestar(handlers, type_encoders={Secret: str}, logging_config=None)


@pytest.mark.parametrize("make", [fastapi_app, litestar_app], ids=["FastAPI", "Litestar"])
async def test_models_are_return_values(make: Any) -> None:
    """A web service returns models and pages like `to_dict(mode="json")`, and describes their fields."""
    app = make()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        for path, expected in RESPONSES.items():
            response = await http.get(path)
            assert (response.status_code, response.json()) == (200, expected)
        description = await http.get("/openapi.json" if make is fastapi_app else "/schema/openapi.json")
    assert description.status_code == 200
    assert "canary-5" not in description.text
    assert set(EXPORTED) <= set(json.dumps(description.json()).replace('"', " ").split())


async def test_fastapi_reads_models() -> None:
    """A FastAPI handler may take a model as its body; wrong data gives 422."""
    app = FastAPI()

    @app.post("/people")
    async def create(person: Annotated[models.CreateAccountUserRequest, Body()]) -> str:
        return person.password.reveal()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        right = await http.post("/people", json={"full_name": "An", "phone": "1", "password": "pass"})
        wrong = await http.post("/people", json={"full_nam": "An", "phone": "1", "password": "pass"})
    assert (right.status_code, right.json()) == (200, "pass")
    assert wrong.status_code == 422
    assert "unknown field 'full_nam', did you mean 'full_name'?" in wrong.text


def test_pydantic_and_msgspec() -> None:
    """A pydantic model may have models as fields, and msgspec writes them; both mask secrets."""
    holder = pydantic.create_model("Holder", row=models.Extension)
    held = holder(row=SECRET_ROW)
    assert held.model_dump()["row"] == SECRET_ROW.to_dict()
    assert json.loads(held.model_dump_json())["row"] == EXPORTED
    assert holder(row=EXPORTED).model_dump()["row"] == SECRET_ROW.to_dict()
    assert json.loads(msgspec.json.encode(SECRET_ROW, enc_hook=str)) == EXPORTED


def test_from_dict_does_not_warn_of_a_response() -> None:
    """An imported result keeps unlisted values without a warning, and they can be sent back."""
    call = models.CallLog.from_dict({"id": "1", "direction": "brand_new"})
    assert call.direction == models.CallDirection.unlisted("brand_new")
    other = models.CallLog.from_dict({"direction": models.MessageDirection.IN, "call_state": None})
    assert (other.direction, other.call_state) == (models.CallDirection.IN, None)
    webhook = models.Webhook.from_dict({"id": "1", "entities": ["brand_new"]})
    assert webhook.entities == ("brand_new",)
    assert check(models.CallLogFilter(direction=call.direction)) == ()


def test_from_dict_checks_a_request() -> None:
    """An imported request warns of an unlisted text at the caller's line, or is refused when it is sent."""
    listed = models.CallLogFilter.from_dict({"direction": "in"})
    assert listed.direction is models.CallDirection.IN
    meant = models.CallLogFilter.from_dict({"direction": models.CallDirection.unlisted("inbound")})
    assert check(meant) == ()
    (problem,) = check(models.CallLogFilter.from_dict({"direction": "inbound"}))
    assert "did you mean 'in'?" in problem
    (problem,) = check(
        models.CallLogFilter.from_dict({"direction": models.MessageDirection.unlisted("inbound")})
    )
    assert "did you mean 'in'?" in problem
    with pytest.warns(UnlistedValueWarning) as caught:
        models.FollowerFilter.from_dict({"gender": "woman"})
    assert [warning.filename for warning in caught] == [__file__]


def test_schema_of_a_complete_list() -> None:
    """A request that takes a complete list has its texts in its schema; an open list is a text."""
    properties = json_schema(models.CallLogFilter)["properties"]
    texts = [member.value for member in models.CallDirection]
    assert properties["direction"] == {"anyOf": [{"type": "string", "enum": texts}, {"type": "null"}]}
    assert json_schema(models.CallLog)["properties"]["direction"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }
    assert json_schema(models.FollowerFilter)["properties"]["gender"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_hint_for_each_value(kind: type[OpenEnum]) -> None:
    """Another case, spaces and the name of a member lead to that member, in every list of values."""
    for member in kind:
        for text in (f" {member.value.upper()} ", member.name.title()):
            if text not in {each.value for each in kind}:
                with pytest.warns(UnlistedValueWarning, match=re.escape(f"did you mean {member.value!r}")):
                    kind(text)
