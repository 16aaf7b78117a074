"""
Send a ZNS for each invoice of a CSV file, each invoice once.

The file has the columns `invoice` and `phone`, and one column for each variable of the template. The number
of the invoice is the tracking id of its message. All rows are checked before the first message. If you run
the program again, it sends only the missing messages; rows that were refused may be corrected.

    python examples/zns_for_invoices.py invoices.csv --oa-id 4111111111111111111 --template-id 419951

prints a line for each message as it ends, and a report:

    HD-0001: done
    HD-0002: failed: ... (-118): the phone number has no Zalo account.
    2 steps: 1 done, 1 failed.

`invoices.journal` beside the file keeps what was sent. `sent.ledger` keeps it for all files of the folder, so
an invoice that is in two files is sent once. Needs `ETELECOM_SHOP_API_KEY` and the extra `bulk`.

`etelecom zns send-many` does the same without a program.
"""

import argparse
import asyncio
import csv
from pathlib import Path

from etelecom_async import InvalidRequestError, ShopClient, bulk


async def main(file: Path, oa_id: str, template_id: int) -> bulk.Report:
    """Send a ZNS for each line of *file*; return the report."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    async with ShopClient() as shop, bulk.SqliteLedger(file.with_name("sent.ledger")) as ledger:
        template = await shop.zns.templates.get(oa_id=oa_id, template_id=template_id)
        try:
            run = bulk.send(
                file.with_suffix(".journal"),
                shop,
                oa_id=oa_id,
                template=template,
                rows=rows,
                key_column="invoice",
                ledger=ledger,
            )
        except InvalidRequestError as error:
            raise SystemExit("\n".join(error.problems)) from None
        async with run:
            async for ended in run:
                print(f"{ended.key}: {ended.state}{ended.reason and ': '}{ended.reason}")
    print(run.report)
    return run.report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a ZNS for each invoice of a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--oa-id", required=True)
    parser.add_argument("--template-id", type=int, required=True)
    options = parser.parse_args()
    report = asyncio.run(main(options.file, options.oa_id, options.template_id))
    raise SystemExit(0 if report.is_complete else 1)
