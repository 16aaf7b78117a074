"""Real TLS: which servers the client trusts, which clients servers trust, and how calls fail otherwise."""

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
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from etelecom_async import Effect, EtelecomError, ShopClient, Tls
from etelecom_async.errors import ConfigurationError, ConnectError, OutcomeUnknownError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer, Waits
    from tests.reliability.conftest import Secure

KEY = "1161512386239479010:canary-key"
LAST_YEAR = {"not_before": datetime(2019, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 1, 1, tzinfo=UTC)}
VERSIONS = pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
EFFECTS = pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE, Effect.SEND])
NEVER_SENT = ["never_sent"] * 3


@pytest.fixture
def client(waits: Waits) -> Callable[..., ShopClient]:
    """Return a function that makes a client with two retries and without real waits."""

    def make(base_url: str, tls: Tls | ssl.SSLContext | None = None, **options: Any) -> ShopClient:
        given = {} if tls is None else {"tls": tls}
        shop = ShopClient(KEY, base_url=base_url, **{"retries": 2, **given, **options})
        waits.govern(shop)
        return shop

    return make


async def failure(call: Any) -> EtelecomError:
    """Return the error of a call."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


def outcomes(error: EtelecomError) -> list[str]:
    """Return the outcomes of the attempts."""
    return [attempt.outcome for attempt in error.attempts]


def write_old_chain(folder: Path) -> None:
    """Write an authority, and a certificate of it for `localhost` without an Authority Key Identifier."""
    key = ec.generate_private_key(ec.SECP256R1())

    def written(subject: str, *extensions: x509.ExtensionType) -> bytes:
        issuer, name = (
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in ("authority", subject)
        )
        dates = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number(), *dates)
        for extension in extensions:
            is_critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = dict.fromkeys((*unused, "encipher_only", "decipher_only"), False)
    used = dict.fromkeys(("digital_signature", "key_cert_sign", "crl_sign"), True)
    authority = written(
        "authority",
        x509.BasicConstraints(ca=True, path_length=None),
        x509.KeyUsage(**usage, **used),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "authority.pem").write_bytes(authority)
    name = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    (folder / "localhost.pem").write_bytes(written("localhost", name) + private)


class TestServer:
    """Which servers the client trusts."""

    @pytest.mark.parametrize("how", ["ca_file", "context"])
    async def test_good(self, peer: Peer, secure: Secure, client: Any, how: str) -> None:
        """A server with a trusted authority gets the call with the key, and its connection is kept."""
        tls = Tls(ca_file=secure.ca_file) if how == "ca_file" else secure.trusting
        async with client(secure.base_url(), tls) as shop:
            for _ in range(3):
                assert await shop.call("Any/Thing") == {}
            assert shop.stats().connections_reused == 2
        assert [asked.headers["authorization"] for asked in peer.requests] == [f"Bearer {KEY}"] * 3
        assert peer.connections == 1

    @EFFECTS
    @pytest.mark.parametrize(
        ("fault", "text", "advice"),
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
        text: str,
        advice: str,
        effect: Effect,
    ) -> None:
        """A server with a bad certificate gets no request, so every call is retried."""
        async with client(secure.base_url(bad), secure.trusting) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is ConnectError
        assert outcomes(error) == NEVER_SENT
        assert text in str(error)
        assert advice in str(error)
        assert not error.may_have_happened
        assert peer.requests == []

    @pytest.fixture
    def bad(self, secure: Secure, fault: str) -> ssl.SSLContext:
        """Return a server's SSL context with a bad certificate."""
        if fault == "expired":
            return secure.certified("localhost", **LAST_YEAR)
        if fault == "other host":
            return secure.certified("other.example")
        unknown, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if fault == "signed by itself":
            with unknown.cert_pem.tempfile() as cert, unknown.private_key_pem.tempfile() as key:
                context.load_cert_chain(cert, key)
        else:
            unknown.issue_cert("localhost").configure_cert(context)
        return context

    async def test_missing_authority_key_identifier(
        self, peer: Peer, secure: Secure, client: Any, tmp_path: Path
    ) -> None:
        """The strict rules of Python 3.13 refuse an old certificate; the remedy in the error works."""
        write_old_chain(tmp_path)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(tmp_path / "localhost.pem")
        base_url = secure.base_url(server)
        context = ssl.create_default_context(cafile=tmp_path / "authority.pem")
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        async with client(base_url, context) as shop:
            error = await failure(shop.call("Any/Thing"))
        assert type(error) is ConnectError
        assert "Missing Authority Key Identifier" in str(error)
        remedy = "context.verify_flags &= ~ssl.VERIFY_X509_STRICT"
        assert remedy in str(error)
        assert peer.requests == []
        exec(remedy, {"context": context, "ssl": ssl})  # as the error prints it
        async with client(base_url, context) as shop:
            assert await shop.call("Any/Thing") == {}

    async def test_default_authorities(self, peer: Peer, secure: Secure, client: Any) -> None:
        """Without `tls`, the client trusts only the system's authorities."""
        async with client(secure.base_url()) as shop:
            error = await failure(shop.call("Any/Thing"))
        assert "tls=Tls(ca_file=...)" in str(error)
        assert peer.requests == []

    @EFFECTS
    async def test_renewed_certificate(
        self, peer: Peer, secure: Secure, client: Any, waits: Waits, effect: Effect
    ) -> None:
        """A retry succeeds if the server has renewed its certificate; the request is sent once."""
        context = secure.certified("localhost", **LAST_YEAR)

        async def renew() -> None:
            secure.authority.issue_cert("localhost").configure_cert(context)

        async with client(secure.base_url(context), secure.trusting) as shop:
            waits.govern(shop, renew)
            assert await shop.call("Any/Thing", effect=effect) == {}
        assert len(peer.requests) == len(waits) == 1


class ClientAuth:
    """A server's SSL context that requires a client certificate of its own authority."""

    def __init__(self, context: ssl.SSLContext, version: str) -> None:
        self.authority = trustme.CA()
        self.authority.configure_trust(context)
        self.context = context
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion[version]
        self.version = version
        self.sends_alert = True
        """Whether the server sends an alert to a rejected client, as OpenSSL does, or only closes."""
        self.admitted = 0

    async def reject(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and count the clients that pass the handshake."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)
        is_rejected = False
        while data := await reader.read(2**16):
            incoming.write(data)
            try:
                if not is_rejected:  # later data: the client sent it before it read the alert
                    tls.do_handshake()
                    self.admitted += 1
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                is_rejected = True
                if not self.sends_alert:
                    return
            writer.write(outgoing.read())
            await writer.drain()


@VERSIONS
class TestClient:
    """Which clients servers trust."""

    @pytest.fixture
    def client_auth(self, secure: Secure, version: str) -> ClientAuth:
        """Return a server that requires a client certificate."""
        return ClientAuth(secure.certified(), version)

    @pytest.fixture
    def own(self, secure: Secure, tmp_path: Path) -> Callable[[trustme.LeafCert | None], Tls]:
        """Return a function that makes a client's `Tls` with this certificate and an encrypted key."""

        def write(certificate: trustme.LeafCert | None) -> Tls:
            if certificate is None:
                return Tls(ca_file=secure.ca_file)
            for pem in certificate.cert_chain_pems:
                pem.write_to_path(str(tmp_path / "cert.pem"), append=True)
            key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
            encrypted = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"canary-password"),
            )
            (tmp_path / "key.pem").write_bytes(encrypted)
            return Tls(
                ca_file=secure.ca_file,
                cert_file=tmp_path / "cert.pem",
                key_file=tmp_path / "key.pem",
                key_password="canary-password",
            )

        return write

    async def test_accepted(
        self, peer: Peer, secure: Secure, client_auth: ClientAuth, own: Any, client: Any
    ) -> None:
        """A server that requires a certificate gets the client's certificate."""
        tls = own(client_auth.authority.issue_cert("me.example"))
        async with client(secure.base_url(client_auth.context), tls) as shop:
            assert await shop.call("Any/Thing") == {}
        assert len(peer.requests) == 1

    @pytest.fixture
    def rejecting_url(self, listen: Callable[..., int], client_auth: ClientAuth) -> str:
        """Return the base URL of a server that rejects every client."""
        return f"https://localhost:{listen(client_auth.reject)}/v1"

    @EFFECTS
    @pytest.mark.parametrize("fault", ["missing", "unknown authority", "expired"])
    async def test_rejected(
        self,
        rejecting_url: str,
        client_auth: ClientAuth,
        client: Any,
        tls: Tls,
        *,
        fault: str,
        effect: Effect,
    ) -> None:
        """A server that sends an alert has not read the request, so every call is retried."""
        async with client(rejecting_url, tls) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is ConnectError
        assert outcomes(error) == NEVER_SENT
        assert client_auth.admitted == 0
        if (fault, client_auth.version) != ("missing", "TLSv1_2"):
            # In that case the alert only says that the handshake failed.
            assert "tls=Tls(cert_file=..., key_file=...)" in str(error)

    @pytest.fixture
    def tls(self, client_auth: ClientAuth, own: Any, fault: str) -> Tls:
        """Return a client's `Tls` with a bad certificate, or without one."""
        if fault == "missing":
            return own(None)
        if fault == "unknown authority":
            return own(trustme.CA().issue_cert("me.example"))
        return own(client_auth.authority.issue_cert("me.example", **LAST_YEAR))

    @EFFECTS
    async def test_server_that_closes(
        self, rejecting_url: str, client_auth: ClientAuth, client: Any, own: Any, effect: Effect
    ) -> None:
        """With TLS 1.3, a server that closes without an alert may have read the request."""
        client_auth.sends_alert = False
        async with client(rejecting_url, own(None)) as shop:
            error = await failure(shop.call("Any/Thing", effect=effect))
        if client_auth.version == "TLSv1_2":
            assert outcomes(error) == NEVER_SENT
        elif effect is Effect.READ:
            assert outcomes(error) == ["response_lost"] * 3
        else:
            assert type(error) is OutcomeUnknownError
            assert outcomes(error) == ["response_lost"]
        assert client_auth.admitted == 0


class TestFiles:
    """Reading the certificate files."""

    @pytest.fixture
    async def pipe(self, tmp_path: Path) -> AsyncIterator[Path]:
        """Give a pipe: reading it waits for a writer, and works only once."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        yield path
        writer = os.open(path, os.O_RDWR)
        path.unlink()
        os.close(writer)  # wakes a reader that still waits for a writer

    async def test_files_are_read_once_in_a_thread(
        self, peer: Peer, secure: Secure, client: Any, pipe: Path
    ) -> None:
        """The loop runs while the files are read; 20 calls at the same time read them once."""
        loop_ran = threading.Event()
        in_time: list[bool] = []

        def write() -> None:
            with pipe.open("wb") as opened:  # waits for a reader
                in_time.append(loop_ran.wait(PATIENCE))
                opened.write(secure.authority.cert_pem.bytes())

        writer = threading.Thread(target=write)
        writer.start()
        async with client(secure.base_url(), Tls(ca_file=pipe)) as shop:
            calls = [asyncio.create_task(shop.call("Any/Thing")) for _ in range(20)]
            await asyncio.sleep(0)
            loop_ran.set()
            assert await asyncio.gather(*calls) == [{}] * 20
            assert await shop.call("Any/Thing") == {}
        writer.join()
        assert in_time == [True]
        assert len(peer.requests) == 21

    async def test_reading_counts_as_time_of_the_attempt(
        self, peer: Peer, secure: Secure, client: Any, pipe: Path, loop_clock: LoopClock
    ) -> None:
        """The time to read the files counts for the deadline of the first call."""
        loop = asyncio.get_running_loop()
        call_at, timers = loop.call_at, list[float]()

        def record(when: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
            timers.append(when - loop.time())
            return call_at(when, *args, **options)

        def write() -> None:
            with pipe.open("wb") as opened:  # waits for a reader
                loop_clock.advance(5)
                opened.write(secure.authority.cert_pem.bytes())

        loop.call_at = record
        writer = threading.Thread(target=write)
        writer.start()
        async with client(secure.base_url(), Tls(ca_file=pipe), attempt_timeout=100, deadline=100) as shop:
            assert await shop.call("Any/Thing") == {}
        writer.join()
        assert 50 <= max(timers) <= 95
        assert len(peer.requests) == 1

    async def test_file_that_cannot_be_read_in_time(
        self, peer: Peer, secure: Secure, client: Any, pipe: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that cannot be read in time ends the attempt like a connection timeout."""
        monkeypatch.setattr("etelecom_async._core.http.transport.CONNECT_TIMEOUT", 0.05)
        async with client(secure.base_url(), Tls(ca_file=pipe), retries=0) as shop:
            error = await failure(shop.call("Any/Thing"))
        assert type(error) is ConnectError
        assert "could not be read in time" in str(error)
        assert peer.requests == []

    async def test_repaired_file(self, peer: Peer, secure: Secure, client: Any, tmp_path: Path) -> None:
        """An invalid file is an error without a retry, and the next call reads the file again."""
        path = tmp_path / "ca.pem"
        path.write_text("junk")
        async with client(secure.base_url(), Tls(ca_file=path)) as shop:
            error = await failure(shop.call("Any/Thing", effect=Effect.READ))
            assert type(error) is ConfigurationError
            assert outcomes(error) == ["rejected"]
            secure.authority.cert_pem.write_to_path(str(path))
            assert await shop.call("Any/Thing") == {}
        assert len(peer.requests) == 1

    async def test_closing_while_files_are_read(self, secure: Secure, client: Any, pipe: Path) -> None:
        """Closing the client while it reads the files ends the call with that reason; nothing is sent."""
        shop = client(secure.base_url(), Tls(ca_file=pipe))
        call = asyncio.create_task(shop.call("Any/Thing"))
        await asyncio.sleep(0)
        await shop.close()
        await asyncio.to_thread(pipe.write_bytes, secure.authority.cert_pem.bytes())
        error = await failure(call)
        assert "the client is closed" in str(error)


async def test_closing_while_it_connects(secure: Secure, client: Any) -> None:
    """A connection that opens after the client was closed is not used: the request is never sent."""
    go_on = threading.Event()

    def handshake(plain: socket.socket) -> bytes:
        go_on.wait(PATIENCE)
        with secure.certified("localhost").wrap_socket(plain, server_side=True) as encrypted:
            return encrypted.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        shop = client(f"https://localhost:{listening.getsockname()[1]}", secure.trusting, retries=0)
        call = asyncio.create_task(shop.call("Any/Thing", effect=Effect.SEND))
        plain, _ = await asyncio.to_thread(listening.accept)
        received = asyncio.create_task(asyncio.to_thread(handshake, plain))
        await shop.close()
        go_on.set()
        error = await failure(call)
        assert type(error) is ConnectError
        assert "closed meanwhile" in str(error)
        assert await received == b""


@pytest.mark.parametrize("closes", [True, False])
def test_nothing_is_left(peer: Peer, secure: Secure, *, closes: bool) -> None:
    """TLS connections end with their loop, closed or dropped, without a warning, even with -X dev."""
    code = f"""
import asyncio, math
from etelecom_async import ShopClient, Tls

shop = ShopClient({KEY!r}, base_url={secure.base_url()!r}, tls=Tls(ca_file={str(secure.ca_file)!r}))

async def use(close):
    asyncio.get_running_loop().slow_callback_duration = math.inf  # -X dev would report a slow machine
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
