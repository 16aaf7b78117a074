"""`etelecom provision` against the sandbox: plans, jobs, moves and exports."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from etelecom_async import PartnerClient
from etelecom_async.provisioning import CredentialsFile, Roster
from etelecom_async.testing import Fault, Sandbox
from tests.cli.conftest import Office, new_office

HEADING: Final = "Cửa hàng,Họ tên,Số điện thoại,Máy nhánh,Hotline"
CREATE_USER: Final = "shop.users.create"
CREATE_EXTENSION: Final = "shop.extensions.create"
NONE: Final = {"done": 0, "failed": 0, "unknown": 0, "skipped": 0, "blocked": 0}
_PHONES: Final = itertools.count(1)


def new_phone() -> str:
    """Return a phone that no other test has."""
    return f"0902{next(_PHONES):06}"


class Team:
    """
    A roster of one shop, and the commands for it.

    Args:
        etl: Runs commands.
        office: The shop, whose key is in the environment.
        folder: Folder of the files.
    """

    def __init__(self, etl: Any, office: Office, folder: Path) -> None:
        self.etl = etl
        self.office = office
        self.folder = folder
        self.file = folder / "employees.csv"
        self.phones = [new_phone() for _ in range(3)]
        self.rows = [
            f"{office.name},{name},{phone},{number},"
            for name, phone, number in zip(
                ("Lan", "An", "Bình"), self.phones, (1001, 1002, "auto"), strict=True
            )
        ]
        self.write(self.rows)

    def write(self, rows: Sequence[str], heading: str = HEADING) -> None:
        """Write the roster."""
        self.file.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")

    def __call__(self, word: str, *arguments: str, file: Path | None = None, quiet: bool = True) -> Any:
        """Run `etelecom provision` with the roster."""
        options = ("--quiet",) if quiet else ()
        return self.etl("provision", word, str(file or self.file), *options, *arguments)

    def apply(self, *arguments: str, file: Path | None = None) -> Any:
        """Apply the roster; return the code and the counts."""
        ended = self("apply", "--yes", "--json", *arguments, file=file)
        assert ended.err == "", ended.err
        return ended.code, json.loads(ended.out)

    def extensions(self) -> dict[int, tuple[str, str]]:
        """Return the phone and the hotline's id of each extension."""
        options = ("--key-file", str(self.key_file()), "--json")
        users = self.etl("shop", "users", "list", *options).json
        phones = {user["user_id"]: user["phone"] for user in users}
        rows = self.etl("shop", "extensions", "list", *options).json
        return {
            int(row["extension_number"]): (phones.get(row["user_id"], ""), row["hotline_id"]) for row in rows
        }

    def key_file(self) -> Path:
        """Return a file with the key of the shop."""
        file = self.folder / "key"
        file.write_text(self.office.key, encoding="utf-8")
        return file


@pytest.fixture
def team(etl: Any, office: Office, tmp_path: Path) -> Team:
    """A roster of three employees of a new shop."""
    return Team(etl, office, tmp_path)


def test_plan(team: Team) -> None:
    """A plan is a table and a line; notes say what the columns are. It changes nothing."""
    result = team("plan", quiet=False)
    assert result.code == 0
    assert result.out.endswith("\n6 changes to make.\n")
    assert result.err == (
        "etelecom: column A (Cửa hàng) is shop; column B (Họ tên) is full_name; "
        "column C (Số điện thoại) is phone; column D (Máy nhánh) is extension; "
        "column E (Hotline) is hotline\n"
    )
    assert team.extensions() == {}


def test_plan_for_scripts(team: Team) -> None:
    """`--json` has the steps with kind, shop and row; `--detailed-exitcode` says that there are some."""
    result = team("plan", "--json", "--detailed-exitcode")
    assert (result.code, result.err) == (3, "")
    shown = result.json
    assert (shown["changes"], shown["problems"]) == (6, [])
    steps = [(step["kind"], step["row"]) for step in shown["steps"]]
    assert steps == [
        *(("create_user", row) for row in (2, 3, 4)),
        *(("create_extension", row) for row in (2, 3, 4)),
    ]
    assert {step["shop"] for step in shown["steps"]} == {team.office.shop_id}
    assert not any(phone in result.out for phone in team.phones)
    assert team("plan", "--json").code == 0


def test_plan_in_detail(team: Team) -> None:
    """`--only`, `--numbers`, `--max-changes` and `--out` do what they say."""
    only = team("plan", "--json", "--only", "create_user").json
    assert {step["kind"] for step in only["steps"]} == {"create_user"}
    chosen = team("plan", "--json", "--numbers", "3001-3009").json["steps"][-1]
    assert chosen["extension_number"] == 3001
    named = team("plan", "--json", "--numbers", f"{team.office.name}=4001", "--numbers", "3001-3009").json
    assert named["steps"][-1]["extension_number"] == 4001
    twice = team("plan", "--numbers", "1-2", "--numbers", "3-4")
    assert (twice.code, twice.err) == (2, "etelecom: --numbers is given twice: write one range\n")
    large = team("plan", "--max-changes", "5")
    assert (large.code, large.out, large.err.count("\n")) == (2, "", 1)
    assert "the plan has 6 changes, and at most 5 are allowed (--max-changes)" in large.err
    wrong = team("plan", "--only", "crate_user")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "--only takes kinds of changes, shops and keys" in wrong.err
    other = team("plan", "--numbers", "Nowhere=1-2")
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "--numbers has a shop 'Nowhere'" in other.err
    file = team.folder / "plan.json"
    assert team("plan", "--out", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_apply_and_again(team: Team) -> None:
    """All changes are made; the same command again makes none, and counts the same ones as done."""
    assert team.apply() == (0, {**NONE, "done": 6})
    made = team.extensions()
    assert {phone[-9:] for phone, _ in made.values()} == {phone[-9:] for phone in team.phones}
    assert sorted(made) == [1001, 1002, 1003]
    assert team.apply() == (0, {**NONE, "done": 6})
    assert team.extensions() == made
    assert team("plan").out.endswith("Nothing to do.\n")
    passwords = CredentialsFile.read(f"{team.file}.credentials")
    assert len(passwords) == 6
    content = b"".join(file.read_bytes() for file in team.folder.glob("*.journal"))
    assert not any(phone[1:].encode() in content for phone in team.phones)


def test_apply_says_what_it_did(team: Team) -> None:
    """Without `--json`, notes have the numbers; rows that are not done are on stdout."""
    result = team("apply", "--yes", quiet=False)
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines()[1:] == [
        "etelecom: 6 changes in 1 shop: 3 create user, 3 create extension",
        "etelecom: 6 changes: 6 done",
    ]
    again = team("apply", "--yes", quiet=False)
    assert again.err.splitlines()[1:] == ["etelecom: nothing to change", "etelecom: 6 changes: 6 done"]


def test_nothing_to_do_at_all(team: Team) -> None:
    """A plan without changes needs no answer, and says so."""
    team.apply()
    result = team("apply", "--yes", "--journal", str(team.folder / "new"), quiet=False)
    assert result.code == 0
    assert result.err.splitlines()[1:] == ["etelecom: nothing to change", "etelecom: nothing to do"]


def test_needs_an_answer(team: Team) -> None:
    """Without a terminal and without `--yes`, nothing is read or sent."""
    for line in (("apply", str(team.file)), ("move", "--from", "1", "--to", "2")):
        result = team.etl("provision", *line)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert "add --yes" in result.err


def test_mistakes_come_together(team: Team, service: Sandbox) -> None:
    """Each mistake is a line with row and column, also of 50; no call is made, and the exit code is 2."""
    team.write([f"{team.office.name},An,09{'x' * (place % 5)},{place},{place}" for place in range(50)])
    before = dict(service.processed)
    result = team("plan")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") >= 50
    assert all(line.startswith("etelecom: row ") for line in result.err.splitlines())
    shown = team("plan", "--json")
    assert shown.code == 2
    assert (shown.json["changes"], shown.json["steps"]) == (0, [])
    assert len(shown.json["problems"]) == shown.err.count("\n")
    assert shown.json["problems"][0]["row"] == 2
    applied = team("apply", "--yes")
    assert (applied.code, applied.out) == (2, "")
    assert service.processed == before


def test_bad_file_without_a_key(tool: Any, tmp_path: Path) -> None:
    """Mistakes come before a missing key, and before any call."""
    file = tmp_path / "a.csv"
    file.write_text("phone,extension\n12,1001\n", encoding="utf-8")
    result = tool("provision", "plan", str(file))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith("etelecom: row 2, column A (phone)")
    file.write_text("full_name,phone\nLan,0901234567\n", encoding="utf-8")
    assert tool("provision", "plan", str(file)).code == 4
    missing = tool("provision", "apply", str(tmp_path / "none.csv"), "--yes")
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "none.csv cannot be read: No such file or directory" in missing.err


def test_shop_of_another_key(team: Team) -> None:
    """A row of a shop that the key does not belong to stops the plan."""
    team.write([*team.rows, f"Nơi khác,Chi,{new_phone()},1009,"])
    for words in (("plan",), ("apply", "--yes")):
        result = team(*words)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert f"the key is of shop {team.office.shop_id}" in result.err
    assert team.extensions() == {}


def test_without_a_column_of_shops(team: Team) -> None:
    """If one shop's key is given, the roster needs no shop."""
    team.write([row.partition(",")[2] for row in team.rows], HEADING.partition(",")[2])
    assert team.apply() == (0, {**NONE, "done": 6})


def test_skip_bad(team: Team) -> None:
    """`--skip-bad` writes the bad rows to a file; corrected, it is a roster. `--prune` excludes it."""
    bad = team.folder / "bad.csv"
    team.write([*team.rows[:2], team.rows[2].replace(team.phones[2], "12")])
    excluded = team("plan", "--skip-bad", str(bad), "--prune")
    assert (excluded.code, excluded.err.count("\n")) == (2, 1)
    assert not bad.exists()
    shown = team("plan", "--skip-bad", str(bad), quiet=False)
    assert (shown.code, shown.err.splitlines()[1:]) == (
        0,
        [f"etelecom: 1 row is left out, and written to {bad} with the mistakes"],
    )
    assert team.apply("--skip-bad", str(bad)) == (0, {**NONE, "done": 4})
    bad.write_text(bad.read_text(encoding="utf-8").replace(",12,", f",{team.phones[2]},"), encoding="utf-8")
    assert team.apply(file=bad) == (0, {**NONE, "done": 2})
    wrong = team("plan", "--skip-bad", "bad.txt")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "words", [("plan", "--skip-bad"), ("plan", "--out"), ("apply", "--yes", "--results")]
)
def test_the_roster_is_not_overwritten(team: Team, words: tuple[str, ...]) -> None:
    """No file is written over the one that is read."""
    content = team.file.read_bytes()
    result = team(*words, str(team.file))
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "name another file" in result.err
    assert team.file.read_bytes() == content


def test_refused_and_resumed(team: Team, service: Sandbox) -> None:
    """A refused change and what needs it are listed with row and reason; the same command makes them."""
    refusal = Fault(kind="status", status=400, code="invalid_argument", operation=CREATE_USER, times=1)
    service.faults.add(refusal)
    results = team.folder / "results.csv"
    result = team("apply", "--yes", "--results", str(results), quiet=False)
    assert (result.code, result.out.count("\n")) == (3, 2)
    assert "\tfailed\t" in result.out
    assert "\tblocked\t" in result.out
    assert result.err.splitlines()[-2:] == [
        "etelecom: 6 changes: 4 done, 1 failed, 1 blocked",
        "etelecom: the same command again continues",
    ]
    assert results.read_text(encoding="utf-8-sig").count("\n") == 7
    journal = f"{team.file}.journal"
    status = team.etl("provision", "status", journal)
    assert (status.code, status.out, status.err) == (
        0,
        result.out,
        "etelecom: 6 changes: 4 done, 1 failed, 1 blocked\n",
    )
    assert team.apply() == (0, {**NONE, "done": 6})
    assert team("plan").out.endswith("Nothing to do.\n")


def test_auto_keeps_its_numbers(team: Team, service: Sandbox) -> None:
    """A job that was stopped chooses no other number for an employee: no extension is left over."""
    team.write([row.replace(",1001,", ",auto,").replace(",1002,", ",auto,") for row in team.rows])
    service.faults.add(Fault(kind="reset_after", operation=CREATE_EXTENSION, times=1))
    refusal = Fault(kind="status", status=400, code="invalid_argument", operation=CREATE_USER, times=1)
    service.faults.add(refusal)
    assert team.apply()[0] == 3
    assert team.apply() == (0, {**NONE, "done": 6})
    assert sorted(team.extensions()) == [1001, 1002, 1003]


def test_plan_of_a_file(team: Team) -> None:
    """A stored plan is applied; what has changed since is said, and is not made."""
    file = team.folder / "plan.json"
    team("plan", "--out", str(file))
    first = team.folder / "first.csv"
    first.write_text("\n".join([HEADING, team.rows[0]]), encoding="utf-8")
    assert team.apply(file=first) == (0, {**NONE, "done": 2})
    result = team("apply", "--yes", file=file, quiet=False)
    assert result.code == 0
    assert (
        sum(line.startswith("etelecom: No longer planned: create") for line in result.err.splitlines()) == 2
    )
    assert result.err.endswith("etelecom: 4 changes: 4 done\n")
    assert team.apply(file=file) == (0, {**NONE, "done": 4})
    assert team("plan").out.endswith("Nothing to do.\n")
    wrong = team("apply", "--yes", "--map", "phone=C", file=file)
    assert (wrong.code, wrong.err) == (
        2,
        "etelecom: --map does not apply to a plan: use it with `provision plan`\n",
    )
    other = team.folder / "other.json"
    other.write_text("{}", encoding="utf-8")
    other.chmod(0o600)
    damaged = team("apply", "--yes", file=other)
    assert (damaged.code, damaged.err.count("\n")) == (2, 1)
    assert "is no file of a plan" in damaged.err


def test_part_of_a_stored_plan(team: Team) -> None:
    """`--only` and `--max-changes` apply to a stored plan, too."""
    file = team.folder / "plan.json"
    team("plan", "--out", str(file))
    assert team("apply", "--yes", "--max-changes", "1", file=file).code == 2
    assert team.apply("--only", "create_user", file=file) == (0, {**NONE, "done": 3})


def test_one_change_and_again(team: Team) -> None:
    """`--only` with a key may be repeated, and the plan of an editor that marks its files is one."""
    key = team("plan", "--json").json["steps"][0]["key"]
    for _ in range(2):
        assert team.apply("--only", key) == (0, {**NONE, "done": 1})
    file = team.folder / "plan.json"
    assert team("plan", "--out", str(file)).code == 0
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert team.apply(file=file) == (0, {**NONE, "done": 5})


def test_plan_with_many_differences(team: Team) -> None:
    """Of many differences, 20 are shown."""
    team.write([f"{team.office.name},An,{new_phone()},{2000 + place}," for place in range(12)])
    file = team.folder / "plan.json"
    team("plan", "--out", str(file))
    team.apply()
    result = team("apply", "--yes", file=file, quiet=False)
    assert "etelecom: and 4 more differences\n" in result.err


def test_several_shops(etl: Any, service: Sandbox, tmp_path: Path) -> None:
    """One file of keys is for many shops, by name and by id; the partner's key looks up the names."""
    offices = [asyncio.run(new_office(service, f"Tiệm {tmp_path.name} {place}")) for place in range(2)]
    keys = tmp_path / "keys.json"
    keys.write_text(
        json.dumps({offices[0].name: offices[0].key, offices[1].shop_id: offices[1].key}), encoding="utf-8"
    )
    keys.chmod(0o600)
    file = tmp_path / "a.csv"
    rows = [f"{office.name},Lan,{new_phone()},1001" for office in offices]
    file.write_text("\n".join(["shop,full_name,phone,extension", *rows]), encoding="utf-8")
    line = ("provision", "apply", str(file), "--shop-keys", str(keys), "--yes", "--json", "--quiet")
    assert json.loads(etl(*line).out) == {**NONE, "done": 4}
    exported = tmp_path / "b.xlsx"
    said = etl("provision", "export", str(exported), "--shop-keys", str(keys))
    assert said == (0, "", f"etelecom: 2 rows of 2 shops written to {exported}\n")
    again = etl("provision", "plan", str(exported), "--shop-keys", str(keys), "--json", "--quiet")
    assert (again.json["changes"], again.json["unchanged"]) == (0, 2)


def test_export(team: Team) -> None:
    """An export is a roster of all rows, and its plan has no changes."""
    team.apply()
    file = team.folder / "export.csv"
    line = ("provision", "export", str(file))
    assert team.etl(*line, "--json").json == {"file": str(file), "shops": 1, "rows": 3}
    assert team.etl(*line, "--quiet") == (0, "", "")
    assert {row.extension_number for row in Roster.read(file).rows} == {1001, 1002, 1003}
    assert team("plan", file=file).out.endswith("Nothing to do.\n")
    wrong = team.etl("provision", "export", "a.txt")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)


async def _second_hotline(service: Sandbox, office: Office) -> str:
    """Give a shop another hotline, and return its id."""
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        tenant = await partner.for_shop(office.key).tenant.get()
        number = f"0247{next(_PHONES):07}"
        hotline = await partner.hotlines.create(hotline=number, name="Hai", owner_id=tenant.owner_id)
        await partner.hotlines.attach(hotline_id=hotline.id, tenant_id=tenant.id)
        return hotline.id


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
def test_move(team: Team, service: Sandbox) -> None:
    """Extensions get another hotline, by number and by hotline; a second move finds nothing to do."""
    team.apply()
    second = asyncio.run(_second_hotline(service, team.office))
    line = ("provision", "move", "--to", "Hai")
    dry = team.etl(*line, "--from", team.office.hotline, "--dry-run", "--json")
    assert (dry.code, dry.json["changes"]) == (0, 3)
    some = team.etl(*line, "--extensions", "1001", "--extensions", "1003-1004", "--yes", "--json", "--quiet")
    assert (some.code, json.loads(some.out)) == (0, {**NONE, "done": 2})
    assert {number: hotline for number, (_, hotline) in team.extensions().items()} == {
        1001: second,
        1002: team.office.hotline_id,
        1003: second,
    }
    rest = team.etl(*line, "--from", "Một", "--yes")
    assert (rest.code, rest.err.splitlines()[-1]) == (0, "etelecom: 1 change: 1 done")
    again = team.etl(*line, "--from", "Một", "--yes")
    assert (again.code, again.err.splitlines()[-1]) == (0, "etelecom: nothing to do")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--to", "Một"), "name the extensions with --from or --extensions"),
        (("--to", "Ba", "--extensions", "1001"), "--to 'Ba': the shop has no hotline 'Ba'"),
        (("--to", "Một", "--from", "Ba"), "--from 'Ba': the shop has no hotline 'Ba'"),
        (("--to", "Một", "--extensions", "7000-7001"), "--extensions 7000-7001: the shop has none of them"),
        (("--to", "Một", "--extensions", "7000"), "--extensions 7000: the shop has none of them"),
    ],
)
def test_wrong_move(team: Team, arguments: tuple[str, ...], problem: str) -> None:
    """A wrong hotline or extension is one line, and nothing is changed."""
    result = team.etl("provision", "move", *arguments, "--yes")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_status(team: Team) -> None:
    """The status is that of the journal; JSON has the rows. A file that is no journal is one line."""
    team.apply()
    journal, results = f"{team.file}.journal", team.folder / "r.json"
    shown = team.etl("provision", "status", journal, "--json", "--results", str(results)).json
    assert (shown["done"], shown["journal"], shown["process"]) == (6, journal, None)
    assert [row["row"] for row in shown["rows"]] == [2, 3, 4, 2, 3, 4]
    assert json.loads(results.read_text(encoding="utf-8"))["rows"] == shown["rows"]
    missing = team.etl("provision", "status", str(team.folder / "none"))
    assert (missing.code, missing.out, missing.err.count("\n")) == (1, "", 1)
    Path(f"{journal}.changes").rename(team.folder / "moved")
    other = team.etl("provision", "status", journal)
    assert (other.code, other.out, other.err.count("\n")) == (1, "", 1)
    assert "employees.csv.journal.changes is lost" in other.err
    wrong = team.etl("provision", "status", journal, "--results", "a.txt")
    assert (wrong.code, wrong.err) == (
        2,
        "etelecom: --results a.txt: the file ends in .csv, .json or .xlsx\n",
    )
    nowhere = str(team.folder / "none" / "r.csv")
    wrong = team("apply", "--yes", "--results", nowhere)
    assert (wrong.code, wrong.err) == (2, f"etelecom: --results {nowhere}: the folder does not exist\n")


def test_large_plan(team: Team) -> None:
    """A plan that takes most extensions needs `--allow-large`; the same journal takes the new changes."""
    team.apply()
    team.write([row.replace(",1001,", ",-,").replace(",1002,", ",-,") for row in team.rows])
    for words in (("plan",), ("apply", "--yes")):
        refused = team(*words)
        assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
        assert "check the roster, and add --allow-large if this is right" in refused.err
    assert team.apply("--allow-large") == (0, {**NONE, "done": 8})
    assert [phone for phone, _ in team.extensions().values() if phone] == [team.phones[2]]
    assert team("plan").out.endswith("Nothing to do.\n")


def test_many_problems(team: Team) -> None:
    """Of many problems, a plan shows 20 of a kind, and `--json` all; their rows fail, the others are done."""
    wrong = [f"{team.office.name},An,{new_phone()},{2000 + place},0281111" for place in range(21)]
    team.write([*team.rows, *wrong])
    shown = team("plan")
    assert shown.code == 0
    assert "conflict: and 1 more; --json shows all of them.\n" in shown.out
    assert len(team("plan", "--json").json["problems"]) == 21
    assert team.apply() == (3, {**NONE, "done": 6, "failed": 21})
