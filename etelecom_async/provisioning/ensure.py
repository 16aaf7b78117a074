"""
Make sure that one employee or one extension is there.

    lan = await ensure_user(shop, full_name="Nguyễn Thị Lan", phone="0901234567", password=password)
    extension = await ensure_extension(shop, extension_number=1001, hotline="1900 1234", user=lan.record)

Both read first, and create only what is missing. So the same call again changes nothing. Neither takes an
extension from another employee. For many rows, use a roster: it reads the lists once.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

import attrs

from etelecom_async import phones
from etelecom_async._client import ShopClient
from etelecom_async._core.secret import Secret, SecretLike, to_secret
from etelecom_async._core.tracebacks import Hidden, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import AlreadyExistsError, EtelecomError, InvalidRequestError, NotAppliedError
from etelecom_async.models import AccountUser, Extension, Hotline, User
from etelecom_async.provisioning.cells import CellError
from etelecom_async.provisioning.hotlines import find_hotline
from etelecom_async.provisioning.present import PresentHotline, PresentShop

RecordT = TypeVar("RecordT")
ResultT = TypeVar("ResultT")

_USER: Final = "provisioning.ensure_user"
_EXTENSION: Final = "provisioning.ensure_extension"
_PAGE_SIZE: Final = 100
"""Items of a page, by the documentation."""
_ID: Final = re.compile(r"(?a)\d{16,}")
"""An id: a phone number has at most 15 digits."""


@attrs.frozen
class Ensured(Generic[RecordT]):
    """A record that is there, and whether the call created it."""

    record: RecordT
    """The employee or the extension."""
    is_created: bool
    """Whether this call created it. It was not there before."""
    is_confirmed: bool = attrs.field(default=True, kw_only=True)
    """
    Whether a response says so. False if the response was lost, and a look-up has found a new record.

    Another program may have created that record at the same time. Then an employee has another password.
    """


def ensure_user(
    shop: ShopClient, *, full_name: str, phone: str, password: SecretLike
) -> Coroutine[Any, Any, Ensured[AccountUser | User]]:
    """
    Return the employee with a phone number, and create one if there is none.

    An employee who is there stays unchanged, with name and password: the API cannot change them.

    Args:
        shop: Client of the shop.
        full_name: Name of a new employee.
        phone: Phone number, in any usual notation.
        password: Password for the login of a new employee.

    Raises:
        InvalidRequestError: An argument is wrong. Nothing was sent.
        EtelecomError: A call failed. After a lost response that no look-up has settled, `.may_have_happened`
            is true. Call it again later: it reads first.
    """
    # A task that is cancelled before it starts shows its arguments.
    return _guarded(_ensure_user, shop, Hidden((full_name, phone, to_secret(password))))


def ensure_extension(
    shop: ShopClient,
    *,
    extension_number: int,
    hotline: str | Hotline,
    user: AccountUser | User | str | None = None,
) -> Coroutine[Any, Any, Ensured[Extension]]:
    """
    Return the extension with a number, on a hotline and for an employee; create it if there is none.

    An extension that is there is assigned to the employee if nobody has it. It moves to the hotline, except
    if it may be another employee's.

    Args:
        shop: Client of the shop.
        extension_number: The number, for example 1001.
        hotline: The hotline, or its id, number or name.
        user: The employee, or the id. Default: the extension stays whose it is, and a new one is for nobody.

    Raises:
        InvalidRequestError: An argument is wrong, or another employee has the extension. Nothing was changed.
        EtelecomError: As for `ensure_user`.
    """
    return _guarded(_ensure_extension, shop, Hidden((extension_number, hotline, user)))


async def _guarded(
    function: Callable[[ShopClient, Any], Awaitable[ResultT]], shop: ShopClient, hidden: Hidden[Any]
) -> ResultT:
    try:
        return await function(shop, hidden.value)
    except BaseException as error:
        cleaned(error)
        raise


async def _ensure_user(shop: ShopClient, given: tuple[Any, Any, Secret]) -> Ensured[AccountUser | User]:
    full_name, phone, password = given
    forms = _forms(phone)
    for form in forms:
        if (user := await _find_user(shop, phone, form)) is not None:
            return Ensured(user, is_created=False)
    try:
        created = await shop.users.create(full_name=full_name, phone=forms[0], password=password)
    except AlreadyExistsError:
        # The filter may compare with another form than ours.
        if (user := await _find_user(shop, phone, None)) is None:
            raise
        return Ensured(user, is_created=False)
    except EtelecomError as error:
        if (user := await _read_back(error)) is None:
            raise
        return Ensured(user, is_created=True, is_confirmed=False)
    return Ensured(created, is_created=True)


def _forms(phone: Any) -> tuple[str, ...]:
    """
    Return the forms of a phone number; the first one has the zero of Vietnam, if it has one.

    Raises:
        InvalidRequestError: It is no phone number.
    """
    try:
        return phones.forms(phone)
    except ValueError as error:
        problem = f"phone: {error}"
    raise InvalidRequestError((problem,), operation=_USER)


async def _find_user(shop: ShopClient, phone: Any, form: str | None) -> AccountUser | None:
    """
    Return the employee with a phone number.

    Args:
        shop: Client of the shop.
        phone: The phone number.
        form: Its form for the filter; `None` to read the whole list.
    """
    async for user in shop.users.list(phone=form, limit=_PAGE_SIZE):
        if not user.deleted and phones.same(user.phone, phone):
            return user
    return None


async def _ensure_extension(shop: ShopClient, given: tuple[Any, Any, Any]) -> Ensured[Extension]:
    number, hotline, user = given
    user_id = _checked(number, hotline, user)
    hotline_id = await _hotline_id(shop, hotline)
    extension = await _find_extension(shop, number)
    if extension is not None:
        return Ensured(await _fitted(shop, extension, hotline_id, user_id), is_created=False)
    try:
        created = await shop.extensions.create(
            hotline_id=hotline_id, extension_number=number, user_id=user_id
        )
    except AlreadyExistsError:  # another program was faster
        if (extension := await _find_extension(shop, number)) is None:
            raise
        return Ensured(await _fitted(shop, extension, hotline_id, user_id), is_created=False)
    except EtelecomError as error:
        if (extension := await _read_back(error)) is None:
            raise
        fitted = await _fitted(shop, extension, hotline_id, user_id)
        return Ensured(fitted, is_created=True, is_confirmed=False)
    return Ensured(created, is_created=True)


def _checked(number: object, hotline: object, user: object) -> str | None:
    """
    Return the id of the employee; `None` if none is named.

    Raises:
        InvalidRequestError: An argument is wrong.
    """
    problems: list[str] = []
    if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
        problems.append("extension_number takes a number, for example 1001")
    if not (isinstance(hotline, str) and hotline.strip()) and not (
        isinstance(hotline, Hotline) and hotline.id
    ):
        problems.append(f"hotline takes a hotline, or its id, number or name, not {kind_of(hotline)}")
    user_id: object = user.user_id if isinstance(user, AccountUser | User) else user
    if user_id is not None and not (isinstance(user_id, str) and user_id.strip("0 ")):
        problems.append("user takes an employee with an id, or the id")
    if problems:
        raise InvalidRequestError(tuple(problems), operation=_EXTENSION)
    return user_id if isinstance(user_id, str) else None


async def _hotline_id(shop: ShopClient, hotline: str | Hotline) -> str:
    """
    Return the id of a hotline.

    Raises:
        InvalidRequestError: No hotline of the shop, or several, have this number or name.
    """
    if isinstance(hotline, Hotline):
        return hotline.id
    text = " ".join(hotline.split())
    if _ID.fullmatch(text):
        return text
    hotlines = {
        each.id: PresentHotline(hotline_id=each.id, number=each.hotline, name=each.name)
        async for each in shop.hotlines.list(limit=_PAGE_SIZE)
    }
    try:
        return find_hotline(text, PresentShop(shop="", users={}, extensions={}, hotlines=hotlines))
    except CellError as error:
        problem = f"hotline: {error.problem}; {error.remedy}"
    raise InvalidRequestError((problem,), operation=_EXTENSION)


async def _find_extension(shop: ShopClient, number: int) -> Extension | None:
    # The list has no filter, and `extensions.get` returns no id.
    async for extension in shop.extensions.list(limit=_PAGE_SIZE):
        if extension.extension_number == str(number):
            return extension
    return None


async def _fitted(shop: ShopClient, extension: Extension, hotline_id: str, user_id: str | None) -> Extension:
    """
    Return an extension that is there, on the hotline and for the employee.

    Raises:
        InvalidRequestError: It may be another employee's.
    """
    holder = _holder(extension)
    is_theirs = holder is not None and holder != user_id
    has_to_move = extension.hotline_id != hotline_id
    if is_theirs and user_id is not None:
        raise _conflict(extension, "choose another number, or unassign it first")
    if is_theirs and has_to_move:
        raise _conflict(extension, "name this employee as user to move it to the hotline")
    if user_id is not None and holder is None:
        extension = attrs.evolve(extension, user_id=user_id)
        await _applied(shop, extension, shop.extensions.assign(extension_id=extension.id, user_id=user_id))
    if has_to_move:
        extension = attrs.evolve(extension, hotline_id=hotline_id)
        moving = shop.extensions.change_hotline(extension_id=extension.id, hotline_id=hotline_id)
        await _applied(shop, extension, moving)
    return extension


def _holder(extension: Extension) -> str | None:
    return extension.user_id if extension.user_id.strip("0") else None


def _conflict(extension: Extension, remedy: str) -> InvalidRequestError:
    problem = f"extension {extension.extension_number} belongs to another employee: {remedy}"
    return InvalidRequestError((problem,), operation=_EXTENSION)


async def _applied(shop: ShopClient, wanted: Extension, change: Awaitable[object]) -> None:
    """
    Make a change of an extension.

    Raises:
        NotAppliedError: The server did not make it, and the extension is not so already.
    """
    try:
        await change
    except NotAppliedError:
        # An attempt whose response was lost may have made it.
        now = await _find_extension(shop, int(wanted.extension_number))
        if now is None or (now.hotline_id, now.user_id) != (wanted.hotline_id, wanted.user_id):
            raise


async def _read_back(error: EtelecomError) -> Any:
    """Return the record that a lost call has created; `None` if nothing shows that it was executed."""
    if not (error.may_have_happened and error.can_verify):
        return None
    try:
        return await error.verify()
    except EtelecomError:  # the error of the call says more
        return None
