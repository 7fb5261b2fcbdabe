"""The one way to the hub: capped, timed, through the plant's proxy, resumed where it broke off."""

import hashlib
import io
import json
import os
import platform
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    SlowRetrievalError,
)
from tuf.ngclient import FetcherInterface

from sharing.agent.errors import AddressInvalid, HubAnsweredWrongly, HubSlow, HubUnreachable
from sharing.agent.pieces import Donor, assemble
from sharing.recipe import USUAL, RecipeInvalid, longest, read

MOST_ANSWER = 1_000_000  # bytes of an answer of the API
_CHUNK = 64 * 1024
_TIMES = urllib3.Timeout(connect=10, read=30)
# Slow retrieval: whoever sends less than this for this long keeps us from newer versions.
_SLOWEST, _PATIENCE = 1_000, 60.0  # bytes a second, seconds
# Answers of a server that cannot continue a file: all of it, or "you have more than there is".
_NO_MIDDLE = {HTTPStatus.OK, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}

Signature = Callable[[], Mapping[str, str]]  # a header that says who asks, good for one call


class Answer(NamedTuple):
    """What the API said."""

    status: int
    body: dict[str, Any]
    date: str


def hub_address(url: str) -> str:
    """A hub's address without a slash at the end; raises AddressInvalid.

    >>> hub_address(" https://hub.example/ ")
    'https://hub.example'
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise AddressInvalid(url=url)
    return url.strip().rstrip("/")


class Transport:
    """HTTP(S) to one hub.

    Proxies come from the environment, or from Windows' own settings; certificates from the
    operating system (a plant's own authority is trusted once Windows trusts it) or SSL_CERT_FILE.
    """

    def __init__(self, url: str) -> None:
        self.url = hub_address(url)
        parts = urlsplit(self.url)
        proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
        options: dict[str, Any] = {
            "timeout": _TIMES,
            # A call that was sent is not sent again as it is: its token is spent (see _request).
            "retries": urllib3.Retry(3, connect=1, read=0, redirect=2, status=0, other=0),
            "headers": {"User-Agent": f"sangsaeng-agent ({platform.system()})"},
        }
        if parts.scheme == "https":  # reading all certificates takes longer than a call
            options["ssl_context"] = ssl.create_default_context()
        self._pool = (
            urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    def ask(
        self, method: str, path: str, body: object = None, signature: Signature = dict
    ) -> Answer:
        """One call of the API, signed where it is sent.

        Raises HubUnreachable, HubSlow, HubAnsweredWrongly (not JSON, too long, a server's fault).
        """
        data = None if body is None else json.dumps(body).encode()
        send = {"Accept": "application/json", "Content-Type": "application/json"}
        with self._foreign_errors():
            response = self._request(method, self.url + path, send, signature, data)
            try:
                text = response.read(MOST_ANSWER + 1)
            finally:
                response.close()
        try:
            told = json.loads(text) if len(text) <= MOST_ANSWER else None
        except ValueError:
            told = None
        if not isinstance(told, dict) or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise HubAnsweredWrongly(url=self.url, status=response.status)
        return Answer(response.status, told, response.headers.get("Date", ""))

    def open(
        self, url: str, signature: Signature, start: int = 0, stop: int | None = None
    ) -> urllib3.BaseHTTPResponse:
        """A file as a stream, from a byte on, up to another."""
        last = "" if stop is None else stop - 1
        send = {"Range": f"bytes={start}-{last}"} if start or last else {}
        return self._request("GET", url, send, signature)

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        signature: Signature,
        body: bytes | None = None,
    ) -> urllib3.BaseHTTPResponse:
        def send() -> urllib3.BaseHTTPResponse:
            signed = {**self._pool.headers, **headers, **signature()}
            return self._pool.request(method, url, body=body, headers=signed, preload_content=False)

        try:
            return send()
        except urllib3.exceptions.MaxRetryError as error:
            # The hub, or a proxy before it, closes a line that was idle, just as we use it again:
            # nobody has heard us. Only what changes nothing is asked anew (RFC 9110, 9.2.2), under
            # a signature of its own in case somebody did hear.
            closed = isinstance(error.reason, urllib3.exceptions.ProtocolError)
            if method != "GET" or not closed:
                raise
            return send()

    @contextmanager
    def _foreign_errors(self) -> Iterator[None]:
        try:
            yield
        except urllib3.exceptions.HTTPError as error:
            cause = getattr(error, "reason", error)
            if isinstance(cause, urllib3.exceptions.ReadTimeoutError):
                raise HubSlow(url=self.url) from error
            raise HubUnreachable(url=self.url) from error
        except OSError as error:
            raise HubUnreachable(url=self.url) from error


class Fetcher(FetcherInterface):
    """TUF's way to files, on our transport.

    A target's bytes are kept in `parts` while they come, so that a download that broke off, with
    its process or with the network, goes on where it was. Whether they are the right bytes is
    decided by TUF afterwards; wrong ones are thrown away and fetched from the start next time.
    """

    def __init__(self, transport: Transport, parts: Path, signature: Signature) -> None:
        self._transport = transport
        self._parts = parts
        self.fetched = 0  # bytes of files that came from the hub
        self._signature = signature  # who asks, for one call: files are not for everybody

    def _fetch(self, url: str) -> Iterator[bytes]:
        yield from self._bytes_from(url, 0)

    def _bytes_from(self, url: str, start: int, stop: int | None = None) -> Iterator[bytes]:
        response = self._transport.open(url, self._signature, start, stop)
        try:
            if (start or stop is not None) and response.status in _NO_MIDDLE:
                raise _StartsAgain
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise DownloadHTTPError(f"{url}: status {response.status}", response.status)
            yield from _timely(response)
        finally:
            response.close()

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """A file of at most `max_length` bytes, its earlier part taken from the last try.

        Raises tuf's DownloadError and its children.
        """
        part = self._parts / hashlib.sha256(url.encode()).hexdigest()
        with part.open("ab+") as file:
            self._complete(url, file, max_length)
            file.seek(0)
            try:
                yield file
            finally:
                file.truncate(0)
        part.unlink(missing_ok=True)

    def gather(self, url: str, recipe: str, length: int, donors: Sequence[Donor]) -> bytes | None:
        """Make a file out of what is here and what is lacking, ready for when it is asked for.

        `recipe`: where the hub tells the file's chunks; that list, or None where it tells none:
        then the file comes whole, as does one that is hardly more than a chunk. Raises tuf's
        DownloadError and its children.
        """
        if length <= USUAL:
            return None
        try:
            told = self.download_bytes(recipe, longest(length))
            chunks = read(told, length)
        except (DownloadHTTPError, RecipeInvalid, DownloadLengthMismatchError):
            return None
        part = self._parts / hashlib.sha256(url.encode()).hexdigest()
        pieces = part.with_suffix(".pieces")
        if not part.exists() and chunks:
            with suppress(_StartsAgain), self._download_errors():
                assemble(pieces, chunks, donors, partial(self._span, url, length))
                pieces.replace(part)
        return told

    def _span(self, url: str, length: int, start: int, stop: int) -> Iterator[bytes]:
        room = stop - start
        # All of it is no range: a server may answer such a question with the whole file, which
        # is what one gives that knows no ranges.
        part = self._bytes_from(url, start, None if (start, stop) == (0, length) else stop)
        for data in self._counted(part):
            room -= len(data)
            if room < 0:
                raise DownloadLengthMismatchError("more bytes than were asked for")
            yield data

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Metadata: small, changing under the same name, so never continued.

        Raises tuf's DownloadError and its children.
        """
        with io.BytesIO() as file:
            self._append(self._bytes_from(url, 0), file, max_length)
            return file.getvalue()

    def _complete(self, url: str, file: IO[bytes], most: int) -> None:
        start = file.seek(0, os.SEEK_END)
        if start > most:
            start = file.truncate(0)
        if start == most and start:
            return  # everything had come; the process ended before it was looked at
        try:
            self._append(self._counted(self._bytes_from(url, start)), file, most - start)
        except _StartsAgain:
            file.truncate(0)
            self._append(self._counted(self._bytes_from(url, 0)), file, most)
        except DownloadLengthMismatchError:
            file.truncate(0)
            raise

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.fetched += len(chunk)
            yield chunk

    def _append(self, chunks: Iterator[bytes], file: IO[bytes], room: int) -> None:
        with self._download_errors():
            for chunk in chunks:
                room -= len(chunk)
                if room < 0:
                    raise DownloadLengthMismatchError("more bytes than were announced")
                file.write(chunk)
                file.flush()

    @contextmanager
    def _download_errors(self) -> Iterator[None]:
        try:
            yield
        except urllib3.exceptions.TimeoutError as error:
            raise SlowRetrievalError from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise DownloadError(str(error)) from error

    def discard(self) -> None:
        """Forget the parts of downloads that nobody asks for any more."""
        for part in self._parts.iterdir():
            with suppress(OSError):
                part.unlink()


class _StartsAgain(Exception):
    """The server does not continue files."""


def _timely(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    began, came = time.monotonic(), 0
    for chunk in response.stream(_CHUNK):
        came += len(chunk)
        spent = time.monotonic() - began
        if spent > _PATIENCE and came < _SLOWEST * spent:
            raise SlowRetrievalError
        yield chunk
