"""
Create an extension for each number of a CSV file, each number once.

The file has the column `extension_number` and commas between its columns. The program makes the journal: it
records each call before it leaves, and its outcome.

    python examples/extensions_from_csv.py numbers.csv numbers.journal --hotline-id 1161512386239479010

prints a line for each number as its call ends, and a report:

    extension 2001: done
    extension 2002: failed: ... (already_exists, HTTP 409).
    2 steps: 1 done, 1 failed.

If the program is stopped, run it again: it repeats no extension that was created. If a response was lost, it
looks for the extension. If there is none, a proxy may still hold the request. So the program waits ten
minutes, looks again, and only then repeats the call. Refused numbers may be corrected. Ctrl-C is safe.

Needs `ETELECOM_SHOP_API_KEY` and the extra `bulk`. The exit code is 1 if not all extensions were created.
"""

import argparse
import asyncio
import csv
import re
from datetime import timedelta
from pathlib import Path

from etelecom_async import ShopClient, bulk

COLUMN = "extension_number"
NUMBER = "[1-9][0-9]{0,5}"  # the documentation gives no range; set what your exchange uses


def read_numbers(path: Path) -> list[int]:
    """Return the numbers of a CSV file, each one once."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if COLUMN not in (reader.fieldnames or ()):
            raise SystemExit(f"{path}: the first line needs the column {COLUMN}, and commas")
        texts = list(dict.fromkeys((row[COLUMN] or "").strip() for row in reader))
    if wrong := [text for text in texts if not re.fullmatch(NUMBER, text)]:
        raise SystemExit(f"{path}: not extension numbers: {', '.join(map(repr, wrong))}")
    return list(map(int, texts))


async def main(
    numbers: Path, journal: Path, hotline_id: str, settle_after: timedelta | None = timedelta(minutes=10)
) -> bulk.Report:
    """Create the extensions of *numbers* that were not created yet; return the report."""
    wanted = read_numbers(numbers)
    async with ShopClient(concurrency=8) as shop:
        steps = [
            bulk.step(f"extension {n}", shop.extensions.create, hotline_id=hotline_id, extension_number=n)
            for n in wanted
        ]
        async with bulk.run(journal, steps, settle_after=settle_after) as run:
            async for ended in run:
                print(f"{ended.key}: {ended.state}{ended.reason and ': '}{ended.reason}")
    print(run.report)
    return run.report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Create an extension for each number of a CSV file.")
    parser.add_argument("numbers", type=Path)
    parser.add_argument("journal", type=Path)
    parser.add_argument("--hotline-id", required=True, help="the id of the hotline, not its number")
    options = parser.parse_args()
    report = asyncio.run(main(options.numbers, options.journal, options.hotline_id))
    raise SystemExit(0 if report.is_complete else 1)
