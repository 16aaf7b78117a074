"""Read operations from the paths of the spec files and from the overlay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from codegen.documents import Document, is_object, pointer
from codegen.forms import cases, forms
from codegen.overlay import shown
from codegen.records import (
    FAILURE_RULES,
    HAND_WRITTEN,
    Direction,
    Kind,
    ModelClass,
    Operation,
    PageNumbers,
    Type,
    Verify,
)
from codegen.schemas import UNKNOWN, Classes, Place, is_open, texts

EFFECTS: Final = ("READ", "IDEMPOTENT", "DELETE", "CREATE", "SEND")
_SCOPES: Final[Mapping[str, str]] = {
    "shop_api_key": "shop",
    "partner_api_key": "partner",
    "partner_shop_key": "partner",
}
CALLERS: Final = (*_SCOPES, "username_password")
_PATH: Final = re.compile(r"/(?:\{scope\}\.|api/)(?P<service>\w+)/(?P<method>\w+)")
_JSON: Final = "application/json"
_MULTIPART: Final = "multipart/form-data"
# Keywords that every list has in addition to those of its request.
_LIST_KEYWORDS: Final[tuple[str, ...]] = ("prefetch", "resume")
_PAGE_INFO: Final = Type(Kind.OBJECT, "PageInfo")


def operations(document: Document, classes: Classes) -> Iterator[Operation]:
    """Yield each operation of *document* that has a name and an effect; the others are problems."""
    for path, item in document.follow(document.root.get("paths")).items():
        where = pointer("paths", path)
        match = _PATH.fullmatch(path)
        post = item.get("post") if is_object(item) else None
        if match is None:
            text = "the path must be /{scope}.Service/Method or /api/Service/Method."
            classes.problems.add(document.file, where, text)
        elif not is_object(post):
            text = "no post; every operation of this API is a POST."
            classes.problems.add(document.file, where, text)
        else:
            yield from _Reader(document, classes, match["service"], match["method"], where, post).read()


@attrs.frozen
class _Reader:
    """Reader of one operation."""

    document: Document
    classes: Classes
    service: str
    method: str
    path: str
    """JSON pointer of the path."""
    post: dict[str, Any]

    def read(self) -> Iterator[Operation]:
        """Yield the operation, or nothing if its name or its effect is missing."""
        name, effect = self._name(), self._effect()
        provisional = " ".join(texts(self.post.get("x-provisional"))) or None
        source = self.document.follow(self.post.get("externalDocs")).get("url") or ""
        if not source and provisional is None:
            self._wrong("no externalDocs.url; add the page of the operation, or x-provisional with a reason.")
        if self.post.get("operationId") != f"{self.service}-{self.method}":
            self._wrong(f"operationId must be {self.service}-{self.method}, to match the path.")
        request, response = self._request(source), self._response(source)
        items = key = pages = None
        if name is not None and name.rpartition(".")[2] == "list":
            pages = self._pages(request)
            items, response, key = self._list(response, pages)
            self._check_keywords(request)
        operation = Operation(
            name=name or "",
            area=self.document.area,
            service=self.service,
            method=self.method,
            effect=effect or "",
            callers=self._callers(),
            title=self._text("summary"),
            title_vi=self.post.get("x-title-vi"),
            doc=self._text("description"),
            notes=texts(self.post.get("x-notes")),
            doubts=texts(self.post.get("x-doubts")),
            source=source,
            request=request,
            response=response,
            items=items,
            key=key,
            pages=pages,
            cases=None if items is not None else cases(response, self.classes),
            idempotent_if=self._idempotent_if(effect, request),
            fails_in_body=self._fails_in_body(response),
            credentials=self._request_fields("credentials", request),
            needs=self._request_fields("needs", request),
            tracking=self._tracking(request),
            template=self._overlay_text("template"),
            denied=self._overlay_text("denied"),
            verify=self._verify(request),
            is_partial=self._is_partial(request),
            multipart=_MULTIPART in self._contents(self.post.get("requestBody")),
            provisional=provisional,
        )
        if name is not None and effect is not None:
            yield from forms(operation, self.classes)

    def _name(self) -> str | None:
        name = self._overlay_text("name")
        if name is None:
            self._wrong_key("name", "no public name; add one.")
        return name

    def _effect(self) -> str | None:
        effect = self._overlay_text("effect")
        if effect is None:
            self._wrong_key("effect", f"no effect; add one of {', '.join(EFFECTS)}.")
        elif effect not in EFFECTS:
            self._wrong_key("effect", f"{effect!r} is not an effect; use one of {', '.join(EFFECTS)}.")
        return effect

    def _text(self, key: str) -> str:
        value = " ".join(texts(self.post.get(key)))
        if not value:
            self._wrong(f"no {key}; add one.")
        return value

    def _callers(self) -> tuple[str, ...]:
        callers = texts(self.post.get("x-callers"))
        if not callers:
            self._wrong(f"no x-callers; list those of {', '.join(CALLERS)} that may call it.")
        for caller in callers:
            if caller not in CALLERS:
                self._wrong(f"{caller!r} in x-callers is not a kind of key; use {', '.join(CALLERS)}.")
        scopes = sorted({_SCOPES[caller] for caller in callers if caller in _SCOPES})
        if scopes and self._scopes() != scopes:
            self._wrong(f"the parameter scope must have the enum {scopes}, to match x-callers.")
        return tuple(caller for caller in CALLERS if caller in callers)

    def _scopes(self) -> list[str]:
        for node in self.post.get("parameters", ()):
            parameter = self.document.follow(node)
            if parameter.get("name") == "scope":
                return sorted(self.document.follow(parameter.get("schema")).get("enum", ()))
        return []

    def _contents(self, body: object) -> dict[str, Any]:
        """Return the content of a request body or a response body, by media type."""
        return self.document.follow(self.document.follow(body).get("content"))

    def _request(self, source: str) -> Type:
        place = self._place(Direction.REQUEST, source, "requestBody", "content")
        contents = self._contents(self.post.get("requestBody"))
        media = next((media for media in (_JSON, _MULTIPART) if media in contents), None)
        if media is None:
            return self._wrong_at(place, f"the content must be {_JSON} or {_MULTIPART}.")
        schema = self.document.follow(contents[media]).get("schema")
        node = self.document.follow(schema)
        if is_open(node) and "additionalProperties" not in node:
            return Type(Kind.EMPTY)
        if is_open(node):
            return self._wrong_at(place, "no fields; add the likely ones, and mark them with x-inferred.")
        return self._body_type(schema, place)

    def _is_partial(self, request: Type) -> bool:
        """Return whether the schema of the request allows fields that it does not name."""
        contents = self._contents(self.post.get("requestBody"))
        schema = self.document.follow(self.document.follow(contents.get(_JSON)).get("schema"))
        return request.kind is Kind.OBJECT and schema.get("additionalProperties") is True

    def _response(self, source: str) -> Type:
        place = self._place(Direction.RESPONSE, source, "responses", "200", "content")
        contents = self._contents(self.document.follow(self.post.get("responses")).get("200"))
        if _JSON not in contents:
            return self._wrong_at(place, "no JSON response; describe it.")
        return self._body_type(self.document.follow(contents[_JSON]).get("schema"), place)

    def _body_type(self, schema: object, place: Place) -> Type:
        """Return the type of a request body or a response body, which must be an object."""
        type_ = self.classes.type_of(schema, place)
        if type_.kind not in {Kind.OBJECT, Kind.OPEN} or type_.name in HAND_WRITTEN:
            return self._wrong_at(
                place, "a request or a response must be an object; refer to its own component."
            )
        return type_

    def _place(self, direction: Direction, source: str, *steps: str) -> Place:
        return Place(self.document, "/".join([self.path, "post", *steps]), direction, source)

    def _pages(self, request: Type) -> PageNumbers | None:
        """Return the page numbers of the list, or `None` if it has cursors."""
        where = ("operations", self._wire, "pages")
        given = {name: self.classes.overlay.text(*where, name) for name in ("request", "response", "total")}
        number, response, total = given.values()
        if number is None or response is None or total is None:
            if any(given.values()):
                self._wrong_key("pages", f"it must have {', '.join(given)}; add the missing ones.")
            return None
        size = self.classes.overlay.text(*where, "size")
        self._check_present("pages", [number, *([size] if size else [])], request)
        return PageNumbers(request=number, response=response, total=total, size=size)

    def _list(self, response: Type, pages: PageNumbers | None) -> tuple[str, Type, str]:
        """Return the array's name, the type of an item, and the field that identifies an item."""
        items, key = self._overlay_text("items"), self._overlay_text("key") or "id"
        unknown = ("*", UNKNOWN, key)
        if response is UNKNOWN:  # already reported
            return unknown
        if response.kind is Kind.OPEN:
            if items != "*":
                self._wrong_key("items", 'the response of this list is not known; set items = "*".')
            return "*", response, key
        if items is not None:
            self._wrong_key("items", "the response has a known array; delete the line.")
        fields = {field.wire: field.type for field in self._model(response).fields}
        arrays = {wire: type_.item for wire, type_ in fields.items() if type_.kind is Kind.LIST}
        others = {wire: type_ for wire, type_ in fields.items() if wire not in arrays}
        counts = {pages.response, pages.total} if pages is not None else None
        if len(arrays) != 1 or (others not in ({}, {"paging": _PAGE_INFO}) and set(others) != counts):
            self._wrong("the response of a list must have one array, and only paging (PageInfo) beside it.")
            return unknown
        ((wire, item),) = arrays.items()
        if item is None or item.kind is not Kind.OBJECT:
            self._wrong(f"the items of {wire} must be a component; add one and refer to it.")
            return unknown
        if key not in {field.name for field in self._model(item).fields}:
            self._wrong_key("key", f"{item.name} has no field {key!r}; use the field that identifies it.")
        return wire, item, key

    def _check_keywords(self, request: Type) -> None:
        """Check that the fields of a list's request do not conflict as keywords."""
        keywords = list[str](_LIST_KEYWORDS)
        for field in self._model(request).fields if request.kind is Kind.OBJECT else ():
            if field.type == Type(Kind.OBJECT, "Paging"):
                keywords += HAND_WRITTEN["Paging"]
            elif field.wire == "filter" and field.type.kind is Kind.OBJECT:
                keywords += [inner.name for inner in self._model(field.type).fields]
            else:
                keywords.append(field.name)
        for name in sorted({name for name in keywords if keywords.count(name) > 1}):
            self._wrong(
                f"two keywords of this list are named {name!r}; rename one in the overlay's [fields]."
            )

    def _fails_in_body(self, response: Type) -> str | None:
        field = self._overlay_text("fails_in_body")
        if field is not None:
            present = {field.wire for field in self._model(response).fields} if response.name else set[str]()
            if field not in present:
                self._wrong_key("fails_in_body", f"the response has no field {field!r}; correct the name.")
            elif field not in FAILURE_RULES:
                known = ", ".join(FAILURE_RULES)
                self._wrong_key("fails_in_body", f"the client has no rule for {field!r}; it knows {known}.")
        return field

    def _idempotent_if(self, effect: str | None, request: Type) -> tuple[str, ...]:
        fields = self._request_fields("idempotent_if", request)
        if fields and effect != "IDEMPOTENT":
            self._wrong_key("idempotent_if", "it needs the effect IDEMPOTENT; delete the line.")
        return fields

    def _request_fields(self, key: str, request: Type) -> tuple[str, ...]:
        fields = self.classes.overlay.texts("operations", self._wire, key)
        self._check_present(key, fields, request)
        return fields

    def _check_present(self, key: str, fields: Iterable[str], request: Type) -> None:
        present = {field.name for field in self._model(request).fields} if request.name else set[str]()
        for field in fields:
            if field not in present:
                self._wrong_key(key, f"the request has no field {field!r}; correct the name.")

    def _tracking(self, request: Type) -> str | None:
        field = self._overlay_text("tracking")
        if field is not None:
            self._check_present("tracking", [field], request)
        return field

    def _verify(self, request: Type) -> Verify | None:
        where = ("operations", self._wire, "verify")
        overlay = self.classes.overlay
        read = overlay.text(*where, "read")
        verify = Verify(
            read=read or "",
            first=overlay.text(*where, "first"),
            by=overlay.texts(*where, "by"),
            key=overlay.text(*where, "key"),
            key_field=overlay.text(*where, "key_field"),
            sets=overlay.texts(*where, "sets"),
            shows=overlay.table(*where, "shows"),
            is_absent=overlay.flag(*where, "is_absent"),
            any_age=overlay.flag(*where, "any_age"),
        )
        named = (*verify.by, *verify.sets, *(() if verify.key is None else (verify.key,)))
        self._check_present("verify", named, request)
        return None if read is None else verify

    def _model(self, type_: Type) -> ModelClass:
        return self.classes.models[type_.name]

    @property
    def _wire(self) -> str:
        return f"{self.service}/{self.method}"

    def _overlay_text(self, key: str) -> str | None:
        return self.classes.overlay.text("operations", self._wire, key)

    def _wrong(self, text: str) -> None:
        self.classes.problems.add(self.document.file, f"{self.path}/post", text)

    def _wrong_at(self, place: Place, text: str) -> Type:
        self.classes.problems.add(self.document.file, place.where, text)
        return UNKNOWN

    def _wrong_key(self, key: str, text: str) -> None:
        where = shown(("operations", self._wire, key))
        self.classes.problems.add(self.classes.overlay.file, where, text)
