"""
Download files from servers that nobody vouches for: without a key, a cookie or a proxy, and within limits.

The address of a file may be a secret. So no error of this module shows an address, or quotes a response.
"""

from __future__ import annotations

import asyncio
import enum
import re
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

import aiohttp
import attrs
from yarl import URL

from etelecom_async._core.api_keys import USER_AGENT
from etelecom_async._core.http.addresses import PrivateAddressError, guarded_sockets
from etelecom_async._core.secret import mask

MOST_REDIRECTS: Final = 5
_CONNECT_TIMEOUT: Final = 10.0
_SECONDS: Final = re.compile(r"(?a)\d{1,9}")
_CONTENT_RANGE: Final = re.compile(r"(?ai)bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_MISSING: Final = (404, 410)
_PASSING: Final = (408, 425, 429)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_PARTIAL: Final = 206
_RANGE_REFUSED: Final = 416
_SERVER_FAULT: Final = 500


class Kind(enum.Enum):
    """What a failed download means for the next one."""

    MISSING = enum.auto()
    """The server says that it has no such file."""
    REFUSED = enum.auto()
    """The same request would fail again."""
    BROKEN = enum.auto()
    """Another request may continue."""
    UNREACHABLE = enum.auto()
    """No connection was opened, or the server let the time pass; another request may work."""
    CHANGED = enum.auto()
    """The earlier part does not belong to what the server has now: start anew."""


class DownloadError(Exception):
    """
    A file could not be downloaded.

    Args:
        kind: What that means.
        reason: What happened, without the address.
        wait: Seconds that the server asks to wait; `None` if it does not ask.
    """

    def __init__(self, kind: Kind, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.wait = wait


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of one request."""

    max_bytes: int = 2**29
    """Bytes of a file."""
    head_seconds: float = 30.0
    """Seconds until the header of a response, for each redirect."""
    grace_seconds: float = 30.0
    """Seconds without a byte of a body, and seconds that it may be late at `min_rate`."""
    min_rate: float = 4096.0
    """Bytes in a second that a body has at least, on average."""
    seconds: float = 3600.0
    """Seconds for a body."""


@attrs.frozen(kw_only=True)
class Part:
    """The beginning of a file that an earlier download has left."""

    size: int
    """Bytes of the part; more than 0."""
    total: int | None
    """Bytes of the whole file, if the server said so."""
    validator: str | None
    """A strong ETag, or else a Last-Modified."""

    @property
    def can_be_continued(self) -> bool:
        """Whether the rest can be told from the rest of another file."""
        return self.validator is not None or self.total is not None


class Incoming:
    """
    A response whose header is right, and whose body is not read yet.

    Args:
        response: The response.
        begin: The first byte of the file that the body has.
        total: Bytes of the whole file; `None` if the server does not say so.
        limits: Limits of the body.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, *, begin: int, total: int | None, limits: Limits
    ) -> None:
        self.begin: Final = begin
        self.total: Final = total
        self.validator: Final = _validator(response)
        self.content_type: Final = _content_type(response)
        """Type of the content in lower case, without parameters; empty if the server does not say it."""
        self._response = response
        self._limits = limits

    async def read(self, write: Callable[[bytes], object]) -> None:
        """
        Read the body.

        Args:
            write: Takes each piece.

        Raises:
            DownloadError: The body is too long or too slow, or the connection broke.
        """
        limits, now = self._limits, asyncio.get_running_loop().time
        began, size = now(), self.begin
        try:
            async with asyncio.timeout_at(began + limits.grace_seconds) as scope:
                async for piece in self._response.content.iter_any():
                    size += len(piece)
                    _refuse_above(size, limits)
                    if self.total is not None and size > self.total:
                        raise DownloadError(Kind.REFUSED, f"the body has more than its {self.total} bytes")
                    late = limits.grace_seconds + (size - self.begin) / limits.min_rate
                    write(piece)
                    scope.reschedule(min(began + min(late, limits.seconds), now() + limits.grace_seconds))
        except TimeoutError:
            raise DownloadError(Kind.UNREACHABLE, "the server sends too slowly, or without end") from None
        except aiohttp.ClientError as error:
            raise _failure(error) from None
        if self.total is not None and size != self.total:
            raise DownloadError(Kind.BROKEN, f"the body ended after {size} of {self.total} bytes")


class Downloader:
    """
    A session for downloads. Use it with `async with`, in one event loop.

    Args:
        accepts: Whether a type of content is that of a wanted file; an empty text if the server says none.
        is_allowed: Whether a connection to an IP address is allowed.
        limits: Limits of each request.
        certificates: The trusted authorities; `True` for those of the system.
    """

    def __init__(
        self,
        *,
        accepts: Callable[[str], bool],
        is_allowed: Callable[[str], bool],
        limits: Limits,
        certificates: ssl.SSLContext | bool = True,
    ) -> None:
        self._accepts = accepts
        self._limits = limits
        self._certificates = certificates
        # Without `trust_env`, aiohttp reads neither a proxy nor a password in ~/.netrc. Each download has its
        # own connection: a server that sends more than it announced cannot touch the next response.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                force_close=True,
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=guarded_sockets(is_allowed),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    @asynccontextmanager
    async def open(self, address: str, part: Part | None = None) -> AsyncGenerator[Incoming]:
        """
        Request a file, follow redirects, and yield the response.

        Args:
            address: Address of the file.
            part: What an earlier download has left; the rest is requested.

        Raises:
            DownloadError: There is no such response.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        if part is not None:
            headers["Range"] = f"bytes={part.size}-"
            if part.validator is not None:
                headers["If-Range"] = part.validator
        url = _url(address)
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._request(url, headers)
            try:
                if response.status not in _REDIRECTS:
                    yield self._checked(response, part)
                    return
                url = _redirected(url, response)
            finally:
                response.close()
        raise DownloadError(Kind.REFUSED, f"the server redirects more than {MOST_REDIRECTS} times")

    async def _request(self, url: URL, headers: dict[str, str]) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                return await self._session.get(
                    url, headers=headers, allow_redirects=False, ssl=self._certificates
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _failure(error) from None

    def _checked(self, response: aiohttp.ClientResponse, part: Part | None) -> Incoming:
        """
        Return the response as a file, or as the rest of one.

        Raises:
            DownloadError: It is neither.
        """
        _refuse_status(response)
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding != "identity":
            raise DownloadError(Kind.REFUSED, "the server sends the file compressed, which was not asked for")
        kind = _content_type(response)
        if not self._accepts(kind):
            raise DownloadError(
                Kind.REFUSED, f"the server sends {mask(kind)[:_LONGEST]!r}, which is no recording"
            )
        begin, total = 0, response.content_length
        if response.status == _PARTIAL:
            begin, total = _rest(response, part)
        elif total is None and not response.headers.get("Transfer-Encoding", "").lower().endswith("chunked"):
            reason = "the server does not say how long the file is, so a cut file would look whole"
            raise DownloadError(Kind.REFUSED, reason)
        _refuse_above(total or 0, self._limits)
        return Incoming(response, begin=begin, total=total, limits=self._limits)


_LONGEST: Final = 50
"""Characters of a type of content that an error shows."""


def _url(address: str) -> URL:
    """Return an address as it is: another form of the same address may break its signature."""
    try:
        is_ready = address.isascii() and address.isprintable() and " " not in address
        url = URL(address, encoded=is_ready).with_fragment(None)
        _refuse_url(url)
    except ValueError:
        raise DownloadError(Kind.REFUSED, "the address is not valid") from None
    return url


def _redirected(url: URL, response: aiohttp.ClientResponse) -> URL:
    try:
        new = _url(str(url.join(URL(response.headers["Location"], encoded=True))))
    except (KeyError, ValueError):
        raise DownloadError(Kind.REFUSED, "the server redirects to no valid address") from None
    if url.scheme == "https" and new.scheme != "https":
        raise DownloadError(Kind.REFUSED, "the server redirects from https to http")
    return new


def _refuse_url(url: URL) -> None:
    if url.scheme not in ("http", "https"):
        raise DownloadError(Kind.REFUSED, "the address has another scheme than http and https")
    if not url.host or not url.port:
        raise DownloadError(Kind.REFUSED, "the address is not valid")
    if url.user is not None or url.password is not None:
        raise DownloadError(Kind.REFUSED, "the address has a user name or a password")


def _refuse_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in (200, _PARTIAL):
        return
    kind = Kind.REFUSED
    if status in _MISSING:
        kind = Kind.MISSING
    elif status == _RANGE_REFUSED:
        kind = Kind.CHANGED
    elif status in _PASSING or status >= _SERVER_FAULT:
        kind = Kind.BROKEN
    raise DownloadError(kind, f"the server answered HTTP {status}", _wait(response))


def _wait(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds of `Retry-After`; `None` if it cannot be read. A date is by the server's clock."""
    asked = response.headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(asked):
        return float(asked)
    try:
        when, now = (parsedate_to_datetime(text) for text in (asked, response.headers.get("Date", "")))
        return max((when - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):  # one of them is no date, or has no zone
        return None


def _refuse_above(size: int, limits: Limits) -> None:
    if size > limits.max_bytes:
        reason = f"the file has more than {limits.max_bytes} bytes, which is the limit of a file"
        raise DownloadError(Kind.REFUSED, reason)


def _rest(response: aiohttp.ClientResponse, part: Part | None) -> tuple[int, int | None]:
    """Return the first byte and the size of the whole file, if a response is the rest of *part*."""
    if part is None:
        raise DownloadError(Kind.REFUSED, "the server sends a part of the file, which was not asked for")
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None:
        raise DownloadError(Kind.CHANGED, "the server does not say which part of the file it sends")
    begin, last = int(found[1]), int(found[2])
    total = None if found[3] == "*" else int(found[3])
    length = response.content_length
    is_rest = begin == part.size and begin <= last and length in (None, last + 1 - begin)
    is_same_size = None in (total, part.total) or total == part.total
    is_same = None in (part.validator, _validator(response)) or part.validator == _validator(response)
    if not (is_rest and is_same_size and is_same):
        raise DownloadError(Kind.CHANGED, "the server sends a part of another file, or not the rest")
    return begin, part.total if total is None else total


def _validator(response: aiohttp.ClientResponse) -> str | None:
    """Return what `If-Range` may have: a strong ETag, else the time of the last change."""
    etag = response.headers.get("ETag", "").strip()
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _content_type(response: aiohttp.ClientResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


_FAILURES: Final[tuple[tuple[type[Exception], Kind, str], ...]] = (
    (PrivateAddressError, Kind.REFUSED, "the host has a private address"),
    (
        aiohttp.ClientSSLError,
        Kind.REFUSED,
        "the TLS handshake failed, for example because the certificate is not valid",
    ),
    (aiohttp.ClientConnectorError, Kind.UNREACHABLE, "could not connect"),
    (aiohttp.ConnectionTimeoutError, Kind.UNREACHABLE, "could not connect in time"),
    (TimeoutError, Kind.UNREACHABLE, "the server does not respond in time"),
    (aiohttp.ClientResponseError, Kind.BROKEN, "the response is not valid HTTP"),
    (ValueError, Kind.REFUSED, "the address is not valid"),
)
"""What exceptions of aiohttp and of the system mean. Their own texts may hold the address."""


def _failure(error: Exception) -> DownloadError:
    reasons = error, getattr(error, "os_error", None)
    for kind, meaning, text in _FAILURES:
        if any(isinstance(reason, kind) for reason in reasons):
            return DownloadError(meaning, text)
    return DownloadError(Kind.BROKEN, "the connection broke")
