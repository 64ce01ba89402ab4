"""Clients of a workbench, and a strict reader of its pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.knowledge.contract import Knowledge
from cds_service.parts import Parts
from cds_service.site import Site
from cds_service.site.service_tables import Workbench
from cds_service.workbench.cast import Cast
from cds_service.workbench.second import Build
from tests.engine.conftest import NOW, SETTINGS
from tests.engine.workbench.cast import ToyPatient
from tests.toy_disease import KNOWLEDGE

CAST = Cast(("jane",), lambda name: ToyPatient(name))
VIEWS = ("", "/why", "/wire")


def client_of(
    knowledge: Knowledge = KNOWLEDGE,
    *,
    profile: Any = "sandbox",
    enabled: bool | None = None,
    cast: Cast = CAST,
    build: Build | None = None,
    **parts: Any,
) -> FlaskClient:
    told = Parts(Site(workbench=Workbench(enabled)), **parts)
    settings = replace(SETTINGS, profile=profile)
    return create_app(settings, [knowledge], now=lambda: NOW, parts=told, cast=cast, build=build).test_client()


class Page(HTMLParser):
    """What a browser would take from a page: tags with their attributes, and the text."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> does not close what is open"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]


def page(response: TestResponse) -> Page:
    """A page that keeps the rules of every page."""
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.mimetype == "text/html"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    read = Page(response.get_data(as_text=True))
    assert read.open == []
    for tag, attributes in read.tags:
        assert tag not in ("style", "base", "iframe", "object", "img"), tag
        assert not [name for name in attributes if name == "style" or name.startswith("on")], attributes
        for name in ("src", "action", "formaction"):
            assert attributes.get(name, "/workbench").startswith("/workbench"), attributes
        assert "target" not in attributes or attributes["action"] == "/workbench/feedback"
        assert not attributes.get("href", "").lower().startswith(("javascript:", "data:", "//")), attributes
    assert read.all("script") == [{"type": "module", "src": "/workbench/workbench.js"}]
    assert len(read.all("h1")) == 1
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    return read


def bring(client: FlaskClient, chart: object, view: str = "", **values: Any) -> TestResponse:
    text = chart if isinstance(chart, str) else json.dumps(chart)
    return client.post(f"/workbench/chart{view}", data={"chart": text, **values})


def cards(read: Page) -> list[str]:
    """The urgency of every card on the page."""
    return [attributes["class"].split()[1] for attributes in read.all("article") if "data-card" in attributes]


Json = Mapping[str, Any]
