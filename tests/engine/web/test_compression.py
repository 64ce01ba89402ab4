"""Long answers are compressed for clients that take gzip, and are the same otherwise."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from cds_service.settings import Settings
from cds_service.web.guard import guard

GZIP = {"Accept-Encoding": "gzip"}


def answering(body: bytes, media_type: str = "application/json", origin: str = "*") -> FlaskClient:
    app = Flask(__name__)
    app.add_url_rule("/", "answer", lambda: Response(body, mimetype=media_type))
    guard(app, Settings("sandbox", "hiccups", allow_origins=(origin,)))
    return app.test_client()


@pytest.mark.parametrize(("size", "is_compressed"), [(0, False), (4096, False), (4097, True), (100_000, True)])
def test_an_answer_of_more_than_4_kilobytes_is_compressed(size: int, is_compressed: bool) -> None:
    answer = answering(b"x" * size).get("/", headers=GZIP)
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed
    assert ("Accept-Encoding" in answer.headers.get("Vary", "")) is is_compressed
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())
    assert (gzip.decompress(answer.get_data()) if is_compressed else answer.get_data()) == b"x" * size


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        (None, False),
        ("", False),
        ("identity", False),
        ("br, deflate", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=x", False),
    ],
)
def test_only_a_client_that_prefers_it_gets_gzip(accepted: str | None, is_compressed: bool) -> None:
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    answer = answering(b"x" * 5000).get("/", headers=headers)
    assert ("Content-Encoding" in answer.headers) is is_compressed
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_text_for_machines_that_scrape_is_sent_as_it_is() -> None:
    assert "Content-Encoding" not in answering(b"x" * 5000, "text/plain").get("/", headers=GZIP).headers


def test_an_answer_that_depends_on_the_origin_too_says_both() -> None:
    answer = answering(b"x" * 5000, origin="https://app.example.org").get("/", headers=GZIP)
    assert {name.strip() for name in answer.headers["Vary"].split(",")} == {"Origin", "Accept-Encoding"}
