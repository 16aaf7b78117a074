"""
Let real softphones read our exports: they log in with the right password, whatever characters it has.

`nox -s softphones` runs this file. Plain `pytest` does not run it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from etelecom_async.softphone import SEEN_WEBSOCKET_URL, SoftphoneAccount

PATIENCE = 30
"""Seconds that a softphone may take."""
REALM = "interop"
NONCE = "b1946ac92492d2347c6235b4d2611184"
PASSWORDS = {
    "1001": "plain-Pa55",
    "1002": "a b  c",
    "1003": " blanks ",
    "1004": "mật khẩu ổn",
    "1005": "<&>'%41+=,;/?:@#$^`{}|~[]()*!",
    "1006": r"back\slash",
    "1007": ";; $;",
    "1008": "x" * 200,
    "1009": "]]>&amp;\\u003c",
    "10#10": "user with a mark",
}
OTHERS = {"2001": 'a"b"c', "2002": '"', "2003": "ab\\", "2004": "a;regint=0"}
"""Passwords that baresip cannot read."""


class Registrar(asyncio.DatagramProtocol):
    """A SIP registrar that asks for a digest, and compares it with the right password."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self.passwords = passwords
        self.names: dict[str, str] = {}
        """The From header of each user whose password was right."""
        self.wrong: set[str] = set()
        self.changed = asyncio.Event()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        """Keep the socket."""
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Answer a request."""
        text = data.decode()
        if not text.startswith("REGISTER "):
            return
        kept = re.findall(
            r"^(?:Via|From|To|Call-ID|CSeq|Contact): .*\r\n", text, re.MULTILINE | re.IGNORECASE
        )
        status = self.check(text)
        lines = [f"SIP/2.0 {status}\r\n", *kept, "Content-Length: 0\r\n"]
        if status.startswith("401"):
            lines.append(f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5\r\n')
        self.transport.sendto("".join([*lines, "\r\n"]).encode(), address)

    def check(self, text: str) -> str:
        """Return the status for a request."""
        found = re.search(r"^Authorization: *Digest (.*)\r$", text, re.MULTILINE | re.IGNORECASE)
        if found is None:
            return "401 Unauthorized"
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', found[1]))
        user = fields["username"]
        secret, what = (
            hashlib.md5(part.encode()).hexdigest()
            for part in (f"{user}:{REALM}:{self.passwords[user]}", f"REGISTER:{fields['uri']}")
        )
        is_right = fields["response"] == hashlib.md5(f"{secret}:{NONCE}:{what}".encode()).hexdigest()
        if is_right:
            self.names[user] = re.findall(r"^From: (.*)\r$", text, re.MULTILINE | re.IGNORECASE)[0]
        else:
            self.wrong.add(user)
        self.changed.set()
        return "200 OK" if is_right else "403 Forbidden"

    async def seen(self) -> None:
        """Wait until each user has shown a password."""
        while {*self.names, *self.wrong} != set(self.passwords):
            await self.changed.wait()
            self.changed.clear()


@pytest.fixture
async def registrar() -> AsyncIterator[tuple[Registrar, int]]:
    """A registrar on this machine, and its port."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: Registrar({**PASSWORDS}), local_addr=("127.0.0.1", 0)
    )
    yield protocol, transport.get_extra_info("sockname")[1]
    transport.close()


# Prints the fields that JsSIP has read. The socket never connects.
LOAD = """
const JsSIP = require("jssip");
const fields = JSON.parse(require("fs").readFileSync(0, "utf8")).map((text) => {
  const given = JSON.parse(text);
  const sockets = given.sockets.map((url) => new JsSIP.WebSocketInterface(url));
  const phone = new JsSIP.UA({...given, sockets});
  const {uri, authorization_user, password, display_name} = phone._configuration;
  return [uri.user, uri.host, authorization_user, password, display_name, sockets[0].url];
});
console.log(JSON.stringify(fields));
"""


def account(user: str, password: str, port: int) -> SoftphoneAccount:
    """Return an account at the registrar."""
    return SoftphoneAccount(
        user=user,
        domain=f"127.0.0.1:{port}",
        password=password,
        websocket_url=SEEN_WEBSOCKET_URL,
        display_name=f'Lan "{user}" \\ <ổn>',
    )


async def register(peer: Registrar, log: Path, *command: str, **variables: str) -> None:
    """Run a softphone until each user has shown a password; all must be right, with the display names."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,  # open, or linphonec would quit
            stdout=output,
            stderr=output,
            env={**os.environ, **variables},
        )
    try:
        async with asyncio.timeout(PATIENCE):
            await peer.seen()
    except TimeoutError:
        pytest.fail(await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace"))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
    assert not peer.wrong
    assert set(peer.names) == set(peer.passwords)
    assert all(name.startswith(f'"Lan \\"{user}\\" \\\\ <ổn>" <sip:') for user, name in peer.names.items())


async def test_baresip(registrar: tuple[Registrar, int], tmp_path: Path) -> None:
    """Every account of a file registers, with its display name."""
    peer, port = registrar
    command = shutil.which("baresip")
    assert command is not None, "install Debian's package baresip-core"
    modules = os.environ.get("BARESIP_MODULES", "/usr/lib/baresip/modules")
    (tmp_path / "config").write_text(
        f"sip_listen 127.0.0.1:0\nmodule_path {modules}\nmodule_app account.so\n", encoding="utf-8"
    )
    lines = [account(*login, port).to_baresip().reveal() for login in PASSWORDS.items()]
    (tmp_path / "accounts").write_text("".join(lines), encoding="utf-8")
    await register(peer, tmp_path / "log", command, "-f", str(tmp_path))


@pytest.mark.parametrize(("user", "password"), [*PASSWORDS.items(), *OTHERS.items()])
async def test_linphone(registrar: tuple[Registrar, int], tmp_path: Path, user: str, password: str) -> None:
    """The account of a provisioning file registers, with its display name."""
    peer, port = registrar
    peer.passwords = {user: password}
    command = shutil.which("linphonec")
    assert command is not None, "install Debian's package linphone-cli"
    (file,) = account(user, password, port).write(tmp_path / "credentials", "linphone")
    copy = shutil.copy(file, tmp_path / "account.xml")  # a plain name, because it becomes an address
    await asyncio.to_thread((tmp_path / ".local" / "share" / "linphone").mkdir, parents=True)
    (tmp_path / "rc").write_text(
        f"[misc]\nconfig-uri={copy.as_uri()}\n[sip]\nsip_port=-1\n", encoding="utf-8"
    )
    await register(peer, tmp_path / "log", command, "-c", str(tmp_path / "rc"), HOME=str(tmp_path))


async def test_jssip() -> None:
    """JsSIP loads every configuration, and has the fields as they were given."""
    node = shutil.which("node")
    assert node is not None, "install Debian's package nodejs"
    folder = os.environ.get("JSSIP")
    assert folder is not None, "JSSIP names the folder in which npm has installed jssip"
    given = [
        *(account(*login, 5080) for login in [*PASSWORDS.items(), *OTHERS.items()]),
        SoftphoneAccount(user="1", domain="a.vn", password="b", websocket_url="ws://a.vn"),
    ]
    process = await asyncio.create_subprocess_exec(
        *(node, "-e", LOAD), cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    exports = json.dumps([one.to_jssip().reveal() for one in given])
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate(exports.encode())
    assert process.returncode == 0
    assert json.loads(output) == [
        [
            one.user,
            one.domain.partition(":")[0],
            one.user,
            one.password.reveal(),
            one.display_name or None,
            one.websocket_url,
        ]
        for one in given
    ]
