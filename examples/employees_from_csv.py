"""
Create an employee with an extension for each row of a CSV file.

The file has the columns full_name, phone, extension_number and password, and commas between them.

    python examples/employees_from_csv.py class.csv --hotline-id 1161512386239479010

prints a line for each row:

    Lê An: has extension 2001
    Trần Bình: not a Vietnamese phone number (2 digits); ...
    Phạm Chi: extension 2001 belongs to somebody else

A wrong row does not stop the others: correct it, and run the program again. It looks for each employee and
each extension first, so it creates only what is missing. If a line says that the outcome is unknown, wait
ten minutes before that. The exit code is 1 if a row is not complete. Needs a partner's key for the shop in
`ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from etelecom_async import EtelecomError, ShopClient, phones
from etelecom_async.models import Extension


async def hire(shop: ShopClient, row: Mapping[str, str], known: dict[str, Extension], hotline: str) -> str:
    """Create what is missing of an employee; *known* has the extensions of the shop by number."""
    phone, number = phones.national(row["phone"]), str(int(row["extension_number"] or ""))
    found = [await shop.users.list(phone=form).first() for form in phones.forms(phone)]
    person = {"full_name": row["full_name"], "phone": phone, "password": row["password"]}
    user = found[0] or found[-1] or await shop.users.create(**person)
    extension = known.get(number) or await shop.extensions.create(
        hotline_id=hotline, extension_number=int(number), user_id=user.user_id
    )
    if extension.user_id in ("", "0"):  # the texts of an id that is not set
        await shop.extensions.assign(extension_id=extension.extension_id, user_id=user.user_id)
    elif extension.user_id != user.user_id:
        raise ValueError(f"extension {number} belongs to somebody else")
    known[number] = attrs.evolve(extension, user_id=user.user_id)
    return f"has extension {number}"


async def main(rows: Iterable[Mapping[str, str]], hotline: str) -> bool:
    """Create the employees of *rows*; return whether all of them are complete."""
    all_complete = True
    async with ShopClient() as shop:
        known = {each.extension_number: each async for each in shop.extensions.list()}
        for row in rows:  # one after the other, so that two rows with one number do not meet
            try:
                text = await hire(shop, row, known, hotline)
            except (ValueError, EtelecomError) as error:
                text, all_complete = str(error), False
            print(row["full_name"], text, sep=": ")
    return all_complete


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Create an employee with an extension for each row.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--hotline-id", required=True, help="the id of the hotline, not its number")
    options = parser.parse_args()
    with options.file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        employees = list(reader)
    if missing := {"full_name", "phone", "extension_number", "password"}.difference(reader.fieldnames or ()):
        parser.error(
            f"the first line lacks {', '.join(sorted(missing))}, or has no commas between the columns"
        )
    raise SystemExit(0 if asyncio.run(main(employees, options.hotline_id)) else 1)
