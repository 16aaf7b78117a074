"""The redirect after a login is read whatever the partner's own address contains, and no error shows it."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import attrs
import pytest
from yarl import URL

from etelecom_async import InvalidRequestError, Secret
from etelecom_async.connect import ShopRedirect, parse_redirect

TOKEN = "request:Ut8zhsaQp_kwKi2u2gEch-9R3yiQvpFUnB5mE_MRfks"
SHOP_ID = "1052570182707778180"
OURS = f"token={TOKEN}&shop_id={SHOP_ID}"
OWN = {"token": "87209412", "shop_id": "12414"}


REDIRECTS: dict[str, tuple[str, dict[str, str]]] = {
    "plain": (f"https://example.com/r?{OURS}", {}),
    "same names": (f"https://example.com/r?token=87209412&shop_id=12414&{OURS}", OWN),
    "second mark": (f"https://example.com/r?token=87209412&shop_id=12414?{OURS}", OWN),
    "written again": (f"/r?token=87209412&shop_id=12414%3ftoken%3D{TOKEN}&shop_id={SHOP_ID}", OWN),
    "mark after mark": (f"https://example.com/r??{OURS}", {}),
    "mark after a word": (f"https://example.com/r?again?{OURS}", {"again": ""}),
    "other order": (f"https://example.com/r?state=x?shop_id={SHOP_ID}&token={TOKEN}", {"state": "x"}),
    "encoded": (f"https://example.com/r?token={TOKEN.replace(':', '%3A')}&shop_id={SHOP_ID}", {}),
    "state": (f"https://example.com/r?state=a+b%26c%3Dd&{OURS}", {"state": "a b&c=d"}),
    "address as a value": (
        f"https://example.com/r?next=https%3A%2F%2Fa.example%2F%3Ftoken%3D5&{OURS}",
        {"next": "https://a.example/?token=5"},
    ),
    "fragment": (f"https://example.com/r?{OURS}#top", {"top": ""}),
    "in a fragment": (f"https://example.com/#/r?{OURS}", {}),
    "query only": (OURS, {}),
    "copied with white space": (f" /r?{OURS}\n", {}),
    "of another service": (f"https://example.com/r?{OURS}&utm_source=mail", {"utm_source": "mail"}),
}


@pytest.mark.parametrize(("url", "params"), REDIRECTS.values(), ids=REDIRECTS)
def test_redirect(url: str, params: dict[str, str]) -> None:
    """The service's parameters are the last ones of their names; the others are the partner's own."""
    redirect = parse_redirect(url)
    assert redirect == ShopRedirect(shop_id=SHOP_ID, token=Secret(TOKEN), params=params)
    if url.startswith("http"):
        assert parse_redirect(str(URL(url))) == redirect  # as aiohttp writes the address


def test_result_is_frozen_and_masked() -> None:
    """The result shows neither the token nor the partner's own parameters, and cannot be changed."""
    redirect = parse_redirect(f"/r?state=private&{OURS}")
    assert repr(redirect) == f"ShopRedirect(shop_id='{SHOP_ID}', token=Secret('****'))"
    assert TOKEN not in pickle.dumps(redirect).decode("latin-1")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        redirect.shop_id = "2"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        ("", ["the address has no token", "the address has no shop_id"]),
        ("https://example.com/r", ["the address has no token", "the address has no shop_id"]),
        (f"/r?token={TOKEN}", ["the address has no shop_id"]),
        (f"/r?token={TOKEN}&shop_id=", ["the address has no shop_id"]),
        (f"/r?shop_id={SHOP_ID}&token=", ["the address has no token"]),
        (f"/r?Token={TOKEN}&shop_id=1", ["the address has no token"]),
    ],
    ids=["empty", "no query", "no id", "blank id", "blank token", "capital letter"],
)
def test_incomplete_address(url: str, problems: list[str]) -> None:
    """The error names what is missing, and shows nothing of the address."""
    error = refused(url)
    assert list(error.problems[:-1]) == problems
    assert error.problems[-1].startswith("pass the whole address")


@pytest.mark.parametrize(
    "shop_id", ["0", "-1", "1.5", "1e3", "abc", "1" * 20, "\u0661", TOKEN, "1%0A"], ids=ascii
)
def test_wrong_id(shop_id: str) -> None:
    """A shop's id is a whole number above 0; another value may be a secret, so the error does not show it."""
    error = refused(f"/r?token={TOKEN}&shop_id={shop_id}")
    assert error.problems == ("the shop_id of the address is not an id: a whole number above 0",)


@pytest.mark.parametrize("url", [None, b"/r", 5, URL("/r"), Secret("/r")], ids=lambda url: type(url).__name__)
def test_wrong_type(url: Any) -> None:
    """Another type than a text is refused, with the way to get the text."""
    assert refused(url).problems[0].endswith("pass the address, e.g. str(request.url)")


def refused(url: Any) -> InvalidRequestError:
    """Return the error of an address, after a check that nothing shows the token."""
    with pytest.raises(InvalidRequestError) as caught:
        parse_redirect(url)
    assert caught.value.operation == "parse_redirect"
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [
        frame
        for frame in frames.stack
        if "etelecom_async" in frame.filename and "tests" not in frame.filename
    ]
    assert TOKEN not in "".join([str(caught.value), *(str(frame.locals) for frame in ours)])
    return caught.value
