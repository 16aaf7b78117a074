"""Each operation is a command: its options make the request, and its output is the response."""

from __future__ import annotations

import itertools
import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async._core.operation import FailureRule
from etelecom_async._core.secret import MASK
from etelecom_async.cli import index
from etelecom_async.cli.app import root
from etelecom_async.cli.command import Group
from etelecom_async.cli.operation import examples
from etelecom_async.cli.secret_results import new_secrets
from etelecom_async.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SAMPLES = Path(__file__).parent.parent / "contract" / "samples"
EVERY = pytest.mark.parametrize("name", sorted(OPERATIONS))
TEXTS = {"phonenumber": "0901234567"}
"""Texts for fields that do not take any text."""


def sample(field: index.Field, folder: Path) -> tuple[list[str], Any]:
    """Return the arguments that give a field a value, and the value in the request."""
    kind, flag = field.item_kind, field.flag
    if kind == "secret":
        file = folder / f"{field.name}.txt"
        file.write_text(f"canary of {field.name}\n")
        return [flag, str(file)], f"canary of {field.name}"
    if kind == "file":
        file = folder / "picture.png"
        file.write_bytes(b"png")
        return [flag, str(file)], None
    if kind == "map":
        return [flag, "name=Lê = An", flag, "code=1"], {"name": "Lê = An", "code": "1"}
    if kind == "boolean":
        return [flag.replace("--", "--no-", 1)], False
    hour = "10:30" if field.name.endswith("_to") else "09:30"
    text, value = {
        "integer": ("7", 7),
        "number": ("1.5", 1.5),
        "time": (f"2026-11-28T{hour}", f"2026-11-28T{hour}:00+07:00"),
    }.get(kind, (TEXTS.get(field.name, f"a {field.name}"),) * 2)
    if kind.startswith("enum:"):
        text = value = list(index.enum(kind).names)[-1]
    if field.kind.startswith("list:"):
        return [flag, text, flag, text], [value, value]
    return [flag, text], value


def put(body: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Set a value in nested objects."""
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


def arguments_of(name: str, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Return arguments for every option of an operation, and the request that they make."""
    row = index.operation(name)
    arguments, body = row.command.split(), dict[str, Any]()
    for field in row.fields:
        if field.kind != index.BODY_KIND:
            given, value = sample(field, folder)
            arguments += given
            if value is not None:
                put(body, field.path, value)
    if not row.client:
        arguments += ["--as", "shop"]
    if row.asks:
        arguments.append("--yes")
    return arguments, body


def run(tool: Any, name: str, arguments: list[str], folder: Path) -> Any:
    """Run a command with `--json`; one that returns a secret only once gets a private file for its result."""
    if not new_secrets(OPERATIONS[name]):
        return tool(*arguments, "--json")
    file = folder / "result.json"
    result = tool(*arguments, "--reveal", "--output", str(file))
    return result._replace(out=file.read_text() if file.exists() else "")


@EVERY
def test_options_make_the_request(at_peer: Any, peer: Any, name: str, tmp_path: Path) -> None:
    """Every operation is reachable, and every option is at its place in the request, with its type."""
    row = OPERATIONS[name]
    peer.always = lambda _: peer.json({"updated": 1})
    arguments, body = arguments_of(name, tmp_path)
    result = run(at_peer, name, arguments, tmp_path)
    assert len(peer.requests) == 1, result
    (request,) = peer.requests
    assert request.path.removeprefix("/v1/").partition(".")[2] or request.path
    assert request.path.endswith(row.wire_name)
    if row.multipart:
        assert b'filename="picture.png"' in request.body
        assert b"a oa_id" in request.body
        return
    sent = request.json
    if name.startswith("sms."):
        body = {key.lower(): value for key, value in body.items()}
        sent = {key.lower(): value for key, value in sent.items()}
        assert (sent.pop("username"), sent.pop("password")) == ("someone", "canary-password")
        if name == "sms.send":
            body["phonenumber"] = "84901234567"
    assert sent == body


def json_samples() -> list[Any]:
    """Return the operations whose documentation shows a response."""
    rows = {row.wire_name.replace("/", "."): row for row in OPERATIONS.values()}
    return [
        pytest.param(rows[folder.name], folder, id=folder.name)
        for folder in sorted(SAMPLES.iterdir())
        if (folder / "response.json").is_file()
    ]


SUCCESS: Mapping[FailureRule, tuple[Any, ...]] = {
    FailureRule.NOT_UPDATED: (1,),
    FailureRule.ERROR_CODE: (0, None),
    FailureRule.SMS_STATUS: ("1", 1),
    FailureRule.NOT_OK: ("ok",),
}
"""Values of the field that marks a failure in a response with HTTP 200, if there is none."""
OTHER_FORMS: Mapping[str, Any] = {
    "21/05/2021 14:43:22": "2021-05-21T14:43:22+07:00",
    '{"otp":"123456"}': {"otp": MASK},
}
"""Texts of the SMS service, and what the models make of them."""


def holds(shown: Any, documented: Any) -> bool:
    """Return whether the output has everything that the documented response has, under the same names."""
    documented = OTHER_FORMS.get(documented, documented) if isinstance(documented, str) else documented
    if isinstance(documented, dict):
        return isinstance(shown, dict) and all(
            key in shown and holds(shown[key], value) for key, value in documented.items()
        )
    if isinstance(documented, list):
        return len(shown or []) == len(documented) and all(map(holds, shown, documented))
    if documented in (None, "", 0, "0", "0001-01-01T00:00:00Z") or shown in (documented, MASK):
        return True
    return isinstance(shown, str) and moment(shown) == moment(documented) is not None


def moment(text: Any) -> datetime | None:
    """Return the time in a text, `None` for any other text."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


@pytest.mark.parametrize(("row", "folder"), json_samples())
def test_output_has_the_names_of_the_wire(
    at_peer: Any, peer: Any, row: Any, folder: Path, tmp_path: Path
) -> None:
    """`--json` shows the documented response with the names and values of the API; a list is one array."""
    document = json.loads((folder / "response.json").read_text())
    asked = [0]

    def respond(_: Any) -> Any:
        asked[0] += 1
        empty = {row.items: []} if row.items and asked[0] > 1 else document
        return peer.json(empty)

    peer.always = respond
    arguments, _ = arguments_of(row.name, tmp_path)
    result = run(at_peer, row.name, arguments, tmp_path)
    if row.fails_in_body and document.get(row.fails_in_body.value) not in SUCCESS[row.fails_in_body]:
        assert (result.code, result.err.count("\n")) == (1, 1)  # the sample is one of a failed call
        return
    assert (result.code, result.err) == (0, "")
    expected = document[row.items] if row.items else document
    rows = result.json
    if row.cases:  # each result has the fields of its case
        expected = {key: value for key, value in document.items() if key in rows}
        assert expected
    if row.items:
        assert isinstance(rows, list)
        rows = rows[: len(expected)]
    assert holds(rows, expected), (rows, expected)


@EVERY
def test_help_of_each_command(tool: Any, name: str) -> None:
    """The help of each command names every option, the effect and an example that the command accepts."""
    row = index.operation(name)
    result = tool(*row.command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert row.wire in result.out
    for field in row.fields:
        assert field.kind == index.BODY_KIND or field.flag in result.out
    for line in examples(row):
        assert f"\n  {line}\n" in result.out + "\n"
        assert line.startswith(f"etelecom {row.command}")


@EVERY
def test_each_operation_reaches_the_sandbox(etl: Any, name: str, tmp_path: Path) -> None:
    """The sandbox knows every command: it executes it, or refuses the invented ids with its own error."""
    arguments, _ = arguments_of(name, tmp_path)
    result = run(etl, name, [*arguments, "--quiet"], tmp_path)
    if result.code:
        assert result.err.count("\n") == 1
        assert "bad_route" not in result.err
        assert "HTTP 4" in result.err or result.err.startswith(f"etelecom: {name}: ")
    else:
        assert isinstance(result.json, dict | list)


def test_missing_options_are_named(tool: Any) -> None:
    """One line names every option that is missing, before a key is needed."""
    result = tool("shop", "users", "create", "--phone", "0901234567")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("etelecom: missing: --full-name, --password-file FILE")
    assert result.err.count("\n") == 1


def test_key_of_an_operation_of_two_clients(etl: Any) -> None:
    """`account` uses the shop's key if both are set, and says so; `--as` chooses; a change needs it."""
    by_default, partner = etl("account", "--json"), etl("account", "--json", "--as", "partner")
    assert (by_default.json["type"], partner.json["type"]) == ("shop", "partner")
    assert by_default.err == "etelecom: used the shop's key; --as partner uses the partner's\n"
    assert partner.err == ""
    assert etl("account", "--json", "--quiet").err == ""
    refused = etl("webhooks", "create", "--url", "https://a.example", "--entities", "call_log")
    assert (refused.code, refused.out) == (2, "")
    assert "--as shop or --as partner" in refused.err
    etl.set({"ETELECOM_SHOP_API_KEY": "", "ETELECOM_SHOP_KEY": ""})
    only = etl("account", "--json")
    assert (only.json["type"], only.err) == ("partner", "")


def test_short_words(etl: Any) -> None:
    """`zns` and `zalo` are short for the shop's; underscores may stand for hyphens."""
    full, short = etl("shop", "zns", "messages", "list", "--json"), etl("zns", "messages", "list", "--json")
    assert full == short
    assert etl("shop", "call_logs", "list", "--limit", "1").code == 0


def test_inferred_operation_is_noted(etl: Any) -> None:
    """An undocumented operation is named on stderr in plain words; `--quiet` suppresses the note."""
    noted = etl("shop", "hotlines", "list", "--limit", "1")
    assert noted.code == 0
    assert noted.err == (
        "etelecom: shop.hotlines.list is inferred, not documented: its name and fields may be wrong\n"
    )
    assert etl("shop", "hotlines", "list", "--limit", "1", "--quiet") == noted._replace(err="")


def asking() -> Mapping[str, index.Operation]:
    """Return the operations that ask first."""
    return {row.name: row for row in index.operations() if row.asks}


@pytest.mark.parametrize("name", sorted(asking()))
def test_send_and_delete_need_yes(at_peer: Any, peer: Any, name: str, tmp_path: Path) -> None:
    """Without a terminal, what costs money or deletes needs `--yes`; otherwise nothing is sent."""
    assert OPERATIONS[name].effect in ("SEND", "DELETE")
    arguments, _ = arguments_of(name, tmp_path)
    arguments.remove("--yes")
    result = at_peer(*arguments)
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert "add --yes" in result.err
    assert "nothing was sent" in result.err


def test_question_on_a_terminal(etl: Any, terminal: Any) -> None:
    """On a terminal, `n` sends nothing, and `y` sends; the question names the recipient."""
    hook = ("webhooks", "create", "--as", "shop", "--url", "https://a.example/h", "--entities", "call_log")
    created = etl(*hook, "--columns", "id")
    assert created.code == 0
    delete = ("webhooks", "delete", "--as", "shop", "--id", created.out.strip())
    code, shown = terminal(*delete, answer="n\n", after="[y/N]")
    assert code == 1
    assert f"webhooks delete (id {delete[-1]}) deletes. Continue?" in shown
    assert "you answered no; nothing was sent" in shown
    code, shown = terminal(*delete, answer="y\n", after="[y/N]")
    assert code == 0


def test_dry_run(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """`--dry-run` prints the exact request without a question, sends nothing, and masks secrets."""
    arguments, body = arguments_of("shop.zalo.accounts.authorize", tmp_path)
    result = at_peer(*arguments, "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json == {
        "method": "POST",
        "url": f"{peer.base_url}/shop.Zalo/AuthorizeOA",
        "body": {**body, "app_secret": MASK},
    }
    arguments, _ = arguments_of("shop.zns.messages.send", tmp_path)
    arguments.remove("--yes")
    result = at_peer(*arguments, "--dry-run")
    assert (result.code, peer.requests) == (0, [])
    assert result.json["body"]["template_data"] == {"name": "Lê = An", "code": "1"}


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("shop tenant get", "/partner.Etelecom/GetTenant"),
        ("shop extensions list", "/shop.Etelecom/GetExtensions"),
        ("partner tenants list", "/partner.Etelecom/GetPartnerTenantList"),
        ("sms templates list", "/api/TemplateOmni/GetTemplate"),
    ],
)
def test_dry_run_without_a_key(tool: Any, command: str, url: str) -> None:
    """A dry run needs no key, and shows the URL for the kind of key that the operation takes."""
    result = tool(*command.split(), "--dry-run")
    assert (result.code, result.err) == (0, "")
    assert result.json["url"].endswith(url)


def groups(group: Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of a group and of the groups inside it."""
    yield words
    for name, entry in group.entries.items():
        inner = entry.load()
        if isinstance(inner, Group):
            yield from groups(inner, (*words, name))


@pytest.mark.parametrize("words", list(groups(root())), ids=" ".join)
def test_help_of_each_group(tool: Any, words: tuple[str, ...]) -> None:
    """The help of each group ends with examples, and each of them is a command that exists."""
    result = tool(*words, "--help")
    assert (result.code, result.err) == (0, "")
    _, _, section = result.out.partition("\nExamples:\n")
    lines = [line.partition("   ")[0].removeprefix("  ") for line in section.splitlines()]
    assert lines
    for line in lines:
        program, *command = shlex.split(line)
        assert program == "etelecom"
        bare = list(itertools.takewhile(lambda word: not word.startswith("-"), command))
        assert tool(*bare, "--help").code == 0


def test_password_is_not_asked_for_in_vain(terminal: Any) -> None:
    """A command that lacks something else says so at once; nobody types a password before."""
    code, shown = terminal("shop", "users", "create", "--full-name", "Lê An")
    assert code == 2
    assert "etelecom: missing: " in shown
    assert "--phone. Or give the whole request" in shown
    assert "password:" not in shown


def test_password_is_asked_for(terminal: Any) -> None:
    """If only the password is missing, the terminal asks for it, and does not show it."""
    words = ("shop", "users", "create", "--full-name", "Lê An", "--phone", "0912345678", "--columns", "phone")
    code, shown = terminal(*words, answer="canary-1234\n", after="password: ")
    assert code == 0
    assert shown.split() == ["password:", "phone", "0912345678"]
