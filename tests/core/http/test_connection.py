"""The way to the server: which proxy is asked, and what files of certificates make."""

from __future__ import annotations

import os
import pickle
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from etelecom_async import ConfigurationError, Secret, Tls
from etelecom_async._core.http.connection import ConnectionConfig

PASSWORD = "canary-password"
API = "https://api.example/v1"
PLAIN_API = "http://gateway.example/v1"
SANDBOX = "http://127.0.0.1:8080/v1"
PROXY = "http://proxy.example:3128"


class Files:
    """Files of certificates and keys, right and wrong ones, by their names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA()
        mine, other = authority.issue_cert("me.example"), authority.issue_cert("other.example")
        key = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
        locked = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
        chain = b"".join(pem.bytes() for pem in mine.cert_chain_pems)
        texts = {
            "authority": authority.cert_pem.bytes(),
            "cert": chain,
            "key": mine.private_key_pem.bytes(),
            "locked": locked,
            "other key": other.private_key_pem.bytes(),
            "cert and key": mine.private_key_and_cert_chain_pem.bytes(),
            "cert and locked": chain + locked,
            "junk": b"junk",
            "broken cert": chain[:200] + b"\n-----END CERTIFICATE-----\n",
        }
        for name, text in texts.items():
            (folder / name).write_bytes(text)

    def tls(self, **names: str) -> Tls:
        """Files by their names; the password is the one thing that is no file."""
        password = names.pop("key_password", None)
        return Tls(**{role: self.folder / name for role, name in names.items()}, key_password=password)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Files of certificates and keys."""
    return Files(tmp_path_factory.mktemp("certificates"))


class TestTls:
    """What files of certificates make."""

    def test_nothing_given(self) -> None:
        """Without files the system's authorities count, and names are compared."""
        context = Tls().context()
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.get_ca_certs() == ssl.create_default_context().get_ca_certs()

    def test_own_authority(self, files: Files) -> None:
        """The authorities of the file stand in place of the system's, and as much is verified."""
        for path in (files.folder / "authority", str(files.folder / "authority")):
            context = Tls(ca_file=path).context()
            assert len(context.get_ca_certs()) == 1
            assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)

    @pytest.mark.parametrize(
        "names",
        [
            {"cert_file": "cert", "key_file": "key"},
            {"cert_file": "cert and key"},
            {"cert_file": "cert", "key_file": "locked", "key_password": PASSWORD},
            {"cert_file": "cert and locked", "key_password": PASSWORD},
            {"cert_file": "cert and key", "key_password": "not needed"},
        ],
        ids=str,
    )
    def test_own_certificate(self, files: Files, names: dict[str, str]) -> None:
        """Certificate and key may be in one file or in two, and the key behind a password."""
        assert files.tls(**names).context()

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ({"ca_file": "missing"}, "ca_file cannot be used: [Errno 2]"),
            ({"ca_file": "junk"}, "ca_file cannot be used: "),
            ({"ca_file": "key"}, "ca_file cannot be used: "),
            ({"ca_file": "."}, "ca_file cannot be used: "),
            ({"cert_file": "missing", "key_file": "key"}, "cert_file cannot be used: [Errno 2]"),
            ({"cert_file": "junk", "key_file": "key"}, "cert_file cannot be used: "),
            ({"cert_file": "key", "key_file": "key"}, "cert_file cannot be used: "),
            ({"cert_file": ".", "key_file": "key"}, "cert_file cannot be used: "),
            ({"cert_file": "\0", "key_file": "key"}, "cert_file cannot be used: "),
            ({"cert_file": "/proc/self/mem", "key_file": "key"}, "cert_file cannot be used: "),
            ({"cert_file": "cert"}, "cert_file cannot be used: "),
            ({"cert_file": "cert", "key_file": "missing"}, "key_file cannot be used: [Errno 2]"),
            ({"cert_file": "cert", "key_file": "junk"}, "key_file cannot be used: "),
            ({"cert_file": "cert", "key_file": "other key"}, "key_file's private key cannot be used: "),
            ({"cert_file": "cert", "key_file": "locked"}, "key_file without key_password cannot be used: "),
            ({"cert_file": "cert and locked"}, "cert_file without key_password cannot be used: "),
            (
                {"cert_file": "cert", "key_file": "locked", "key_password": "canary-wrong"},
                "key_file with this key_password cannot be used: ",
            ),
            (
                {"cert_file": "cert", "key_file": "locked", "key_password": "canary" * 1000},
                "key_file with this key_password cannot be used: ",
            ),
        ],
        ids=str,
    )
    def test_file_that_cannot_be_used(self, files: Files, names: dict[str, str], said: str) -> None:
        """The error says which of the files it is, and shows no password."""
        with pytest.raises(ConfigurationError) as caught:
            files.tls(**names).context()
        assert f"tls: {said}" in str(caught.value)
        assert "canary" not in str(caught.value)

    def test_password_that_was_pickled(self, files: Files) -> None:
        """A pickle carries no password: what comes out of it says so where it is used."""
        tls = files.tls(cert_file="cert", key_file="locked", key_password=PASSWORD)
        with pytest.raises(ConfigurationError, match="pickles carry no secrets"):
            pickle.loads(pickle.dumps(tls)).context()

    def test_nobody_is_asked_in_the_terminal(self, files: Files) -> None:
        """A key behind a password that was not given is an error: nothing is asked, and nothing waits."""
        code = f"""
import ssl, sys
from etelecom_async import ConfigurationError, Tls

files = {str(files.folder / "cert")!r}, {str(files.folder / "locked")!r}
try:
    Tls(cert_file=files[0], key_file=files[1]).context()
except ConfigurationError:
    print("refused", file=sys.stderr)
ssl.create_default_context().load_cert_chain(*files)  # which does ask
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,  # without a terminal, OpenSSL asks in stderr
            check=False,
            text=True,
            timeout=60,
        )
        ours, _, openssls = done.stderr.partition("refused\n")
        assert (done.stdout, ours) == ("", "")
        assert "Enter PEM pass phrase:" in openssls

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"ca_file": ""}, "ca_file is the path of a file; not ''"),
            ({"ca_file": 5}, "ca_file is the path of a file; not 5"),
            ({"cert_file": ""}, "cert_file is the path of a file"),
            ({"cert_file": "a", "key_file": b"b"}, "key_file is the path of a file"),
            ({"key_file": "a"}, "belong to a cert_file, which is missing"),
            ({"key_password": "canary"}, "belong to a cert_file, which is missing"),
        ],
        ids=str,
    )
    def test_settings_that_would_be_passed_over(self, wrong: dict[str, Any], said: str) -> None:
        """What OpenSSL would not look at, or take for nothing, is refused where it is given."""
        with pytest.raises(ConfigurationError, match=said) as caught:
            Tls(**wrong)
        assert "canary" not in str(caught.value)

    def test_repr(self) -> None:
        """The password of the key does not show."""
        assert "canary" not in repr(Tls(cert_file="a", key_password=Secret("canary")))
        assert "canary" not in repr(ConnectionConfig(tls=Tls(cert_file="a", key_password="canary")))

    def test_tls_is_nothing_else(self) -> None:
        """A path in place of a `Tls` is a mistake, and told."""
        with pytest.raises(ConfigurationError, match=r"tls is a Tls or an ssl\.SSLContext"):
            ConnectionConfig(tls="ca.pem")


LIKE = "looks like http://host:port"
CARRIED = "has a user name with a colon, or .* letters that Latin-1 does not have"
ODD = [
    ("socks5://me:canary@proxy.example:1080", LIKE),
    ("http://me:canary@proxy.example:port", LIKE),
    ("http://me:canary#1@proxy.example", LIKE),
    ("http://a%3Ab:canary@proxy.example", CARRIED),
    ("http://m%E1%BA%ADt:canary@proxy.example", CARRIED),
    ("http://me:canary-khẩu@proxy.example", CARRIED),
]


class TestProxy:
    """The proxy that a caller names."""

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
    def test_what_it_may_see(self, url: str, proxy: str, *, allow_http: bool, may: bool) -> None:
        """What is not encrypted goes by way of this machine's proxies only, unless that is allowed."""
        connection = ConnectionConfig(proxy=proxy, allow_http=allow_http)
        if may:
            assert connection.proxy_for(url) == proxy
        else:
            with pytest.raises(ConfigurationError, match="allow_http=True"):
                connection.proxy_for(url)

    @pytest.mark.parametrize(("proxy", "said"), [*ODD, ("proxy.example:3128", LIKE), ("", LIKE)])
    def test_proxy_that_cannot_be(self, proxy: str, said: str) -> None:
        """A proxy that cannot be called is refused where it is given, and its password not shown."""
        with pytest.raises(ConfigurationError, match=f"^proxy {said}") as caught:
            ConnectionConfig(proxy=proxy)
        assert "canary" not in str(caught.value)

    def test_repr(self) -> None:
        """The proxy does not show: its password may stand in it."""
        assert "canary" not in repr(ConnectionConfig(proxy="http://me:canary@proxy.example"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is named but those that a test names."""
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
    def test_who_is_asked(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
    ) -> None:
        """The usual variables mean what they usually mean, but nothing plain leaves this machine by them."""
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert ConnectionConfig(trust_env=True).proxy_for(url) == proxy
        assert ConnectionConfig().proxy_for(url) is None

    @pytest.mark.parametrize(("proxy", "said"), ODD)
    def test_proxy_that_cannot_be(self, monkeypatch: pytest.MonkeyPatch, proxy: str, said: str) -> None:
        """A proxy of the environment that cannot be called is an error, too, without its password."""
        monkeypatch.setenv("ALL_PROXY", proxy)
        said = f"^the proxy that the environment names for https {said}"
        with pytest.raises(ConfigurationError, match=said) as caught:
            ConnectionConfig(trust_env=True).proxy_for(API)
        assert "canary" not in str(caught.value)

    def test_what_is_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With `allow_http` the environment may send what is plain by way of any proxy."""
        monkeypatch.setenv("HTTP_PROXY", PROXY)
        assert ConnectionConfig(trust_env=True, allow_http=True).proxy_for(SANDBOX) == PROXY

    def test_the_callers_word_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A proxy that was given is asked, whatever the environment names."""
        monkeypatch.setenv("HTTPS_PROXY", "http://other.example")
        monkeypatch.setenv("NO_PROXY", "*")
        assert ConnectionConfig(trust_env=True, proxy=PROXY).proxy_for(API) == PROXY
