"""Define `etelecom config`: show and change the settings of a profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from etelecom_async.cli import exit_codes, options, profiles
from etelecom_async.cli.command import Command, CommandError, Entry, Group, did_you_mean, usage_error
from etelecom_async.cli.settings import KEYRING, SETTINGS, Settings, Value, shown

_COLUMNS: Final = ("name", "value", "source", "place")
_PROFILE: Final = "profile"


class _Name(click.ParamType[str]):
    """The name of a setting."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; hyphens may stand for underscores."""
        known = (_PROFILE, *SETTINGS)
        name = str(value).replace("-", "_")
        if name not in known:
            self.fail(
                f"no setting {value!r}{did_you_mean(name, known)} Settings: {', '.join(known)}", param, ctx
            )
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the names that start with *incomplete*."""
        from click.shell_completion import CompletionItem

        del ctx, param
        summaries = {_PROFILE: "profile to use by default"} | {
            name: setting.summary for name, setting in SETTINGS.items()
        }
        return [
            CompletionItem(name, help=text) for name, text in summaries.items() if name.startswith(incomplete)
        ]


def command() -> Group:
    """Return the group."""
    lines = "\n\n".join(f"{name}: {setting.summary}." for name, setting in SETTINGS.items())
    return Group(
        "config",
        {
            "list": Entry("List the settings, and where each value comes from.", _list),
            "get": Entry("Print the value of a setting.", _get),
            "set": Entry("Set a value in the profile.", _set),
            "unset": Entry("Remove a value from the profile.", _unset),
        },
        help=f"Show and change the settings of a profile. Settings:\n\nprofile: the default one.\n\n{lines}",
        examples=["etelecom config list", "etelecom config set base_url https://api.etelecom.vn/v1"],
    )


def _list() -> Command:
    return Command(
        "list",
        params=[options.profile_option(), *options.output_options(_COLUMNS, can_reveal=False)],
        help=(
            "List the settings of commands, and where each value comes from: option, environment, profile, "
            "keyring or default. Keys are shown as ****."
        ),
        examples=["etelecom config list", "etelecom config list --profile work --json"],
        callback=_run_list,
    )


def _run_list(**given: Any) -> int:
    layout = options.layout(given)
    settings = Settings.checked(given["profile"])
    rows = [_row(name, _value(settings, name)) for name in (_PROFILE, *SETTINGS)]
    from etelecom_async.cli import output

    with output.opened(layout) as stream:
        out = output.writer(layout, stream, result="", known=_COLUMNS)
        for row in rows:
            out.add(row)
        out.end()
    return exit_codes.DONE


def _value(settings: Settings, name: str) -> Value | None:
    """Return a value to show; without its text if the keyring has it, which may ask the user."""
    if name == _PROFILE:
        return settings.profile
    in_keyring = settings.of_environment(name) is None and settings.source_in_profile(name) == KEYRING
    if in_keyring:
        return Value("", KEYRING, f"profile {settings.profile.text!r}")
    return settings.value(name)


def _row(name: str, value: Value | None) -> dict[str, str]:
    if value is None:
        return {"name": name, "value": "", "source": "", "place": ""}
    return {"name": name, "value": shown(name, value.text), "source": value.source, "place": value.place}


def _get() -> Command:
    return Command(
        "get",
        params=[click.Argument(["name"], type=_Name(), metavar="NAME"), options.profile_option()],
        help="Print the value of a setting. A key is never shown.",
        examples=["etelecom config get base_url"],
        callback=_run_get,
    )


def _run_get(name: str, profile: str | None) -> int:
    settings = Settings.checked(profile)
    if name in SETTINGS and SETTINGS[name].is_secret:
        raise usage_error(f"{name} is a key, which no command shows: `etelecom auth status` shows its source")
    value = _value(settings, name)
    if value is None:
        message = f"{name} is not set: `etelecom config set {name} VALUE`"
        raise CommandError(message, exit_code=exit_codes.FAILED)
    print(shown(name, value.text))
    return exit_codes.DONE


def _set() -> Command:
    return Command(
        "set",
        params=[
            click.Argument(["name"], type=_Name(), metavar="NAME"),
            click.Argument(["value"], metavar="VALUE", required=False),
            options.profile_option(),
        ],
        help="Set a value in the profile, which may be new. Keys are set by `etelecom auth login`.",
        examples=[
            "etelecom config set base_url https://api.etelecom.vn/v1",
            "etelecom config set shop 'Trà sữa Mây' --profile partner",
            "etelecom config set profile partner     # the default from now on",
        ],
        callback=_run_set,
    )


def _run_set(name: str, value: str | None, profile: str | None) -> int:
    _refuse_key(name)
    if not value:
        raise usage_error(f"the value of {name} is missing; `etelecom config unset {name}` removes one")
    if name == _PROFILE:
        return _set_profile(value, profile)
    settings = Settings(profile, is_new=True)
    values = {name: _checked(name, value)}
    profiles.change(tuple(SETTINGS), profiles.set_values(settings.profile.text, values))
    return exit_codes.DONE


def _set_profile(value: str, profile: str | None) -> int:
    if profile is not None:
        raise usage_error("--profile has no use here: the value is the name of the default profile")
    chosen = Settings(value, flag="the setting profile")
    chosen.check_profile()
    profiles.change(tuple(SETTINGS), profiles.set_default(value))
    return exit_codes.DONE


def _checked(name: str, value: str) -> str:
    """Return the value to store; a wrong one is an error."""
    if name == "key_store":
        return str(Path(value).expanduser().absolute())  # commands run in other folders, too
    if name not in ("base_url", "sms_base_url"):
        return value
    from etelecom_async import ConfigurationError
    from etelecom_async._core import api_keys
    from etelecom_async.cli.wording import in_words_of_commands

    check = api_keys.api_base_url if name == "base_url" else api_keys.sms_base_url
    try:
        return check(value, name=name)
    except ConfigurationError as error:
        raise usage_error(in_words_of_commands(error.message)) from None


def _unset() -> Command:
    return Command(
        "unset",
        params=[click.Argument(["name"], type=_Name(), metavar="NAME"), options.profile_option()],
        help="Remove a value from the profile. Keys are removed by `etelecom auth logout`.",
        examples=["etelecom config unset base_url"],
        callback=_run_unset,
    )


def _run_unset(name: str, profile: str | None) -> int:
    _refuse_key(name, "removed by `etelecom auth logout`")
    settings = Settings(profile)
    if name == _PROFILE:
        if settings.file.default is not None:
            profiles.change(tuple(SETTINGS), profiles.set_default(None))
    elif settings.source_in_profile(name):
        changed = profiles.set_values(settings.profile.text, {}, without=[name])
        profiles.change(tuple(SETTINGS), changed)
    return exit_codes.DONE


def _refuse_key(name: str, way: str = "stored by `etelecom auth login`") -> None:
    if name in SETTINGS and SETTINGS[name].is_secret:
        raise usage_error(f"{name} is a key, and no key is an argument: it is {way}")
