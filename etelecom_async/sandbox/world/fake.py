"""
Fake people, companies, phone numbers and secrets, which look like real Vietnamese ones.

A name combines common parts. A mobile number has the prefix of a network and random digits.
"""

from __future__ import annotations

import random
import string
import unicodedata
from typing import Final

import attrs

_SURNAMES: Final = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ",
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
)  # fmt: skip
_MIDDLES: Final = ("Văn", "Thị", "Hữu", "Đức", "Minh", "Thanh", "Ngọc", "Quốc", "Thùy", "Gia", "Khánh")
_GIVEN: Final = (
    "An", "Anh", "Bảo", "Bình", "Châu", "Chi", "Cường", "Dũng", "Duy", "Giang", "Hà", "Hải", "Hạnh", "Hiếu",
    "Hoa", "Hùng", "Hương", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Nhung", "Phúc", "Phương",
    "Quân", "Quỳnh", "Sơn", "Tâm", "Thảo", "Thắng", "Trang", "Trung", "Tú", "Tuấn", "Uyên", "Vân", "Yến",
)  # fmt: skip
_TRADES: Final = (
    "Nội thất", "Thời trang", "Nha khoa", "Du lịch", "Vật liệu xây dựng", "Thực phẩm sạch",
    "Trung tâm Anh ngữ", "Phòng khám", "Điện máy", "Bảo hiểm", "Vận tải", "Mỹ phẩm",
)  # fmt: skip
_WORDS: Final = (
    "Mây Xanh", "Sông Gương", "Lá Thơm", "Đồi Gió", "Nắng Mới", "Cầu Vồng", "Hạt Sương", "Bến Lạ", "Đèn Giấy",
)  # fmt: skip

_NETWORKS: Final = {
    "viettel": ("032", "033", "034", "035", "036", "037", "038", "039", "086", "096", "097", "098"),
    "mobifone": ("070", "076", "077", "078", "079", "089", "090", "093"),
    "vinaphone": ("081", "082", "083", "084", "085", "088", "091", "094"),
}
_MOBILE_PREFIXES: Final = tuple(prefix for prefixes in _NETWORKS.values() for prefix in prefixes)
_SUBSCRIBERS: Final = 10_000_000
_SECRET_SIGNS: Final = string.ascii_letters + string.digits


class Rng(random.Random):
    """A random number generator; the same seed gives the same numbers."""

    def chance(self, share: float) -> bool:
        """Return true with this probability."""
        return self.random() < share


@attrs.frozen
class Person:
    """An invented person."""

    full_name: str
    short_name: str
    email: str


def person(rng: Rng, index: int) -> Person:
    """Return a person; *index* makes the e-mail address unique."""
    surname, middle, given = rng.choice(_SURNAMES), rng.choice(_MIDDLES), rng.choice(_GIVEN)
    short_name = f"{middle} {given}"
    local = ascii_only(f"{given}.{surname}").lower()
    return Person(f"{surname} {short_name}", short_name, f"{local}{index}@example.com")


def company(rng: Rng) -> str:
    """Return the name of a shop."""
    return f"{rng.choice(_TRADES)} {rng.choice(_WORDS)}"


def mobile_numbers(rng: Rng, count: int) -> list[str]:
    """Return unique mobile numbers."""
    chosen = rng.sample(range(len(_MOBILE_PREFIXES) * _SUBSCRIBERS), count)
    return [f"{_MOBILE_PREFIXES[number // _SUBSCRIBERS]}{number % _SUBSCRIBERS:07}" for number in chosen]


def landline_numbers(rng: Rng, count: int) -> list[str]:
    """Return unique numbers of Hà Nội (024) and Hồ Chí Minh City (028)."""
    chosen = rng.sample(range(22_000_000, 89_999_999), count)
    return [f"02{4 if number % 2 else 8}{number:08}" for number in chosen]


def network(number: str) -> str:
    """Return the network of a mobile number; `other` for other numbers."""
    return next((name for name, prefixes in _NETWORKS.items() if number[:3] in prefixes), "other")


def ascii_only(text: str) -> str:
    """Return a Vietnamese text without diacritics."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    return unicodedata.normalize("NFD", plain).encode("ascii", "ignore").decode()


def secret(rng: random.Random, length: int) -> str:
    """Return random letters and digits."""
    return "".join(rng.choices(_SECRET_SIGNS, k=length))
