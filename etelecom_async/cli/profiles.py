"""
Read and write the file with the profiles: named sets of settings.

    profile = "work"                # the profile to use by default

    [profiles.work]
    base_url = "https://api.etelecom.vn/v1"
    partner_api_key = "..."
    keyring = ["shop_api_key"]      # keys that the system's keyring holds

The file may hold keys, so only its owner may be able to read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, cast

from etelecom_async._core import private_files
from etelecom_async.cli.command import CommandError, did_you_mean, usage_error
from etelecom_async.cli.files import replacing

DEFAULT: Final = "default"
"""The profile to use if none is chosen."""
_FILE: Final = "config.toml"
_NAME: Final = re.compile(r"(?a)\w[\w.-]{0,63}")
_DEFAULT_PROFILE: Final = "profile"
_PROFILES: Final = "profiles"
_KEYRING: Final = "keyring"


class Profile(NamedTuple):
    """A named set of settings."""

    values: Mapping[str, str]
    keyring: tuple[str, ...] = ()
    """Settings whose values the keyring holds."""


class Profiles(NamedTuple):
    """What the file says."""

    default: str | None
    """The profile to use by default."""
    by_name: Mapping[str, Profile]


def folder() -> Path:
    """
    Return the folder of the settings.

    Raises:
        CommandError: The user has no home folder.
    """
    import platformdirs  # only a command that needs a setting needs it

    place = Path(platformdirs.user_config_dir("etelecom", appauthor=False))
    if not place.is_absolute():  # `~` stays if nothing says where it is
        raise usage_error(
            "there is no home folder for the profiles: set HOME, or set the keys in the environment"
        )
    return place


def path() -> Path:
    """
    Return the file.

    Raises:
        CommandError: The user has no home folder.
    """
    return folder() / _FILE


def check_name(name: str, place: str) -> None:
    """
    Refuse what is no name of a profile.

    Args:
        name: The name. The error does not show it: it may be a key in the wrong place.
        place: Where it comes from.

    Raises:
        CommandError: The name has other characters.
    """
    if not _NAME.fullmatch(name):
        raise usage_error(f"{place} is no name of a profile: use letters, digits, '-', '_' and '.'")


def read(known: Sequence[str]) -> Profiles:
    """
    Return the profiles; none without a file or without a home folder.

    Args:
        known: Names of the settings.

    Raises:
        CommandError: The file cannot be read, is wrong, or others can read it.
    """
    try:
        file = path()
    except CommandError:  # as in a container: everything comes from the environment
        return Profiles(None, {})
    text = _text(file)
    return Profiles(None, {}) if text is None else _parse(file, text, known)


Edit = Callable[[dict[str, Any], Callable[[], Any]], None]
"""Function that changes the document, a dict of TOML. Its second argument makes an empty table."""


def change(known: Sequence[str], edit: Edit) -> Path:
    """
    Change the file, and return its path. Comments stay.

    Args:
        known: Names of the settings.
        edit: The change.

    Raises:
        CommandError: The file cannot be read or written, is wrong, or others can read it.
    """
    import tomlkit  # only a change needs it

    file = path()
    text = _text(file)
    if text is not None:
        _parse(file, text, known)
    document: Any = tomlkit.parse(text or "")
    edit(document, tomlkit.table)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(file, private_files.MODE) as stream:
            stream.write(tomlkit.dumps(document))
    except OSError as error:
        raise usage_error(f"{file} cannot be written: {error.strerror or type(error).__name__}") from None
    return file


def set_default(name: str | None) -> Edit:
    """Return the change that makes a profile the default; `None` for no default."""

    def edit(document: dict[str, Any], _: Callable[[], Any]) -> None:
        if name is None:
            del document[_DEFAULT_PROFILE]
        else:
            document[_DEFAULT_PROFILE] = name

    return edit


def set_values(
    name: str, values: Mapping[str, str], *, in_keyring: Sequence[str] = (), without: Sequence[str] = ()
) -> Edit:
    """
    Return the change of a profile. A profile without any setting is removed.

    Args:
        name: The profile.
        values: Settings for the file.
        in_keyring: Settings that the keyring holds from now on.
        without: Settings to remove.
    """

    def edit(document: dict[str, Any], table: Callable[[], Any]) -> None:
        if _PROFILES not in document:
            document[_PROFILES] = table()
        profiles = document[_PROFILES]
        if name not in profiles:
            profiles[name] = table()
        profile = profiles[name]
        kept = [each for each in profile.get(_KEYRING, ()) if each not in values and each not in without]
        kept += [each for each in in_keyring if each not in kept]
        for each in (*without, *in_keyring):
            profile.pop(each, None)
        profile.update(values)
        profile.pop(_KEYRING, None)
        if kept:
            profile[_KEYRING] = kept
        if not profile:
            del profiles[name]
            if document.get(_DEFAULT_PROFILE) == name:
                del document[_DEFAULT_PROFILE]

    return edit


def _text(file: Path) -> str | None:
    """Return the text of the file; `None` if there is none."""
    try:
        with file.open("rb") as stream:
            mode = file.stat().st_mode
            data = stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise usage_error(f"{file} cannot be read: {error.strerror or type(error).__name__}") from None
    # On Windows, the folder's permissions count.
    if private_files.is_open_to_others(mode):
        raise usage_error(
            f"{file} may hold keys, and other users of this machine can read it: run `chmod 600` on it. Ask "
            f"eTelecom for a new key if they may have read one"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise usage_error(f"{file} is not UTF-8 text") from None


def _parse(file: Path, text: str, known: Sequence[str]) -> Profiles:
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise usage_error(f"{file} is not TOML: {error}") from None
    for name in document:
        if name not in (_DEFAULT_PROFILE, _PROFILES):
            _refuse(file, f"has an unknown name {name!r}{did_you_mean(name, (_DEFAULT_PROFILE, _PROFILES))}")
    default = document.get(_DEFAULT_PROFILE)
    if not isinstance(default, str | None):
        _refuse(file, f"{_DEFAULT_PROFILE} takes the name of a profile")
    profiles = document.get(_PROFILES, {})
    if not isinstance(profiles, dict):
        _refuse(file, f"{_PROFILES} takes a table for each profile, as in [profiles.work]")
    tables = cast("dict[str, object]", profiles)
    return Profiles(default, {name: _profile(file, name, table, known) for name, table in tables.items()})


def _profile(file: Path, name: str, table: object, known: Sequence[str]) -> Profile:
    if not isinstance(table, dict):
        _refuse(file, f"profile {name!r} takes a table, as in [profiles.{name}]")
    values = dict(cast("dict[str, object]", table))
    keyring = values.pop(_KEYRING, [])
    for setting, value in values.items():
        if setting not in known:
            _refuse(
                file, f"profile {name!r} has an unknown setting {setting!r}{did_you_mean(setting, known)}"
            )
        if not isinstance(value, str):  # the value may be a part of a key
            _refuse(file, f"{setting} of profile {name!r} takes a text in quotes")
    names = cast("list[object]", keyring)
    if not isinstance(keyring, list) or not all(each in known for each in names):
        _refuse(file, f"{_KEYRING} of profile {name!r} takes a list of names of keys")
    return Profile(cast("dict[str, str]", values), tuple(map(str, names)))


def _refuse(file: Path, problem: str) -> NoReturn:
    raise usage_error(f"{file}: {problem}")
