"""Accounts of softphones: each export reads back as it was given, is private, and is never shown."""

from __future__ import annotations

import json
import logging
import os
import pickle
import re
import stat
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import attrs
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import ConfigurationError, EtelecomError, InvalidRequestError, Secret, ShopClient
from etelecom_async.models import Extension, ExtensionLogin
from etelecom_async.softphone import SEEN_WEBSOCKET_URL, Program, SoftphoneAccount
from etelecom_async.testing import sandbox
from tests.test_secrecy import locals_of_ours, text_forms

CANARY = "canary-password-3d4c"
ODD = "<&>\"']]></entry>;=,%41+$ \\ mật khẩu ổn \u00a0😀 </script><!--"
PROGRAMS = get_args(Program)
NAMESPACE = {"l": "http://www.linphone.org/xsds/lpconfig.xsd"}


def account(**changes: Any) -> SoftphoneAccount:
    """Return an account with a canary as its password."""
    fields: dict[str, Any] = {
        "user": "1001",
        "domain": "voip.example.com",
        "password": CANARY,
        "websocket_url": SEEN_WEBSOCKET_URL,
    }
    return SoftphoneAccount(**{**fields, **changes})


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=10,
)
"""Texts that an account may have."""


def linphone(given: SoftphoneAccount) -> dict[str, dict[str, str]]:
    """Read the file for Linphone with an XML parser."""
    root = ET.fromstring(given.to_linphone().reveal().encode())
    return {
        section.attrib["name"]: {
            entry.attrib["name"]: entry.text or "" for entry in section.findall("l:entry", NAMESPACE)
        }
        for section in root.findall("l:section", NAMESPACE)
    }


def zoiper(given: SoftphoneAccount) -> dict[str, str]:
    """Read the file for Zoiper with an XML parser."""
    root = ET.fromstring(given.to_zoiper().reveal().encode())
    assert root.tag == "options"
    (found,) = root.findall("accounts/account")
    return {field.tag: field.text or "" for field in found}


def baresip(line: str) -> dict[str, str]:
    """Read a line for baresip as it does: `nox -s softphones` compares this with the program itself."""
    found = re.fullmatch(r'(?:"((?:[^"\\]|\\.)*)" )?<([^>]+)>;auth_user="(.*?)";auth_pass="(.*)"\n', line)
    assert found is not None
    name = re.sub(r"\\(.)", r"\1", found[1] or "")
    return dict(zip(("name", "uri", "user", "password"), (name, *found.groups()[1:]), strict=True))


def qr_text(file: Path) -> str:
    """Read a QR code from a PNG file with one bit for each dot."""
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        chunks[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + length]
        at += length + 12
    width, height = (int.from_bytes(chunks[b"IHDR"][part : part + 4]) for part in (0, 4))
    assert set(chunks) == {b"IHDR", b"IDAT", b"IEND"}  # no text chunk repeats the content
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    lines = rows[:, 1:].copy()
    for number, kind in enumerate(rows[:, 0]):
        assert kind in {0, 2}  # no filter, or the difference to the line above
        if kind == 2:
            lines[number] += lines[number - 1]
    dots = np.unpackbits(lines, axis=1)[:, :width] * np.uint8(255)
    (found,) = zxingcpp.read_barcodes(np.ascontiguousarray(dots))
    return str(found.text)


def test_uri() -> None:
    """The address has no password, and escapes what a SIP URI cannot have."""
    assert account().sip_uri == "sip:1001@voip.example.com"
    assert account(user="a b@c:#ổ;x=1", domain="[2001:db8::1]:5080").sip_uri == (
        "sip:a%20b%40c%3A%23%E1%BB%95;x=1@[2001:db8::1]:5080"
    )


@given(user=texts, password=texts, name=texts | st.just(""))
def test_exports_read_back(user: str, password: str, name: str) -> None:
    """Parsers read the fields exactly as they were given, whatever characters they have."""
    odd = account(user=user, password=password, display_name=name)
    sections = linphone(odd)
    assert sections["auth_info_0"] == {"username": user, "domain": "voip.example.com", "passwd": password}
    assert sections["proxy_0"]["reg_identity"].endswith(f"<{odd.sip_uri}>")
    assert sections["proxy_0"]["reg_proxy"] == "<sip:voip.example.com>"
    assert sections["sip"] == {"default_proxy": "0"}
    assert zoiper(odd) == {
        "name": name or user,
        "username": user,
        "password": password,
        "authentication_username": user,
        "context": "voip.example.com",
    }
    web = json.loads(odd.to_jssip().reveal())
    assert (web["uri"], web["authorization_user"], web["password"]) == (odd.sip_uri, user, password)
    assert (web["sockets"], web.get("display_name", "")) == ([SEEN_WEBSOCKET_URL], name)
    assert not re.search("[<>&\u2028]", odd.to_jssip().reveal())
    refused = any(re.search(r'"|\\\Z|; *[A-Za-z0-9]', value) for value in (user, password))
    if not refused:  # short enough, too
        line = baresip(odd.to_baresip().reveal())
        assert line == {"name": name, "uri": odd.sip_uri, "user": user, "password": password}


def test_odd_password() -> None:
    """A password with every character that a format escapes reads back."""
    odd = account(password=ODD, display_name='Lan "x" \\')
    assert linphone(odd)["auth_info_0"]["passwd"] == ODD
    assert linphone(odd)["proxy_0"]["reg_identity"] == r'"Lan \"x\" \\" <sip:1001@voip.example.com>'
    assert zoiper(odd)["password"] == ODD
    assert json.loads(odd.to_jssip().reveal())["password"] == ODD
    assert "</script>" not in odd.to_jssip().reveal()
    assert f"Password: {ODD}\n" in odd.to_text().reveal()


@pytest.mark.parametrize(
    "changes",
    [
        {"password": 'a"b'},
        {"password": "ab\\"},
        {"password": "ab\\\\\\"},
        {"password": "a;regint=0"},
        {"password": "a; mwi"},
        {"user": '10"01'},
        {"display_name": "ổ" * 200},
    ],
)
def test_baresip_cannot_read(changes: dict[str, Any]) -> None:
    """What baresip would read as something else is refused, without the value."""
    with pytest.raises(InvalidRequestError, match=r"baresip (cannot|reads at most)") as caught:
        account(**changes).to_baresip()
    assert len(caught.value.problems) == 1
    assert not any(str(value) in str(caught.value) for value in changes.values())


@pytest.mark.parametrize("password", ["a\\b", "ab\\\\", ";; $;", " a b ", "<sip:x>;=", "#"])
def test_baresip_can_read(password: str) -> None:
    """Other odd characters stand between the quotes unchanged."""
    line = account(password=password).to_baresip().reveal()
    assert line == f'<sip:1001@voip.example.com>;auth_user="1001";auth_pass="{password}"\n'


def test_longest_line_for_baresip() -> None:
    """A line of 511 bytes is written; baresip would cut off the rest of a longer one."""
    fields = {"user": "1" * 100, "password": "x" * 120}
    room = 511 - len(account(**fields, display_name="n").to_baresip().reveal().strip()) + 1
    line = account(**fields, display_name="n" * room).to_baresip().reveal()
    assert len(line) == 512  # with its end
    with pytest.raises(InvalidRequestError, match="at most 511 bytes"):
        account(**fields, display_name="n" * (room + 1)).to_baresip()


def test_domain_with_port() -> None:
    """The port is part of the addresses; Linphone compares the domain without it."""
    sections = linphone(account(domain="voip.example.com:5080"))
    assert sections["auth_info_0"]["domain"] == "voip.example.com"
    assert sections["proxy_0"]["reg_proxy"] == "<sip:voip.example.com:5080>"
    assert linphone(account(domain="[2001:db8::1]"))["auth_info_0"]["domain"] == "[2001:db8::1]"


def test_text_for_a_person() -> None:
    """A person finds user, domain and password; the WebSocket only if there is one."""
    assert account(websocket_url=None).to_text().reveal() == (
        f"User name: 1001\nDomain: voip.example.com\nPassword: {CANARY}\n"
    )
    assert account().to_text().reveal().endswith(f"WebSocket: {SEEN_WEBSOCKET_URL}\n")


def test_no_websocket() -> None:
    """JsSIP needs an address that is not documented, so the caller has to give it."""
    with pytest.raises(InvalidRequestError, match="needs a websocket_url"):
        account(websocket_url=None).to_jssip()


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_results_of_the_service() -> None:
    """The results of create, get and list give the same account."""
    async with sandbox() as service, ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        hotline = (await shop.hotlines.list(limit=1)).items[0]
        created = await shop.extensions.create(hotline_id=hotline.id, extension_number=4711)
        login = await shop.extensions.get(extension_number="4711")
        (listed,) = [one async for one in shop.extensions.list() if one.extension_number == "4711"]
    accounts = [SoftphoneAccount.of(record, display_name="Lan") for record in (created, login, listed)]
    assert accounts[0] == accounts[1] == accounts[2]
    assert created.extension_password is not None
    assert accounts[0].password == created.extension_password
    assert (accounts[0].user, accounts[0].domain) == ("4711", created.tenant_domain)
    assert accounts[0].websocket_url is None


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (ExtensionLogin(extension_number="1", tenant_domain="a.vn"), "has no extension_password"),
        (Extension(extension_password=Secret("x"), tenant_domain="a.vn"), "user takes a text, not ''"),
        (ExtensionLogin(extension_number="1", extension_password=Secret("x")), "domain takes a text, not ''"),
        (
            Extension(
                extension_number="1", tenant_domain="a.vn", extension_password=Secret.from_export("****")
            ),
            "password was pickled or exported without its text",
        ),
        ({"extension_number": CANARY}, "record takes an Extension or an ExtensionLogin, not dict"),
    ],
)
def test_records_without_a_login(record: Any, problem: str) -> None:
    """The error says what is missing."""
    with pytest.raises(InvalidRequestError, match=re.escape(problem)):
        SoftphoneAccount.of(record)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("user", ""),
        ("user", 1001),
        ("user", "1" * 201),
        ("password", ""),
        ("password", None),
        ("password", 5),
        ("password", "a\nb"),
        ("password", "a\ud800"),
        ("password", "a\u2028b"),
        ("password", "a\uffff"),
        ("display_name", "a\rb"),
        ("display_name", None),
        ("domain", ""),
        ("domain", None),
        ("domain", "a b.vn"),
        ("domain", "a.vn:0"),
        ("domain", "a.vn:65536"),
        ("domain", "a.vn;transport=tcp"),
        ("domain", "-a.vn"),
        ("domain", "a..vn"),
        ("domain", "tổng-đài.vn"),
        ("domain", "[::g]"),
        ("domain", "::1"),
        ("domain", ".".join(["a" * 60] * 5)),
        ("websocket_url", "sip.example.vn:10443"),
        ("websocket_url", "https://sip.etelecom.vn"),
        ("websocket_url", "wss://user:pw@sip.etelecom.vn"),
        ("websocket_url", "wss://a.vn/ổ"),
        ("websocket_url", f"wss://a.vn/{'a' * 200}"),
        ("websocket_url", 5),
    ],
)
def test_wrong_fields(field: str, wrong: Any) -> None:
    """The error names the field, and shows no value."""
    with pytest.raises(InvalidRequestError) as caught:
        account(**{field: wrong})
    (problem,) = caught.value.problems
    assert problem.startswith(field)
    assert not (isinstance(wrong, str) and wrong and wrong in str(caught.value))


def test_all_problems_at_once() -> None:
    """An account with two wrong fields gives both."""
    with pytest.raises(InvalidRequestError) as caught:
        account(user="", domain="a b", password="", websocket_url="x", display_name="\0")
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "user",
        "domain",
        "password",
        "websocket_url",
        "display_name",
    ]


@pytest.mark.parametrize("url", [SEEN_WEBSOCKET_URL, "ws://127.0.0.1:8080/ws?a=1", "wss://[::1]:7443"])
def test_websocket_addresses(url: str) -> None:
    """Addresses with ports, paths and queries are kept."""
    assert json.loads(account(websocket_url=url).to_jssip().reveal())["sockets"] == [url]


def mode_of(path: Path) -> int:
    """Return the permissions of a file or a folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_files(tmp_path: Path) -> None:
    """Each program gets its file, only the owner can use files and folder, and a rewrite replaces a file."""
    folder = tmp_path / "credentials"
    one = account(user="10/01", domain="voip.example.com:5080")
    files = one.write(folder, *PROGRAMS)
    qr = one.write_qr(folder)
    assert [file.name for file in (*files, qr)] == [
        "10%2F01@voip.example.com%3A5080.baresip.txt",
        "10%2F01@voip.example.com%3A5080.jssip.json",
        "10%2F01@voip.example.com%3A5080.linphone.xml",
        "10%2F01@voip.example.com%3A5080.zoiper.xml",
        "10%2F01@voip.example.com%3A5080.qr.png",
    ]
    assert mode_of(folder) == 0o700
    assert {mode_of(file) for file in folder.iterdir()} == {0o600}
    assert sorted(folder.iterdir()) == sorted([*files, qr])
    contents = [file.read_text(encoding="utf-8") for file in files]
    exports = (one.to_baresip(), one.to_jssip(), one.to_linphone(), one.to_zoiper())
    assert contents == [export.reveal() for export in exports]
    assert attrs.evolve(one, password="new").write(str(folder), "baresip") == files[:1]
    assert "new" in files[0].read_text(encoding="utf-8")


def test_umask(tmp_path: Path) -> None:
    """An open umask opens neither the files nor the folder."""
    before = os.umask(0)
    try:
        (file,) = account().write(tmp_path / "credentials", "linphone")
    finally:
        os.umask(before)
    assert (mode_of(file.parent), mode_of(file)) == (0o700, 0o600)


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701])
def test_folder_of_others(tmp_path: Path, mode: int) -> None:
    """Nothing is written into a folder that others can use."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    for write in (lambda: account().write(folder, "linphone"), lambda: account().write_qr(folder)):
        with pytest.raises(ConfigurationError, match="run `chmod 700` on it"):
            write()
    assert not list(folder.iterdir())


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The folder above must exist, and a file is no folder: the system's error says so."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "file").chmod(0o600)
    with pytest.raises(FileNotFoundError):
        account().write(tmp_path / "a" / "b", "linphone")
    with pytest.raises(NotADirectoryError):
        account().write(tmp_path / "file", "linphone")


@pytest.mark.parametrize("folder", ["", "a\0b", b"credentials", None, 5])
def test_wrong_folder(folder: Any) -> None:
    """A value that is not a path is refused without being shown."""
    with pytest.raises(InvalidRequestError, match="folder takes the path of a folder"):
        account().write(folder, "linphone")


@pytest.mark.parametrize("programs", [(), ("Linphone",), ("linphone", 5), (["linphone"],)])
def test_wrong_programs(tmp_path: Path, programs: tuple[Any, ...]) -> None:
    """An unknown program is refused before anything is written."""
    with pytest.raises(InvalidRequestError, match="names out of baresip, jssip, linphone, zoiper"):
        account().write(tmp_path / "new", *programs)
    assert not list(tmp_path.iterdir())


def test_all_or_nothing(tmp_path: Path) -> None:
    """If one program cannot read the account, no file is written."""
    with pytest.raises(InvalidRequestError, match="baresip cannot read"):
        account(password='"').write(tmp_path / "new", "linphone", "baresip")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("password", ["x", CANARY, ODD, "ổ" * 200, "0123456789" * 20])
def test_qr_code(tmp_path: Path, password: str) -> None:
    """A scanner reads the text, also with letters of Vietnamese and emoji."""
    odd = account(password=password)
    assert qr_text(odd.write_qr(tmp_path / "qr")) == odd.to_text().reveal()


def test_qr_code_of_a_text(tmp_path: Path) -> None:
    """The code can have another text, for example an address or another export."""
    folder = tmp_path / "qr"
    url = "https://pbx.example.com/linphone/7f3a.xml"
    assert qr_text(account().write_qr(folder, url)) == url
    assert qr_text(account().write_qr(folder, account().to_jssip())) == account().to_jssip().reveal()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "text is empty"),
        ("one-time\ud800", "text has half a character"),
        (5, "text takes a text or a Secret, not int"),
        ("x" * 2332, "text is longer than a QR code can be"),
        (CANARY * 1000, "text is longer than a QR code can be"),
    ],
)
def test_wrong_text_of_a_qr_code(tmp_path: Path, text: Any, problem: str) -> None:
    """The error shows no text, and nothing is written."""
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        account().write_qr(tmp_path / "qr", text)
    assert CANARY not in text_forms(caught.value)
    assert not any(CANARY in shown for shown in locals_of_ours(caught.value))
    assert not list(tmp_path.iterdir())


def test_longest_qr_code(tmp_path: Path) -> None:
    """The longest text is written."""
    assert qr_text(account().write_qr(tmp_path / "qr", "x" * 2331)) == "x" * 2331


def test_without_segno(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without segno, the error names the extra; the other exports work."""
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'etelecom-async\[provision\]'") as caught:
        account().write_qr(tmp_path / "qr")
    assert caught.value.__cause__ is None
    assert CANARY not in text_forms(caught.value)
    assert account().write(tmp_path / "qr", "linphone")


def test_never_shown(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Neither the account nor an export shows the password in any print, log or pickle."""
    caplog.set_level(logging.DEBUG)
    one = account()
    exports = [one.to_text(), one.to_linphone(), one.to_zoiper(), one.to_baresip(), one.to_jssip()]
    shown = [one, *exports, one.write(tmp_path / "a", *PROGRAMS), one.write_qr(tmp_path / "a"), [one]]
    for value in shown:
        logging.getLogger("caller").warning("%s %r", value, value)
        assert CANARY not in f"{value} {value!r}"
        assert CANARY.encode() not in pickle.dumps(value)
    assert CANARY not in f"{attrs.asdict(one)} {one.sip_uri}"
    assert CANARY not in caplog.text


def test_unpickled_account(tmp_path: Path) -> None:
    """An account leaves its password behind in a pickle, and its exports say so."""
    left = pickle.loads(pickle.dumps(account()))
    assert (left.user, left.domain) == ("1001", "voip.example.com")
    for use in (left.to_text, left.to_linphone, left.to_zoiper, left.to_baresip, left.to_jssip):
        with pytest.raises(InvalidRequestError, match="password was pickled or exported"):
            use()
    with pytest.raises(InvalidRequestError, match="password was pickled"):
        left.write_qr(tmp_path / "a")
    assert not list(tmp_path.iterdir())


FAILURES: dict[str, Callable[[Path], object]] = {
    "wrong user": lambda _: account(user=5),
    "password as domain": lambda _: account(domain=f"{CANARY} {CANARY}"),
    "password as user": lambda _: account(user=f"{CANARY}\n"),
    "password as address": lambda _: account(websocket_url=CANARY),
    "password as name": lambda _: account(display_name=f"{CANARY}\0"),
    "password as bytes": lambda _: account(password=CANARY.encode()),
    "password with a line": lambda _: account(password=f"{CANARY}\n"),
    "record": lambda _: SoftphoneAccount.of(
        ExtensionLogin(extension_number="", extension_password=Secret(CANARY), tenant_domain="a.vn")
    ),
    "baresip": lambda _: account(password=f'{CANARY}"').to_baresip(),
    "jssip": lambda _: account(websocket_url=None).to_jssip(),
    "program": lambda path: account().write(path, CANARY),  # type: ignore[arg-type] - the mistake
    "folder": lambda path: account().write(path / "a" / "b", *PROGRAMS),
    "QR folder": lambda path: account().write_qr(path / "a" / "b"),
    "QR text": lambda path: account().write_qr(path, CANARY * 1000),
    "QR of bytes": lambda path: account().write_qr(path, CANARY.encode()),  # type: ignore[arg-type] - the mistake
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_errors_show_no_password(failure: Callable[[Path], object], tmp_path: Path) -> None:
    """No text, field or frame of an error has the password (canary)."""
    with pytest.raises((EtelecomError, OSError)) as caught:
        failure(tmp_path)
    assert CANARY not in text_forms(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert not any(CANARY in shown for shown in locals_of_ours(caught.value))


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_frames_of_segno(error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If segno itself fails, its frames do not show the text either."""
    import segno.encoder

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(segno.encoder, "_encode", fail)
    with pytest.raises(error) as caught:
        account().write_qr(tmp_path / "qr")
    names: list[str] = []
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename != __file__:
            names.append(trace.tb_frame.f_globals["__name__"])
            assert CANARY not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next
    assert "segno" in names


def test_import_is_cheap() -> None:
    """The module of softphones does not load segno before a QR code is made."""
    import subprocess

    code = "import sys, etelecom_async.softphone; print('segno' in sys.modules, 'aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False False\n"
