"""
Load spec files as plain data, and find places in them.

This module knows YAML, JSON pointers and `$ref`, but not the meaning of a schema or an operation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast

import attrs
import yaml

from codegen.problems import Problems

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader
else:
    from yaml import CSafeLoader as SafeLoader  # the C parser needs a tenth of the time

SUFFIX: Final = ".openapi.yaml"
# A security scheme is used by its name, not by a `$ref`.
_USED_BY_NAME: Final = "securitySchemes"
# The most references that are followed in a row; this also ends a circle of references.
_LONGEST_CHAIN: Final = 10
_TEXT: Final = "tag:yaml.org,2002:str"
_MAPPING: Final = "tag:yaml.org,2002:map"


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    """Return whether *node* is a mapping; the loader accepts only text keys."""
    return isinstance(node, dict)


def is_array(node: object) -> TypeGuard[list[Any]]:
    """Return whether *node* is a list."""
    return isinstance(node, list)


@attrs.frozen(kw_only=True)
class Document:
    """One spec file."""

    area: str
    file: str
    title: str
    content: bytes = attrs.field(repr=False)
    root: dict[str, Any] = attrs.field(repr=False)

    def find(self, ref: str) -> Any:
        """Return the node at the pointer *ref* (`#/a/b`), or `None` if there is none."""
        if not ref.startswith("#/"):
            return None
        node: Any = self.root
        for step in ref[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if not is_object(node) or key not in node:
                return None
            node = node[key]
        return node

    def follow(self, node: object) -> dict[str, Any]:
        """Return the mapping *node*, or the mapping that it refers to, or an empty one."""
        for _ in range(_LONGEST_CHAIN):
            if not is_object(node):
                break
            ref = node.get("$ref")
            if not isinstance(ref, str):
                return node
            node = self.find(ref)
        return {}


def pointer(*steps: str) -> str:
    """Return the JSON pointer of *steps*."""
    return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def digest(*contents: bytes) -> str:
    """Return the first 12 digits of the SHA-256 of *contents*."""
    return hashlib.sha256(b"\n".join(contents)).hexdigest()[:12]


class _Loader(SafeLoader):
    """Loader that refuses repeated keys, and keys that are not text; YAML accepts both."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        key = str(key_node.value)
        if key_node.tag != _TEXT or key in seen:
            problem = "repeats" if key_node.tag == _TEXT else "is not text"
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} {problem}", problem_mark=key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(_MAPPING, _construct_mapping)
# A date in a sample or a description stays a text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parsed(content: bytes) -> object:
    loader = _Loader(content)
    try:
        return cast("object", loader.get_single_data())
    finally:
        loader.dispose()


def load(folder: Path, shown: str, problems: Problems) -> tuple[Document, ...]:
    """Return the spec files of *folder*, sorted by name; messages call the folder *shown*."""
    documents: list[Document] = []
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        problems.add(shown, "", f"no *{SUFFIX} file; add one file for each area.")
    for path in paths:
        file = f"{shown}/{path.name}"
        content = path.read_bytes()
        try:
            root = _parsed(content)
        except yaml.YAMLError as error:
            text = " ".join(str(error).split())
            problems.add(file, "", f"not valid YAML ({text}); correct it, and quote keys like on, no, 1.")
            continue
        info = root.get("info") if is_object(root) else None
        title = info.get("title") if is_object(info) else None
        if not is_object(root) or not isinstance(title, str):
            problems.add(file, "#/info/title", "no title; add `info: {title: ...}`, as OpenAPI requires.")
            continue
        area = path.name.removesuffix(SUFFIX)
        if not area.isidentifier():
            problems.add(file, "", f"{area!r} must be a valid module name; use only letters, digits and _.")
        documents.append(Document(area=area, file=file, title=title, content=content, root=root))
    return tuple(documents)


def check_references(document: Document, problems: Problems) -> None:
    """Report references to missing components, and components that no operation uses."""
    for where, ref in _references(document.root, ()):
        if document.find(ref) is None:
            text = f"{ref} does not exist; add the component or correct the reference."
            problems.add(document.file, where, text)
    reached: set[str] = set()
    waiting = [ref for _, ref in _references(document.root.get("paths"), ())]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting.extend(inner for _, inner in _references(document.find(ref), ()))
    for group, members in document.follow(document.root.get("components")).items():
        for name in members if is_object(members) and group != _USED_BY_NAME else ():
            where = pointer("components", group, name)
            if where not in reached:
                problems.add(document.file, where, "no operation uses this component; use it or delete it.")


def _references(node: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield every reference at or below *node*, with its place."""
    if is_object(node):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield pointer(*steps), value
            else:
                yield from _references(value, (*steps, key))
    elif is_array(node):
        for index, value in enumerate(node):
            yield from _references(value, (*steps, str(index)))
