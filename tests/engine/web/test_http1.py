"""Heads and chunked bodies, as tables; and the parser held against gunicorn's own."""

from __future__ import annotations

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from hypothesis import given
from hypothesis import strategies as st

from cds_service.settings import LONGEST_HEADER
from cds_service.web.http1 import Chunks, HttpFault, read_head

LINE = "POST /a%20b/c?d=e HTTP/1.1"

ROOM = LONGEST_HEADER - len("X: \r\n")
"""Of the longest header field, for its value."""


def head(*lines: str, line: str = LINE) -> bytes:
    return "\r\n".join([line, *lines]).encode("latin-1")


def fault(sent: bytes) -> int:
    with pytest.raises(HttpFault) as refused:
        read_head(sent)
    return refused.value.status


def test_what_wsgi_wants_to_know_is_read() -> None:
    read = read_head(head("Host: x", "content-type: a/b", "Content-Length: 7", "Accept:  c ", "Accept: d"))
    assert read.environ == {
        "REQUEST_METHOD": "POST",
        "RAW_URI": "/a%20b/c?d=e",
        "PATH_INFO": "/a b/c",
        "QUERY_STRING": "d=e",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "x",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "7",
        "HTTP_ACCEPT": "c,d",
    }
    assert (read.length, read.is_kept, read.is_awaiting) == (7, True, False)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a?", "/a", ""),
        ("/a?b?c", "/a", "b?c"),
        ("http://x/a?b", "/a", "b"),
        ("http://x", "/", ""),
        ("//a//b", "//a//b", ""),
        ("/a#b", "/a", ""),
        ("/%C3%A9", "/\xc3\xa9", ""),
    ],
)
def test_targets(target: str, path: str, query: str) -> None:
    environ = read_head(head("Host: x", line=f"GET {target} HTTP/1.1")).environ
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, query)


@pytest.mark.parametrize(
    ("lines", "version", "is_kept"),
    [
        ([], "1.1", True),
        (["Connection: close"], "1.1", False),
        (["Connection: Upgrade, Close"], "1.1", False),
        (["Connection: keep-alive"], "1.1", True),
        ([], "1.0", False),
        (["Connection: Keep-Alive"], "1.0", True),
    ],
)
def test_who_keeps_the_connection(lines: list[str], version: str, is_kept: bool) -> None:
    assert read_head(head("Host: x", *lines, line=f"GET / HTTP/{version}")).is_kept is is_kept


def test_a_name_with_an_underscore_cannot_pass_for_another() -> None:
    environ = read_head(head("Host: x", "X_Y: 1", "Content_Length: 9")).environ
    assert not {"HTTP_X_Y", "CONTENT_LENGTH", "HTTP_CONTENT_LENGTH"} & environ.keys()


@pytest.mark.parametrize(
    "sent",
    [
        head(),  # no Host
        head("Host: x", "Host: x"),
        head("Host: x", "Content-Type: a", "Content-Type: a"),
        head("Host: x", "Content-Length: 1", "Content-Length: 1"),
        head("Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"),
        head("Host: x", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        head("Transfer-Encoding: chunked", line="POST / HTTP/1.0"),
        *(head("Host: x", f"Content-Length: {told}") for told in ("", "-1", "+1", "1,1", "0x1", "\xb2", "1" * 16)),
        *(head("Host: x", line) for line in ("X", "X : y", " X: y", ": y", "X\x00: y")),
        *(head("Host: x", line) for line in ("X: a\x00", "X: a\rb", "X: a\nb")),
        *(head("Host: x", line=line) for line in ("", "GET", "GET /", "GET  / HTTP/1.1")),
        *(head("Host: x", line=line) for line in ("get / HTTP/1.1", "GET / HTTP/2.0")),
        *(head("Host: x", line=line) for line in ("GET * HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET a HTTP/1.1")),
        head("Host: x", line="GET /\xe9 HTTP/1.1"),
        b"GET / HTTP/1.1\nHost: x",
    ],
)  # fmt: skip
def test_what_is_no_head_is_refused(sent: bytes) -> None:
    assert fault(sent) == 400


@pytest.mark.parametrize(
    ("right", "wrong", "status"),
    [
        (head("Host: x", "X: " + "y" * ROOM), head("Host: x", "X: " + "y" * (ROOM + 1)), 431),
        (head("Host: x", *["X: y"] * 99), head("Host: x", *["X: y"] * 100), 431),
        (head("Host: x", line=f"GET /{'a' * 8176} HTTP/1.1"), head("Host: x", line=f"GET /{'a' * 8177} HTTP/1.1"), 414),
        (head("Host: x", "Transfer-Encoding: Chunked"), head("Host: x", "Transfer-Encoding: gzip, chunked"), 501),
        (head("Host: x", "Expect: 100-Continue"), head("Host: x", "Expect: more"), 417),
    ],
)
def test_both_sides_of_a_limit(right: bytes, wrong: bytes, status: int) -> None:
    read_head(right)
    assert fault(wrong) == status


_PIECES = st.sampled_from(
    [
        *("Host: x", "Content-Length: 3", "Content-Length: x", "Transfer-Encoding: chunked", "Connection: close"),
        *("X: y", "X:y", "X : y", "Y", " folded", "A: \x00", "A: b\rc", "Content-Type: a/b", "T\xe9: a", "Q: \xe9"),
        *("Z: 1\nW: 2", ""),
    ]
)
_LINES = st.sampled_from(
    ["GET / HTTP/1.1", "POST /a?b HTTP/1.0", "GET /  HTTP/1.1", "G T / HTTP/1.1", "GET / HTTP/1.11"]
)


@given(_LINES, st.lists(_PIECES, max_size=5))
def test_nothing_is_taken_that_gunicorn_would_refuse_and_read_alike(line: str, lines: list[str]) -> None:
    sent = head(*lines, line=line)
    if b"\r\n\r\n" in sent + b"\r\n":
        return
    try:
        ours = read_head(sent)
    except HttpFault:
        return
    try:
        theirs = Request(Config(), IterUnreader([sent + b"\r\n\r\n"]), ("127.0.0.1", 1))
    except ParseException as refused:
        raise AssertionError(sent) from refused
    assert ours.environ["PATH_INFO"] == theirs.path
    assert ours.is_kept is not theirs.should_close()
    assert {name.replace("_", "-") for name, _ in theirs.headers} <= {
        key.removeprefix("HTTP_").replace("_", "-") for key in ours.environ
    } | {"TRANSFER-ENCODING"}


# Chunks


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.integers(1, 30), st.sampled_from([b"", b"X: y\r\n"])
)
def test_a_body_is_the_same_however_its_bytes_arrive(parts: list[bytes], step: int, trailer: bytes) -> None:
    sent = chunked(*parts, end=b"0;a=b\r\n" + trailer + b"\r\n") + b"NEXT"
    chunks = Chunks()
    for place in range(0, len(sent), step):
        if chunks.is_over:
            break
        chunks.feed(sent[place : place + step])
    assert chunks.is_over
    assert bytes(chunks.body) == b"".join(parts)
    assert b"NEXT".startswith(chunks.rest)


@pytest.mark.parametrize(
    "sent",
    [
        *(b"zz\r\n", b"\r\n", b"-1\r\n", b" 1\r\na\r\n", b"1\r\nab\r\n", b"1\r\na\n\r\n", b"1\nab"),
        *(b"0\r\nX: y\nZ\r\n\r\n", b"1" * 13 + b"\r\n", b"1;" + b"x" * 9000, b"0\r\n" + b"X: yy\r\n" * 2000),
    ],
)
def test_what_is_no_chunk_is_refused(sent: bytes) -> None:
    with pytest.raises(HttpFault):
        Chunks().feed(sent)


def test_a_body_in_crumbs_is_refused() -> None:
    Chunks().feed(chunked(*[b"x"] * 1000, end=b""))
    Chunks().feed(chunked(*[b"x" * 64] * 5000, end=b""))
    with pytest.raises(HttpFault):
        Chunks().feed(chunked(*[b"x"] * 1100, end=b""))
