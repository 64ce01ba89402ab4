"""`/admin/feedback`: what became of the cards, as tables and charts, for people with the site's password.

Closed until the site's file names a user and the hash of a password (`cds-service admin hash`).
"""

from __future__ import annotations

from functools import cache

from flask import Flask, Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.security import check_password_hash

from cds_service.errors import PathUnknown, StoreUnavailable
from cds_service.parts import Parts
from cds_service.spreadsheet import as_csv
from cds_service.store import Store
from cds_service.store.report import Line, reasons_of, rows_of, summary, totals
from cds_service.web.pages import style

BASE = "/admin/feedback"
_WIDTH = 220
"""Of a bar, in CSS pixels."""


def serve_admin(app: Flask, parts: Parts) -> None:
    """Register the page and its CSV."""

    @app.get(BASE)
    def page() -> Response:
        return _refusal(parts) or _html(_store(parts))

    @app.get(f"{BASE}.csv")
    def table() -> Response:
        return _refusal(parts) or _csv(_store(parts), is_by_entry=bool(request.args.get("entries")))


def _refusal(parts: Parts) -> Response | None:
    """None for those who may see it. Raises `PathUnknown` where nobody may."""
    known = parts.site.admin
    if not known.name or not known.password_hash:
        raise PathUnknown
    said = request.authorization
    is_known = said is not None and said.type == "basic" and said.username == known.name
    if is_known and said is not None and check_password_hash(known.password_hash, said.password or ""):
        return None
    refusal = Response("Name and password, please.\n", 401, mimetype="text/plain")
    refusal.headers["WWW-Authenticate"] = 'Basic realm="feedback", charset="UTF-8"'
    return refusal


def _store(parts: Parts) -> Store:
    if parts.store is None:
        raise StoreUnavailable
    return parts.store


def _html(store: Store) -> Response:
    lines = summary(store)
    text = (
        _environment()
        .get_template("feedback.html")
        .render(
            style=Markup(style()),  # noqa: S704 - our own file
            lines=lines,
            totals=totals(lines),
            bar=bar,
            reasons=reasons_of,
        )
    )
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
    return response


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
