"""Serves what people may read about the knowledge: the rulebook as pages, as JSON and as FHIR resources.

Everything is made at the first request for any of it and kept; a process that nobody asks makes nothing. It holds no
patient data, so it may be cached.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import msgspec
from flask import Flask, Response, request

from cds_service.errors import PathUnknown
from cds_service.knowledge.book import Book, as_json, book_of
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.exchange import exchange_bundle
from cds_service.web.pages import pages, style

BASE = "/knowledge"
FRONT = "cds_service.front"
"""Where the path of the page for people is among an application's extensions, if there is one."""
PATIENTS = "cds_service.patients"
"""Where the names of the example patients that a page can show are among an application's extensions, if any are."""
CACHED = "public, max-age=300"
_JSON = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Document:
    """One answer, finished."""

    mimetype: str
    body: bytes


def path_of(package: Knowledge, packages: Sequence[Knowledge]) -> str:
    """Where the book of one of `packages` stands; "" where it publishes none."""
    published = [one.id for one in packages if one.manual is not None]
    if package.id not in published:
        return ""
    return f"{BASE}-{package.id}" if published.index(package.id) else BASE


class Shelf:
    """The books of all packages that publish one, made once. One book stands at `/knowledge`; of several, each after
    the first at `/knowledge-<package>`."""

    def __init__(
        self, packages: Sequence[Knowledge], workbench: Callable[[], str], patients: Callable[[], Collection[str]]
    ) -> None:
        self._workbench = workbench
        self._patients = patients
        self.packages = {path: package for package in packages if (path := path_of(package, packages))}

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every answer by its path."""
        made: dict[str, Document] = {}
        for base, package in self.packages.items():
            made |= _documents(book_of(package), base, self._workbench(), self._patients())
        return made

    @cached_property
    def policy(self) -> str:
        """What a page may load."""
        return policy_of(style())


def policy_of(sheet: str) -> str:
    """The policy of a page that may load nothing but its own style sheet."""
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def serve_manual(app: Flask, packages: Sequence[Knowledge]) -> None:
    """Register the routes of the books."""
    shelf = Shelf(packages, lambda: app.extensions.get(FRONT, ""), lambda: app.extensions.get(PATIENTS, ()))

    def answer(**_: str) -> Response:
        """The rulebook: pages, JSON, FHIR resources."""
        document = shelf.documents.get(request.path)
        if document is None:
            raise PathUnknown
        return answered(document, shelf.policy)

    for base in shelf.packages:
        for path in (base, f"{base}.json", f"{base}/<path:page>"):
            app.add_url_rule(path, f"read {path}", answer, methods=["GET"])


def _documents(book: Book, base: str, workbench: str, patients: Collection[str]) -> dict[str, Document]:
    made = {path: Document("text/html", page.encode()) for path, page in pages(book, base, workbench, patients).items()}
    made[f"{base}.json"] = Document("application/json", _JSON.encode(as_json(book)))
    made[f"{base}/fhir"] = Document("application/fhir+json", _JSON.encode(exchange_bundle(book)))
    return made


def answered(document: Document, policy: str) -> Response:
    """The document as it is sent, with the policy of its pages."""
    response = Response(document.body, mimetype=document.mimetype)
    response.headers["Cache-Control"] = CACHED
    response.headers["X-Content-Type-Options"] = "nosniff"
    if document.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "no-referrer"
    response.add_etag()
    response.make_conditional(request)
    return response
