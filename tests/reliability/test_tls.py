"""Real TLS: whom the client trusts, whom servers trust, and what becomes of calls where they do not."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from etelecom_async import Effect, EtelecomError, ShopClient, Tls
from etelecom_async.errors import ConfigurationError, ConnectError, OutcomeUnknownError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits
    from tests.reliability.conftest import Secure

KEY = "1161512386239479010:canary-key"
LAST_YEAR = {"not_before": datetime(2019, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 1, 1, tzinfo=UTC)}
VERSIONS = pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
REPEATABLE_OR_NOT = pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE, Effect.SEND])
NEVER_SENT = ["never_sent"] * 3


@pytest.fixture
def client(waits: Waits) -> Callable[..., ShopClient]:
    """Makes a client that repeats a call twice, and waits for nothing."""

    def make(base_url: str, tls: Tls | ssl.SSLContext | None = None, **options: Any) -> ShopClient:
        shop = ShopClient(KEY, base_url=base_url, tls=tls, **{"retries": 2, **options})
        waits.govern(shop)
        return shop

    return make


async def failure(call: Any) -> EtelecomError:
    """The error that a call ends with."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


def words(error: EtelecomError) -> list[str]:
    """The record of the attempts."""
    return [attempt.outcome for attempt in error.attempts]


class TestServer:
    """Whom the client trusts."""

    @pytest.mark.parametrize("how", ["ca_file", "context"])
    async def test_good(self, peer: Peer, secure: Secure, client: Any, how: str) -> None:
        """A server whose authority is named is called, with the key, and its connection kept."""
        tls = Tls(ca_file=secure.ca_file) if how == "ca_file" else secure.trusting
        async with client(secure.base_url(), tls) as shop:
            for _ in range(3):
                assert await shop.call("Any/Thing") == {}
            assert shop.stats().connections_reused == 2
        assert [asked.headers["authorization"] for asked in peer.requests] == [f"Bearer {KEY}"] * 3
        assert peer.connections == 1

    @REPEATABLE_OR_NOT
    @pytest.mark.parametrize(
        ("fault", "said", "cure"),
        [
            ("unknown authority", "unable to get local issuer certificate", "tls=Tls(ca_file=...)"),
            ("signed by itself", "self-signed certificate", "tls=Tls(ca_file=...)"),
            ("other host", "certificate is not valid for 'localhost'", "check the base URL"),
            ("expired", "certificate has expired", "the clock of this machine"),
        ],
    )
    async def test_bad(
        self,
        peer: Peer,
        secure: Secure,
        client: Any,
        bad: ssl.SSLContext,
        *,
        said: str,
        cure: str,
        effect: Effect,
    ) -> None:
        """A server that is not who it should be sees no request, so that any call is made again."""
        async with client(secure.base_url(bad), secure.trusting) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is ConnectError
        assert words(error) == NEVER_SENT
        assert said in str(error)
        assert cure in str(error)
        assert not error.may_have_happened
        assert peer.requests == []

    @pytest.fixture
    def bad(self, secure: Secure, fault: str) -> ssl.SSLContext:
        """A server's context with a certificate that is not to be trusted."""
        if fault == "expired":
            return secure.certified("localhost", **LAST_YEAR)
        if fault == "other host":
            return secure.certified("other.example")
        stranger, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if fault == "signed by itself":
            with stranger.cert_pem.tempfile() as cert, stranger.private_key_pem.tempfile() as key:
                context.load_cert_chain(cert, key)
        else:
            stranger.issue_cert("localhost").configure_cert(context)
        return context

    async def test_nobody_is_trusted_unasked(self, peer: Peer, secure: Secure, client: Any) -> None:
        """Without `tls` the system's authorities count, and no other one."""
        async with client(secure.base_url()) as shop:
            error = await failure(shop.call("Any/Thing"))
        assert "tls=Tls(ca_file=...)" in str(error)
        assert peer.requests == []

    @REPEATABLE_OR_NOT
    async def test_certificate_that_is_renewed(
        self, peer: Peer, secure: Secure, client: Any, waits: Waits, effect: Effect
    ) -> None:
        """A call goes through, once, when the server has a right certificate by the time it is repeated."""
        context = secure.certified("localhost", **LAST_YEAR)

        async def renew() -> None:
            secure.authority.issue_cert("localhost").configure_cert(context)

        async with client(secure.base_url(context), secure.trusting) as shop:
            waits.govern(shop, renew)
            assert await shop.call("Any/Thing", effect=effect) == {}
        assert len(peer.requests) == len(waits) == 1


class Members:
    """A server's context that asks for a certificate, and who may have one."""

    def __init__(self, context: ssl.SSLContext, version: str) -> None:
        self.authority = trustme.CA()
        self.authority.configure_trust(context)
        self.context = context
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion[version]
        self.version = version
        self.says_so = True
        """Whether it says that it refuses somebody, as OpenSSL's own servers do, or just hangs up."""
        self.admitted = 0

    async def refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves a connection of somebody who is no member."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)
        is_refused = False
        while data := await reader.read(2**16):
            incoming.write(data)
            try:
                if not is_refused:  # else it is what the client has sent meanwhile
                    tls.do_handshake()
                    self.admitted += 1
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                is_refused = True
                if not self.says_so:
                    return
            writer.write(outgoing.read())
            await writer.drain()


@VERSIONS
class TestClient:
    """Whom servers trust."""

    @pytest.fixture
    def members(self, secure: Secure, version: str) -> Members:
        """Servers that ask for a certificate."""
        return Members(secure.certified(), version)

    @pytest.fixture
    def own(self, secure: Secure, tmp_path: Path) -> Callable[[trustme.LeafCert | None], Tls]:
        """Gives what a client says that has this certificate, with its key behind a password."""

        def write(certificate: trustme.LeafCert | None) -> Tls:
            if certificate is None:
                return Tls(ca_file=secure.ca_file)
            for pem in certificate.cert_chain_pems:
                pem.write_to_path(str(tmp_path / "cert.pem"), append=True)
            key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
            locked = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"canary-password"),
            )
            (tmp_path / "key.pem").write_bytes(locked)
            return Tls(
                ca_file=secure.ca_file,
                cert_file=tmp_path / "cert.pem",
                key_file=tmp_path / "key.pem",
                key_password="canary-password",
            )

        return write

    async def test_accepted(
        self, peer: Peer, secure: Secure, members: Members, own: Any, client: Any
    ) -> None:
        """A server that asks for a certificate gets the one that was named."""
        tls = own(members.authority.issue_cert("me.example"))
        async with client(secure.base_url(members.context), tls) as shop:
            assert await shop.call("Any/Thing") == {}
        assert len(peer.requests) == 1

    @pytest.fixture
    def door(self, listen: Callable[..., int], members: Members) -> str:
        """The base URL where nobody comes in."""
        return f"https://localhost:{listen(members.refuse)}/v1"

    @REPEATABLE_OR_NOT
    @pytest.mark.parametrize("fault", ["missing", "stranger", "expired"])
    async def test_refused(
        self, door: str, members: Members, client: Any, tls: Tls, *, fault: str, effect: Effect
    ) -> None:
        """A server that says that it refuses the client has not read the request, so that it is repeated."""
        async with client(door, tls) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is ConnectError
        assert words(error) == NEVER_SENT
        assert members.admitted == 0
        if (fault, members.version) != ("missing", "TLSv1_2"):
            # There the server says no more than that the handshake failed.
            assert "tls=Tls(cert_file=..., key_file=...)" in str(error)

    @pytest.fixture
    def tls(self, members: Members, own: Any, fault: str) -> Tls:
        """A client's certificate that is not to be trusted."""
        if fault == "missing":
            return own(None)
        if fault == "stranger":
            return own(trustme.CA().issue_cert("me.example"))
        return own(members.authority.issue_cert("me.example", **LAST_YEAR))

    @REPEATABLE_OR_NOT
    async def test_server_that_hangs_up(
        self, door: str, members: Members, client: Any, own: Any, effect: Effect
    ) -> None:
        """A server that hangs up without a word may have read the request, by TLS 1.3: the answer is lost."""
        members.says_so = False
        async with client(door, own(None)) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        if members.version == "TLSv1_2":
            assert words(error) == NEVER_SENT
        elif effect is Effect.READ:
            assert words(error) == ["lost"] * 3
        else:
            assert type(error) is OutcomeUnknownError
            assert words(error) == ["lost"]
        assert members.admitted == 0


class TestFiles:
    """How the files are read."""

    @pytest.fixture
    async def pipe(self, tmp_path: Path) -> AsyncIterator[Path]:
        """A file that cannot be read before somebody writes it, and then only once."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        yield path
        writer = os.open(path, os.O_RDWR)
        path.unlink()
        os.close(writer)  # who still waits for a writer waits no more

    async def test_off_the_loop_and_once(self, peer: Peer, secure: Secure, client: Any, pipe: Path) -> None:
        """While the files are read the loop goes on; calls that come together read them once, too."""
        loop_went_on = threading.Event()
        in_time: list[bool] = []

        def write() -> None:
            with pipe.open("wb") as opened:  # when somebody reads
                in_time.append(loop_went_on.wait(PATIENCE))
                opened.write(secure.authority.cert_pem.bytes())

        writer = threading.Thread(target=write)
        writer.start()
        async with client(secure.base_url(), Tls(ca_file=pipe)) as shop:
            calls = [asyncio.create_task(shop.call("Any/Thing")) for _ in range(20)]
            await asyncio.sleep(0)
            loop_went_on.set()
            assert await asyncio.gather(*calls) == [{}] * 20
            assert await shop.call("Any/Thing") == {}
        writer.join()
        assert in_time == [True]
        assert len(peer.requests) == 21

    async def test_file_that_cannot_be_read_in_time(
        self, peer: Peer, secure: Secure, client: Any, pipe: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that does not come ends an attempt as a connection does that does not open."""
        monkeypatch.setattr("etelecom_async._core.http.transport.CONNECT_TIMEOUT", 0.05)
        async with client(secure.base_url(), Tls(ca_file=pipe), retries=0) as shop:
            error = await failure(shop.call("Any/Thing"))
        assert type(error) is ConnectError
        assert "could not be read in time" in str(error)
        assert peer.requests == []

    async def test_file_that_is_mended(self, peer: Peer, secure: Secure, client: Any, tmp_path: Path) -> None:
        """A file that cannot be used is an error at once, and the next call reads it anew."""
        path = tmp_path / "ca.pem"
        path.write_text("junk")
        async with client(secure.base_url(), Tls(ca_file=path)) as shop:
            error = await failure(shop.call("Any/Thing", effect=Effect.READ))
            assert type(error) is ConfigurationError
            assert words(error) == ["rejected"]
            secure.authority.cert_pem.write_to_path(str(path))
            assert await shop.call("Any/Thing") == {}
        assert len(peer.requests) == 1

    async def test_closing_meanwhile(self, secure: Secure, client: Any, pipe: Path) -> None:
        """A client that is closed while the files are read says so, and sends nothing."""
        shop = client(secure.base_url(), Tls(ca_file=pipe))
        call = asyncio.create_task(shop.call("Any/Thing"))
        await asyncio.sleep(0)
        await shop.close()
        await asyncio.to_thread(pipe.write_bytes, secure.authority.cert_pem.bytes())
        error = await failure(call)
        assert "the client is closed" in str(error)


async def test_closing_while_it_connects(secure: Secure, client: Any) -> None:
    """A connection that opens when the client has been closed is not used: the call never left."""
    go_on = threading.Event()

    def shake_hands(plain: socket.socket) -> bytes:
        go_on.wait(PATIENCE)
        with secure.certified("localhost").wrap_socket(plain, server_side=True) as encrypted:
            return encrypted.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        shop = client(f"https://localhost:{listening.getsockname()[1]}", secure.trusting, retries=0)
        call = asyncio.create_task(shop.call("Any/Thing", effect=Effect.SEND))
        plain, _ = await asyncio.to_thread(listening.accept)
        received = asyncio.create_task(asyncio.to_thread(shake_hands, plain))
        await shop.close()
        go_on.set()
        error = await failure(call)
        assert type(error) is ConnectError
        assert "closed meanwhile" in str(error)
        assert await received == b""


@pytest.mark.parametrize("closes", [True, False])
def test_nothing_is_left(peer: Peer, secure: Secure, *, closes: bool) -> None:
    """Connections with TLS end with their loop, closed or just dropped: no warning, even with -X dev."""
    code = f"""
import asyncio, math
from etelecom_async import ShopClient, Tls

shop = ShopClient({KEY!r}, base_url={secure.base_url()!r}, tls=Tls(ca_file={str(secure.ca_file)!r}))

async def use(close):
    asyncio.get_running_loop().slow_callback_duration = math.inf  # -X dev: a busy machine is no fault
    await shop.account()
    if close:
        await shop.close()

asyncio.run(use(False))
asyncio.run(use({closes}))
"""
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", code]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(peer.requests) == 2
