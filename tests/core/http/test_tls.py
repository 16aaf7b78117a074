"""Certificates in files: the contexts that they make, and the errors of unusable files."""

from __future__ import annotations

import pickle
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from pydantic import SecretBytes

from etelecom_async import ConfigurationError, Secret, Tls

PASSWORD = "canary-password"


class Files:
    """Files of certificates and keys, usable and unusable, by name."""

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
        """Return a Tls with these files; the password is the only argument that is not a file."""
        password = names.pop("key_password", None)
        return Tls(**{role: self.folder / name for role, name in names.items()}, key_password=password)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Return files of certificates and keys."""
    return Files(tmp_path_factory.mktemp("certificates"))


def test_nothing_given() -> None:
    """Without files the system's authorities are trusted, and host names are checked."""
    context = Tls().context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs() == ssl.create_default_context().get_ca_certs()


def test_own_authority(files: Files) -> None:
    """The authorities of the file replace the system's; verification stays as strict."""
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
def test_own_certificate(files: Files, names: dict[str, str]) -> None:
    """Certificate and key may be in one file or in two, and the key may have a password."""
    assert files.tls(**names).context()


@pytest.mark.parametrize(
    ("names", "expected"),
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
def test_file_that_cannot_be_used(files: Files, names: dict[str, str], expected: str) -> None:
    """The error names the unusable file, and shows no password."""
    with pytest.raises(ConfigurationError) as caught:
        files.tls(**names).context()
    assert f"tls: {expected}" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_password_that_was_pickled(files: Files) -> None:
    """A pickled Tls has no password, and says so when it is used."""
    tls = files.tls(cert_file="cert", key_file="locked", key_password=PASSWORD)
    with pytest.raises(ConfigurationError, match="pickled or exported without its text"):
        pickle.loads(pickle.dumps(tls)).context()


def test_terminal_is_not_asked(files: Files) -> None:
    """A missing password is an error; OpenSSL does not ask for it in the terminal."""
    code = f"""
import ssl, sys
from etelecom_async import ConfigurationError, Tls

files = {str(files.folder / "cert")!r}, {str(files.folder / "locked")!r}
try:
    Tls(cert_file=files[0], key_file=files[1]).context()
except ConfigurationError:
    print("refused", file=sys.stderr)
ssl.create_default_context().load_cert_chain(*files)  # this one asks
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
    ("wrong", "expected"),
    [
        ({"ca_file": ""}, "ca_file is the path of a file; not ''"),
        ({"ca_file": 5}, "ca_file is the path of a file; not 5"),
        ({"cert_file": ""}, "cert_file is the path of a file"),
        ({"cert_file": "a", "key_file": b"b"}, "key_file is the path of a file"),
        ({"key_file": "a"}, "need a cert_file, which is missing"),
        ({"key_password": "canary"}, "need a cert_file, which is missing"),
        (
            {"cert_file": "a", "key_password": ["canary"]},
            "key_password takes a text or a Secret, not list of str",
        ),
        (
            {"cert_file": "a", "key_password": SecretBytes(b"canary")},
            "key_password takes a text or a Secret, not bytes",
        ),
        ({"cert_file": "a", "key_password": Secret(5)}, "key_password takes a text or a Secret, not int"),
        ({"cert_file": "a", "key_password": Secret(None)}, "key_password takes a text or a Secret, not None"),
        ({"cert_file": "a", "key_password": Secret._left_behind()}, "key_password was pickled"),
    ],
    ids=str,
)
def test_settings_that_openssl_would_ignore(wrong: dict[str, Any], expected: str) -> None:
    """Settings that OpenSSL would ignore are refused at once."""
    with pytest.raises(ConfigurationError, match=expected) as caught:
        Tls(**wrong)
    assert "canary" not in str(caught.value)


def test_repr() -> None:
    """The password of the private key does not show."""
    assert "canary" not in repr(Tls(cert_file="a", key_password=Secret("canary")))
