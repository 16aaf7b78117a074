"""
Create an extension for each number of a CSV file, each number once.

The file has the column `extension_number`. The results go into a second CSV file: a line before each call,
and a line with the outcome after it.

    python examples/extensions_from_csv.py numbers.csv results.csv --hotline-id 1161512386239479010

prints a line for each number:

    2001: created
    2002: refused: shop.extensions.create: ... (already_exists, HTTP 409).
    20x3: refused: this is not an extension number
    2004: in doubt: no extension has this number yet

If you run the program again, it skips created extensions and tries refused numbers again. It never repeats
a call in doubt, but looks for the extension. If you are sure that there is none, delete the lines of the
number in the results.

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
import csv
import re
from contextlib import suppress
from pathlib import Path

from etelecom_async import EtelecomError, ShopClient

STARTED, CREATED, REFUSED, IN_DOUBT = "started", "created", "refused", "in doubt"
NOT_THERE = "no extension has this number yet"


async def outcome_of(error: EtelecomError) -> tuple[str, str]:
    """Return the outcome of a call that failed, and a detail."""
    if not error.may_have_happened:
        return REFUSED, str(error)
    with suppress(EtelecomError):  # the read can fail too
        if await error.verify():
            return CREATED, ""
    return IN_DOUBT, NOT_THERE


async def main(numbers: Path, results: Path, hotline_id: str) -> None:
    """Create the extensions of *numbers* that *results* does not have."""
    with numbers.open(encoding="utf-8-sig", newline="") as lines:
        wanted = dict.fromkeys(row["extension_number"] or "" for row in csv.DictReader(lines))
    with results.open("a+", encoding="utf-8", newline="") as file:
        file.seek(0)
        known = {row["number"]: row["outcome"] for row in csv.DictReader(file)}
        file.write("\n" if known else "number,outcome\n")  # a crash may have cut off the last line

        def note(number: str, outcome: str, detail: str = "") -> None:
            print(number, outcome, sep=",", file=file, flush=True)
            if outcome != STARTED:
                print(f"{number}: {outcome}{detail and ': '}{detail}")

        async with ShopClient(concurrency=8) as shop:

            async def create(number: str) -> None:
                note(number, STARTED)
                await shop.extensions.create(hotline_id=hotline_id, extension_number=int(number))

            there = {extension.extension_number async for extension in shop.extensions.list()}
            todo: list[str] = []
            for number in wanted:
                if not re.fullmatch("[1-9][0-9]{0,8}", number):  # `int` could raise, and end `map`
                    print(f"{number}: {REFUSED}: this is not an extension number")
                elif known.get(number, REFUSED) == REFUSED:
                    todo.append(number)
                elif known[number] != CREATED:
                    note(number, *((CREATED,) if number in there else (IN_DOUBT, NOT_THERE)))
            async for done in shop.map(create, todo):
                outcome = (CREATED, "") if done.error is None else await outcome_of(done.error)
                note(done.input, *outcome)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Create an extension for each number of a CSV file.")
    parser.add_argument("numbers", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--hotline-id", required=True)
    options = parser.parse_args()
    asyncio.run(main(options.numbers, options.results, options.hotline_id))
