"""Files of the store as answers, whole or from any byte on.

What a person downloads comes out of the store piece by piece, each piece checked. What agents
fetch comes from a copy that was checked when it was put together, and is sent by the server's own
loop: no thread waits for a plant's slow line, and no file lies in memory, however many ask.
"""

from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Any

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from hub.web.asking import hub_here

_PIECE = 256 * 1024
_HAS_IT = 304


def sent_from_store(digest: str, name: str = "") -> Response:
    """A stored file, or the one range of it that is asked for (RFC 9110, 14).

    `name` makes it a download. Raises FileNotStored.
    """
    store = hub_here().store
    recipe = store.recipe(digest)
    length = recipe[-1].stop if recipe else 0
    part = _asked(length, digest)
    answer = _answer(store.pieces(digest, recipe, *(part or (0, length))), digest, length, part)
    if name:
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        answer.headers["Cache-Control"] = "no-cache, private"
    answer.make_conditional(request)
    return answer


def sent_to_many(digest: str) -> Response:
    """The same for agents, from the copy for sending. Raises FileNotStored, StoreDamaged."""
    try:
        file = _Paced(hub_here().store.opened(digest))
    except OSError:  # no room for a copy: slower, but it arrives
        return sent_from_store(digest)
    length = file.seek(0, 2)
    try:
        part = _asked(length, digest)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    start, stop = part or (0, length)
    file.seek(start)
    # The server's own wrapper sends as many bytes as the answer announces (PEP 3333).
    wrapped = request.environ.get("wsgi.file_wrapper")
    body: Any = wrapped(file, _PIECE) if wrapped else _read(file, stop - start)
    answer = _answer(body, digest, length, part)
    answer.direct_passthrough = True
    answer.call_on_close(file.close)
    if answer.make_conditional(request).status_code == _HAS_IT:
        file.close()
    return answer


def _answer(
    body: Iterable[bytes], digest: str, length: int, part: tuple[int, int] | None
) -> Response:
    start, stop = part or (0, length)
    answer = Response(body, status=206 if part else 200, mimetype="application/octet-stream")
    answer.content_length = stop - start
    answer.accept_ranges = "bytes"
    answer.set_etag(digest)
    if part:
        answer.content_range = ContentRange("bytes", start, stop, length)
    return answer


def _asked(length: int, digest: str) -> tuple[int, int] | None:
    if request.range is None or request.range.units != "bytes" or len(request.range.ranges) != 1:
        return None  # several ranges at once: the whole, as RFC 9110 allows
    if request.if_range.etag not in (None, digest):
        return None
    found: tuple[int, int] | None = request.range.range_for_length(length)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=length)
    return found


def _read(file: "_Paced", left: int) -> Iterator[bytes]:
    try:
        while left and (data := file.read(left)):
            left -= len(data)
            yield data
    finally:
        file.close()


class _Paced:
    """A file of which little is read at a time.

    waitress asks for as much as the system would hold for a line, megabytes, and sends of it what
    the line takes just now, often a tenth; then it reads the rest again.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        return self._file.read(_PIECE if size < 0 else min(size, _PIECE)) or b""
