"""docs/command-line.md is correct: its commands run, and its tables are those of the program."""

from __future__ import annotations

import asyncio
import io
import re
import shlex
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli import exit_codes, index, main
from etelecom_async.cli.settings import Settings
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
PROFILES = PAGE[PAGE.index("\n## Profiles\n") : PAGE.index("\n## Requests\n")]
IN_ORDER = re.findall(r"^\$ (.+)$", PROFILES, re.MULTILINE)
LINES = re.findall(r"^\$ (.+)$", PAGE.replace(PROFILES, ""), re.MULTILINE)


@pytest.fixture(scope="module")
def service(other_thread: asyncio.AbstractEventLoop) -> Iterator[Sandbox]:
    """A sandbox in another thread."""
    service = sandbox()
    asyncio.run_coroutine_threadsafe(service.start(), other_thread).result()
    yield service
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()


@pytest.mark.parametrize("line", LINES)
def test_line_runs(
    line: str,
    service: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Each line runs against the sandbox with exit code 0, and prints something or writes its file."""
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    before, pipe, command = line.rpartition(" | ")
    if pipe:
        text = before.removeprefix("echo ")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{text}\n".encode())))
    program, *arguments = shlex.split(command)
    assert program == "etelecom"
    code = main(arguments)
    out, err = capsys.readouterr()
    note = "etelecom: no difference; written to {}. It holds no values: you can hand it on\n"
    assert (code, err) == (exit_codes.DONE, note.format(arguments[-1]) if "--report" in arguments else "")
    has_no_rows = {"yesterday", "--extension-ids"}.intersection(arguments)
    assert out or has_no_rows or any(file.stat().st_size for file in tmp_path.iterdir())


def test_profiles(
    service: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The lines about profiles run in their order, with the sandbox's keys in place of those of `pass`."""
    keys = {"partner": "ETELECOM_PARTNER_API_KEY", "shop": "ETELECOM_SHOP_API_KEY"}
    monkeypatch.setenv("ETELECOM_BASE_URL", service.base_url)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for line in IN_ORDER:
        before, _, command = line.rpartition(" | ")
        if before:
            key = service.environment()[keys[before.rpartition("/")[2]]]
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{key}\n".encode())))
        code = main(shlex.split(command)[1:])
        out, err = capsys.readouterr()
        assert code == exit_codes.DONE, (line, err)
        assert out or "config set" in line or "logout" in line
    assert len(IN_ORDER) == 9
    file = tomllib.loads((tmp_path / "etelecom" / "config.toml").read_text(encoding="utf-8"))
    assert file["profiles"]["partner"] == {"shop": "Trà sữa Mây"}
    assert list(file["profiles"]["default"]) == ["shop_api_key"]


def test_example_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file on the page is one that the program reads."""
    (example,) = re.findall(r"^```toml\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "etelecom" / "config.toml"
    file.parent.mkdir()
    file.write_text(example, encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ETELECOM_PROFILE", raising=False)
    settings = Settings()
    assert settings.profile.text == "office"
    assert settings.source_in_profile("shop_api_key") == "profile"
    assert settings.source_in_profile("partner_api_key") == "keyring"


def test_dockerfile() -> None:
    """The image installs the extra that exists, runs the command of the project, and not as root."""
    (dockerfile,) = re.findall(r"^```dockerfile\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (extra,) = re.findall(r"'/src\[(\w+)\]'", dockerfile)
    assert extra in project["optional-dependencies"]
    (entry,) = re.findall(r'^ENTRYPOINT \["(.+)"\]$', dockerfile, re.MULTILINE)
    (folder,) = re.findall(r"python -m venv (\S+)", dockerfile)
    assert entry == f"{folder}/bin/{next(iter(project['scripts']))}"
    *_, user = re.findall(r"^USER (\d+)$", dockerfile, re.MULTILINE)
    assert int(user) > 0
    assert dockerfile.index(f"USER {user}") > dockerfile.rindex("RUN ")
    assert not re.search(r"^(ENV|ARG) ", dockerfile, re.MULTILINE)
    assert f"FROM python:{project['requires-python'].removeprefix('>=')[:2]}" in dockerfile


def test_exit_codes() -> None:
    """The table of exit codes is that of `etelecom help exit-codes`."""
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert {int(code): text.replace("`", "") for code, text in table.items()} == exit_codes.MEANINGS


def test_number_of_commands() -> None:
    """The page states the number of operations."""
    assert f"each of the {len({row.wire for row in index.operations()})} operations" in PAGE
