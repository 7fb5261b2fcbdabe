"""Long answers that stay the same for a while: packed for their way, and known by a digest.

Packing tells, by its length, how much of an answer repeats (BREACH): so only answers go through
here that hold no secret of a session beside what somebody else may have put there. Pages hold a
token in each form and are never packed.
"""

import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Response, request

_LEVEL = 5
_KEPT = 16  # of about half a megabyte each
_kept: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def packed_json(told: dict[str, Any], made: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """What is `made` of what is told now, as JSON: not sent where the reader has it already.

    What was made is kept by a digest of what was told, so nothing of before is ever answered.
    """
    digest = hashlib.sha256(_json(told)).hexdigest()[:24]
    answer = Response(mimetype="application/json")
    # Kept by the reader's browser, and asked about each time.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Accept-Encoding", "Accept-Language", "Cookie"))
    answer.set_etag(digest, weak=True)
    if request.if_none_match.contains_weak(digest):
        answer.status_code = 304
        return answer
    body = _of(digest, lambda: _json(made(told) | {"digest": digest}))
    if request.accept_encodings.quality("gzip"):
        answer.content_encoding = "gzip"
        answer.data = body
    else:
        answer.data = gzip.decompress(body)
    return answer


def _of(digest: str, make: Callable[[], bytes]) -> bytes:
    with _lock:
        if digest in _kept:
            _kept.move_to_end(digest)
            return _kept[digest]
    body = gzip.compress(make(), _LEVEL, mtime=0)
    with _lock:
        _kept[digest] = body
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return body


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
