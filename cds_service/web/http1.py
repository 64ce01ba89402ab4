"""HTTP/1 as it is read from a connection: the head of a request, and a body that comes in chunks.

Pure functions of bytes. Where a message ends is told in one way only, or it is refused: two servers that disagree about
that can be made to take one client's bytes for another's request. How long a client may take and how much it may send
is the door's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from cds_service.settings import LONGEST_HEADER

END_OF_HEAD = b"\r\n\r\n"
MOST_OF_HEAD = 64 * 1024
_MOST_OF_LINE = 8190
_MOST_LINES = 100
_MOST_DIGITS = 15
"""Of a length: more bytes than any host has."""

_REQUEST_LINE = re.compile(r"([A-Z][A-Z-]{1,19}) ([\x21-\x7e]+) HTTP/1\.([01])")
_TARGET = re.compile(r"(?:[a-z][a-z0-9+.-]*://[^/?#]*)?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ONCE = frozenset({"HTTP_HOST", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"})
_TINY_CHUNKS, _TINY = 1000, 64
"""A body may have so many chunks, and one more for each so many bytes: taking smaller ones apart costs too much."""
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")


class HttpFault(Exception):
    """What was sent is no request that can be answered otherwise than with `status`, and nothing after it is read."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Head:
    """The head of one request. `length` is that of the body, None where it comes in chunks."""

    environ: dict[str, str]
    """What WSGI wants to know of it: method, path, query, protocol and headers."""
    length: int | None
    is_kept: bool
    """The client will use the connection again."""
    is_awaiting: bool
    """The client waits for our leave before it sends the body."""


def read_head(sent: bytes) -> Head:
    """The head whose lines are `sent`, without the empty one at its end. Raises `HttpFault`."""
    text = sent.decode("latin-1")
    line, *lines = text.split("\r\n")
    if text.count("\r") != len(lines) or text.count("\n") != len(lines) or _UNSAFE.search(text):
        raise HttpFault(400)
    if len(line) > _MOST_OF_LINE:
        raise HttpFault(414)
    if len(lines) > _MOST_LINES:
        raise HttpFault(431)
    environ, minor = _first_line(line)
    _add_headers(environ, lines)
    if minor and "HTTP_HOST" not in environ:
        raise HttpFault(400)
    return Head(environ, _length(environ, minor), _is_kept(environ, minor), _is_awaiting(environ, minor))


def _first_line(line: str) -> tuple[dict[str, str], int]:
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise HttpFault(400)
    method, target, minor = match.groups()
    path, query = _target(method, target)
    return {
        "REQUEST_METHOD": method,
        "RAW_URI": target,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": f"HTTP/1.{minor}",
    }, int(minor)


def _target(method: str, target: str) -> tuple[str, str]:
    if target == "*" and method == "OPTIONS":
        return target, ""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise HttpFault(400)
    return match[1] or "/", match[2] or ""


def _add_headers(environ: dict[str, str], lines: list[str]) -> None:
    for line in lines:
        if len(line) + len("\r\n") > LONGEST_HEADER:
            raise HttpFault(431)
        name, colon, value = line.partition(":")
        if not colon:
            raise HttpFault(400)
        key = _key(name)
        if key is None:
            continue
        if key not in environ:
            environ[key] = value.strip(" \t")
        elif key in _ONCE:
            raise HttpFault(400)
        else:
            environ[key] += "," + value.strip(" \t")


@lru_cache(512)
def _key(name: str) -> str | None:
    """The name that WSGI has for a header. None for one that is left out: an underscore would make it another's."""
    if not _NAME.fullmatch(name):
        raise HttpFault(400)
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _length(environ: dict[str, str], minor: int) -> int | None:
    told = environ.get("CONTENT_LENGTH")
    if "HTTP_TRANSFER_ENCODING" in environ:
        if told is not None or not minor:
            raise HttpFault(400)
        if environ.pop("HTTP_TRANSFER_ENCODING").lower() != "chunked":
            raise HttpFault(501)
        return None
    if told is None:
        return 0
    if not (told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS):
        raise HttpFault(400)
    return int(told)


def _is_kept(environ: dict[str, str], minor: int) -> bool:
    said = environ.get("HTTP_CONNECTION", "").lower()
    words = {word.strip() for word in said.split(",")}
    return "close" not in words and (bool(minor) or "keep-alive" in words)


def _is_awaiting(environ: dict[str, str], minor: int) -> bool:
    said = environ.get("HTTP_EXPECT")
    if said is None or not minor:
        return False
    if said.lower() != "100-continue":
        raise HttpFault(417)
    return True


class Chunks:
    """Takes a body in chunks apart as it arrives."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.rest = b""
        """What came and is not understood yet; once the body is over, what came after it."""
        self.is_over = False
        self._left = 0
        """Bytes of the chunk at hand that are still to come, with the line end behind it."""
        self._trailers = -1
        """Bytes of trailers seen; -1 before the last chunk."""
        self._chunks = 0

    def feed(self, sent: bytes) -> None:
        """Take what arrived. Raises `HttpFault` where it is no chunked body."""
        data, at = self.rest + sent, 0
        while not self.is_over:
            then = self._after_data(data, at) if self._left else self._after_line(data, at)
            if then == at:
                break
            at = then
        self.rest = data[at:]

    def _after_data(self, data: bytes, at: int) -> int:
        """Data of the chunk at hand, then the line end behind them."""
        part = data[at : at + max(self._left - 2, 0)]
        if part:
            self.body += part
            self._left -= len(part)
            return at + len(part)
        end = data[at : at + 2]
        if not b"\r\n".startswith(end):
            raise HttpFault(400)
        if len(end) < 2:
            return at
        self._left = 0
        return at + 2

    def _after_line(self, data: bytes, at: int) -> int:
        """The line before a chunk, or a trailer, which is passed over."""
        end = data.find(b"\r\n", at, at + _MOST_OF_LINE)
        if end < 0:
            if len(data) - at >= _MOST_OF_LINE or b"\n" in data[at:]:
                raise HttpFault(400)
            return at
        line = data[at:end]
        if self._trailers >= 0:
            self._trailers += len(line)
            if self._trailers > _MOST_OF_LINE or b"\n" in line or b"\r" in line:
                raise HttpFault(400)
            self.is_over = not line
            return end + 2
        match = _CHUNK_LINE.fullmatch(line)
        self._chunks += 1
        if match is None or self._chunks > _TINY_CHUNKS + len(self.body) // _TINY:
            raise HttpFault(400)
        size = int(match[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 0
        return end + 2
