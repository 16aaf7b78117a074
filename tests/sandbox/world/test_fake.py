"""Fake names, numbers and secrets."""

from __future__ import annotations

import re

from etelecom_async.sandbox.world import fake
from etelecom_async.sandbox.world.fake import Rng


def test_the_same_seed_gives_the_same() -> None:
    """The same seed gives the same values."""
    first, second = (
        [fake.person(rng, 0), fake.company(rng), *fake.mobile_numbers(rng, 3)]
        for rng in (Rng("7/x"), Rng("7/x"))
    )
    assert first == second
    assert fake.mobile_numbers(Rng("8/x"), 3) != first[2:]


def test_mobile_numbers() -> None:
    """Mobile numbers have ten digits and the prefix of a network, and are different."""
    numbers = fake.mobile_numbers(Rng("1"), 20_000)
    assert len(set(numbers)) == 20_000
    assert all(re.fullmatch(r"0[35789]\d{8}", number) for number in numbers)
    assert {fake.network(number) for number in numbers} == {"viettel", "mobifone", "vinaphone"}


def test_landline_numbers() -> None:
    """Landline numbers have eleven digits of Hà Nội or Hồ Chí Minh City, and no mobile network."""
    numbers = fake.landline_numbers(Rng("1"), 1000)
    assert len(set(numbers)) == 1000
    assert all(re.fullmatch(r"02[48]\d{8}", number) for number in numbers)
    assert {fake.network(number) for number in numbers} == {"other"}


def test_people() -> None:
    """A short name is the end of the full name; the e-mail address is ASCII and of example.com."""
    person = fake.person(Rng("1"), 5)
    assert person.full_name.endswith(person.short_name)
    assert re.fullmatch(r"[a-z]+\.[a-z]+5@example\.com", person.email)


def test_diacritics_are_removed() -> None:
    """Vietnamese letters become ASCII letters, đ too."""
    assert fake.ascii_only("Đặng Thùy Dương đi") == "Dang Thuy Duong di"


def test_chance() -> None:
    """The share of true results is the probability."""
    rng = Rng("1")
    assert 2300 < sum(rng.chance(0.25) for _ in range(10_000)) < 2700
