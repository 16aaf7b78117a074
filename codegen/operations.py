"""Operations out of the paths of the spec files and the overlay's words about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import attrs

from codegen.documents import Document, pointer
from codegen.overlay import shown
from codegen.records import Direction, Kind, ModelClass, Operation, Type
from codegen.schemas import HAND_WRITTEN, UNKNOWN, Classes, is_open, texts

EFFECTS: Final = ("READ", "IDEMPOTENT", "DELETE", "CREATE", "SEND")
_SCOPES: Final = {"shop_api_key": "shop", "partner_api_key": "partner", "partner_shop_key": "partner"}
CALLERS: Final = (*_SCOPES, "username_password")
_PATH: Final = re.compile(r"/(?:\{scope\}\.|api/)(?P<service>\w+)/(?P<method>\w+)")
_MULTIPART: Final = "multipart/form-data"
# Keywords that every list has beside those of its own request.
_LIST_KEYWORDS: Final = frozenset({"prefetch", "resume"})
# The fields by which the client tells that a 200 is a failure; it knows no other.
_FAILURE_FIELDS: Final = ("updated", "error_code", "status")


@attrs.frozen
class OperationReader:
    """Reads the operations of one spec file."""

    document: Document
    classes: Classes

    def operations(self) -> Iterator[Operation]:
        """Give each operation that has a name and an effect; the others are problems."""
        for path, item in cast("dict[str, Any]", self.document.root.get("paths") or {}).items():
            where = pointer("paths", path)
            match = _PATH.fullmatch(path)
            if match is None:
                self._wrong(where, "the path has to read /{scope}.Service/Method or /api/Service/Method.")
            elif not isinstance(item, dict) or not isinstance(item.get("post"), dict):
                self._wrong(where, "there is no post; every operation of this API is one.")
            else:
                yield from self._operation(match["service"], match["method"], path, item)

    def _operation(self, service: str, method: str, path: str, item: dict[str, Any]) -> Iterator[Operation]:
        overlay = self.classes.overlay
        post = cast("dict[str, Any]", item["post"])
        where = pointer("paths", path, "post")
        wire = f"{service}/{method}"
        key = ("operations", wire)
        name, effect = overlay.text(*key, "name"), overlay.text(*key, "effect")
        if name is None:
            self._wrong_key((*key, "name"), "no public name; write one.")
        if effect is None:
            self._wrong_key((*key, "effect"), f"no effect; write one of {', '.join(EFFECTS)}.")
        elif effect not in EFFECTS:
            self._wrong_key((*key, "effect"), f"{effect!r} is no effect; write one of {', '.join(EFFECTS)}.")
        if post.get("operationId") != f"{service}-{method}":
            self._wrong(where, f"operationId {post.get('operationId')!r} has to be '{service}-{method}'.")

        provisional = " ".join(texts(post.get("x-provisional"))) or None
        source = post.get("externalDocs", {}).get("url") or ""
        if not source and provisional is None:
            self._wrong(where, "no externalDocs.url; give the page that documents it, or say why not in x-provisional.")
        request = self._request(post, where, source)
        answer = self._answer(post, where, source)
        is_list = name is not None and name.rpartition(".")[2] == "list"
        items, item_key = overlay.text(*key, "items"), overlay.text(*key, "key")
        if is_list:
            items, answer, item_key = self._list(where, wire, answer, items, item_key)
            self._check_keywords(where, request)
        elif items or item_key:
            self._wrong_key(key, "items and key are for operations called list; delete them.")
        fails_in_body = overlay.text(*key, "fails_in_body")
        if fails_in_body is not None and fails_in_body not in self._wire_names(answer):
            self._wrong_key((*key, "fails_in_body"), f"the answer has no field {fails_in_body!r}; mend the name.")
        if fails_in_body is not None and fails_in_body not in _FAILURE_FIELDS:
            text = f"the client cannot judge {fails_in_body!r}; it knows {', '.join(_FAILURE_FIELDS)}."
            self._wrong_key((*key, "fails_in_body"), text)
        credentials = overlay.texts(*key, "credentials")
        for field in credentials:
            if field not in self._names(request):
                self._wrong_key((*key, "credentials"), f"the request has no field {field!r}; mend the name.")
        if name is None or effect is None:
            return
        yield Operation(
            name=name,
            area=self.document.area,
            service=service,
            method=method,
            effect=effect,
            callers=self._callers(post, item, path),
            title=self._text(post, "summary", where),
            title_vi=post.get("x-title-vi"),
            doc=self._text(post, "description", where),
            notes=texts(post.get("x-notes")),
            doubts=texts(post.get("x-doubts")),
            source=source,
            request=request,
            response=answer,
            items=items,
            key=item_key,
            fails_in_body=fails_in_body,
            credentials=credentials,
            multipart=self._content(post) == _MULTIPART,
            provisional=provisional,
        )

    def _text(self, post: dict[str, Any], key: str, where: str) -> str:
        value = " ".join(texts(post.get(key)))
        if not value:
            self._wrong(where, f"no {key}; write one.")
        return value

    def _callers(self, post: dict[str, Any], item: dict[str, Any], path: str) -> tuple[str, ...]:
        where = pointer("paths", path, "post")
        callers = texts(post.get("x-callers"))
        if not callers:
            self._wrong(where, f"no x-callers; list those of {', '.join(CALLERS)} that may call it.")
        for caller in callers:
            if caller not in CALLERS:
                self._wrong(where, f"{caller!r} in x-callers is no kind of key; use {', '.join(CALLERS)}.")
        if "{scope}" in path:
            wanted = sorted({_SCOPES[caller] for caller in callers if caller in _SCOPES})
            parameters = [self.document.follow(node) for node in (*item.get("parameters", ()), *post.get("parameters", ()))]
            scopes = [node["schema"].get("enum") for node in parameters if node and node.get("name") == "scope"]
            if [sorted(scope or ()) for scope in scopes] != [wanted]:
                self._wrong(where, f"the parameter scope has to have the enum {wanted}, as x-callers say.")
        return tuple(caller for caller in CALLERS if caller in callers)

    def _content(self, post: dict[str, Any]) -> str | None:
        body = self.document.follow(post.get("requestBody"))
        return next(iter(body.get("content", ())), None) if isinstance(body, dict) else None

    def _request(self, post: dict[str, Any], where: str, source: str) -> Type:
        content = self._content(post)
        if content not in ("application/json", _MULTIPART):
            self._wrong(f"{where}/requestBody", f"the content has to be application/json or {_MULTIPART}.")
            return UNKNOWN
        schema = self.document.follow(post["requestBody"])["content"][content].get("schema")
        node = self.document.follow(schema)
        if isinstance(node, dict) and is_open(node) and "additionalProperties" not in node:
            return Type(Kind.EMPTY)
        return self._whole(schema, f"{where}/requestBody/content", Direction.REQUEST, source)

    def _answer(self, post: dict[str, Any], where: str, source: str) -> Type:
        response = self.document.follow(cast("dict[str, Any]", post.get("responses", {})).get("200"))
        content = response.get("content", {}).get("application/json") if isinstance(response, dict) else None
        if not isinstance(content, dict):
            self._wrong(f"{where}/responses", "there is no JSON answer for 200; describe it.")
            return UNKNOWN
        schema = cast("dict[str, Any]", content).get("schema")
        return self._whole(schema, f"{where}/responses/200/content", Direction.ANSWER, source)

    def _whole(self, schema: Any, where: str, direction: Direction, source: str) -> Type:
        """Return the type of a whole request or answer, which is an object."""
        type_ = self.classes.type_of(self.document, schema, where, direction, source)
        if type_.kind not in (Kind.OBJECT, Kind.OPEN):
            self._wrong(where, "a request or an answer is an object; refer to a component.")
            return UNKNOWN
        return type_

    def _list(
        self, where: str, wire: str, answer: Type, items: str | None, item_key: str | None
    ) -> tuple[str, Type, str]:
        """Return the array's name, the type of an item, and the field that identifies an item."""
        item_key = item_key or "id"
        key = ("operations", wire)
        if answer is UNKNOWN:  # noted already
            return "*", answer, item_key
        if answer.kind is Kind.OPEN:
            if items != "*":
                self._wrong_key((*key, "items"), 'the answer of this list is not known; write items = "*".')
            return "*", answer, item_key
        fields = {field.wire: field.type for field in self._model(answer).fields}
        arrays = {name: type_.item for name, type_ in fields.items() if type_.kind is Kind.LIST}
        others = set(fields) - set(arrays)
        paging = fields.get("paging", Type(Kind.OBJECT, "PageInfo"))
        if items is not None:
            self._wrong_key((*key, "items"), "the answer shows its array; delete the line.")
        if len(arrays) != 1 or others - {"paging"} or paging != Type(Kind.OBJECT, "PageInfo"):
            self._wrong(where, "a list answers one array, and paging (PageInfo) or nothing beside it.")
            return "*", UNKNOWN, item_key
        name, item = arrays.popitem()
        if item is None or item.kind is not Kind.OBJECT:
            self._wrong(where, f"the items of {name} have to be a component; name one and refer to it.")
            return "*", UNKNOWN, item_key
        if item_key not in self._names(item):
            self._wrong_key((*key, "key"), f"{item.name} has no field {item_key!r}; name the one that identifies it.")
        return name, item, item_key

    def _check_keywords(self, where: str, request: Type) -> None:
        """See that the fields of a list's request can stand beside each other as keywords."""
        if request.kind is not Kind.OBJECT:
            return
        keywords: list[str] = list(_LIST_KEYWORDS)
        for field in self._model(request).fields:
            inner = field.type.name
            if field.wire == "paging" and inner == "Paging":
                keywords += HAND_WRITTEN["Paging"]
            elif field.wire == "filter" and field.type.kind is Kind.OBJECT:
                keywords += self._names(field.type)
            else:
                keywords.append(field.name)
        for name in sorted({name for name in keywords if keywords.count(name) > 1}):
            self._wrong(where, f"two keywords of this list are called {name!r}; rename a field in the overlay's [fields].")

    def _model(self, type_: Type) -> ModelClass:
        assert type_.name is not None
        return self.classes.models[type_.name]

    def _names(self, type_: Type) -> frozenset[str]:
        return frozenset(field.name for field in self._model(type_).fields) if type_.kind is Kind.OBJECT else frozenset()

    def _wire_names(self, type_: Type) -> frozenset[str]:
        return frozenset(field.wire for field in self._model(type_).fields) if type_.kind is Kind.OBJECT else frozenset()

    def _wrong(self, where: str, text: str) -> None:
        self.classes.problems.add(self.document.file, where, text)

    def _wrong_key(self, key: tuple[str, ...], text: str) -> None:
        self.classes.problems.add(self.classes.overlay.file, shown(key), text)

