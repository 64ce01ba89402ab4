"""Answers that are worth it are sent as gzip to clients that take it (RFC 9110, section 12.5.3).

No answer holds a secret beside what a client sent, so that nothing can be guessed from how well both compress.
"""

from __future__ import annotations

import gzip

from flask import Response, request

WORTH_IT = 4096
"""Bytes; what is no longer travels in a few packets as it is."""
_TYPES = frozenset({"application/json", "text/html"})
_LEVEL = 1
"""Of 9: the others take twice as long and more for a tenth less."""


def compress(response: Response) -> None:
    """Compress a long answer in place, where the client prefers that."""
    if response.mimetype not in _TYPES or response.is_streamed or len(response.get_data()) <= WORTH_IT:
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.best_match(["gzip", "identity"], default="identity") == "gzip":
        response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
