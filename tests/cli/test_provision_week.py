"""A week in the life of a shop's telephones: from the first spreadsheet to one that plans to nothing."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient
from etelecom_async.provisioning import CredentialsFile, Roster

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox
    from tests.cli.conftest import Office

EMPLOYEES = 310
MOVED = 300
FIRST = 1001


async def second_hotline(service: Sandbox, office: Office) -> None:
    """Give the shop a hotline for the move."""
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        tenant = await partner.for_shop(office.key).tenant.get()
        hotline = await partner.hotlines.create(
            hotline="02473005678", name="Hà Nội", owner_id=tenant.owner_id
        )
        await partner.hotlines.attach(hotline_id=hotline.id, tenant_id=tenant.id)


def write(file: Path, rows: list[list[str]]) -> None:
    """Write a spreadsheet, as Excel in Vietnam does: with semicolons."""
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows(rows)


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
def test_week(etl: Any, office: Office, service: Sandbox, tmp_path: Path) -> None:
    """Import, correct the bad rows, apply, move 300 extensions, two leave, export: the plan is empty."""

    def run(word: str, *arguments: str, code: int = 0) -> Any:
        ended = etl("provision", word, *arguments, "--json", "--quiet")
        assert (ended.code, ended.err) == (code, "")
        return json.loads(ended.out)

    def counts(done: int) -> dict[str, int]:
        return {"done": done, "failed": 0, "unknown": 0, "skipped": 0, "blocked": 0}

    # Monday: a spreadsheet whose phones have lost their zeros, with two bad rows.
    employees, bad = tmp_path / "employees.csv", tmp_path / "bad.csv"
    heading = ["Cửa hàng", "Họ tên", "Số điện thoại", "Máy nhánh", "Ghi chú"]
    rows = [
        [office.name, f"Nguyễn Thị {place}", f"9055{place:05}", str(FIRST + place), ""]
        for place in range(EMPLOYEES)
    ]
    rows[7][2], rows[8][3] = "9055", "1oo9"
    write(employees, [heading, *rows])
    assert etl("provision", "plan", str(employees), "--quiet").err.count("\n") == 2
    plan = run("plan", str(employees), "--skip-bad", str(bad), "--detailed-exitcode", code=3)
    assert plan["changes"] == 2 * (EMPLOYEES - 2)

    # Tuesday: the good rows are applied, and then the corrected ones.
    assert run("apply", str(employees), "--skip-bad", str(bad), "--yes") == counts(2 * (EMPLOYEES - 2))
    text = bad.read_text(encoding="utf-8-sig").replace(";9055;", ";905500007;").replace("1oo9", "1009")
    bad.write_text(text, encoding="utf-8")
    assert run("apply", str(bad), "--yes") == counts(4)
    assert len(CredentialsFile.read(f"{employees}.credentials")) == 2 * (EMPLOYEES - 2)

    # Wednesday: three hundred move to another hotline.
    asyncio.run(second_hotline(service, office))
    last = FIRST + MOVED - 1
    line = ("--to", "024 7300 5678", "--extensions", f"{FIRST}-{last}", "--yes")
    assert run("move", *line) == counts(MOVED)
    assert run("move", *line) == counts(0)

    # Thursday: two employees leave. Their extensions stay, for nobody.
    leaving = tmp_path / "leaving.csv"
    write(leaving, [heading, *([office.name, "", row[2], "-", ""] for row in rows[:2])])
    assert run("apply", str(leaving), "--yes") == counts(2)

    # Friday: the export is the roster from now on, and nothing is to do.
    exported = tmp_path / "now.xlsx"
    run("export", str(exported))
    found = {row.extension_number: row for row in Roster.read(exported).rows if row.extension_number}
    assert sorted(found) == list(range(FIRST, FIRST + EMPLOYEES))
    assert [found[number].phone for number in (FIRST, FIRST + 1)] == ["-", "-"]
    assert {row.hotline for number, row in found.items() if number <= last} == {"02473005678"}
    assert {row.hotline for number, row in found.items() if number > last} == {office.hotline}
    assert run("plan", str(exported), "--detailed-exitcode")["changes"] == 0
