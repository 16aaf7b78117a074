"""What seeded records are made of."""

from __future__ import annotations

import re

from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.fake import Rng


def test_same_luck_same_draw() -> None:
    """The same seed draws the same."""
    first, second = (
        [fake.person(rng, 0), fake.company(rng), *fake.mobile_numbers(rng, 3)]
        for rng in (Rng("7/x"), Rng("7/x"))
    )
    assert first == second
    assert fake.mobile_numbers(Rng("8/x"), 3) != first[2:]


def test_mobile_numbers() -> None:
    """Ten digits, a prefix of a network, no two alike."""
    numbers = fake.mobile_numbers(Rng("1"), 20_000)
    assert len(set(numbers)) == 20_000
    assert all(re.fullmatch(r"0[35789]\d{8}", number) for number in numbers)
    assert {fake.network(number) for number in numbers} == {"viettel", "mobifone", "vinaphone"}


def test_landline_numbers() -> None:
    """Eleven digits, of Hà Nội or Hồ Chí Minh City, of no mobile network."""
    numbers = fake.landline_numbers(Rng("1"), 1000)
    assert len(set(numbers)) == 1000
    assert all(re.fullmatch(r"02[48]\d{8}", number) for number in numbers)
    assert {fake.network(number) for number in numbers} == {"other"}


def test_people() -> None:
    """A short name is the end of the full one; the e-mail address is plain and leads nowhere."""
    person = fake.person(Rng("1"), 5)
    assert person.full_name.endswith(person.short_name)
    assert re.fullmatch(r"[a-z]+\.[a-z]+5@example\.com", person.email)


def test_marks_are_taken_off() -> None:
    """Vietnamese letters become plain ones, đ too."""
    assert fake.ascii_only("Đặng Thùy Dương đi") == "Dang Thuy Duong di"


def test_chance() -> None:
    """A share of the draws is true."""
    rng = Rng("1")
    assert 2300 < sum(rng.chance(0.25) for _ in range(10_000)) < 2700
