"""Test the check and the storage of a key by `etelecom auth login`."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def at_sandbox(tool: Any, keys: dict[str, str]) -> Any:
    """Run commands with the sandbox's URLs, and without a key."""
    assert keys
    return tool


@pytest.mark.parametrize(
    ("words", "key", "code", "problem"),
    [
        ("", "12345:canary", 2, "add --as partner or --as shop"),
        ("--as partner", "shop1:canary", 4, "this is a shop_key"),
        ("--as shop", "request:canary", 4, "this is a request token"),
        ("--as shop", '"1:canary"', 4, "contains quotes"),
        ("--as shop", "Bearer 1:canary", 4, "starts with an authorization scheme"),
        ("--as shop", "", 2, "etelecom: stdin is empty"),
        ("--as shop", "1:canary", 4, "unauthenticated"),
        ("--as partner --username a", "1:canary", 2, "--username is for the SMS service"),
        ("--as shop --key-file /nowhere", "", 2, "the file of --key-file cannot be read"),
        ("--as shop --base-url ftp://a.example", "1:canary", 2, "--base-url is not a valid web address"),
        ("--as shop --store disk", "1:canary", 2, "--store"),
        ("1:canary", "", 2, "unexpected extra argument"),
    ],
)
def test_wrong_login(at_sandbox: Any, words: str, key: str, code: int, problem: str) -> None:
    """A key that cannot be used is one line, with the right code, without the key, and nothing is stored."""
    result = at_sandbox("auth", "login", *words.split(), stdin=f"{key}\n")
    assert (result.code, result.out) == (code, ""), result
    assert problem in result.err
    assert result.err.count("\n") == 1
    assert "canary" not in result.err.replace("(1:canary)", "")
    assert not at_sandbox.file.exists()


def test_no_check(at_peer: Any, peer: Any) -> None:
    """`--no-check` makes no call; without it there is one, a READ."""
    words = ("auth", "login", "--as", "shop", "--quiet")
    assert at_peer(*words, "--no-check", stdin="1:x").code == 0
    assert peer.requests == []
    peer.always = lambda _: peer.json({"id": "1", "name": "a\x1b[31mb"})
    done = at_peer(*words, stdin="1:x")
    assert (done.code, len(peer.requests)) == (0, 1)
    assert peer.requests[0].path.endswith("/shop.Misc/CurrentAccount")


def test_failed_check(at_peer: Any, peer: Any) -> None:
    """A key that cannot be checked is not stored, and the line says how to store it without the check."""
    peer.always = lambda _: peer.json({"code": "invalid_argument", "msg": "no"}, 400)
    failed = at_peer("auth", "login", "--as", "shop", stdin="1:x")
    assert (failed.code, failed.out, failed.err.count("\n")) == (1, "", 1)
    assert "The key is not stored; --no-check stores it without a call" in failed.err
    assert not at_peer.file.exists()


def test_keys_of_two_shops(at_peer: Any) -> None:
    """A profile takes both kinds of key of one shop, and no key of another shop."""
    words = ("auth", "login", "--as", "shop", "--no-check", "--quiet")
    assert at_peer(*words, stdin="123456789012345:canary").code == 0
    assert at_peer(*words, stdin="shop123456789012345:canary").code == 0
    other = at_peer(*words, stdin="shop9:canary")
    assert (other.code, other.out, other.err.count("\n")) == (2, "", 1)
    assert "profile 'default' has a key of another shop: add --profile NAME" in other.err
    assert "canary" not in other.err
    assert at_peer(*words, "--profile", "b", stdin="shop9:canary").code == 0
    replaced = at_peer(*words, stdin="123456789012345:new")
    assert replaced.code == 0
    assert "123456789012345:new" in at_peer.file.read_text()
