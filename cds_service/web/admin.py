"""`/admin/feedback`: what became of the cards, as tables and charts, for people with the site's password.

Closed until the site's file names a user and the hash of a password (`cds-service admin hash`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import cache

from flask import Flask, Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.security import check_password_hash, generate_password_hash

from cds_service.errors import Overloaded, PathUnknown, StoreUnavailable
from cds_service.parts import Parts
from cds_service.spreadsheet import as_csv
from cds_service.store import Store
from cds_service.store.report import Line, reasons_of, rows_of, summary, totals
from cds_service.waiting import going_to_wait
from cds_service.web.pages import style

BASE = "/admin/feedback"
_WIDTH = 220
"""Of a bar, in CSS pixels."""
_GUESSES = 4
"""Guesses that one worker has in hand; the others are told to come again."""
_PAUSE = 1.0
"""Seconds after a wrong guess before the next is looked at."""


def serve_admin(app: Flask, parts: Parts) -> None:
    """Register the page and its CSV."""
    guard = _Guard()

    @app.get(BASE)
    def page() -> Response:
        return _refusal(parts, guard) or _html(_store(parts))

    @app.get(f"{BASE}.csv")
    def table() -> Response:
        return _refusal(parts, guard) or _csv(_store(parts), is_by_entry=bool(request.args.get("entries")))


def _refusal(parts: Parts, guard: _Guard) -> Response | None:
    """None for those who may see it. Raises `PathUnknown` where nobody may, `Overloaded` where too many ask."""
    known = parts.site.admin
    if not known.name or not known.password_hash:
        raise PathUnknown
    said = request.authorization
    if said is not None and said.type == "basic":
        password_hash = known.password_hash if said.username == known.name else ""
        if guard.is_right(password_hash, said.password or ""):
            return None
    refusal = Response("Name and password, please.\n", 401, mimetype="text/plain")
    refusal.headers["WWW-Authenticate"] = 'Basic realm="feedback", charset="UTF-8"'
    return refusal


class _Guard:
    """Looks at one guess at a time, and after a wrong one only when a moment has passed: each costs time and memory on
    purpose. A few wait for their turn."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_GUESSES)
        self._turn = threading.Lock()
        self._not_before = 0.0

    def is_right(self, password_hash: str, guess: str) -> bool:
        """Whether the hash, "" for that of an unknown name, is that of the guess. Raises `Overloaded` where others wait
        already."""
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            going_to_wait()
            with self._turn:
                time.sleep(max(0.0, self._not_before - time.monotonic()))
                is_right = check_password_hash(password_hash or _hash_of_nobody(), guess) and bool(password_hash)
                if not is_right:
                    self._not_before = time.monotonic() + _PAUSE
                return is_right
        finally:
            self._places.release()


@cache
def _hash_of_nobody() -> str:
    """What the guess for an unknown name is compared with, so that it takes as long as for the known one."""
    return generate_password_hash("")


def _store(parts: Parts) -> Store:
    if parts.store is None:
        raise StoreUnavailable
    return parts.store


def _html(store: Store) -> Response:
    response = Response(feedback_page(summary(store)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
    return response


def feedback_page(lines: Mapping[tuple[str, str], Line]) -> str:
    """What became of the cards by rule and month, as a page."""
    template = _environment().get_template("feedback.html")
    sheet = Markup(style())  # noqa: S704 - our own file
    return template.render(style=sheet, lines=lines, totals=totals(lines), bar=bar, reasons=reasons_of)


def _csv(store: Store, *, is_by_entry: bool) -> Response:
    response = Response(as_csv(*rows_of(store, is_by_entry=is_by_entry)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="feedback.csv"'
    return response


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("cds_service.web"), undefined=StrictUndefined, autoescape=True)


def bar(line: Line) -> Markup:
    """How many of the cards shown were accepted and overridden, as a bar with the numbers in words."""
    whole = max(line.shown, line.accepted + line.overridden, 1)
    accepted, overridden = (round(_WIDTH * part / whole) for part in (line.accepted, line.overridden))
    told = f"{line.accepted} accepted, {line.overridden} overridden of {line.shown} shown"
    return Markup(
        '<svg role="img" aria-label="{told}" width="{width}" height="14"><title>{told}</title>'
        '<rect width="{width}" height="14" fill="var(--line)"/>'
        '<rect width="{accepted}" height="14" fill="#2e7d4f"/>'
        '<rect x="{accepted}" width="{overridden}" height="14" fill="#b3541e"/></svg>'
    ).format(told=told, width=_WIDTH, accepted=accepted, overridden=overridden)
