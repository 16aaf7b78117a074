"""
Give employees the accounts of their softphones: programs and apps that make calls over SIP.

    extension = await shop.extensions.create(hotline_id=hotline.id, extension_number=1001)
    account = SoftphoneAccount.of(extension)
    account.write("credentials", "linphone", "baresip")

An export holds the password. So it is a `Secret`, and its files are private: their mode is 0600, and that of
their folder is 0700. `write_qr` needs the package segno, which is part of the extra `provision`.
"""

from __future__ import annotations

import io
import ipaddress
import json
import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, cast
from urllib.parse import quote
from xml.etree import ElementTree as ET  # only writes: it reads nothing

import attrs

from etelecom_async._core import private_files
from etelecom_async._core.secret import Secret, SecretLike, problem_of, to_secret
from etelecom_async._core.tracebacks import boundary, guarded_init
from etelecom_async._core.values import kind_of
from etelecom_async._generated.models.pbx import Extension, ExtensionLogin
from etelecom_async.errors import ConfigurationError, InvalidRequestError

__all__ = ["SEEN_WEBSOCKET_URL", "Program", "SoftphoneAccount"]

SEEN_WEBSOCKET_URL: Final = "wss://sip.etelecom.vn:10443"
"""
The WebSocket address of public programs that use the service.

It is not documented. It may not be right for your tenant, and it is used only if you pass it.
"""

Program = Literal["baresip", "jssip", "linphone", "zoiper"]
"""A softphone whose format `SoftphoneAccount.write` knows."""

_SUFFIXES: Final[dict[Program, str]] = {
    "baresip": ".baresip.txt",
    "jssip": ".jssip.json",
    "linphone": ".linphone.xml",
    "zoiper": ".zoiper.xml",
}
_MOST_CHARACTERS: Final = 200
_NO_CHARACTERS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that no format can hold: control characters, lone surrogates, ends of lines."""
_NOT_IN_XML: Final = "\ufffe\uffff"
_USER_MARKS: Final = "-_.!~*'()&=+$,;?/"
"""Characters that the user of a SIP URI may have beside letters and digits (RFC 3261, section 25.1)."""
_LABEL: Final = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DOMAIN: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::(?P<port>[0-9]{1,5}))?")
_WEBSOCKET: Final = re.compile(r"wss?://(?P<domain>[^/?#]+)(?:[/?][!-~]*)?")
_MOST_HOST: Final = 253
_LAST_PORT: Final = 0xFFFF
# baresip has no escape for a quote in a value, and it finds the names of parameters also inside of quotes.
_NOT_IN_BARESIP: Final = re.compile(r'"|(?<!\\)(?:\\\\)*\\\Z|;[ ]*[A-Za-z0-9]')
_MOST_BARESIP: Final = 511
"""Bytes of a line that baresip 1.0 reads; it cuts off the rest."""


@guarded_init
@attrs.frozen(kw_only=True)
class SoftphoneAccount:
    """
    What a softphone needs to make calls as an extension (máy nhánh).

    Raises:
        InvalidRequestError: A field is empty, too long, or has a character that softphones cannot read. The
            text shows no value.
    """

    user: str
    """Number of the extension, the user of the SIP URI."""
    domain: str
    """SIP domain of the tenant, with a port if it needs one."""
    password: Secret = attrs.field(converter=to_secret)
    """SIP password of the extension."""
    websocket_url: str | None = None
    """Address for web softphones, for example `SEEN_WEBSOCKET_URL`. Default: not known."""
    display_name: str = ""
    """Name that the other side of a call may see. Default: none."""

    def __attrs_post_init__(self) -> None:
        problems = [
            *_problems_of_text("user", self.user),
            *_problems_of_domain(self.domain),
            *_problems_of_password(self.password),
            *_problems_of_address(self.websocket_url),
            *(_problems_of_text("display_name", self.display_name) if self.display_name != "" else ()),
        ]
        if problems:
            raise _invalid(*problems)

    @classmethod
    @boundary
    def of(
        cls, record: Extension | ExtensionLogin, *, websocket_url: str | None = None, display_name: str = ""
    ) -> SoftphoneAccount:
        """
        Return the account of an extension.

        Args:
            record: What `shop.extensions.create`, `.get` or `.list` returned.
            websocket_url: Address for web softphones. Default: not known.
            display_name: Name that the other side of a call may see. Default: none.

        Raises:
            InvalidRequestError: The record has no number, domain or password, or a field is wrong.
        """
        given: Any = record
        if not isinstance(given, Extension | ExtensionLogin):
            raise _invalid(f"record takes an Extension or an ExtensionLogin, not {kind_of(given)}")
        if record.extension_password is None:
            raise _invalid(
                "the record has no extension_password: read it with "
                "`shop.extensions.get(extension_number=...)`, which returns the login"
            )
        return cls(
            user=record.extension_number,
            domain=record.tenant_domain,
            password=record.extension_password,
            websocket_url=websocket_url,
            display_name=display_name,
        )

    @property
    def sip_uri(self) -> str:
        """The address of the extension, without the password: `sip:1001@voip.example.com`."""
        return f"sip:{quote(self.user, safe=_USER_MARKS)}@{self.domain}"

    @property
    def _host(self) -> str:
        """The domain without its port."""
        return re.sub(r":[0-9]+\Z", "", self.domain)

    @boundary
    def to_text(self) -> Secret:
        """Return lines for a person, who types them into any softphone."""
        lines = {"User name": self.user, "Domain": self.domain, "Password": self._reveal()}
        if self.websocket_url is not None:
            lines["WebSocket"] = self.websocket_url
        return Secret("".join(f"{name}: {value}\n" for name, value in lines.items()))

    @boundary
    def to_linphone(self) -> Secret:
        """
        Return a file for the remote provisioning of Linphone (XML).

        It replaces the first account of the app.
        """
        identity = f"<{self.sip_uri}>"
        if self.display_name:
            identity = f"{_quoted(self.display_name)} {identity}"
        sections = {
            "sip": {"default_proxy": "0"},
            "auth_info_0": {"username": self.user, "domain": self._host, "passwd": self._reveal()},
            "proxy_0": {
                "reg_identity": identity,
                "reg_proxy": f"<sip:{self.domain}>",
                "reg_sendregister": "1",
            },
        }
        root = ET.Element("config", {"xmlns": "http://www.linphone.org/xsds/lpconfig.xsd"})
        for name, entries in sections.items():
            section = ET.SubElement(root, "section", {"name": name})
            for key, value in entries.items():
                ET.SubElement(section, "entry", {"name": key, "overwrite": "true"}).text = value
        return _xml(root)

    @boundary
    def to_zoiper(self) -> Secret:
        """Return the response of a token server for Zoiper (XML)."""
        fields = {
            "name": self.display_name or self.user,
            "username": self.user,
            "password": self._reveal(),
            "authentication_username": self.user,
            "context": self.domain,
        }
        root = ET.Element("options")
        account = ET.SubElement(ET.SubElement(root, "accounts"), "account")
        for name, value in fields.items():
            ET.SubElement(account, name).text = value
        return _xml(root)

    @boundary
    def to_baresip(self) -> Secret:
        """
        Return a line for the file `accounts` of baresip, with its end.

        Raises:
            InvalidRequestError: baresip cannot read this user or password, or the line is too long.
        """
        password = self._reveal()
        values = {"user": self.user, "password": password}
        problems = [
            f"baresip cannot read the {name}: it has a double quote, a backslash at its end, or a semicolon "
            f"before a letter or a digit"
            for name, value in values.items()
            if _NOT_IN_BARESIP.search(value)
        ]
        name = f"{_quoted(self.display_name)} " if self.display_name else ""
        line = f'{name}<{self.sip_uri}>;auth_user="{self.user}";auth_pass="{password}"'
        if len(line.encode()) > _MOST_BARESIP:
            problems.append(
                f"baresip reads at most {_MOST_BARESIP} bytes of a line: use a shorter display_name"
            )
        if problems:
            raise _invalid(*problems)
        return Secret(f"{line}\n")

    @boundary
    def to_jssip(self) -> Secret:
        """
        Return the configuration of a JsSIP user agent (JSON), which may stand in a page's script.

        `sockets` has the address. In the page, make a `JsSIP.WebSocketInterface` of it.

        Raises:
            InvalidRequestError: The account has no *websocket_url*.
        """
        if self.websocket_url is None:
            raise _invalid("JsSIP needs a websocket_url, and this account has none")
        values: dict[str, object] = {
            "uri": self.sip_uri,
            "authorization_user": self.user,
            "password": self._reveal(),
            "sockets": [self.websocket_url],
        }
        if self.display_name:
            values["display_name"] = self.display_name
        text = json.dumps(values, indent=1)
        for character in "<>&":  # they are only in texts; a password must not end the script of a page
            text = text.replace(character, f"\\u{ord(character):04x}")
        return Secret(f"{text}\n")

    @boundary
    def write(self, folder: str | os.PathLike[str], *programs: Program) -> tuple[Path, ...]:
        """
        Write a private file for each program, in place of an older one.

        Args:
            folder: The folder. It is created with mode 0700; the folder above it must exist.
            *programs: The programs, for example "linphone".

        Returns:
            The files, in the order of *programs*: for example `1001@voip.example.com.linphone.xml`.

        Raises:
            InvalidRequestError: A program is unknown, or cannot read this account. Nothing was written.
            ConfigurationError: Others can use the folder.
            OSError: The folder or a file cannot be written.
        """
        exports: dict[Program, Callable[[], Secret]] = {
            "baresip": self.to_baresip,
            "jssip": self.to_jssip,
            "linphone": self.to_linphone,
            "zoiper": self.to_zoiper,
        }
        given: tuple[Any, ...] = programs
        if not given or any(not isinstance(program, str) or program not in exports for program in given):
            raise _invalid(f"programs takes names out of {', '.join(exports)}")
        contents = {self._file_name(_SUFFIXES[program]): exports[program]() for program in programs}
        private = _private_folder(folder)
        for name, content in contents.items():
            private_files.replace(private / name, content.reveal().encode())
        return tuple(private / name for name in contents)

    @boundary
    def write_qr(self, folder: str | os.PathLike[str], text: SecretLike | None = None) -> Path:
        """
        Write a private PNG file with a QR code, in place of an older one.

        It needs the package segno, which is part of the extra `provision`.

        Args:
            folder: The folder. It is created with mode 0700; the folder above it must exist.
            text: What the code says, for example the address from which Linphone reads its file. Default:
                the lines of `to_text()`.

        Returns:
            The file, for example `1001@voip.example.com.qr.png`.

        Raises:
            InvalidRequestError: The text is empty, or longer than a QR code can be.
            ConfigurationError: Others can use the folder, or segno is not installed.
            OSError: The folder or the file cannot be written.
        """
        secret = self.to_text() if text is None else Secret.of(text)
        del text  # this frame must not show it
        problem = problem_of(secret) or _problem_of_code(secret)
        if problem is not None:
            raise _invalid(f"text {problem}")
        content = _qr_code(secret)
        path = _private_folder(folder) / self._file_name(".qr.png")
        private_files.replace(path, content)
        return path

    def _reveal(self) -> str:
        """Return the password; an unpickled account has none."""
        problem = problem_of(self.password)
        if problem is not None:
            raise _invalid(f"password {problem}")
        return self.password.reveal()

    def _file_name(self, suffix: str) -> str:
        """Return a file name that every system allows."""
        return f"{quote(self.user, safe='')}@{quote(self.domain, safe='')}{suffix}"


def _problems_of_text(name: str, value: object) -> list[str]:
    if not isinstance(value, str) or not value:
        return [f"{name} takes a text, not {kind_of(value)}"]
    if len(value) > _MOST_CHARACTERS:
        return [f"{name} has more than {_MOST_CHARACTERS} characters"]
    if any(unicodedata.category(one) in _NO_CHARACTERS or one in _NOT_IN_XML for one in value):
        return [f"{name} has a character that softphones cannot read, for example the end of a line"]
    return []


def _problems_of_password(password: Secret) -> list[str]:
    problem = problem_of(password)
    if problem is not None:
        return [f"password {problem}"]
    return _problems_of_text("password", password.reveal())


def _problems_of_domain(domain: object) -> list[str]:
    if not isinstance(domain, str) or not domain:
        return [f"domain takes a text, not {kind_of(domain)}"]
    if not _is_domain(domain):
        return ["domain is not the name of a host, for example voip.example.com or voip.example.com:5080"]
    return []


def _problems_of_address(url: object) -> list[str]:
    if url is None:
        return []
    if not isinstance(url, str):
        return [f"websocket_url takes a text, not {kind_of(url)}"]
    found = _WEBSOCKET.fullmatch(url)
    if found is None or len(url) > _MOST_CHARACTERS or not _is_domain(found["domain"]):
        return [f"websocket_url is not an address such as {SEEN_WEBSOCKET_URL}"]
    return []


def _is_domain(domain: str) -> bool:
    """Return whether a text is the name or the address of a host, with or without a port."""
    found = _DOMAIN.fullmatch(domain)
    if found is None or not 0 < int(found["port"] or 1) <= _LAST_PORT:
        return False
    host = found["host"]
    if not host.startswith("["):
        return len(host) <= _MOST_HOST and _HOST.fullmatch(host) is not None
    try:
        ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    """Return a display name as RFC 3261 quotes it."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def _xml(root: ET.Element) -> Secret:
    ET.indent(root)
    return Secret(f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n')


def _problem_of_code(text: Secret) -> str | None:
    """Return why a QR code cannot hold a text, as the end of a sentence; `None` if it can."""
    if not text:
        return "is empty"
    is_text = all(unicodedata.category(one) != "Cs" for one in text.reveal())
    return None if is_text else "has half a character (a lone surrogate)"


def _qr_code(text: Secret) -> bytes:
    """Return a PNG file with a QR code."""
    try:
        import segno
    except ImportError:
        raise ConfigurationError(
            "the package segno is not installed. It makes QR codes, and is part of the extra `provision`: "
            "pip install 'etelecom-async[provision]'."
        ) from None
    output = io.BytesIO()
    try:
        # UTF-8 without a mark of the encoding: scanners guess it right, and some do not know the mark.
        segno.make_qr(text.reveal(), error="m", mode="byte", encoding="utf-8").save(
            output, kind="png", scale=6
        )
    except segno.DataOverflowError:
        pass
    else:
        return output.getvalue()
    raise _invalid("text is longer than a QR code can be: at most 2331 bytes")


def _private_folder(folder: str | os.PathLike[str]) -> Path:
    """Return a folder that only its owner can use; create it if it does not exist."""
    given: Any = folder
    text: object = os.fspath(folder) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        found = "this text" if text and isinstance(given, str) else kind_of(cast("object", given))
        raise _invalid(f"folder takes the path of a folder, not {found}")
    path = Path(text)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    if private_files.is_open_to_others(path.stat().st_mode):
        raise ConfigurationError(
            f"{path} is open to other users of this machine: run `chmod 700` on it, or use a new folder."
        )
    return path


def _invalid(*problems: str) -> InvalidRequestError:
    return InvalidRequestError(problems, operation="SoftphoneAccount")
