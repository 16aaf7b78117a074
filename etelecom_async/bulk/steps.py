"""
Describe the steps of a job: calls that are made later, and which of them need the results of others.

    user = bulk.step("user Lan", shop.users.create, full_name="Lan", phone="0901234567", password=password)
    number = bulk.step("extension 1001", shop.extensions.create, hotline_id="5", extension_number=1001)
    assign = bulk.step(
        "assign 1001", shop.extensions.assign, extension_id=number.result.id, user_id=user.result.id
    )
    plan = Plan([user, number, assign])

A step keeps the request of its call. A value of a later result is a `Reference` until that result is there.
This module sends nothing and writes nothing.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType, SimpleNamespace
from typing import (
    Any,
    Final,
    Generic,
    NoReturn,
    ParamSpec,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib.parse import urlsplit
from uuid import uuid4

import attrs

from etelecom_async._core.attachment import Attachment
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.codec.scalars import composed, plain_scalar
from etelecom_async._core.codec.template_data import with_template
from etelecom_async._core.model import Model, class_of, fields_of, parts_of, write_time
from etelecom_async._core.operation import Effect, JsonObject, KeyKind, Operation
from etelecom_async._core.secret import Secret, is_masked_name, mask
from etelecom_async._core.suggestions import did_you_mean
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of, quoted_name
from etelecom_async.errors import InvalidRequestError

ArgsT = ParamSpec("ArgsT")
ResultT = TypeVar("ResultT")

Path = tuple[str | int, ...]
"""Where a value is in a result: names of fields, names in JSON objects, and places in lists."""

_OPERATION: Final = "bulk.step"
_PLAN: Final = "bulk.run"
_MOST_PROBLEMS: Final = 20
_ID: Final[Path] = ("id",)


@attrs.frozen
class _Place:
    """A place in the result of a step."""

    key: str
    path: Path
    kinds: tuple[Any, ...]
    """The types that the value there may have."""


class Reference:
    """
    A value of a result that is not there yet. It goes into the arguments of other steps, and nowhere else.

    An attribute of a reference is a reference to that field. For a JSON object, `[name]` does the same, and
    for a list `[index]`.
    """

    __slots__ = ("__place__",)

    __place__: _Place

    def __init__(self, place: _Place) -> None:
        self.__place__ = place

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("__"):
            raise AttributeError(name)
        return Reference(_extended_by_name(self.__place__, name))

    def __getitem__(self, name: str | int) -> Reference:
        return Reference(_extended_by_item(self.__place__, name))

    __iter__ = None
    """Without it, Python would ask for `[0]`, `[1]` and so on without an end."""

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} has no value yet, so it cannot be tested.")

    def __str__(self) -> NoReturn:
        raise TypeError(_no_text(self))

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError(_no_text(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            raise TypeError(f"{self!r} has no value yet, so it cannot be compared.")
        return self.__place__ == other.__place__

    def __hash__(self) -> int:
        return hash((self.__place__.key, self.__place__.path))

    def __repr__(self) -> str:
        place = self.__place__
        return f"<{path_text(place.path) or 'the result'} of step {_shown(place.key)}>"


def _no_text(reference: Reference) -> str:
    return f"{reference!r} has no value yet: pass it as an argument of another step, not in a text."


def path_text(path: Path) -> str:
    """Return *path* as one text, for example `id` or `data['id']`; different paths have different texts."""
    parts = [f".{part}" if isinstance(part, str) and part.isidentifier() else f"[{part!r}]" for part in path]
    return "".join(parts).removeprefix(".")


def _extended_by_name(place: _Place, name: str) -> _Place:
    kinds: list[Any] = []
    known: set[str] = set()
    for kind in place.kinds:
        members = _members(kind)
        known |= members.keys()
        if name in members:
            kinds += parts_of(members[name])
    if not kinds:
        if not known:
            raise AttributeError(f"{_subject(place)} has no fields; a JSON object takes ['name'].")
        raise AttributeError(
            f"{_subject(place)} has no field {quoted_name(name)}{did_you_mean(name, sorted(known))} "
            f"(fields: {', '.join(sorted(known))})."
        )
    return _extended(place, name, kinds)


def _extended_by_item(place: _Place, name: str | int) -> _Place:
    kinds: list[Any] = []
    for kind in place.kinds:
        origin, arguments = get_origin(kind) or kind, get_args(kind)
        if kind is Any or kind is object:
            kinds.append(Any)
        elif isinstance(name, str) and origin in (dict, Mapping):
            kinds += parts_of(arguments[1] if arguments else Any)
        elif isinstance(name, int) and origin in (list, tuple):
            kinds += parts_of(arguments[0] if arguments else Any)
    if not kinds:
        raise TypeError(f"{_subject(place)} takes no {kind_of(name)} in brackets.")
    return _extended(place, name, kinds)


def _extended(place: _Place, name: str | int, kinds: Iterable[Any]) -> _Place:
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    extended = _Place(place.key, (*place.path, name), kinds)
    if isinstance(name, str) and (Secret in kinds or is_masked_name(name)):
        raise AttributeError(f"{_subject(extended)} is secret. It would be written to disk.")
    if isinstance(name, str) and _is_phone(name):
        raise AttributeError(f"{_subject(extended)} is a phone number. It would be written to disk.")
    return extended


def _subject(place: _Place) -> str:
    return f"{path_text(place.path) or 'the result'} of step {_shown(place.key)}"


_PHONES: Final = frozenset(("callee", "caller", "hotline"))


def _is_phone(name: str) -> bool:
    """Return whether the field with this name shows a phone number; some fields have times of a phone."""
    lower = name.lower()
    return lower in _PHONES or ("phone" in lower and not lower.endswith("_at"))


@cache
def _members(kind: Any) -> Mapping[str, Any]:
    """Return the types of the fields and properties of a model; nothing for another type."""
    model = class_of(kind)
    if not (isinstance(model, type) and issubclass(model, Model)):
        return {}
    fields = {field.name: field.type for field in fields_of(kind)}
    for name in dir(model):
        member = getattr(model, name)
        if isinstance(member, property) and not name.startswith("_"):
            fields[name] = get_type_hints(member.fget)["return"]
    return fields


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Step(Generic[ResultT]):
    """One call of a job. `bulk.step` makes it."""

    key: str
    """What the step is called. It identifies the step in the journal, so it stays the same in each run."""
    operation: Operation[Any, Any]
    """The row of the call."""
    request: Any
    """The request, with a `Reference` for each value of a later result."""
    engine: Engine
    """What makes the call."""
    references: tuple[Reference, ...] = ()
    """The values of other results that the request needs."""
    needs: tuple[str, ...] = ()
    """Keys of the steps that `after` named."""

    def __repr__(self) -> str:
        return f"<step {_shown(self.key)}: {self.operation.name}>"

    @property
    def result(self) -> ResultT:
        """The result, to use its fields in the arguments of other steps: `result.id`."""
        return cast("ResultT", Reference(_Place(self.key, (), self.operation.results)))

    def after(self, *steps: Step[Any]) -> Step[ResultT]:
        """Return this step, made only after *steps* are done. Values of their results do the same."""
        return attrs.evolve(self, needs=(*self.needs, *(step.key for step in steps)))

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Keys of the steps that must be done before, each once."""
        keys = (*(reference.__place__.key for reference in self.references), *self.needs)
        return tuple(dict.fromkeys(keys))

    @property
    def effect(self) -> Effect:
        """What the call does."""
        return self.operation.effect_of(self._with_placeholders())

    @property
    def account(self) -> str:
        """
        Whose data it is: scope, account, and host of the service.

        It stays the same when a key is replaced.
        """
        identity = self.engine.identity
        scope = "sms" if identity.kind is KeyKind.USERNAME_PASSWORD else identity.kind.scope
        account = "" if identity.account == scope else f" {identity.account}"
        return f"{scope}{account} at {urlsplit(identity.base_url).hostname}"

    @property
    def tracking(self) -> str | None:
        """The request field with the message's own id, if the operation has one."""
        return self.operation.tracking

    @property
    def chooses(self) -> str | None:
        """The field that the plan must fill with a new id, because the caller gave none."""
        name = self.tracking
        if name is None:
            return None
        given: object = getattr(self.request, name)
        return None if isinstance(given, Reference) or given not in _BLANK else name

    def filled(self, results: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, Any]) -> Any:
        """
        Return the request with all values.

        Args:
            results: For the key of each step: the values of its result that `kept_of` returned.
            chosen: Values of fields that the plan chose.

        Raises:
            InvalidRequestError: A result has no such value.
        """
        problems: list[str] = []

        def value_of(reference: Reference, _: str) -> object:
            place = reference.__place__
            value = results.get(place.key, {}).get(path_text(place.path))
            if value in _BLANK or (value == _UNSET_ID and _is_id(place.path)):
                problems.append(f"{_subject(place)} is not set, and this step needs it")
            return value

        request = _mapped(self.request, "", value_of)
        if problems:
            raise InvalidRequestError(tuple(problems), operation=self.operation.name)
        return attrs.evolve(request, **chosen) if chosen else request

    def digest(self, salt: bytes) -> str:
        """
        Return a digest of what the step does: operation, account and request, without secrets.

        Two steps with one digest make the same call. A changed secret does not change the digest.

        Args:
            salt: At most 64 bytes. Without it, nobody can guess the request.
        """
        request = self.request
        if (chooses := self.chooses) is not None:
            request = attrs.evolve(request, **{chooses: None})
        if self.operation.template:
            request, _ = with_template(request)
        plain = [self.operation.name, self.account, _canonical(request)]
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16, key=salt).hexdigest()

    def problems(self) -> Iterator[str]:
        """Yield what the codec would refuse, with placeholders for values that are not there yet."""
        places: dict[str, tuple[str, ...]] = {}

        def placeholder(reference: Reference, path: str) -> object:
            value = _placeholder(reference)
            kinds = reference.__place__.kinds
            places[path] = () if Any in kinds else (f", not {kind_of(value)}", ", not a number")
            return value

        try:
            self.engine.check(self.operation, _mapped(self.request, "", placeholder))
        except InvalidRequestError as error:
            for problem in error.problems:
                # Of a placeholder, only the type counts.
                wrong_types = next((places[path] for path in places if _is_about(problem, path)), None)
                if wrong_types is None or any(text in problem for text in wrong_types):
                    yield problem

    def _with_placeholders(self) -> Any:
        return _mapped(self.request, "", lambda reference, _: _placeholder(reference))


def _is_about(problem: str, path: str) -> bool:
    return problem.startswith((f"{path} ", f"{path}: "))


def _is_id(path: Path) -> bool:
    return isinstance(path[-1], str) and (path[-1] == "id" or path[-1].endswith("_id"))


_UNSET_ID: Final = "0"
_BLANK: Final[tuple[object, ...]] = (None, "")


def _placeholder(reference: Reference) -> object:
    kinds = reference.__place__.kinds
    return next((value for kind, value in _PLACEHOLDERS if kind in kinds), "1")


_PLACEHOLDERS: Final[tuple[tuple[type, object], ...]] = ((str, "1"), (bool, True), (int, 1), (float, 1.0))


def _mapped(value: Any, path: str, replace: Callable[[Reference, str], object]) -> Any:
    """
    Return a copy of *value* with something else in place of each reference.

    The caller may change lists and dicts later, so the copy has its own ones.

    Args:
        value: A request or a part of it.
        path: Where it is in the request, as the checks of requests write it.
        replace: Returns what to put in place of a reference at a path.
    """
    if isinstance(value, Reference):
        return replace(value, path)
    if isinstance(value, Model):
        kind: Any = type(value)
        changes: dict[str, Any] = {}
        for field in fields_of(kind):
            part = getattr(value, field.name)
            if "local" not in field.metadata and isinstance(part, _COMPOSED):
                changes[field.name] = _mapped(part, f"{path}.{field.name}".removeprefix("."), replace)
        return attrs.evolve(value, **changes) if changes else value
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value).items()
        return {
            name: _mapped(part, f"{path or 'body'}[{quoted_name(name)}]", replace) for name, part in named
        }
    if isinstance(value, list | tuple):
        items = enumerate(cast("Iterable[object]", value))
        parts = [_mapped(item, f"{path}[{index}]", replace) for index, item in items]
        return parts if isinstance(value, list) else tuple(parts)
    return value


_COMPOSED: Final = (Reference, Model, Mapping, list, tuple)


_MESSAGE_DATA: Final = ("list_param", "template_data")
"""Names that are masked in errors. A digest hides their values, but must change with them."""


def _canonical(value: Any) -> Any:
    """Return *value* as plain JSON that is the same for equal requests, without secrets."""
    if isinstance(value, Reference):
        place = value.__place__
        return {"$step": place.key, "path": list(place.path)}
    if isinstance(value, Model):
        kind: Any = type(value)
        named: Iterable[tuple[str, object]] = [
            (str(field.metadata.get("wire", field.name)), getattr(value, field.name))
            for field in fields_of(kind)
            if "local" not in field.metadata
        ]
        return _canonical_object((name, part) for name, part in named if part is not None)
    if isinstance(value, Mapping):
        return _canonical_object(
            (str(name), part) for name, part in cast("Mapping[object, object]", value).items()
        )
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in cast("Iterable[object]", value)]
    return _canonical_leaf(value)


def _canonical_leaf(value: Any) -> Any:
    if isinstance(value, Attachment):
        return {"file": composed(value.name), "type": value.content_type, "size": value.size()}
    if isinstance(value, datetime):
        return write_time(value.astimezone(UTC))
    plain = plain_scalar(value)
    return composed(plain) if isinstance(plain, str) else plain


def _canonical_object(named: Iterable[tuple[str, object]]) -> dict[str, Any]:
    return {
        composed(name): _canonical(part)
        for name, part in named
        if not isinstance(part, Secret) and (name in _MESSAGE_DATA or not is_masked_name(name))
    }


def step(
    key: str,
    method: Callable[ArgsT, Coroutine[Any, Any, ResultT]],
    /,
    *args: ArgsT.args,
    **kwargs: ArgsT.kwargs,
) -> Step[ResultT]:
    """
    Return a step of a job: a call that `bulk.run` makes later.

    Args:
        key: What the step is called, for example `extension 1001`. It is written to disk, so it should not be
            a phone number. It must be the same each time the program runs.
        method: A method of a client that changes or sends something, for example `shop.extensions.create`.
        *args: Its arguments.
        **kwargs: Its keyword arguments. A value of another step's result is `other.result.id`.

    Raises:
        InvalidRequestError: *key* is no text, *method* is no such method, or an argument is wrong.
    """
    try:
        return _recorded(key, method, args, kwargs)
    except BaseException as error:
        del args, kwargs  # this frame is still running
        cleaned(error)
        raise


def _recorded(key: Any, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step[Any]:
    if (problem := _problem_of_key(key)) is not None:
        raise InvalidRequestError((problem,), operation=_OPERATION)
    name = str.__str__(key)
    references: list[Reference] = []
    problems: list[str] = []

    def keep(reference: Reference, path: str) -> Reference:
        references.append(reference)
        if not _is_scalar(reference.__place__.kinds):
            problems.append(f"{path} takes a text or a number, not {reference!r}")
        return reference

    try:
        operation, request, engine = _record(name, method, args, kwargs)
        request = _mapped(request, "", keep)
    except RecursionError:
        raise _refusal(name, "an argument contains itself") from None
    if operation.effect is Effect.READ:
        raise _refusal(name, f"{operation.name} only reads; a step changes or sends something")
    if problems:
        raise _refusal(name, *problems)
    return Step(key=name, operation=operation, request=request, engine=engine, references=tuple(references))


def _refusal(key: str, *problems: str) -> InvalidRequestError:
    lines = tuple(f"step {_shown(key)}: {problem}" for problem in problems)
    return InvalidRequestError(lines, operation=_OPERATION)


def _problem_of_key(key: object) -> str | None:
    if not isinstance(key, str):
        return f"key takes a text, not {kind_of(key)}"
    if not key.strip():
        return "key is blank: give each step a text that identifies it"
    try:
        key.encode()
    except UnicodeEncodeError:
        return "key has half of a character (a lone surrogate): decode the text again"
    return None


_SCALARS: Final = (str, int, float, bool)


def _is_scalar(kinds: tuple[Any, ...]) -> bool:
    return all(kind is Any or (isinstance(kind, type) and issubclass(kind, _SCALARS)) for kind in kinds)


class _Recorder:
    """
    Stands in for an engine, and keeps the call instead of making it.

    Args:
        engine: The engine.
    """

    request_of = staticmethod(Engine.request_of)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls: list[tuple[Operation[Any, Any], Any]] = []

    def call(self, operation: Operation[Any, Any], request: Any) -> None:
        """Keep a call."""
        if operation.provisional:
            self._engine.warn_of_inferred(operation)
        self.calls.append((operation, request))

    def list(self, operation: Operation[Any, Any], request: Any, **_: object) -> None:
        """Keep a list, which is refused later: it only reads."""
        self.calls.append((operation, request))

    def call_by_wire_name(self, wire_name: str, body: object, effect: Effect | None) -> None:
        """Keep a call by its wire name."""
        body = {} if body is None else body
        filled = _mapped(body, "", lambda reference, _: _placeholder(reference))
        row: Operation[JsonObject, JsonObject] = self._engine.row_by_wire_name(wire_name, filled, effect)
        self.calls.append((row, body))


_RESOURCES: Final = "etelecom_async._generated.resources."


def _record(
    key: str, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Operation[Any, Any], Any, Engine]:
    """Return what *method* would call: the operation, the request, and the engine."""
    owner, function = getattr(method, "__self__", None), getattr(method, "__func__", None)
    engine = getattr(owner, "_engine", None)
    module = str(getattr(function, "__module__", ""))
    if isinstance(engine, Engine) and (module.startswith(_RESOURCES) or _is_open_call(function)):
        recorder = _Recorder(engine)
        # The methods use nothing of their object but the engine.
        cast("Any", function)(SimpleNamespace(_engine=recorder), *args, **kwargs)
        if len(recorder.calls) == 1:
            return (*recorder.calls[0], engine)
    if inspect.iscoroutine(method):
        method.close()
        advice = "bulk.step(key, shop.users.create, full_name=...), without the parentheses of a call"
    else:
        advice = "bulk.step(key, shop.users.create, full_name=...)"
    raise _refusal(key, f"method takes a method of a client, not {kind_of(method)}: {advice}")


def _is_open_call(function: object) -> bool:
    from etelecom_async._client import ShopClient  # loaded already, if there is a client

    return function is ShopClient.call


def _shown(key: str) -> str:
    """Return a key in quotes; a user may have put a phone number into it."""
    return repr(mask(key))


class Plan:
    """
    All steps of a job, checked together before anything else.

    Args:
        steps: The steps. A step may need steps that come after it.

    Raises:
        InvalidRequestError: Something is wrong. The error lists the first 20 problems, and how many follow.
    """

    def __init__(self, steps: Iterable[Step[Any]]) -> None:
        try:
            self.steps: Final[Mapping[str, Step[Any]]] = _checked(steps)
        except BaseException as error:
            del steps  # this frame is still running
            cleaned(error)
            raise
        self.dependents: Final[Mapping[str, tuple[str, ...]]] = _dependents(self.steps)
        """For each step: keys of the steps that need it."""
        self.kept: Final[Mapping[str, tuple[Path, ...]]] = _kept(self.steps)
        """For each step: the places of its result that are written to disk."""
        self.chosen: Final[Mapping[str, Mapping[str, str]]] = _chosen(self.steps)
        """For messages without an id: field and new id. A journal keeps the ids of the first run."""

    def kept_of(self, key: str, result: object) -> dict[str, Any]:
        """
        Return the values of a result that are written to disk, by the texts of their places.

        Args:
            key: The key of the step.
            result: Its result, or the object that a read-back has found.
        """
        values = {path_text(path): _value_at(result, path) for path in self.kept[key]}
        return {path: value for path, value in values.items() if value is not None}

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"<Plan of {len(self.steps)} steps>"


def _value_at(result: object, path: Path) -> str | float | None:
    """Return the value at a place; `None` if there is none, or it is no text, number or boolean."""
    value: Any = result
    for part in path:
        if isinstance(value, Model):
            value = getattr(value, str(part), None)
        elif isinstance(value, Mapping):
            value = cast("Mapping[object, Any]", value).get(part)
        elif isinstance(value, list | tuple) and isinstance(part, int):
            items = cast("list[Any]", value)
            value = items[part] if -len(items) <= part < len(items) else None
        else:
            return None
    if isinstance(value, Enum):
        value = value.value
    return value if isinstance(value, _SCALARS) else None


def _checked(steps: Iterable[Step[Any]]) -> Mapping[str, Step[Any]]:
    given: list[Any] = list(steps)
    others = [each for each in given if not isinstance(each, Step)]
    if others:
        problem = f"steps takes steps of bulk.step(), not {kind_of(others)}"
        raise InvalidRequestError((problem,), operation=_PLAN)
    planned: list[Step[Any]] = given
    if not planned:
        raise InvalidRequestError(("steps is empty: there is nothing to do",), operation=_PLAN)
    by_key = {each.key: each for each in planned}
    if problems := tuple(_problems(planned, by_key)):
        more = len(problems) - _MOST_PROBLEMS
        shown = problems[:_MOST_PROBLEMS]
        raise InvalidRequestError((*shown, f"and {more} more") if more > 0 else shown, operation=_PLAN)
    return MappingProxyType(by_key)


def _problems(steps: list[Step[Any]], by_key: Mapping[str, Step[Any]]) -> Iterator[str]:
    for key, count in Counter(each.key for each in steps).items():
        if count > 1:
            yield f"step {_shown(key)}: {count} steps have this key: give each its own"
    for each in steps:
        for needed in each.dependencies:
            if needed not in by_key:
                yield f"step {_shown(each.key)} needs step {_shown(needed)}, which is not in the plan"
    if circle := _circle(by_key):
        yield f"these steps need one another, so none can be the first: {', '.join(map(_shown, circle))}"
    yield from _repeated_ids(steps)
    for each in steps:
        for problem in each.problems():
            yield f"step {_shown(each.key)}: {problem}"


def _circle(by_key: Mapping[str, Step[Any]]) -> list[str]:
    """Return the keys of steps that need one another; nothing if there are none."""
    needs = {key: {name for name in each.dependencies if name in by_key} for key, each in by_key.items()}
    waiting = {key: len(names) for key, names in needs.items()}
    dependents = _dependents(by_key)
    ready = [key for key, count in waiting.items() if not count]
    while ready:
        key = ready.pop()
        del waiting[key]
        for name in dependents[key]:
            waiting[name] -= 1
            if not waiting[name]:
                ready.append(name)
    if not waiting:
        return []
    # Each step that is left needs another one that is left, so the way back ends in a circle.
    way: dict[str, int] = {}
    key = next(iter(waiting))
    while key not in way:
        way[key] = len(way)
        key = next(name for name in by_key[key].dependencies if name in waiting)
    return list(way)[way[key] :]


def _repeated_ids(steps: Iterable[Step[Any]]) -> Iterator[str]:
    """Yield a problem for each message id that two messages of an official account have."""
    first: dict[tuple[object, ...], str] = {}
    for each in steps:
        if each.tracking is None or each.chooses is not None:
            continue
        rule = each.operation.verify
        values = () if rule is None else tuple(getattr(each.request, name) for name in rule.by)
        message = each.account, *map(str, map(plain_scalar, values)), getattr(each.request, each.tracking)
        if not isinstance(message[-1], str):
            continue  # a reference, or a value that the codec refuses
        other = first.setdefault(message, each.key)
        if other != each.key:
            yield f"step {_shown(each.key)} has the same {each.tracking} as step {_shown(other)}"


def _dependents(steps: Mapping[str, Step[Any]]) -> Mapping[str, tuple[str, ...]]:
    dependents: dict[str, list[str]] = {key: [] for key in steps}
    for key, each in steps.items():
        for needed in each.dependencies:
            if needed in dependents:
                dependents[needed].append(key)
    return MappingProxyType({key: tuple(names) for key, names in dependents.items()})


def _kept(steps: Mapping[str, Step[Any]]) -> Mapping[str, tuple[Path, ...]]:
    kept: dict[str, dict[Path, None]] = {key: {_ID: None} for key in steps}
    for each in steps.values():
        for reference in each.references:
            kept[reference.__place__.key][reference.__place__.path] = None
    return MappingProxyType({key: tuple(paths) for key, paths in kept.items()})


def _chosen(steps: Mapping[str, Step[Any]]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {key: {each.chooses: uuid4().hex} for key, each in steps.items() if each.chooses is not None}
    )
