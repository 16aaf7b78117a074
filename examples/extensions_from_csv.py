"""
Create an extension for each number of a CSV file, each number once.

The file has the column `extension_number` and commas between its columns. The results go into a second CSV
file: a line before each call, and a line with the outcome after it.

    python examples/extensions_from_csv.py numbers.csv results.csv --hotline-id 1161512386239479010

prints a line for each number, in the order in which the calls end:

    2001: created
    2002: refused: shop.extensions.create: ... (invalid_argument, HTTP 400).
    20x3: refused: not an extension number of at most 6 digits
    2004: in doubt: no new extension has this number yet
    2005: existed
    2006: in doubt: exists, may be older: check

The results have the same texts, and the time. A second run does not repeat created extensions. It tries
refused numbers again. It never repeats a call in doubt, but looks for the extension. One that was created
after the start of the call counts as created by it, so nobody else should create these numbers meanwhile.
"existed" also means a number of another hotline. Ctrl-C is safe: run the program again. The exit code is 1 if
a number was refused, or is in doubt.

If a number stays in doubt, wait at least ten minutes, because a proxy may still hold the request. Run the
program again. If there is still no extension, delete the lines of the number in the results.

Do not run the program twice at the same time. Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
import csv
import re
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etelecom_async import EtelecomError, ShopClient
from etelecom_async.models import Extension

STARTED, CREATED, EXISTED, REFUSED, IN_DOUBT = "started", "created", "existed", "refused", "in doubt"
OUTCOMES = {STARTED, CREATED, EXISTED, REFUSED, IN_DOUBT}
NOT_THERE, MAYBE_OLDER = "no new extension has this number yet", "exists, may be older: check"
MAX_DIGITS = 6  # the documentation gives no range; set what your exchange uses
WRONG = f"not an extension number of at most {MAX_DIGITS} digits"
COLUMN, RESULTS = "extension_number", ["number", "outcome", "time", "detail"]
# A server's clock may differ from this one. `verify()` knows the time of the server, and needs less.
CLOCK_DIFFERENCE = timedelta(minutes=1)


class Results:
    """The CSV file of the results; each row is one line, also if a crash cuts it off."""

    def __init__(self, path: Path) -> None:
        self.outcomes: dict[str, str] = {}  # the last one of each number
        self.started: dict[str, datetime] = {}
        text = path.read_text("utf-8-sig", errors="replace") if path.exists() else ""
        header, *lines = text.splitlines() or [""]
        if header and next(csv.reader([header])) != RESULTS:
            raise SystemExit(f"{path}: the first line is not {','.join(RESULTS)}.")
        for line in lines:
            number, outcome, time, *_ = [*next(csv.reader([line])), "", "", ""]
            if outcome in OUTCOMES:
                self.outcomes[number] = outcome
            if outcome == STARTED:
                with suppress(ValueError):  # the time is cut off; without a zone it is naive, and so unusable
                    started = datetime.fromisoformat(time)
                    if started.tzinfo:
                        self.started[number] = started
        self._file = path.open("a", encoding="utf-8", newline="")
        if not header:
            csv.writer(self._file).writerow(RESULTS)
        elif not text.endswith("\n"):
            self._file.write("\r\n")

    def note(self, number: str, outcome: str, detail: str = "") -> None:
        """Write a row, and print it if it is an outcome."""
        now = datetime.now(UTC)
        detail = " ".join(detail.split())
        csv.writer(self._file).writerow([number, outcome, now.isoformat(), detail])
        self._file.flush()  # before the call
        self.outcomes[number] = outcome
        if outcome == STARTED:
            self.started[number] = now
        else:
            print(f"{number}: {outcome}{detail and ': '}{detail}")

    def outcome_of_doubt(self, number: str, found: Extension | None) -> tuple[str, str]:
        """Return the outcome of a call in doubt, and a detail; *found* has the number now."""
        if found is None:
            return IN_DOUBT, NOT_THERE
        started, created_at = self.started.get(number), found.created_at
        if started and created_at and created_at >= started - CLOCK_DIFFERENCE:
            return CREATED, ""
        return IN_DOUBT, MAYBE_OLDER

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_numbers(path: Path) -> list[str]:
    """Return the numbers of a CSV file, each one once."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        if COLUMN not in reader.fieldnames:
            found = ",".join(reader.fieldnames) or "nothing"
            raise SystemExit(f"{path}: the first line needs the column {COLUMN}, and commas; it has: {found}")
        return list(dict.fromkeys(" ".join((row[COLUMN] or "(empty)").split()) for row in reader))


async def outcome_of(error: EtelecomError) -> tuple[str, str]:
    """Return the outcome of a call that failed, and a detail."""
    if not error.may_have_happened:
        return REFUSED, str(error)
    try:
        found = await error.verify()
    except EtelecomError as failure:
        return IN_DOUBT, f"the read failed: {failure}"
    if found is None:
        return IN_DOUBT, NOT_THERE
    return (CREATED, "") if found.created_at else (IN_DOUBT, MAYBE_OLDER)


async def main(numbers: Path, file: Path, hotline_id: str) -> bool:
    """Create the extensions of *numbers* that do not exist; return whether all of them exist now."""
    wanted = read_numbers(numbers)
    with closing(Results(file)) as results:
        async with ShopClient(concurrency=8) as shop:

            async def create(number: str) -> None:
                results.note(number, STARTED)
                await shop.extensions.create(hotline_id=hotline_id, extension_number=int(number))

            there = {extension.extension_number: extension async for extension in shop.extensions.list()}
            todo: list[str] = []
            for number in wanted:
                before = results.outcomes.get(number, REFUSED)
                if not re.fullmatch(f"[1-9][0-9]{{0,{MAX_DIGITS - 1}}}", number):
                    results.note(number, REFUSED, WRONG)
                elif before in {STARTED, IN_DOUBT}:
                    results.note(number, *results.outcome_of_doubt(number, there.get(number)))
                elif before != CREATED and number in there:
                    results.note(number, EXISTED)
                elif before != CREATED:
                    todo.append(number)

            async for done in shop.map(create, todo):
                outcome = (CREATED, "") if done.error is None else await outcome_of(done.error)
                results.note(done.input, *outcome)
        return {results.outcomes.get(number) for number in wanted} <= {CREATED, EXISTED}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Create an extension for each number of a CSV file.")
    parser.add_argument("numbers", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--hotline-id", required=True, help="the id of the hotline, not its number")
    options = parser.parse_args()
    raise SystemExit(0 if asyncio.run(main(options.numbers, options.results, options.hotline_id)) else 1)
