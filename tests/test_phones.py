"""Test phone numbers: their usual forms, the one form for comparing, and what is refused."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from numbers import Integral
from typing import Any

import attrs
import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from etelecom_async import models, phones
from etelecom_async._core.codec import requests
from etelecom_async.operations import OPERATIONS
from tests.core import test_phone as phone_tests

FILLERS = [*phone_tests.FILLERS, "\u3000", "\uff0d"]
PREFIXES = ["0", "84", "+84", "0084", "840", "+840", "\uff0b\uff18\uff14"]


def full_width(text: str) -> str:
    """Return *text* in full-width characters, as an East Asian keyboard writes them."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "written",
    [
        "0901234567",
        "0901 234 567",
        "090 1234567",
        "0901.234.567",
        "0901-234-567",
        "0901\u2013234\u2013567",
        "(090) 123 4567",
        "+84901234567",
        "+84 901 234 567",
        "+84 (0) 901 234 567",
        "+84 ( 0 ) 901 234 567",
        "(+84) 901-234-567",
        "84901234567",
        "84 901 234 567",
        "840901234567",
        "0084901234567",
        "00 84 901 234 567",
        " 0901234567\n",
        "0901\u00a0234\u00a0567",
        "\u202a+84 901 234 567\u202c",
        "\ufeff0901234567",
        "\u2066+84 901 234 567\u2069",
        "0901\u00ad234\u2212567",
        full_width("0901234567"),
        full_width("+84(0)901-234.567"),
    ],
)
def test_usual_forms(written: str) -> None:
    """Each usual form of one number gives the same form."""
    assert phones.normalize(written) == "84901234567"


@pytest.mark.parametrize(
    "cell",
    [
        901234567,
        84901234567,
        901234567.0,
        8.4901234567e10,
        Decimal("9.01234567E+8"),
        Decimal("901234567.00"),
        "901234567",
        "901 234 567",
        "901.234.567",
        "901,234,567",
        "901,234,567.00",
        "901234567.0",
        "901234567,00",
        "84901234567.0",
        "9.01234567E8",
        "9.01234567e8",
        "9.01234567E+8",
        "9.01234567E+08",
        "9.01234567E+008",
        "9,01234567E+08",
        "9.0123456700E+08",
        "8.4901234567E+10",
        " 9.01234567E8 ",
        full_width("9.01234567E8"),
        "'0901234567",
        "\u20190901234567",
        '="0901234567"',
        '"0901234567"',
        '"+84 901 234 567 "',
    ],
    ids=ascii,
)
def test_forms_of_spreadsheets(cell: Any) -> None:
    """A number that Excel read as a number, or marked as a text, gives the same form."""
    assert phones.normalize(cell) == "84901234567"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("090123450.0", "84901234500"),
        ("843000000.00", "84843000000"),
        ("9.012345E8", "84901234500"),
        ("9.01234500E+08", "84901234500"),
        ("8.4283822123E+10", None),
        ("8.42838221234E+11", "842838221234"),
        (2838221234, "842838221234"),
        (841234567, "84841234567"),
    ],
)
def test_zeros_of_spreadsheets(written: Any, expected: str | None) -> None:
    """Zeros at the end may be missing in scientific notation; the length decides what the number is."""
    if expected is None:
        with pytest.raises(ValueError, match="not a Vietnamese phone number"):
            phones.normalize(written)
    else:
        assert phones.normalize(written) == expected


def test_integer_of_another_class() -> None:
    """An integer of another class than `int`, as those of numpy, is an integer."""

    class Int64:
        def __int__(self) -> int:
            return 901234567

    Integral.register(Int64)
    assert phones.normalize(Int64()) == "84901234567"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("028 3822 1234", "842838221234"),
        ("+84 24 3822 1234", "842438221234"),
        ("0203 3822 123", "842033822123"),
        ("084 123 4567", "84841234567"),
        ("+84 84 123 4567", "84841234567"),
        ("84841234567", "84841234567"),
        ("039 012 3456", "84390123456"),
        ("1900 1234", "19001234"),
        ("1900.123.456", "1900123456"),
        ("1800-599-920", "1800599920"),
        ("+84 1900 1234", "19001234"),
        (19001234, "19001234"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("001 212 555 0123", "+12125550123"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044(0) 20 7946 0958", "+442079460958"),
        ("+84 7) (0) (0 86 9606", "84700869606"),
        ("+66901234567", "+66901234567"),
        ("+39 012 3456", "+390123456"),
        (full_width("+12125550123"), "+12125550123"),
    ],
)
def test_other_kinds_of_numbers(written: Any, expected: str) -> None:
    """Fixed, service and foreign numbers have their own forms; a mobile number may itself start with 84."""
    assert phones.normalize(written) == expected
    assert phones.normalize(expected) == expected


LENGTH = r"not a Vietnamese phone number \(\d+ digits\); write it like 0901 234 567, \+84 901 234 567 or 84"
FRACTION = "a number with a fraction is not a phone number; write it like"
LOST = "the cell shows only the first digits of the number; format the column as text"
SEVERAL = "more than one phone number, or too many digits; give one number"
SIZE = "a number of this size is not a phone number; write it like"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        *((empty, "the phone number is empty") for empty in ("", " ", "()", "\ufeff", '""', "'", None)),
        (float("nan"), "the phone number is empty"),
        (Decimal("nan"), "the phone number is empty"),
        *(
            (text, LENGTH)
            for text in (
                "+",
                "84",
                "0",
                "090123456",
                "09012345678",
                "+8490123456",
                "849012345678",
                "0101234567",
                "0401234567",
                "0601234567",
                "0001234567",
                "02838221",
                "028382212345",
                "113",
                "1900 123",
                "1900 123 45678",
                "38221234",
                "12125550123",
                "++84901234567",
                "84+901234567",
                "+84123",
                "+0901234567",
                "+123456",
                "100200300.0",
            )
        ),
        *(
            ("".join(chr(zero + int(digit)) for digit in "0901234567"), "only digits")
            for zero in (0x660, 0x966)
        ),
        ("0901234567,", "a phone number has only digits, spaces, dots, dashes, brackets and +"),
        ("0901\u00b2234567", "a phone number has only digits"),
        ("0901/234/567", "a phone number has only digits"),
        ("0901234567x", "a phone number has no letters; write it like"),
        ("O901234567", "a phone number has no letters"),
        ("tel:0901234567", "a phone number has no letters"),
        ("028 3822 1234 ext. 5", "a phone number has no letters"),
        ("abc", "a phone number has no letters"),
        ("không có", "a phone number has no letters"),
        ("9E999999999", "a phone number has no letters"),
        (full_width("O901234567"), "a phone number has no letters"),
        *(
            (text, SEVERAL)
            for text in (
                "0901234567, 0901234568",
                "0901234567; 0901234568",
                "0901234567/0901234568",
                "0901234567 | 0901234568",
                "0901234567 & 0901234568",
                "0901234567 0901234568",
                "0901234567-0901234568",
                "0901234567\n0901234568",
                "0901234567 hoặc 0901234568",
                "0901234567 or 0901234568",
                "+84901234567+84901234568",
                "1900 1234, 1800 1234",
                "901234567,901234568",
                "+12125550123, +12125550124",
                full_width("0901234567,0901234568"),
                "1" * 16,
            )
        ),
        *((text, LOST) for text in ("9.01E+08", "9E+08", "9.012345E+08", "8.49012E+10", "9.01E8", "9,01E8")),
        *((text, FRACTION) for text in ("901234567.5", "9.012345675E8", "901,234,567.5", 901234567.5)),
        (Decimal("901234567.5"), FRACTION),
        *((size, SIZE) for size in (0, -901234567, 10**15, 10**400, float("inf"), float("-inf"), 1e300)),
        *((size, SIZE) for size in (Decimal("1E+99999999"), Decimal(-1), Decimal("inf"))),
        ("00901234567", "a number that starts with 00 is unclear here; write \\+ and the country code"),
        ("0039 012 3456", "a number that starts with 00 is unclear here"),
        ("0" * 201, "the text is too long for a phone number"),
        (True, "a phone number is a text or a number, not bool"),
        (b"0901234567", "a phone number is a text or a number, not bytes"),
        (["0901234567"], "a phone number is a text or a number, not list"),
    ],
    ids=ascii,
)
def test_what_is_refused(written: Any, problem: str) -> None:
    """The one error says what is wrong, and shows neither the number nor a cause that could contain it."""
    with pytest.raises(ValueError, match=problem) as caught:
        phones.normalize(written)
    assert type(caught.value) is ValueError
    assert caught.value.__cause__ is caught.value.__context__ is None
    shown = re.sub(r"0901 234 567, \+84 901 234 567 or 84901234567", "", str(caught.value))
    assert not re.search(r"\d{3}", shown)
    assert not phones.same(written, written)


@given(
    rest=st.one_of(phone_tests.MOBILE, phone_tests.FIXED),
    before=st.sampled_from(PREFIXES),
    fillers=st.lists(st.sampled_from(FILLERS), min_size=20, max_size=20),
)
def test_any_number_in_any_form(rest: str, before: str, fillers: list[str]) -> None:
    """With any prefix and separators, a number gives the same form; normalizing it again changes nothing."""
    written = "".join(digit + filler for digit, filler in zip(before + rest, fillers, strict=False))
    assume(not re.fullmatch(r"[1-9]\d{8,}\.\d+\s*", written))  # this is a number with decimals
    assert phones.normalize(written) == f"84{rest}"
    assert phones.normalize(phones.normalize(written)) == phones.normalize(written)
    assert phones.same(phones.national(written), f"84{rest}")


@given(
    st.one_of(
        st.text(alphabet="+0123456789 .-()\u0660aE,'\"=\n\uff10", max_size=24), st.floats(), st.integers()
    )
)
def test_nothing_else_is_accepted(written: Any) -> None:
    """For any input, the result is a number in one of the three forms, or the one error."""
    try:
        normal = phones.normalize(written)
    except ValueError:
        return
    assert re.fullmatch(r"84(?:[35789][0-9]{8}|2[0-9]{9})|1[89]00[0-9]{4,6}|\+(?!84)[1-9][0-9]{6,14}", normal)


def test_oracle() -> None:
    """
    Google's library and this module agree on ten thousand numbers of Vietnam, written in different ways.

    They give the same result for each number that the library finds valid. Both refuse a number with an
    impossible length.
    """
    rng = random.Random(20261128)
    checked = refused = 0
    while checked < 10_000:
        start, digits = rng.choice(["1800", "1900", *"235789"]), "".join(rng.choices("0123456789", k=12))
        rest = (start + digits)[: rng.choice([6, 8, 9, 9, 9, 10, 10, 11])]
        oracle = phonenumbers.parse(f"+84{rest}")
        is_service = rest.startswith(("1800", "1900"))
        before = rng.choice(["", "+84", "84"] if is_service else ["0", "+84", "84", "0084", ""])
        written = before + "".join(digit + rng.choice(["", "", " ", ".", "-"]) for digit in rest)
        if phonenumbers.is_valid_number(oracle):
            expected = phonenumbers.format_number(oracle, phonenumbers.PhoneNumberFormat.E164)[1:]
            assert phones.normalize(written) == (expected[2:] if is_service else expected)
            checked += 1
        elif before in {"0", "+84"} and not phonenumbers.is_possible_number(oracle):
            with pytest.raises(ValueError, match="not a Vietnamese"):
                phones.normalize(written)
            refused += 1
    assert refused > 100


FOREIGN = [region for region in sorted(phonenumbers.SUPPORTED_REGIONS) if region != "VN"]


@pytest.mark.parametrize("style", ["INTERNATIONAL", "E164", "RFC3966"])
def test_oracle_of_foreign_numbers(style: str) -> None:
    """An example of each country keeps its country code, in the usual ways of writing."""
    for region in FOREIGN:
        number = phonenumbers.example_number(region)
        if number is None:
            continue
        written = phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, style))
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert phones.normalize(written.removeprefix("tel:")) == expected


@pytest.mark.parametrize(
    ("written", "national", "forms"),
    [
        ("+84 901 234 567", "0901234567", ("0901234567", "84901234567")),
        (2838221234, "02838221234", ("02838221234", "842838221234")),
        ("+84 1900 1234", "19001234", ("19001234",)),
    ],
)
def test_national_and_both_forms(written: Any, national: str, forms: tuple[str, ...]) -> None:
    """A number has a form for dialling, and each form in which the service may have stored it."""
    assert phones.national(written) == national
    assert phones.forms(written) == forms


def test_foreign_number_has_one_form() -> None:
    """A foreign number cannot be dialled without its country code."""
    assert phones.forms("001 212 555 0123") == ("+12125550123",)
    with pytest.raises(ValueError, match="a foreign phone number has no Vietnamese form; write it like"):
        phones.national("+1 212 555 0123")


@pytest.mark.parametrize("function", [phones.national, phones.forms])
def test_no_number_has_no_form(function: Any) -> None:
    """The other functions raise the same error."""
    with pytest.raises(ValueError, match="the phone number is empty"):
        function("")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("0901 234 567", 901234567, True),
        ("+84 901 234 567", "9.01234567E8", True),
        ("0901234567", "0901234568", False),
        ("1900 1234", "+84 1900 1234", True),
        ("+1 212 555 0123", "2125550123", False),
        ("1001", "1001", False),
        ("", "", False),
        (None, "0901234567", False),
    ],
)
def test_same(one: Any, other: Any, *, expected: bool) -> None:
    """Two texts are compared as phone numbers; an extension or an empty text is no phone number."""
    assert phones.same(one, other) is expected
    assert phones.same(other, one) is expected


def test_which_numbers_the_client_rewrites() -> None:
    """Only the number of an SMS is rewritten: its form is documented. A `call_number` may be an extension."""
    rewritten = {
        (name, field.name)
        for name in models.__all__
        if attrs.has(kind := getattr(models, name))
        for field in attrs.fields(kind)
        if field.metadata.get("form") == "phone"
    }
    assert rewritten == {("SendSmsRequest", "phonenumber")}
    operation = OPERATIONS["shop.call_logs.list"]
    for written in ("0901 234 567", "+84901234567", "1001"):
        request = operation.request(filter=models.CallLogFilter(call_number=written))
        assert json.loads(requests.encode(operation, request)) == {"filter": {"call_number": written}}
