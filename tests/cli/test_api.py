"""Test `etelecom api`: any operation by its wire name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from etelecom_async._core.secret import MASK


def test_known_read(etl: Any) -> None:
    """A listed read needs no `--yes`; the response is the JSON object of the API, on the right client."""
    tenant = etl("api", "Etelecom/GetTenant")
    assert (tenant.code, tenant.err) == (0, "")
    assert tenant.json == etl("shop", "tenant", "get", "--json").json
    assert etl("api", "Etelecom/GetPartnerTenantList").json["tenants"]


def test_body_and_columns(at_peer: Any, peer: Any) -> None:
    """The body is sent as it is, and `--columns` picks parts of the response."""
    peer.always = lambda _: peer.json({"a": {"b": [{"c": 1}, {"c": 2}]}})
    result = at_peer(
        "api", "Etelecom/GetExtensions", "--body", "-", "--columns", "a.b.c", stdin='{"paging": {"limit": 3}}'
    )
    assert (result.code, result.out) == (0, "1,2\n")
    assert peer.requests[0].json == {"paging": {"limit": 3}}
    assert peer.requests[0].path == "/v1/shop.Etelecom/GetExtensions"


def test_unknown_operation_asks_like_a_send(at_peer: Any, peer: Any) -> None:
    """An unlisted operation needs `--yes` and `--as`; the refusal names a similar one."""
    refused = at_peer("api", "Etelecom/GetExtension", "--as", "shop")
    assert (refused.code, refused.out, peer.requests) == (2, "", [])
    assert "did you mean Etelecom/GetExtensions?" in refused.err
    assert "add --yes" in refused.err
    unclear = at_peer("api", "Etelecom/GetExtension", "--yes")
    assert (unclear.code, peer.requests) == (2, [])
    assert "--as shop or --as partner" in unclear.err
    done = at_peer("api", "Etelecom/New", "--as", "partner", "--yes")
    assert (done.code, done.json) == (0, {})
    assert peer.requests[0].path == "/v1/partner.Etelecom/New"


def test_listed_send_asks(at_peer: Any, peer: Any) -> None:
    """A listed operation that sends needs `--yes`, too."""
    refused = at_peer("api", "Zalo/SendZNS", "--body", "-", stdin="{}")
    assert (refused.code, peer.requests) == (2, [])
    assert "Zalo/SendZNS costs money or reaches a person: add --yes" in refused.err


def test_secrets_by_name(at_peer: Any, peer: Any) -> None:
    """In an object without a model, the name shows what is a secret; it is masked at any depth."""
    secret = {"shop_key": "canary", "data": [{"access_token": "canary", "password": "", "fee_token": 3}]}
    peer.always = lambda _: peer.json(secret)
    result = at_peer("api", "Misc/CurrentAccount")
    assert "canary" not in result.out
    assert result.json == {
        "shop_key": MASK, "data": [{"access_token": MASK, "password": "", "fee_token": 3}],
    }  # fmt: skip


def test_dry_run(at_peer: Any, peer: Any) -> None:
    """A dry run shows the request, without its secrets, and without a question."""
    body = json.dumps({"a": 1, "password": "canary-1234"})
    result = at_peer("api", "Etelecom/New", "--as", "shop", "--dry-run", "--body", "-", stdin=body)
    assert (result.code, peer.requests) == (0, [])
    assert result.json["body"] == {"a": 1, "password": MASK}


def test_question_on_a_terminal(terminal: Any) -> None:
    """On a terminal, an unlisted operation asks; `n` sends nothing."""
    code, shown = terminal("api", "Etelecom/New", "--as", "shop", answer="n\n", after="[y/N]")
    assert code == 1
    assert "is not listed" in shown
    assert "nothing was sent" in shown


def test_csv_is_that_of_the_response(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """In CSV, the columns are those of the response, also if the operation is a listed one."""
    peer.always = lambda _: peer.json({"extensions": [{"id": "1"}], "paging": {"next": "a"}})
    expected = 'extensions,paging.next\n"[{""id"": ""1""}]",a\n'
    assert at_peer("api", "Etelecom/GetExtensions", "--csv") == (0, expected, "")
    file = tmp_path / "response.csv"
    assert at_peer("api", "Etelecom/GetExtensions", "--output", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8") == expected


def test_stdin_serves_one_option(at_peer: Any, peer: Any) -> None:
    """The body and the key cannot both come from stdin; the error says so, and nothing is sent."""
    words = ("api", "Etelecom/GetExtensions", "--body", "-", "--key-file", "-")
    result = at_peer(*words, stdin="{}")
    assert result == (2, "", "etelecom: only one file can come from stdin (`-`)\n")
    assert peer.requests == []


def test_no_guess_from_the_service(at_peer: Any) -> None:
    """A name that is like a listed one only in its service gets no suggestion."""
    refused = at_peer("api", "Etelecom/Foo", "--as", "shop")
    assert (refused.code, "did you mean" in refused.err) == (2, False)
    assert "did you mean Etelecom/GetExtensions?" in at_peer("api", "Etelecom/getExtension").err
