"""The project's generated code has a fixed shape and contains no logic."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import etelecom_async
from etelecom_async._generated import models
from etelecom_async._generated.states import STATES
from etelecom_async.operations import OPERATIONS

GENERATED = Path(etelecom_async.__file__).parent / "_generated"
RESOURCES = sorted((GENERATED / "resources").glob("*.py"))


def functions(file: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the methods of the classes in a file, each with its name."""
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        for node in statement.body if isinstance(statement, ast.ClassDef) else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{statement.name}.{node.name}", node


IN_RESOURCES = {name: node for file in RESOURCES for name, node in functions(file)}
PROPERTIES = {name: node for name, node in IN_RESOURCES.items() if node.decorator_list}
REPRS = {name: node for name, node in IN_RESOURCES.items() if node.name == "__repr__"}
METHODS = {
    name: node
    for name, node in IN_RESOURCES.items()
    if name not in PROPERTIES and name not in REPRS and node.name != "__init__"
}


@pytest.mark.parametrize("function", METHODS.values(), ids=METHODS)
def test_method_is_docstring_assignment_return(function: ast.FunctionDef) -> None:
    """A method only has a docstring, wraps its secrets, creates its request and passes it on."""
    secrets = [
        argument.arg
        for argument in function.args.kwonlyargs
        if argument.annotation and "Secret" in ast.unparse(argument.annotation)
    ]
    wrapped = [ast.unparse(statement) for statement in function.body[1 : 1 + len(secrets)]]
    assert wrapped == [f"{name} = to_secret({name})" for name in secrets]
    kinds = [type(statement) for statement in function.body if ast.unparse(statement) not in wrapped]
    assert kinds == [ast.Expr, ast.Assign, ast.Return]
    text = ast.get_docstring(function)
    assert text is not None
    assert "\nEffect: " in text
    assert "  Wire: " in text
    assert "\nSource: " in text


@pytest.mark.parametrize("function", REPRS.values(), ids=REPRS)
def test_repr_is_constant(function: ast.FunctionDef) -> None:
    """The repr of a namespace is a constant text, so it cannot show a key."""
    (statement,) = function.body
    assert isinstance(statement, ast.Return)
    assert isinstance(statement.value, ast.Constant)


@pytest.mark.parametrize("function", PROPERTIES.values(), ids=PROPERTIES)
def test_property_is_docstring_import_return(function: ast.FunctionDef) -> None:
    """A property returns its namespace; if the namespace is in another module, it imports that first."""
    kinds = [type(statement) for statement in function.body]
    assert kinds in ([ast.Expr, ast.Return], [ast.Expr, ast.ImportFrom, ast.Return])


def test_every_operation_has_its_method() -> None:
    """One method passes each row of the table, or two methods if both clients have it."""
    calls = [
        node.args[0].attr
        for file in RESOURCES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"call", "list"}
        and isinstance(node.args[0], ast.Attribute)
    ]
    constants = {row.name.replace(".", "_").upper() for row in OPERATIONS.values()}
    assert set(calls) == constants
    assert {name for name in calls if calls.count(name) > 1} == {"ACCOUNT"}


def test_models_hold_no_logic() -> None:
    """A model may replace null, warn of unlisted values, and give its id another name: no other method."""
    for file in (GENERATED / "models").glob("*.py"):
        for _, function in functions(file):
            if function.name != "__attrs_post_init__":
                names = {function.name, ast.unparse(function.body[-1]).removeprefix("return self.")}
                assert (len(function.body), len(names), "id" in names) == (2, 2, True)
                continue
            for statement in function.body:
                assert re.fullmatch(
                    r"if self\.(\w+) is NULL:\n    set_blank\(self, '\1', (\(\)|{})\)"
                    r"|note_unlisted\([A-Z]\w+, self\.\w+\)",
                    ast.unparse(statement),
                )


@pytest.mark.parametrize("name", models.__all__)
def test_every_class_and_field_is_described(name: str) -> None:
    """Each class has a docstring, and each field of a model has one below it."""
    kind: Any = getattr(models, name)
    assert kind.__doc__
    tree = ast.parse((GENERATED / "models" / f"{kind.__module__.rpartition('.')[2]}.py").read_text("utf-8"))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign):
            assert isinstance(below, ast.Expr), ast.unparse(field)
            assert isinstance(below.value, ast.Constant)


def test_rows_resolve() -> None:
    """Every row loads the classes that it names."""
    for row in OPERATIONS.values():
        assert isinstance(row.request, type), row.name
        assert isinstance(row.response, type), row.name


def test_states() -> None:
    """Each enum whose name ends in State or Status is a table of its values with their meanings."""
    enums = {name for name in models.__all__ if name.endswith(("State", "Status"))}
    assert set(STATES) == enums
    for name, values in STATES.items():
        assert list(values) == [member.value for member in getattr(models, name)]
        assert all(meaning.endswith(".") for meaning in values.values())
