"""Test that the secrets of a call are found in all forms in which a server may repeat them."""

from __future__ import annotations

import base64
import html
import json
import re
import string
import time
from collections.abc import Callable
from typing import Any
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core import known_secrets
from etelecom_async._core.known_secrets import KnownSecrets

KEY = "shop1161512386239479010:canary-key_1f2e"
PASSWORD = 'mật "khẩu"\\/\'<&>+%=;:\té😀'


def in_json(text: str, *, ascii_only: bool = True) -> str:
    """Return a text as the inside of a JSON string."""
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": in_json,
    "JSON with all letters": lambda text: in_json(text, ascii_only=False),
    "JSON in JSON": lambda text: in_json(in_json(text)),
    "JSON in JSON in JSON": lambda text: in_json(in_json(in_json(text, ascii_only=False))),
    "escaped slashes": lambda text: in_json(text).replace("/", "\\/"),
    "JSON of Go": lambda text: (
        in_json(text, ascii_only=False).replace("<", "\\u003c").replace("&", "\\u0026")
    ),
    "URL": lambda text: quote(text, safe=""),
    "path of a URL": quote,
    "form": quote_plus,
    "URL in lower case": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%E1", "%e1"),
    "URL in a URL": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "HTML with numbers": lambda text: "".join(
        letter if letter.isalnum() and letter.isascii() else f"&#{ord(letter)};" for letter in text
    ),
    "repr": lambda text: repr(text)[1:-1],
    "repr in ASCII": lambda text: ascii(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [KEY, PASSWORD], ids=["key", "password"])
@pytest.mark.parametrize("around", ["", " ", '"', "x", "\\"])
def test_forms(secret: str, form: Callable[[str], str], around: str) -> None:
    """A secret is replaced in each form, also inside a longer word."""
    text = KnownSecrets([secret]).replace(f"so {around}{form(secret)}{around} it is", "****")
    # A last character of base64, which holds a part of a byte, may stay.
    shown = re.sub(r"(?<=\*)\w?=+", "", text).replace("\\", "")
    assert shown == f"so {around}****{around} it is".replace("\\", "")


@pytest.mark.parametrize("secret", [KEY, PASSWORD, "hunter"], ids=["key", "password", "short"])
@pytest.mark.parametrize("user", ["", "u", "us", "usr", "user", "tài khoản"])
@pytest.mark.parametrize("after", ["", "\n", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_basic_credentials(secret: str, user: str, after: str, encode: Callable[[bytes], bytes]) -> None:
    """A secret is found inside any base64 text; at most a part of a byte stays at each end."""
    whole = encode(f"{user}:{secret}{after}".encode()).decode()
    replaced = KnownSecrets([secret]).replace(f"Basic {whole}", "*")
    before, star, rest = replaced.removeprefix("Basic ").partition("*")
    assert star
    assert whole.startswith(before)
    assert len(before) <= len(base64.b64encode(f"{user}:".encode()).rstrip(b"="))
    assert len(rest.rstrip("=")) <= 1 + len(base64.b64encode(after.encode()).rstrip(b"="))


@given(
    secret=st.text(string.printable + "ậđéü漢😀", min_size=8, max_size=30), form=st.sampled_from(list(FORMS))
)
def test_any_secret(secret: str, form: str) -> None:
    """Any secret is replaced in each form."""
    shown = FORMS[form](secret)
    assert re.fullmatch(r"\*{4}(\w?=+)?", KnownSecrets([secret]).replace(shown, "****"))


@pytest.mark.parametrize("given_form", ["NFC", "NFD"])
@pytest.mark.parametrize("sent_form", ["NFC", "NFD"])
def test_normal_forms(given_form: Any, sent_form: Any) -> None:
    """A server may store letters with accents in another normal form."""
    name = normalize(given_form, "Nguyễn Thị Lan")
    text = f"no {normalize(sent_form, name)}!"
    assert KnownSecrets([name]).replace(text, "*") == "no *!"
    assert KnownSecrets(tokens=[name]).replace(text, "*") == "no *!"


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("otp 482913 is wrong", "otp * is wrong"),
        ('"482913"', '"*"'),
        ("482913", "*"),
        ("otp=482913&a=1", "otp=*&a=1"),
        ("a_482913_b", "a_*_b"),
        (r"{\"otp\":\"482913\"}", r"{\"otp\":\"*\"}"),
        (r"otp:\n482913\t", r"otp:\n*\t"),
        (r"otp\u003a482913", r"otp\u003a*"),
        (r"otp\x3a482913", r"otp\x3a*"),
        ("otp%3A482913%20", "otp%3A*%20"),
        ("1482913", "1482913"),
        ("4829130", "4829130"),
        ("a482913", "a482913"),
        ("482913a", "482913a"),
        ("đ482913", "đ482913"),
        ("48291", "48291"),
    ],
)
def test_tokens(text: str, replaced: str) -> None:
    """Data of a template is replaced only as a whole word; an escape before it is no part of the word."""
    assert KnownSecrets(tokens=["482913"]).replace(text, "*") == replaced


@pytest.mark.parametrize("token", ["", "a", "abc", " abc ", "123"])
def test_short_tokens(token: str) -> None:
    """Data of a template with fewer than 4 characters stays: it is in too many texts."""
    assert KnownSecrets(tokens=[token]).replace("a abc 123", "*") == "a abc 123"
    assert KnownSecrets(tokens=[f"{token.strip()}-1234"]).replace(f"{token.strip()}-1234", "*") == "*"


def test_tokens_around_words() -> None:
    """A token that starts or ends with a sign needs no end of a word there."""
    known = KnownSecrets(tokens=["(Lan)", "#DH-1"])
    assert known.replace("x(Lan)y z#DH-1, #DH-12", "*") == "x*y z*, #DH-12"


def test_short_secrets() -> None:
    """A secret with few characters is replaced as a whole word, so `password` stays readable."""
    known = KnownSecrets(["pass", "p", ""])
    assert known.replace("the password 'pass', p=p", "*") == "the password '*', *=*"


def test_longest_first() -> None:
    """If a secret contains another one, the longer one is replaced, in any order of the arguments."""
    for secrets in ([KEY, KEY[24:]], [KEY[24:], KEY]):
        assert KnownSecrets(secrets).replace(f"{KEY} {KEY[24:]}", "*") == "* *"


def test_replace_secrets() -> None:
    """`replace_secrets` keeps the data of templates."""
    known = KnownSecrets(["canary-1"], ["482913"])
    assert known.replace("canary-1 482913", "*") == "* *"
    assert known.replace_secrets("canary-1 482913", "*") == "* 482913"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [KEY, PASSWORD, "482913"], ids=["key", "password", "token"])
def test_longest(secret: str, form: Callable[[str], str]) -> None:
    """No form of a secret in at most two encodings is longer than `longest`, so a cut shows no half."""
    known = KnownSecrets([secret], [secret])
    assert 0 < len(form(secret).rstrip("=")) <= known.longest
    assert KnownSecrets().longest == 0


@pytest.mark.parametrize(
    "secret", ["\\" * 20, '"' * 20, '\\"' * 10, "a\\" * 12, " " * 12, "%" * 12, "&" * 12]
)
@pytest.mark.parametrize("piece", ["\\", '"', '\\"', "%25", "&amp;", r"\u005c", "a", "a\\"])
def test_long_texts(secret: str, piece: str) -> None:
    """No text of a server makes the search slow: backtracking would take hours."""
    started = time.process_time()
    KnownSecrets([secret], [secret]).replace(piece * (4096 // len(piece)), "*")
    assert time.process_time() - started < 5  # some hundredths of a second


def test_long_secrets() -> None:
    """After the beginning of a long secret, the rest of the text is replaced."""
    known = KnownSecrets(["canary-1" * 10_000], ["an DH-1 " * 10_000])
    assert known.replace("so " + "canary-1" * 10_000 + " it is", "*") == "so *"
    assert known.replace("so " + "canary-1" * 50, "*") == "so *"
    assert known.replace("so " + "an DH-1 " * 50, "*") == "so *"


def test_very_many() -> None:
    """With very many secrets whole texts are masked, so the search never blocks the event loop for long."""
    texts = [f"canary-{number}" for number in range(10_000)]
    started = time.process_time()
    assert KnownSecrets(tokens=texts).replace("a canary-9999 b", "*") == "*"
    assert KnownSecrets(texts).replace("a canary-9999 b", "*") == "*"
    assert KnownSecrets(texts).replace("", "*") == ""
    assert KnownSecrets(texts).replace_secrets("a canary-1000 b", "*") == "a * b"
    assert time.process_time() - started < 10  # some tenths of a second; all patterns would take many seconds
    assert KnownSecrets(texts[:200]).replace("a canary-199 b", "*") == "a * b"


class Call:
    """A call that knows a secret."""

    def known_secrets(self) -> KnownSecrets:
        """Return the secret."""
        return KnownSecrets(["canary-1"])


def test_current_call() -> None:
    """The secrets of a call are known inside its block, and not after it, also after an error."""
    assert known_secrets.current().replace("canary-1", "*") == "canary-1"
    with known_secrets.of_call(Call()):
        assert known_secrets.current().replace("canary-1", "*") == "*"
    with pytest.raises(ZeroDivisionError), known_secrets.of_call(Call()):
        raise ZeroDivisionError
    assert known_secrets.current().replace("canary-1", "*") == "canary-1"
