"""The connection settings: which proxy is used, and when."""

from __future__ import annotations

import os
from base64 import b64encode

import pytest

from etelecom_async import ConfigurationError, Tls
from etelecom_async._core.http.connection import ConnectionConfig, Proxy

API = "https://api.example/v1"
PLAIN_API = "http://gateway.example/v1"
SANDBOX = "http://127.0.0.1:8080/v1"
PROXY = "http://proxy.example:3128"
LIKE = "looks like http://host:port"
CARRIED = "has a user name with a colon, or characters outside Latin-1"
ODD = [
    ("socks5://me:canary@proxy.example:1080", LIKE),
    ("http://me:canary@proxy.example:port", LIKE),
    ("http://me:canary#1@proxy.example", LIKE),
    ("http://a%3Ab:canary@proxy.example", CARRIED),
    ("http://m%E1%BA%ADt:canary@proxy.example", CARRIED),
    ("http://me:canary-khẩu@proxy.example", CARRIED),
]


class TestTls:
    """The certificates that a caller gives."""

    def test_path_in_place_of_tls(self) -> None:
        """A path in place of a `Tls` is refused."""
        with pytest.raises(ConfigurationError, match=r"tls is a Tls or an ssl\.SSLContext"):
            ConnectionConfig(tls="ca.pem")

    def test_repr(self) -> None:
        """The password of the private key does not show."""
        assert "canary" not in repr(ConnectionConfig(tls=Tls(cert_file="a", key_password="canary")))


class TestProxy:
    """The proxy that a caller gives."""

    @pytest.mark.parametrize(
        ("url", "proxy", "allow_http", "may"),
        [
            (API, PROXY, False, True),
            (API, "https://proxy.example", False, True),
            (SANDBOX, "http://localhost:3128", False, True),
            (SANDBOX, PROXY, False, False),
            (SANDBOX, PROXY, True, True),
            (PLAIN_API, "http://[::1]:3128", False, True),
            (PLAIN_API, PROXY, False, False),
            (PLAIN_API, "https://proxy.example", False, False),
            (PLAIN_API, PROXY, True, True),
        ],
    )
    def test_unencrypted_call(self, url: str, proxy: str, *, allow_http: bool, may: bool) -> None:
        """An unencrypted call uses only a proxy on this machine, unless the caller allows others."""
        connection = ConnectionConfig(proxy=proxy, allow_http=allow_http)
        if may:
            assert connection.proxy_for(url) == Proxy(proxy)
        else:
            with pytest.raises(ConfigurationError, match="allow_http=True"):
                connection.proxy_for(url)

    @pytest.mark.parametrize(("proxy", "expected"), [*ODD, ("proxy.example:3128", LIKE), ("", LIKE)])
    def test_invalid_proxy(self, proxy: str, expected: str) -> None:
        """An invalid proxy is refused at once, and the error does not show its password."""
        with pytest.raises(ConfigurationError, match=f"^proxy {expected}") as caught:
            ConnectionConfig(proxy=proxy)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("proxy", "bare", "credentials", "secrets"),
        [
            ("http://me:pass@proxy.example:3128", PROXY, b"me:pass", ["pass"]),
            ("https://m%C3%A9:a%20b%2Fc@[::1]", "https://[::1]", b"m\xe9:a b/c", ["a b/c"]),
            ("http://me@proxy.example:3128", PROXY, b"me:", ["me"]),
            ("http://:pass@proxy.example:3128/", f"{PROXY}/", b":pass", ["pass"]),
            (PROXY, PROXY, None, []),
        ],
    )
    def test_user_name_and_password(
        self, proxy: str, bare: str, credentials: bytes | None, secrets: list[str]
    ) -> None:
        """User name and password are in a header, and no longer in the URL, which aiohttp may print."""
        read = ConnectionConfig(proxy=proxy).proxy_for(API)
        assert read is not None
        assert read.url == bare
        basic = f"Basic {b64encode(credentials or b'').decode()}"
        assert read.headers == ({"Proxy-Authorization": basic} if credentials else {})
        assert list(read.secrets()) == secrets

    def test_repr(self) -> None:
        """The proxy does not show, because it may contain a password."""
        config = ConnectionConfig(proxy="http://me:canary@proxy.example")
        assert "canary" not in repr(config) + repr(config.proxy_for(API))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove every proxy from the environment."""
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.mark.usefixtures("environment")
class TestEnvironment:
    """The proxy that the environment names."""

    @pytest.mark.parametrize(
        ("variables", "url", "proxy"),
        [
            ({}, API, None),
            ({"HTTPS_PROXY": PROXY}, API, PROXY),
            ({"https_proxy": PROXY}, API, PROXY),
            ({"HTTPS_PROXY": "proxy.example:3128"}, API, PROXY),
            ({"HTTPS_PROXY": "me:pass@proxy.example:3128"}, API, "http://me:pass@proxy.example:3128"),
            ({"HTTPS_PROXY": ""}, API, None),
            ({"HTTP_PROXY": PROXY}, API, None),
            ({"ALL_PROXY": PROXY}, API, PROXY),
            ({"ALL_PROXY": "http://other.example", "HTTPS_PROXY": PROXY}, API, PROXY),
            ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example"}, API, None),
            ({"HTTPS_PROXY": PROXY, "NO_PROXY": "elsewhere.test, .example"}, API, None),
            ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, API, None),
            ({"HTTPS_PROXY": PROXY, "NO_PROXY": "elsewhere.test"}, API, PROXY),
            ({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example:8443"}, API, PROXY),
            (
                {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example:8443"},
                "https://api.example:8443/v1",
                None,
            ),
            ({"HTTP_PROXY": "http://localhost:3128"}, SANDBOX, "http://localhost:3128"),
            ({"HTTP_PROXY": PROXY}, SANDBOX, None),
            ({"ALL_PROXY": PROXY}, SANDBOX, None),
        ],
        ids=str,
    )
    def test_variables(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
    ) -> None:
        """The usual variables have their usual meaning, but no unencrypted call leaves this machine."""
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert ConnectionConfig(trust_env=True).proxy_for(url) == (None if proxy is None else Proxy.of(proxy))
        assert ConnectionConfig().proxy_for(url) is None

    @pytest.mark.parametrize(("proxy", "expected"), ODD)
    def test_invalid_proxy(self, monkeypatch: pytest.MonkeyPatch, proxy: str, expected: str) -> None:
        """An invalid proxy of the environment is an error too, and the error does not show its password."""
        monkeypatch.setenv("ALL_PROXY", proxy)
        expected = f"^the proxy in the environment for https {expected}"
        with pytest.raises(ConfigurationError, match=expected) as caught:
            ConnectionConfig(trust_env=True).proxy_for(API)
        assert "canary" not in str(caught.value)

    def test_allow_http(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With `allow_http` an unencrypted call may use any proxy of the environment."""
        monkeypatch.setenv("HTTP_PROXY", PROXY)
        assert ConnectionConfig(trust_env=True, allow_http=True).proxy_for(SANDBOX) == Proxy(PROXY)

    def test_proxy_of_the_caller_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The caller's proxy has priority over the environment."""
        monkeypatch.setenv("HTTPS_PROXY", "http://other.example")
        monkeypatch.setenv("NO_PROXY", "*")
        assert ConnectionConfig(trust_env=True, proxy=PROXY).proxy_for(API) == Proxy(PROXY)
