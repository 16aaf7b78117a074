"""
Spec files as plain data, and where things are in them.

The room knows YAML, JSON pointers and `$ref`; it does not know what a schema or an operation means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs
import yaml

from codegen.problems import Problems

SUFFIX: Final = ".openapi.yaml"
# A security scheme is used by its name, not by a `$ref`.
_USED_BY_NAME: Final = "securitySchemes"


@attrs.frozen(kw_only=True)
class Document:
    """One spec file."""

    area: str
    file: str
    content: bytes = attrs.field(repr=False)
    root: dict[str, Any] = attrs.field(repr=False)

    def find(self, ref: str) -> Any:
        """Return what the pointer *ref* (`#/a/b`) leads to, `None` where it leads nowhere."""
        if not ref.startswith("#/"):
            return None
        node: Any = self.root
        for step in ref[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                return None
            node = cast("dict[str, Any]", node)[key]
        return node

    def follow(self, node: Any) -> Any:
        """Return *node*, or what it refers to where it is a reference."""
        while isinstance(node, dict) and isinstance(ref := cast("dict[str, Any]", node).get("$ref"), str):
            node = self.find(ref)
        return node


def pointer(*steps: str) -> str:
    """Return the JSON pointer of *steps*."""
    return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def digest(*contents: bytes) -> str:
    """Return the first 12 digits of the SHA-256 of *contents*."""
    return hashlib.sha256(b"\n".join(contents)).hexdigest()[:12]


class _Loader(yaml.SafeLoader):
    """A loader that refuses what YAML would take in silence: repeated keys, and keys that are no text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} is no text", problem_mark=key_node.start_mark)
            if key in mapping:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} repeats", problem_mark=key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


# A date in a sample or a description stays the text that it is.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(folder: Path, shown: str, problems: Problems) -> tuple[Document, ...]:
    """Return the spec files of *folder*, by name; *shown* is how messages call the folder."""
    documents: list[Document] = []
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        problems.add(shown, "", f"there is no *{SUFFIX}; write one file for each area.")
    for path in paths:
        file = f"{shown}/{path.name}"
        content = path.read_bytes()
        try:
            # A subclass of SafeLoader: it makes plain data only.
            root = yaml.load(content, _Loader)  # noqa: S506
        except yaml.YAMLError as error:
            text = " ".join(str(error).split())
            problems.add(file, "", f"not readable as YAML ({text}); mend it, and quote keys like on, no, 1.")
            continue
        if not isinstance(root, dict):
            problems.add(file, "", "not an OpenAPI document; its top level has to be a mapping.")
            continue
        area = path.name.removesuffix(SUFFIX)
        if not area.isidentifier():
            problems.add(file, "", f"{area!r} names a module; use letters, digits and _ only.")
        document = Document(area=area, file=file, content=content, root=cast("dict[str, Any]", root))
        _check_references(document, problems)
        documents.append(document)
    return tuple(documents)


def _check_references(document: Document, problems: Problems) -> None:
    """Find references that lead nowhere, and components that nothing leads to."""
    for where, ref in _references(document.root, ()):
        if document.find(ref) is None:
            problems.add(document.file, where, f"{ref} leads nowhere; write the component or mend the reference.")
    reached: set[str] = set()
    waiting = [ref for _, ref in _references(document.root.get("paths"), ())]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting.extend(inner for _, inner in _references(document.find(ref), ()))
    components = document.root.get("components")
    if not isinstance(components, dict):
        return
    for group, members in cast("dict[str, Any]", components).items():
        if group == _USED_BY_NAME or not isinstance(members, dict):
            continue
        for name in cast("dict[str, Any]", members):
            where = pointer("components", group, name)
            if where not in reached:
                problems.add(document.file, where, "no operation uses this component; use it or delete it.")


def _references(node: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give every reference at or below *node*, with its place."""
    if isinstance(node, Mapping):
        for key, value in cast("Mapping[str, Any]", node).items():
            if key == "$ref" and isinstance(value, str):
                yield pointer(*steps), value
            else:
                yield from _references(value, (*steps, key))
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[Any]", node)):
            yield from _references(value, (*steps, str(index)))
