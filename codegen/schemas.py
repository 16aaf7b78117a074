"""
Read classes and types from the schemas of the spec files.

This module knows OpenAPI schemas and the names in the overlay, but not operations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import attrs

from codegen import names
from codegen.documents import Document, is_array, is_object, pointer
from codegen.overlay import Overlay, shown
from codegen.problems import Problems
from codegen.records import (
    FORMS,
    HAND_WRITTEN,
    Described,
    Direction,
    EnumClass,
    Field,
    Kind,
    Member,
    ModelClass,
    Type,
)

_SCHEMAS: Final = ("components", "schemas")
_TEXT_FORMATS: Final[Mapping[str | None, Kind]] = {
    None: Kind.TEXT,
    "int64": Kind.TEXT,
    "uri": Kind.TEXT,
    "uri-reference": Kind.TEXT,  # a URI, or empty
    "email": Kind.TEXT,
    "date-time": Kind.TIME,
    "password": Kind.SECRET,
    "binary": Kind.BYTES,
}
_PLAIN: Final[Mapping[str, Kind]] = {
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
}
_VALUES: Final = "x-known-values"
_NULL: Final = {"type": "null"}
_TYPE_OF_FORM: Final[Mapping[str | None, Type]] = {
    "local_time": Type(Kind.TIME),
    "json": Type(Kind.OPEN),
}
UNKNOWN: Final = Type(Kind.OPEN)
"""Type of a schema with a problem, so that the reader can continue."""


@attrs.frozen
class Place:
    """Place of a schema."""

    document: Document
    where: str
    direction: Direction
    source: str
    """The page that describes it."""

    def inside(self, *steps: str) -> Place:
        """Return the place below this one."""
        return attrs.evolve(self, where="/".join([self.where, *steps]))


def reference(component: str) -> str:
    """Return the reference to a component."""
    return pointer(*_SCHEMAS, component)


def schemas_of(document: Document) -> dict[str, Any]:
    """Return the schema components of *document*."""
    return document.follow(document.find(pointer(*_SCHEMAS)))


def is_open(schema: Mapping[str, Any]) -> bool:
    """Return whether *schema* is an object without known content."""
    return (
        schema.get("type") == "object"
        and not schema.get("properties")
        and schema.get("additionalProperties", True) is True
    )


def texts(value: object) -> tuple[str, ...]:
    """Return *value*, a text or a list of texts, as texts on one line each."""
    found = value if is_array(value) else [value] if value else []
    return tuple(" ".join(str(text).split()) for text in found)


def paging_descriptions(documents: Iterable[Document]) -> dict[str, str]:
    """Return the descriptions of the fields of `Paging`; they are the same in every file."""
    for document in documents:
        if "Paging" in schemas_of(document):
            fields = _properties(schemas_of(document)["Paging"])
            return {name: " ".join(texts(schema.get("description"))) for name, schema in fields.items()}
    return {}


def _properties(schema: object) -> dict[str, Any]:
    found = schema.get("properties") if is_object(schema) else None
    return found if is_object(found) else {}


@attrs.define
class Classes:
    """The classes of all spec files; a class is created on first use."""

    overlay: Overlay
    problems: Problems
    enums: dict[str, EnumClass] = attrs.field(factory=dict[str, EnumClass])
    models: dict[str, ModelClass] = attrs.field(factory=dict[str, ModelClass])
    _first: dict[str, tuple[Document, Any]] = attrs.field(factory=dict[str, tuple[Document, Any]])
    """The first file with a component, and the component."""
    _names: dict[str, str] = attrs.field(factory=dict[str, str])
    """Components by the names of their classes."""

    def declare(self, document: Document) -> None:
        """Register the components of *document*, and report those that differ in another file."""
        for component, schema in schemas_of(document).items():
            first, before = self._first.setdefault(component, (document, schema))
            if before != schema:
                text = f"{first.file} has a different {component}; make both equal, or rename one."
                self.problems.add(document.file, reference(component), text)
            expected = HAND_WRITTEN.get(component)
            if expected is not None and frozenset(_properties(schema)) != expected:
                text = f"it represents a hand-written class with the fields {', '.join(sorted(expected))}."
                self.problems.add(document.file, reference(component), f"{text} Use these.")

    def derive(self, model: ModelClass, key: tuple[str, ...]) -> None:
        """Add a class that the overlay makes of another one; *key* is the place of its name."""
        known = self.models.setdefault(model.name, model)
        if known != model or model.name in self.enums:
            text = f"another class has the name {model.name} too; choose another name."
            self.problems.add(self.overlay.file, shown(key), text)
        elif not names.is_class_name(model.name):
            text = f"{model.name!r} is not a valid class name; choose another one."
            self.problems.add(self.overlay.file, shown(key), text)
        for field in model.fields:
            if not names.is_free_field(field.name):
                text = f"{field.name!r} is not a valid field name; use lower_case."
                self.problems.add(self.overlay.file, shown(key), text)

    def type_of(self, schema: object, place: Place) -> Type:
        """Return the type that *schema* describes, and create the classes that it needs."""
        if not is_object(schema):
            return self._wrong(place, "no schema; add one.")
        if (ref := schema.get("$ref")) is not None:
            return self._component(ref, place)
        if choice := next((choice for choice in ("anyOf", "oneOf") if choice in schema), None):
            return self._choice(schema[choice], place.inside(choice))
        if not {"enum", "const", _VALUES}.isdisjoint(schema):
            text = f"an enum must be open and have a name: make it a component with {_VALUES}."
            return self._wrong(place, text)
        listed = schema.get("type")
        kinds = [kind for kind in (listed if is_array(listed) else [listed]) if kind != "null"]
        if len(kinds) != 1:
            return self._wrong(place, f"unsupported type {listed!r}; use one type, and null if allowed.")
        return self._plain(kinds[0], schema, place)

    def _choice(self, options: list[object], place: Place) -> Type:
        some = [option for option in options if option != _NULL]
        if len(some) == 1:
            return self.type_of(some[0], place)
        return self._wrong(
            place, "only one schema may be combined with null; choose one, and describe the other in x-doubt."
        )

    def _plain(self, kind: object, schema: Mapping[str, Any], place: Place) -> Type:
        match kind:
            case "string":
                return self._text(schema.get("format"), place)
            case "array":
                return Type(Kind.LIST, item=self.type_of(schema.get("items"), place.inside("items")))
            case "object":
                return self._object(schema, place)
            case str() if kind in _PLAIN:
                return Type(_PLAIN[kind])
            case _:
                known = ", ".join(["string", *_PLAIN, "array", "object"])
                return self._wrong(place, f"unsupported type {kind!r}; use one of {known}.")

    def _object(self, schema: Mapping[str, Any], place: Place) -> Type:
        if schema.get("properties"):
            return self._wrong(place, "a nested object must have a name: make it a component.")
        inside = schema.get("additionalProperties")
        if is_object(inside):
            return Type(Kind.MAP, item=self.type_of(inside, place.inside("additionalProperties")))
        return Type(Kind.OPEN)

    def _text(self, format_: str | None, place: Place) -> Type:
        if format_ in _TEXT_FORMATS:
            return Type(_TEXT_FORMATS[format_])
        known = ", ".join(name for name in _TEXT_FORMATS if name)
        return self._wrong(place, f"unsupported format {format_!r}; use none, or one of {known}.")

    def _component(self, ref: str, place: Place) -> Type:
        schema = place.document.find(ref)
        component = ref.rpartition("/")[2]
        if not is_object(schema) or ref != reference(component):
            return UNKNOWN  # `documents` reports references to missing components
        if component in HAND_WRITTEN:
            return Type(Kind.OBJECT, component)
        there = attrs.evolve(place, where=ref)
        if is_object(schema.get(_VALUES)):
            return Type(Kind.ENUM, self._enum(component, schema, there))
        if _properties(schema):
            return Type(Kind.OBJECT, self._model(component, schema, there))
        return self.type_of(schema, there)

    def _enum(self, component: str, schema: Mapping[str, Any], place: Place) -> str:
        name = self._class_name(component, place)
        if name in self.enums:
            return name
        there = place.inside(_VALUES)
        members: dict[str, Member] = {}
        for value, meaning in schema[_VALUES].items():
            key = ("enums", component, value)
            called = self.overlay.text(*key) or names.member(value)
            if not names.is_member_name(called):
                self._wrong(there, f"{called!r} is not a valid member name; set {shown(key)} in the overlay.")
            elif called in members:
                both = f"{members[called].value!r} and {value!r} both have the name {called}"
                self._wrong(there, f"{both}; set {shown(key)} in the overlay.")
            members[called] = Member(name=called, value=value, doc=" ".join(texts(meaning)))
        decision = ("complete", component)
        complete = self.overlay.decision(*decision)
        if complete is None:
            text = f"no decision; set {shown(decision)} to true if the pages list all values, else to false."
            self.problems.add(self.overlay.file, shown(decision), text)
        self.enums[name] = EnumClass(
            name=name,
            area=self._first[component][0].area,
            members=tuple(members.values()),
            is_complete=bool(complete),
            **attrs.asdict(self._described(schema, place)),
        )
        return name

    def _model(self, component: str, schema: Mapping[str, Any], place: Place) -> str:
        name = self._class_name(component, place)
        known = self.models.get(name)
        if known is not None:
            if known.direction is not place.direction:
                self._wrong(place, "used in requests and in responses; split it into two components.")
            return name
        page = place.document.follow(schema.get("externalDocs")).get("url", place.source)
        model = ModelClass(
            name=name,
            area=self._first[component][0].area,
            direction=place.direction,
            source=page,
            fields=(),
            **attrs.asdict(self._described(schema, place)),
        )
        self.models[name] = model  # before its fields, because a field may refer back to it
        required = frozenset(schema.get("required", ()))
        for stray in sorted(required.difference(_properties(schema))):
            self._wrong(place.inside("required"), f"no field {stray!r}; correct the name.")
        fields: dict[str, Field] = {}
        for wire, described in _properties(schema).items():
            there = place.inside("properties", wire)
            field = self._field(component, wire, described, there)
            if field.name in fields:
                both = f"{fields[field.name].wire!r} and {wire!r} both have the name {field.name}"
                self._wrong(there, f"{both}; correct the overlay's [fields].")
            fields[field.name] = attrs.evolve(field, required=wire in required)
        self.models[name] = attrs.evolve(
            model, fields=tuple(fields.values()), id_name=self._id_name(name, place, fields)
        )
        return name

    def _id_name(self, name: str, place: Place, fields: Collection[str]) -> str | None:
        """Return the name that requests use for the id of a result."""
        if place.direction is Direction.REQUEST:
            return None
        id_name = self.overlay.text("ids", name)
        if id_name is not None and not {"id", id_name}.intersection(fields):
            text = f"{name} has neither id nor {id_name}; correct the name."
            self.problems.add(self.overlay.file, shown(("ids", name)), text)
        return id_name

    def _field(self, component: str, wire: str, schema: object, place: Place) -> Field:
        key = ("fields", f"{component}.{wire}")
        name = self.overlay.text(*key) or names.free(wire)
        if not names.is_free_field(name):
            text = f"{name!r} is not a valid field name; set {shown(key)} in the overlay, in lower_case."
            self._wrong(place, text)
        type_ = self.type_of(schema, place)
        form = self._form(component, wire, type_)
        if form in _TYPE_OF_FORM:
            type_ = _TYPE_OF_FORM[form]
        described: Mapping[str, Any] = schema if is_object(schema) else {}
        if "description" not in described and type_.name:
            described = {**described, "description": place.document.follow(schema).get("description")}
        documentation = self._described(described, place)
        return Field(
            name=name,
            wire=wire,
            type=type_,
            max_length=described.get("maxLength"),
            max_items=described.get("maxItems"),
            form=form,
            **attrs.asdict(documentation),
        )

    def _form(self, component: str, wire: str, type_: Type) -> str | None:
        key = ("forms", f"{component}.{wire}")
        form = self.overlay.text(*key)
        if form is not None and form not in FORMS:
            text = f"{form!r} is not a form; use one of {', '.join(FORMS)}."
            self.problems.add(self.overlay.file, shown(key), text)
        elif form is not None and type_ != Type(Kind.TEXT):
            self.problems.add(self.overlay.file, shown(key), "only a text can have a form; delete the line.")
        return form

    def _class_name(self, component: str, place: Place) -> str:
        key = ("classes", component)
        name = self.overlay.text(*key) or component
        taken = self._names.setdefault(name, component)
        if taken != component:
            text = f"{taken} has the name {name} too; choose another name."
            self.problems.add(self.overlay.file, shown(key), text)
        if not names.is_class_name(name):
            self._wrong(place, f"{name!r} is not a valid class name; set {shown(key)} in the overlay.")
        return name

    def _described(self, schema: Mapping[str, Any], place: Place) -> Described:
        doc = " ".join(texts(schema.get("description")))
        if not doc:
            self._wrong(place, "no description; add one.")
        return Described(
            doc=doc,
            doubt=" ".join(texts(schema.get("x-doubt"))) or None,
            inferred=schema.get("x-inferred") is True,
        )

    def _wrong(self, place: Place, text: str) -> Type:
        self.problems.add(place.document.file, place.where, text)
        return UNKNOWN
