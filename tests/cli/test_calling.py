"""Test the client of a command: keys, the shown `curl` line, and the proxy of the environment."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from etelecom_async import Secret
from etelecom_async._core.attachment import Attachment, Form
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.secret import MASK
from etelecom_async.cli.calling import as_json, body_of, client, curl, method
from etelecom_async.cli.credentials import Credentials

SHOP = Credentials("shop", Secret("1161512386239479010:canary"), "ETELECOM_SHOP_API_KEY", "here")


def test_curl_line_can_be_run(at_peer: Any, peer: Any) -> None:
    """A shell that runs the line of `--debug` sends the same request; the line holds no key."""
    words = ("shop", "users", "list", "--name", "it's $HOME `x`", "--limit", "1", "--debug", "--json")
    result = at_peer(*words)
    assert (result.code, result.out) == (0, "[]\n")
    assert "canary" not in result.err
    line = next(line for line in result.err.splitlines() if line.startswith("curl "))
    parts = shlex.split(line)
    (request,) = peer.requests
    assert parts[parts.index("POST") + 1].endswith(request.path)
    assert parts[parts.index("-H") + 1] == "Authorization: Bearer $ETELECOM_SHOP_KEY"
    assert json.loads(parts[parts.index("-d") + 1]) == request.json
    assert "the key comes from ETELECOM_SHOP_KEY" in result.err
    assert "shop.users.list: attempt 1 ok (HTTP 200)" in result.err


def test_curl_line_of_the_sms_service(at_peer: Any) -> None:
    """The password of the SMS service is in the body: a variable stands for it there."""
    result = at_peer("sms", "status", "--id-omni-mess", "1", "--debug")
    assert "canary" not in result.err
    assert """"password":"'"$ETELECOM_SMS_PASSWORD"'\"""" in result.err


def test_debug_masks_other_secrets(at_peer: Any, tmp_path: Any) -> None:
    """A secret of the request is masked in the line."""
    (tmp_path / "password").write_text("canary-1234")
    words = ("shop", "users", "create", "--full-name", "A", "--phone", "0901234567")
    result = at_peer(*words, "--password-file", str(tmp_path / "password"), "--debug")
    assert f'"password":"{MASK}"' in result.err
    assert "canary" not in result.err
    assert "canary" not in result.out


def test_form() -> None:
    """A form is shown with the names of its files."""
    files = (("file", Attachment(b"png", name="a b.png")),)
    form = Form(fields=(("oa_id", "1"), ("type", "image")), files=files)
    request = HttpRequest("https://a.example/shop.OA/UploadFile", {"Authorization": "Bearer x"}, form)
    assert curl(request, SHOP).endswith("-F oa_id=1 -F type=image -F 'file=@a b.png'")
    assert json.loads(body_of(request))["oa_id"] == "1"
    assert as_json(request)["body"]["type"] == "image"


def test_method_of_each_client() -> None:
    """A public name leads to the method of the client that has it."""
    shop = client(SHOP, "http://127.0.0.1:1/v1", None)
    assert method(shop, "shop.zns.messages.send").__qualname__ == "ZnsMessages.send"
    assert method(shop, "webhooks.list").__qualname__ == "Webhooks.list"
    assert method(shop, "account").__name__ == "account"


@pytest.mark.parametrize(
    ("base_url", "is_used"), [("http://127.0.0.1:1/v1", False), ("https://a.example/v1", True)]
)
def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch, base_url: str, is_used: bool) -> None:  # noqa: FBT001 - a case of the test
    """The proxy of the environment is used, as by other commands, but not for a sandbox on this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    for watch in (None, lambda _: None):
        made: Any = client(SHOP, base_url, watch)
        proxy = made._engine.transport._connection.proxy_for(base_url)
        assert (proxy is not None) is is_used
