"""Files of the store as answers: whole or from any byte on, piece by piece, each piece checked."""

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from hub.web.asking import hub_here


def sent_from_store(digest: str, name: str = "") -> Response:
    """A stored file, or the one range of it that is asked for (RFC 9110, 14).

    `name` makes it a download. Raises FileNotStored.
    """
    store = hub_here().store
    recipe = store.recipe(digest)
    length = recipe[-1].stop if recipe else 0
    start, stop = _asked(length, digest)
    answer = Response(
        store.pieces(digest, recipe, start, stop),
        status=200 if stop - start == length else 206,
        mimetype="application/octet-stream",
    )
    answer.content_length = stop - start
    answer.accept_ranges = "bytes"
    answer.set_etag(digest)
    if answer.status_code != 200:
        answer.content_range = ContentRange("bytes", start, stop, length)
    if name:
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        answer.headers["Cache-Control"] = "no-cache, private"
    answer.make_conditional(request)
    return answer


def _asked(length: int, digest: str) -> tuple[int, int]:
    if request.range is None or request.range.units != "bytes" or len(request.range.ranges) != 1:
        return 0, length  # several ranges at once: the whole, as RFC 9110 allows
    if request.if_range.etag not in (None, digest):
        return 0, length
    found = request.range.range_for_length(length)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=length)
    return found
