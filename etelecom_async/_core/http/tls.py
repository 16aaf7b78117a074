"""Certificates in files of your own."""

from __future__ import annotations

import os
import pathlib
import ssl
from typing import Final

import attrs

from etelecom_async._core.secret import Secret, to_secret_or_none
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
    """
    Certificates in files of PEM form; read when the first connection opens, beside the event loop.

    What is left out is as the system has it.
    """

    ca_file: Path | None = attrs.field(default=None, validator=_FILE)
    """Authorities that are trusted, in place of the system's."""
    cert_file: Path | None = attrs.field(default=None, validator=_FILE)
    """The certificate by which the client shows who it is, and its chain."""
    key_file: Path | None = attrs.field(default=None, validator=_FILE)
    """Its private key, where that is not in *cert_file*."""
    key_password: Secret | None = attrs.field(default=None, converter=to_secret_or_none)
    """The password of the private key."""

    def __attrs_post_init__(self) -> None:
        if self.cert_file is None and (self.key_file is not None or self.key_password is not None):
            message = "tls: key_file and key_password belong to a cert_file, which is missing."
            raise ConfigurationError(message)

    def context(self) -> ssl.SSLContext:
        """
        Read the files.

        Raises:
            ConfigurationError: One of them cannot be read, or is not what it should be.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ValueError) as error:
            raise _unusable("ca_file", error) from None
        if self.cert_file is not None:
            try:
                # An empty password where there is none: OpenSSL would ask for it in the terminal.
                password = "" if self.key_password is None else self.key_password.reveal()
                context.load_cert_chain(self.cert_file, self.key_file, password)
            except (OSError, ValueError) as error:
                raise _unusable(self._own_at_fault(self.cert_file), error) from None
        return context

    def _own_at_fault(self, cert_file: Path) -> str:
        """Return which of the client's own files it is: OpenSSL does not say."""
        if not _holds(cert_file, b"BEGIN CERTIFICATE"):
            return "cert_file"
        key_file, name = (cert_file, "cert_file") if self.key_file is None else (self.key_file, "key_file")
        if not _holds(key_file, b"PRIVATE KEY"):
            return name
        if not _holds(key_file, b"ENCRYPTED"):
            return f"{name}'s private key"
        return f"{name} {'without' if self.key_password is None else 'with this'} key_password"


def _holds(file: Path, text: bytes) -> bool:
    path = pathlib.Path(file)
    try:
        return path.is_file() and text in path.read_bytes()  # a pipe would have been read to its end
    except OSError:
        return False


def _unusable(name: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"tls: {name} cannot be used: {error}.")
