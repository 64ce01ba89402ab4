"""What every page of the workbench is sent with: nothing that could run stands in it, and nothing else is loaded."""

from __future__ import annotations

from importlib.resources import files

from flask import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: its own style and script."""


def static(name: str) -> str:
    """The text of a file that pages load."""
    return (files("cds_service.workbench") / "static" / name).read_text(encoding="utf-8")


def html(page: str) -> Response:
    """A page as it is sent."""
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "same-origin"  # With less, a browser does not say that a form is our own.
    return response
