"""What stands before and after every answer: one way to write a path, content type and size of a body, CORS, caching,
compression.

CORS is written out here because the whole of it is the same three headers on every answer and three more on a
preflight, errors included; an add-on would be configured at greater length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from cds_service.errors import BodyTooLarge, ContentTypeRefused, RequestBroken
from cds_service.settings import Settings
from cds_service.web.answering import WHOLE_BODY
from cds_service.web.compression import compress

JSON_TYPES = frozenset({"application/json", "application/fhir+json"})

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Origin",
    "Access-Control-Max-Age": "600",
}
_SLASHES = re.compile("/{2,}")


class PlainPaths:
    """Answers a doubled or trailing slash as if it were not there: clients make both by joining addresses, and a
    redirect would fail a browser's preflight."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        path = _SLASHES.sub("/", environ.get("PATH_INFO", ""))
        environ["PATH_INFO"] = path.rstrip("/") or "/"
        return self._inner(environ, start_response)


def guard(app: Flask, settings: Settings) -> None:
    """Put the guard around `app`."""
    app.wsgi_app = PlainPaths(app.wsgi_app)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit + 1

    @app.after_request
    def close(response: Response) -> Response:
        if request.method == "OPTIONS" and (response.status_code == 200 or _is_preflight()):
            response = Response(status=204)
            del response.headers["Content-Type"]
            if settings.allow_origins:
                response.headers.update(_PREFLIGHT)
        if "*" in settings.allow_origins:
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif settings.allow_origins:
            response.vary.add("Origin")
            if request.headers.get("Origin", "") in settings.allow_origins:
                response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        compress(response)
        return response


def _is_preflight() -> bool:
    """A browser asks for leave. It gets it for an unknown path too, where its call will then be told 404: refused
    here, the page could not read what is wrong."""
    return "Access-Control-Request-Method" in request.headers


def body_within(limit: int) -> bytes:
    """The body of the current request; raises `ContentTypeRefused`, `BodyTooLarge` or `RequestBroken`.

    Our own server hands it over whole, unless it is over the limit. Of a stream Flask stops reading one byte after the
    limit, whatever Content-Length says, but hands over what it read so far; so that a chunked body is never cut in
    silence, the byte too many is looked for here.
    """
    if request.mimetype not in JSON_TYPES or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ContentTypeRefused
    whole: bytes | None = request.environ.get(WHOLE_BODY)
    body = _streamed() if whole is None else whole
    sent = len(body) if whole is None else int(request.environ.get("CONTENT_LENGTH") or 0)
    if max(len(body), sent) > limit:
        raise BodyTooLarge(limit)
    return body


def _streamed() -> bytes:
    try:
        return request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:  # Each WSGI server has errors of its own for a body that is chunked wrongly.
        raise RequestBroken from error
