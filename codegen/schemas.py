"""
Classes and types out of the schemas of the spec files.

The room knows OpenAPI schemas and the overlay's names; it does not know what an operation is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from codegen import names
from codegen.documents import Document, pointer
from codegen.overlay import Overlay, shown
from codegen.problems import Problems
from codegen.records import Direction, EnumClass, Field, Kind, Member, ModelClass, Type, Words

# Written by hand in `etelecom_async.paging`; every spec file that pages repeats them.
HAND_WRITTEN: Final[Mapping[str, frozenset[str]]] = {
    "Paging": frozenset({"after", "before", "limit", "sort"}),
    "PageInfo": frozenset({"after", "before", "limit", "next", "prev", "sort"}),
}
_SCHEMAS: Final = ("components", "schemas")
_TEXT_FORMATS: Final[Mapping[str | None, Kind]] = {
    None: Kind.TEXT,
    "int64": Kind.TEXT,
    "uri": Kind.TEXT,
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
UNKNOWN: Final = Type(Kind.OPEN)
"""What stands for a schema with a problem, so that reading can go on."""


def reference(component: str) -> str:
    """Return the reference to a component."""
    return pointer(*_SCHEMAS, component)


def is_open(schema: Mapping[str, Any]) -> bool:
    """Whether *schema* is an object of which nothing more is known."""
    return (
        schema.get("type") == "object"
        and not schema.get("properties")
        and schema.get("additionalProperties", True) is True
    )


def texts(value: Any) -> tuple[str, ...]:
    """Return *value*, a text or a list of texts, as texts on one line each."""
    found: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value] if value else []
    return tuple(" ".join(str(text).split()) for text in found)


@attrs.define
class Classes:
    """The classes of all spec files; they are made when something uses them."""

    overlay: Overlay
    problems: Problems
    enums: dict[str, EnumClass] = attrs.field(factory=dict)
    models: dict[str, ModelClass] = attrs.field(factory=dict)
    _components: dict[str, tuple[Document, Any]] = attrs.field(factory=dict)
    _names: dict[str, str] = attrs.field(factory=dict)

    def declare(self, document: Document) -> None:
        """Take note of the components of *document*, and of those that another file has otherwise."""
        for component, schema in schemas_of(document).items():
            first, before = self._components.setdefault(component, (document, schema))
            if before != schema:
                self.problems.add(
                    document.file,
                    reference(component),
                    f"{first.file} has another component of this name; make both the same, or name one otherwise.",
                )
            expected = HAND_WRITTEN.get(component)
            if expected is not None and frozenset(_properties(schema)) != expected:
                self.problems.add(
                    document.file,
                    reference(component),
                    f"it stands for the hand-written class and needs the fields {', '.join(sorted(expected))}.",
                )

    def type_of(self, document: Document, schema: Any, where: str, direction: Direction, source: str) -> Type:
        """
        Return the type that *schema* describes, and make the classes that it needs.

        Args:
            document: The file in which the schema stands.
            schema: The schema.
            where: Its place, for messages.
            direction: Which way the object travels.
            source: The page that describes it.
        """

        def wrong(text: str) -> Type:
            self.problems.add(document.file, where, text)
            return UNKNOWN

        def inner(schema: Any, step: str) -> Type:
            return self.type_of(document, schema, f"{where}/{step}", direction, source)

        if not isinstance(schema, dict):
            return wrong("there is no schema; write one.")
        node = cast("dict[str, Any]", schema)
        if (ref := node.get("$ref")) is not None:
            return self._component(document, ref, direction, source)
        for choice in ("anyOf", "oneOf"):
            if choice in node:
                options = [option for option in node[choice] if option != {"type": "null"}]
                if len(options) == 1:
                    return inner(options[0], choice)
                return wrong(f"{choice} may have one schema beside null; choose one and note the other as x-doubt.")
        if "enum" in node or "const" in node:
            return wrong("enums are open here; name a component with x-known-values and refer to it.")
        if "x-known-values" in node:
            return wrong("x-known-values belong to a component; name one and refer to it.")
        kinds = [kind for kind in _listed(node.get("type")) if kind != "null"]
        if len(kinds) != 1:
            return wrong(f"unsupported type {node.get('type')!r}; name exactly one (and null where it may be null).")
        match kinds[0]:
            case "string":
                format_ = node.get("format")
                if format_ in _TEXT_FORMATS:
                    return Type(_TEXT_FORMATS[format_])
                known = ", ".join(str(name) for name in _TEXT_FORMATS if name)
                return wrong(f"unsupported format {format_!r}; the formats of a string are {known}.")
            case "array":
                return Type(Kind.LIST, item=inner(node.get("items"), "items"))
            case "object" if node.get("properties"):
                return wrong("an object inside another needs a name; make it a component and refer to it.")
            case "object" if isinstance(node.get("additionalProperties"), dict):
                return Type(Kind.MAP, item=inner(node["additionalProperties"], "additionalProperties"))
            case "object":
                return Type(Kind.OPEN)
            case kind if kind in _PLAIN:
                return Type(_PLAIN[kind])
            case kind:
                return wrong(f"unsupported type {kind!r}; use string, integer, number, boolean, array or object.")

    def _component(self, document: Document, ref: str, direction: Direction, source: str) -> Type:
        schema = document.find(ref)
        component = ref.rpartition("/")[2]
        if not isinstance(schema, dict) or ref != reference(component):
            return UNKNOWN  # `documents` reports references that lead nowhere
        node = cast("dict[str, Any]", schema)
        if "x-known-values" in node:
            return Type(Kind.ENUM, self._enum(document, component, node))
        if node.get("properties"):
            return Type(Kind.OBJECT, self._model(document, component, node, direction, source))
        return self.type_of(document, node, ref, direction, source)

    def _class_name(self, document: Document, component: str) -> str:
        name = self.overlay.text("classes", component) or component
        taken = self._names.setdefault(name, component)
        if taken != component:
            self.problems.add(
                self.overlay.file, shown(("classes", component)), f"{taken} is called {name} too; choose another name."
            )
        if not names.is_class_name(name):
            self.problems.add(
                document.file,
                reference(component),
                f"{name!r} cannot name a class; name it otherwise here or in the overlay's [classes].",
            )
        return name

    def _words(self, document: Document, schema: Mapping[str, Any], where: str) -> Words:
        doc = " ".join(texts(schema.get("description")))
        if not doc:
            self.problems.add(document.file, where, "no description; say what it is.")
        return Words(
            doc=doc,
            doubt=" ".join(texts(schema.get("x-doubt"))) or None,
            inferred=schema.get("x-inferred") is True,
        )

    def _enum(self, document: Document, component: str, schema: Mapping[str, Any]) -> str:
        name = self._class_name(document, component)
        if name in self.enums:
            return name
        where = reference(component)
        members: dict[str, Member] = {}
        for value, meaning in cast("dict[str, Any]", schema["x-known-values"]).items():
            ours = self.overlay.text("enums", component, value)
            member = Member(name=ours or names.member(value), value=value, doc=" ".join(texts(meaning)))
            key = shown(("enums", component, value))
            if not names.is_member_name(member.name):
                self.problems.add(
                    document.file,
                    f"{where}/x-known-values",
                    f"{member.name!r} cannot name a member; write {key} in the overlay.",
                )
            elif member.name in members:
                self.problems.add(
                    document.file,
                    f"{where}/x-known-values",
                    f"{members[member.name].value!r} and {value!r} are both called {member.name};"
                    f" write {key} in the overlay.",
                )
            members[member.name] = member
        self.enums[name] = EnumClass(
            name=name,
            area=self._components[component][0].area,
            members=tuple(members.values()),
            **_fields_of(self._words(document, schema, where)),
        )
        return name

    def _model(
        self,
        document: Document,
        component: str,
        schema: Mapping[str, Any],
        direction: Direction,
        source: str,
    ) -> str:
        if component in HAND_WRITTEN:
            return component
        name = self._class_name(document, component)
        where = reference(component)
        known = self.models.get(name)
        if known is not None:
            if known.direction is not direction:
                self.problems.add(
                    document.file, where, "used in requests and in answers; make two components of it."
                )
            return name
        page = schema.get("externalDocs", {}).get("url", source)
        model = ModelClass(
            name=name,
            area=self._components[component][0].area,
            direction=direction,
            source=page,
            fields=(),
            **_fields_of(self._words(document, schema, where)),
        )
        self.models[name] = model  # before its fields: one of them may refer back to it
        required = frozenset(schema.get("required", ()))
        for stray in sorted(required.difference(_properties(schema))):
            self.problems.add(document.file, f"{where}/required", f"there is no field {stray!r}; mend the name.")
        fields: dict[str, Field] = {}
        for wire, property_ in _properties(schema).items():
            place = f"{where}/properties/{wire}"
            field = self._field(document, component, wire, property_, place, direction, source)
            if field.name in fields:
                self.problems.add(
                    document.file,
                    place,
                    f"{fields[field.name].wire!r} is called {field.name} too; mend the overlay's [fields].",
                )
            fields[field.name] = attrs.evolve(field, required=wire in required)
        self.models[name] = attrs.evolve(model, fields=tuple(fields.values()))
        return name

    def _field(
        self,
        document: Document,
        component: str,
        wire: str,
        schema: Any,
        where: str,
        direction: Direction,
        source: str,
    ) -> Field:
        key = f"{component}.{wire}"
        ours = self.overlay.text("fields", key)
        name = ours or names.free(wire)
        if not names.is_free_field(name):
            self.problems.add(
                document.file,
                where,
                f"{name!r} cannot name a field; write {shown(('fields', key))} in the overlay, in lower_case.",
            )
        type_ = self.type_of(document, schema, where, direction, source)
        described = cast("dict[str, Any]", schema) if isinstance(schema, dict) else {}
        if "description" not in described and type_.name is not None:
            described = {**described, "description": document.follow(described).get("description")}
        words = self._words(document, described, where)
        return Field(name=name, wire=wire, type=type_, **_fields_of(words))


def schemas_of(document: Document) -> dict[str, Any]:
    """Return the schema components of *document*."""
    found = document.find(pointer(*_SCHEMAS))
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _fields_of(words: Words) -> dict[str, Any]:
    return attrs.asdict(words)


def _properties(schema: Any) -> dict[str, Any]:
    found = cast("dict[str, Any]", schema).get("properties") if isinstance(schema, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _listed(kinds: Any) -> list[Any]:
    return cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds]


def paging_words(documents: Iterable[Document]) -> dict[str, str]:
    """Return what the fields of `Paging` mean; every file that has it says the same."""
    for document in documents:
        if "Paging" in schemas_of(document):
            fields = _properties(schemas_of(document)["Paging"])
            return {name: " ".join(texts(schema.get("description"))) for name, schema in fields.items()}
    return {}
