"""One read or search on a FHIR server, all its pages, as one value of a prefetch.

A further page is asked for only below the server's own base: the token goes to nobody else. Where a page cannot be had,
the list keeps its link to it, by which the reader knows that it was cut.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from cds_service.fhir.entries import next_page
from cds_service.outbound import Fetched, Outbound, OutboundFailed
from cds_service.site.addresses import origin

MOST_BYTES = 16 * 1024 * 1024
"""Of one answer, decompressed, and of all pages of a list."""
MOST_PAGES = 100
LONGEST_ADDRESS = 1800
"""Characters of an address that this service makes of ids: some servers refuse 2,048."""
MOST_SEARCHES = 16
"""By ids in one call: some hundred resources, more than any chart names."""
MEDIA_TYPES = frozenset({"application/fhir+json", "application/json"})
_WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
_PAUSE = 0.1

_Members = dict[str, msgspec.Raw]
_OBJECT = msgspec.json.Decoder(_Members)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()
_TYPE = msgspec.json.Decoder(str)


@dataclass(frozen=True, slots=True)
class Query:
    """A query relative to the base, and the resource type that answers it. `first` is a page that is there already."""

    path: str
    wanted: str
    first: msgspec.Raw | None = None


def by_id(resource_type: str, ids: Sequence[str], base: str, *, key: str) -> dict[str, Query]:
    """One search for all `ids`; where its address would get too long, the rest under `key2`, `key3` and so on."""
    groups: list[list[str]] = []
    for id in ids:
        if groups and len(f"{base}/{_by_id(resource_type, [*groups[-1], id])}") <= LONGEST_ADDRESS:
            groups[-1].append(id)
        else:
            groups.append([id])
    queries = (Query(_by_id(resource_type, group), "Bundle") for group in groups[:MOST_SEARCHES])
    return {key if at == 1 else f"{key}{at}": query for at, query in enumerate(queries, 1)}


def _by_id(resource_type: str, ids: Sequence[str]) -> str:
    return f"{resource_type}?_id={','.join(ids)}&_count={len(ids)}"


@dataclass(frozen=True, slots=True)
class Found:
    """How a query ended ("ok", "cut", a status or the reason of a failure), and what it brought."""

    outcome: str
    value: msgspec.Raw | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Queries of one call to the server at `base`, all done by `until` (of `time.monotonic()`)."""

    outbound: Outbound
    base: str
    token: str
    until: float

    def run(self, query: Query) -> Found:
        """Never raises: what goes wrong is the outcome."""
        try:
            first = query.first if query.first is not None else self._got(f"{self.base}/{query.path}")
            members = _resource(first, query.wanted)
            return Found("ok", first) if query.wanted != "Bundle" else self._whole(first, members)
        except OutboundFailed as failure:
            return Found(failure.reason)
        except _Refused as refused:
            return Found(str(refused))

    def _whole(self, first: msgspec.Raw, members: _Members) -> Found:
        """All pages as one Bundle; the first alone, with its link, where one of the others cannot be had."""
        if self._next(members) is None:
            return Found("ok" if not _has_next(members) else "cut", first)
        entries: list[msgspec.Raw] = []
        try:
            for page in self._pages(members, _size(first)):
                entries += _LIST.decode(page["entry"]) if "entry" in page else []
        except (OutboundFailed, _Refused, msgspec.DecodeError):
            return Found("cut", first)
        whole = {name: raw for name, raw in members.items() if name != "link"}
        whole["entry"] = msgspec.Raw(msgspec.json.encode(entries))
        return Found("ok", msgspec.Raw(msgspec.json.encode(whole)))

    def _pages(self, members: _Members, size: int) -> Iterator[_Members]:
        """The first page, of `size` bytes, and those after it; raises where the chain breaks, turns back, or does not
        end within bounds."""
        yield members
        seen: set[str] = set()
        while _has_next(members):
            url = self._next(members)
            if url is None or url in seen or len(seen) >= MOST_PAGES:
                raise _Refused("paging")
            seen.add(url)
            page = self._got(url)
            size += _size(page)
            if size > MOST_BYTES:
                raise _Refused("too large")
            members = _resource(page, "Bundle")
            yield members

    def _next(self, members: _Members) -> str | None:
        """The address of the next page, None where there is none that may be asked for."""
        link = _next_link(members)
        if not link:
            return None
        try:
            url = urljoin(f"{self.base}/", link)
        except ValueError:
            return None
        return url if _is_below(url, self.base) else None

    def _got(self, url: str) -> msgspec.Raw:
        answer = self._asked(url)
        if answer.status in _WORTH_ANOTHER_TRY and self.until - time.monotonic() > 2 * _PAUSE:
            time.sleep(_PAUSE)
            answer = self._asked(url)
        if answer.status != 200:
            raise _Refused(str(answer.status))
        return msgspec.Raw(answer.body)

    def _asked(self, url: str) -> Fetched:
        headers = {"Accept": "application/fhir+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.outbound.get(url, headers=headers, until=self.until, most_bytes=MOST_BYTES, media_types=MEDIA_TYPES)


class _Refused(Exception):
    """The server answered, with something that is not what was asked for."""


def _resource(raw: msgspec.Raw, wanted: str) -> _Members:
    try:
        bytes(raw).decode("utf-8")
        members = _OBJECT.decode(raw)
        found = _TYPE.decode(members.get("resourceType", b'""'))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _Refused("not FHIR") from None
    if found != wanted:
        raise _Refused("not FHIR")
    return members


def _next_link(members: _Members) -> str | None:
    """The address of the next page as sent, "" where it is none that can be read; None where there is no further page.

    Links beside it may be anything.
    """
    try:
        sent = _ANY.decode(members["link"]) if "link" in members else []
    except (msgspec.DecodeError, RecursionError):
        return ""
    return next_page(sent)


def _has_next(members: _Members) -> bool:
    return _next_link(members) is not None


def _size(raw: msgspec.Raw) -> int:
    return memoryview(raw).nbytes


def _is_below(url: str, base: str) -> bool:
    """The same scheme, host and port, and the path of the base or below it, without a way up."""
    try:
        there, here = urlsplit(url), urlsplit(base)
        same = origin(there) == origin(here)
    except ValueError:
        return False
    path = there.path.rstrip("/")
    is_within = path == here.path or path.startswith(f"{here.path}/")
    return same and not there.username and is_within and ".." not in unquote(path)
