"""Read certificates from the caller's files."""

from __future__ import annotations

import os
import pathlib
import ssl
from typing import Final

import attrs

from etelecom_async._core.secret import Secret, problem_of, to_secret_or_none
from etelecom_async._core.tracebacks import guarded_init
from etelecom_async._core.validators import must_be
from etelecom_async.errors import ConfigurationError

Path = str | os.PathLike[str]

_FILE: Final = must_be(
    "the path of a file",
    lambda value: value is None or (isinstance(value, str | os.PathLike) and value != ""),
)


@guarded_init
@attrs.frozen(kw_only=True)
class Tls:
    """Certificates in PEM files, which are read in a thread when the first connection opens."""

    ca_file: Path | None = attrs.field(default=None, validator=_FILE)
    """Trusted certificate authorities. Default: the system's."""
    cert_file: Path | None = attrs.field(default=None, validator=_FILE)
    """Certificate of the client, with its chain. Default: none."""
    key_file: Path | None = attrs.field(default=None, validator=_FILE)
    """Private key of the certificate. Default: the key in *cert_file*."""
    key_password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """Password of the private key. Default: the key is not encrypted."""

    def __attrs_post_init__(self) -> None:
        problem = None if self.key_password is None else problem_of(self.key_password)
        if problem is not None:
            raise ConfigurationError(f"tls: key_password {problem}.")
        if self.cert_file is None and (self.key_file is not None or self.key_password is not None):
            message = "tls: key_file and key_password need a cert_file, which is missing."
            raise ConfigurationError(message)

    def context(self) -> ssl.SSLContext:
        """
        Read the files.

        Raises:
            ConfigurationError: A file cannot be read, or has the wrong content.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ValueError) as error:
            raise _unusable("ca_file", error) from None
        if self.cert_file is not None:
            try:
                # Empty instead of `None`: OpenSSL would ask for a password in the terminal.
                password = "" if self.key_password is None else self.key_password.reveal()
                context.load_cert_chain(self.cert_file, self.key_file, password)
            except (OSError, ValueError) as error:
                raise _unusable(self._invalid_part(self.cert_file), error) from None
        return context

    def _invalid_part(self, cert_file: Path) -> str:
        """Return the name of the invalid file or password, which OpenSSL does not report."""
        if not _contains(cert_file, b"BEGIN CERTIFICATE"):
            return "cert_file"
        key_file, name = (cert_file, "cert_file") if self.key_file is None else (self.key_file, "key_file")
        if not _contains(key_file, b"PRIVATE KEY"):
            return name
        if not _contains(key_file, b"ENCRYPTED"):
            return f"{name}'s private key"
        return f"{name} {'without' if self.key_password is None else 'with this'} key_password"


def _contains(file: Path, text: bytes) -> bool:
    path = pathlib.Path(file)
    try:
        return path.is_file() and text in path.read_bytes()  # a pipe can be read only once
    except OSError:
        return False


def _unusable(name: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"tls: {name} cannot be used: {error}.")
