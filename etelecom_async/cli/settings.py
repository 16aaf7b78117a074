"""
Find the settings of a command, and where each value comes from.

The environment wins over the profile. A profile has its values in its file or, for keys, in the keyring.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple, Self

from etelecom_async.cli import exit_codes, profiles
from etelecom_async.cli.command import CommandError, did_you_mean, usage_error
from etelecom_async.cli.profiles import Profile, Profiles

PROFILE_VARIABLE: Final = "ETELECOM_PROFILE"
OPTION: Final = "option"
ENVIRONMENT: Final = "environment"
PROFILE: Final = "profile"
KEYRING: Final = "keyring"
DEFAULT: Final = "default"


class Setting(NamedTuple):
    """A setting of a profile."""

    name: str
    summary: str
    variable: str = ""
    """Environment variable; empty if there is none."""
    is_secret: bool = False


SETTINGS: Final = {
    setting.name: setting
    for setting in (
        Setting("base_url", "URL of the API", "ETELECOM_BASE_URL"),
        Setting("sms_base_url", "URL of the SMS service", "ETELECOM_SMS_BASE_URL"),
        Setting("partner_api_key", "the partner's key", "ETELECOM_PARTNER_API_KEY", is_secret=True),
        Setting("shop_api_key", "the shop's own key", "ETELECOM_SHOP_API_KEY", is_secret=True),
        Setting("shop_key", "the partner's key for the shop", "ETELECOM_SHOP_KEY", is_secret=True),
        Setting("sms_username", "user name of the SMS service", "ETELECOM_SMS_USERNAME"),
        Setting("sms_password", "password of the SMS service", "ETELECOM_SMS_PASSWORD", is_secret=True),
        Setting("shop", "shop that a partner acts for: its id or name"),
        Setting("key_store", "file with a partner's keys for shops"),
    )
}
"""The settings by their names. The variables are those of Python, and `ETELECOM_SHOP_KEY`."""

_KEY_STORE: Final = "shop-keys.json"


class Value(NamedTuple):
    """The value of a setting, and where it comes from."""

    text: str
    source: str
    """`option`, `environment`, `profile`, `keyring` or `default`."""
    place: str
    """The option, the variable or the profile, for messages."""

    def __repr__(self) -> str:
        return f"<Value from {self.place}>"  # the text may be a key


def shown(name: str, text: str) -> str:
    """Return the value of a setting as lists show it: a key is masked, and what may hold a password."""
    setting = SETTINGS.get(name)
    is_secret = setting is not None and setting.is_secret
    if is_secret or (name.endswith("base_url") and not _URL.fullmatch(text)):
        return _MASK
    return text


_MASK: Final = "****"
_URL: Final = re.compile(r"https?://[^@?#]*")


class Settings:
    """
    The settings of a command.

    Args:
        profile: The profile that the user chose with `--profile`, if any.
        is_new: Whether the command may make the profile.
        flag: Where the user chose the profile, for errors.
    """

    def __init__(
        self, profile: str | None = None, *, is_new: bool = False, flag: str = "option --profile"
    ) -> None:
        self._chosen = profile
        self._flag = flag
        self._is_new = is_new

    @cached_property
    def profile(self) -> Value:
        """The name of the profile. It may not exist yet."""
        if self._chosen is not None:
            profiles.check_name(self._chosen, f"the value of {self._flag.removeprefix('option ')}")
            return Value(self._chosen, OPTION, self._flag)
        if name := os.environ.get(PROFILE_VARIABLE):
            profiles.check_name(name, PROFILE_VARIABLE)
            return Value(name, ENVIRONMENT, PROFILE_VARIABLE)
        if self.file.default is not None:
            return Value(self.file.default, PROFILE, str(profiles.path()))
        return Value(profiles.DEFAULT, DEFAULT, "")

    @cached_property
    def file(self) -> Profiles:
        """What the file of the profiles says."""
        return profiles.read(tuple(SETTINGS))

    @property
    def stored(self) -> Profile:
        """
        The profile in the file; an empty one if the user chose none.

        Raises:
            CommandError: There is no profile of the chosen name.
        """
        name = self.profile
        found = self.file.by_name.get(name.text)
        if found is not None:
            return found
        if name.source == DEFAULT or self._is_new:
            return Profile({})
        known = sorted(self.file.by_name)
        guess = did_you_mean(name.text, known)
        listed = (
            f" Profiles: {', '.join(known)}."
            if known
            else " There are none: `etelecom auth login` makes one."
        )
        raise usage_error(f"there is no profile {name.text!r} ({name.place}){guess}{listed}")

    @classmethod
    def checked(cls, profile: str | None) -> Self:
        """
        Return the settings of a profile, which must exist if somebody named it.

        Raises:
            CommandError: There is no such profile.
        """
        settings = cls(profile)
        settings.check_profile()
        return settings

    def check_profile(self) -> None:
        """
        Refuse a profile that the user named and that does not exist, also if no setting is needed from it.

        Raises:
            CommandError: There is no profile of this name.
        """
        if self._chosen is not None or os.environ.get(PROFILE_VARIABLE):
            _ = self.stored

    def value(self, name: str) -> Value | None:
        """Return the value of a setting; `None` if nothing sets it."""
        return self.of_environment(name) or self.of_profile(name) or self._default(name)

    def values(self, names: Iterable[str]) -> dict[str, Value]:
        """
        Return the values of settings that belong together, all from the same place.

        So a key of the environment and a key of the profile, perhaps for another account, do not mix.
        """
        names = tuple(names)
        for find in (self.of_environment, self.of_profile):
            found = {name: value for name in names if (value := find(name)) is not None}
            if found:
                return found
        return {}

    def of_environment(self, name: str) -> Value | None:
        """Return the value that a variable has."""
        variable = SETTINGS[name].variable
        text = os.environ.get(variable) if variable else None
        return Value(text, ENVIRONMENT, variable) if text else None

    def of_profile(self, name: str) -> Value | None:
        """
        Return the value that the profile has, in its file or in the keyring.

        Raises:
            CommandError: The keyring failed, or does not have the key any more.
        """
        source = self.source_in_profile(name)
        place = f"profile {self.profile.text!r}"
        if source is None:
            return None
        if source == PROFILE:
            return Value(self.stored.values[name], PROFILE, place)
        from etelecom_async.cli import system_keyring

        text = system_keyring.get(self.profile.text, name)
        if not text:
            message = f"the keyring has no {name} for {place}: log in again with `etelecom auth login`"
            raise CommandError(message, exit_code=exit_codes.KEY)
        return Value(text, KEYRING, f"the keyring, {place}")

    def source_in_profile(self, name: str) -> str | None:
        """Return whether the profile has a value in its file or in the keyring, and ask no keyring."""
        stored = self.stored
        if stored.values.get(name):
            return PROFILE
        return KEYRING if name in stored.keyring else None

    def is_set(self, name: str) -> bool:
        """Return whether the environment or the profile has a value, and ask no keyring."""
        return self.of_environment(name) is not None or self.source_in_profile(name) is not None

    def _default(self, name: str) -> Value | None:
        match name:
            case "key_store":
                try:
                    return Value(str(profiles.folder() / _KEY_STORE), DEFAULT, "")
                except CommandError:  # no home folder
                    return None
            case "base_url" | "sms_base_url":
                from etelecom_async._core import api_keys

                url = api_keys.BASE_URL if name == "base_url" else api_keys.SMS_BASE_URL
                return Value(url, DEFAULT, "")
            case _:
                return None
