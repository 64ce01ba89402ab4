"""A query brings everything that the server has, or says that it does not; the token goes to that server alone."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from cds_service.access import search as searching
from cds_service.access.search import Found, Query, Search
from cds_service.outbound import Outbound
from tests.engine.access.hostile import Write, dripping, writing
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.service.around import Told, fhir, serving, silent

Answer = tuple[int, dict[str, str], bytes]
LIST = Query("Observation?patient=pt-1", "Bundle")
READ = Query("Patient/pt-1", "Patient")


def asked(base: str, query: Query = LIST, grant: str = "t", seconds: float = 5.0) -> Found:
    return Search(Outbound(), base, grant, time.monotonic() + seconds).run(query)


def ids(found: Found) -> list[str]:
    assert found.value is not None
    return [entry["resource"]["id"] for entry in json.loads(bytes(found.value)).get("entry", [])]


def has_link(found: Found) -> bool:
    assert found.value is not None
    return "next" in json.dumps(json.loads(bytes(found.value)).get("link"))


def page(*names: str, following: object = None, **more: Any) -> dict[str, Any]:
    link = {} if following is None else {"link": [{"relation": "self", "url": "x"}, following]}
    return bundle(*(haemoglobin(id=name) for name in names), **link, **more)


def after(url: object) -> dict[str, object]:
    return {"relation": "next", "url": url}


@pytest.fixture
def server() -> Iterator[Told]:
    with serving(lambda _: fhir(page("a"))) as told:
        yield told


def pages(server: Told, *sent: object) -> None:
    """The first of `sent` answers the search, the others `?page=1`, `?page=2` and so on."""

    def answer(path: str) -> Answer:
        number = int(path.partition("page=")[2] or 0)
        return fhir(sent[number])

    server.answer = answer


# One answer


def test_a_list_of_one_page_is_handed_on_byte_by_byte(server: Told) -> None:
    body = b' {"resourceType":"Bundle" ,"total":1.50, "entry":[]} '
    server.answer = lambda _: (200, {"Content-Type": "application/fhir+json"}, body)
    found = asked(f"{server.base}/fhir")
    assert found.outcome == "ok"
    assert found.value is not None
    assert bytes(found.value) == body
    assert server.asked == ["/fhir/Observation?patient=pt-1"]


def test_a_resource_is_read(server: Told) -> None:
    server.answer = lambda _: fhir(PATIENT)
    found = asked(server.base, READ)
    assert found.outcome == "ok"
    assert json.loads(bytes(found.value or b"")) == PATIENT


def test_the_token_is_sent_where_there_is_one(server: Told) -> None:
    asked(server.base)
    asked(server.base, grant="")
    assert server.authorizations == ["Bearer t", None]


@pytest.mark.parametrize("media_type", ["application/fhir+json", "application/json", "Application/FHIR+JSON; x=y"])
def test_both_media_types_of_fhir_are_read(server: Told, media_type: str) -> None:
    server.answer = lambda _: (200, {"Content-Type": media_type}, json.dumps(page("a")).encode())
    assert asked(server.base).outcome == "ok"


@pytest.mark.parametrize("media_type", ["text/html", "application/fhir+xml", ""])
def test_any_other_media_type_is_no_answer(server: Told, media_type: str) -> None:
    server.answer = lambda _: (200, {"Content-Type": media_type}, json.dumps(page("a")).encode())
    assert asked(server.base) == Found("wrong type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"5",
        b"{",
        b"{}",
        b'{"resourceType": 5}',
        b'{"resourceType": "OperationOutcome"}',
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "bundle"}',
        b'{"resourceType": "Bundle", "x": "\xff"}',
        b'{"resourceType": "Bundle", "x": ' + b"[" * 100_000,
        b'{"resourceType": "Bundle"} trailing',
    ],
)
def test_what_is_not_the_resource_asked_for_is_no_answer(server: Told, body: bytes) -> None:
    server.answer = lambda _: (200, {"Content-Type": "application/json"}, body)
    assert asked(server.base) == Found("not FHIR")


def test_a_list_is_no_answer_to_a_read(server: Told) -> None:
    assert asked(server.base, READ) == Found("not FHIR")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 500])
def test_a_refusal_is_reported_by_its_status_and_not_repeated(server: Told, status: int) -> None:
    server.answer = lambda _: fhir(page("a"), status)
    assert asked(server.base) == Found(str(status))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_once_more(server: Told, status: int) -> None:
    answers = iter([fhir({}, status), fhir(page("a"))])
    server.answer = lambda _: next(answers)
    assert ids(asked(server.base)) == ["a"]
    assert len(server.asked) == 2


def test_a_server_that_stays_busy_is_asked_twice_and_no_more(server: Told) -> None:
    server.answer = lambda _: fhir({}, 503)
    assert asked(server.base) == Found("503")
    assert len(server.asked) == 2


def test_a_busy_server_is_not_asked_again_without_the_time_for_it(server: Told) -> None:
    server.answer = lambda _: fhir({}, 503)
    assert asked(server.base, seconds=0.15) == Found("503")
    assert len(server.asked) == 1


def test_redirects_are_not_followed(server: Told) -> None:
    with serving(lambda _: fhir(page("a"))) as other:
        server.answer = lambda path: (307, {"Location": f"{other.base}{path}"}, b"")
        assert asked(server.base) == Found("redirected")
        assert other.asked == []


def test_a_body_beyond_the_limit_is_no_answer(server: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_BYTES", len(json.dumps(page("a"))))
    assert asked(server.base).outcome == "ok"
    server.answer = lambda _: fhir(page("ab"))
    assert asked(server.base) == Found("too large")


def test_nobody_at_the_address_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert asked(base) == Found("unreachable")


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("script", [dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"), dripping(OK + b'{"a": "', b"x")])
def test_a_server_that_drips_is_left_at_the_deadline(script: Callable[[Write], None]) -> None:
    with writing(script) as hostile:
        started = time.monotonic()
        assert asked(hostile.base, seconds=0.4) == Found("slow")
        assert 0.3 < time.monotonic() - started < 1.2


def test_a_server_that_hangs_is_left_at_the_deadline() -> None:
    with silent() as base:
        started = time.monotonic()
        assert asked(base, seconds=0.4) == Found("slow")
        assert 0.3 < time.monotonic() - started < 1.2


# Pages


@pytest.mark.parametrize("form", ["{base}?page={n}", "?page={n}", "{path}?page={n}", "{base}/_p/x?page={n}"])
def test_all_pages_become_one_list_without_a_link(server: Told, form: str) -> None:
    base = f"{server.base}/fhir"

    def following(number: int) -> dict[str, object]:
        return after(form.format(base=base, path="/fhir", n=number))

    pages(server, page("a", "b", following=following(1), total=4), page("c", following=following(2)), page("d"))
    found = asked(base)
    assert (found.outcome, ids(found), has_link(found)) == ("ok", ["a", "b", "c", "d"], False)
    assert json.loads(bytes(found.value or b""))["total"] == 4
    assert server.authorizations == ["Bearer t"] * 3


def test_a_page_without_entries_is_a_page(server: Told) -> None:
    pages(server, page("a", following=after("?page=1")), {**page(), "link": [after("?page=2")]}, page("c"))
    server_pages = asked(server.base)
    assert (server_pages.outcome, ids(server_pages)) == ("ok", ["a", "c"])


def test_the_pages_after_one_that_is_there_already_are_read(server: Told) -> None:
    pages(server, page("never"), page("b"))
    first = msgspec.Raw(json.dumps(page("a", following=after(f"{server.base}?page=1"))).encode())
    found = asked(server.base, Query(LIST.path, "Bundle", first))
    assert (found.outcome, ids(found)) == ("ok", ["a", "b"])
    assert len(server.asked) == 1


def is_cut(found: Found) -> bool:
    """The first page alone, with the link by which one sees that it is not all."""
    return found.outcome == "cut" and ids(found) == ["a"] and has_link(found)


@pytest.mark.parametrize(
    "url",
    [
        "{other}/fhir?page=1",
        "//{other_host}/fhir?page=1",
        "{base}@{other_host}/fhir?page=1",
        "http://t@{host}/fhir?page=1",
        "https://{host}/fhir?page=1",
        "http://{host}/fhirx?page=1",
        "http://{host}/other?page=1",
        "http://{host}/fhir/../other?page=1",
        "http://{host}/fhir/%2e%2e/other?page=1",
        "../other?page=1",
        "file:///fhir?page=1",
        "javascript:1",
        "http://[::1/fhir",
    ],
)
def test_a_page_elsewhere_is_not_asked_for(server: Told, url: str) -> None:
    with serving(lambda _: fhir(page("b"))) as other:
        base = f"{server.base}/fhir"
        hosts = {"host": server.base[7:], "other_host": other.base[7:], "base": base, "other": other.base}
        pages(server, page("a", following=after(url.format(**hosts))), page("b"))
        assert is_cut(asked(base))
        assert other.asked == []
        assert len(server.asked) == 1


def test_a_page_elsewhere_after_others_cuts_the_list(server: Told) -> None:
    with serving(lambda _: fhir(page("c"))) as other:
        pages(server, page("a", following=after("?page=1")), page("b", following=after(f"{other.base}?page=2")))
        assert is_cut(asked(server.base))
        assert other.asked == []


@pytest.mark.parametrize(
    ("base", "url", "is_below"),
    [
        ("https://h.test/fhir", "https://h.test:443/fhir?p=1", True),
        ("https://h.test:443/fhir", "https://h.test/fhir?p=1", True),
        ("http://h.test/fhir", "http://H.TEST:80/fhir/x", True),
        ("https://h.test/fhir", "https://h.test:8443/fhir", False),
        ("https://h.test/fhir", "http://h.test:443/fhir", False),
        ("https://h.test/fhir", "https://h.test./fhir", False),
        ("https://h.test", "https://h.test/x", True),
        ("https://h.test", "https://h.test", True),
    ],
)
def test_a_default_port_is_the_same_written_or_not(base: str, url: str, is_below: bool) -> None:
    assert searching._is_below(url, base) is is_below


@pytest.mark.parametrize("number", [0, 1])
def test_pages_that_turn_back_cut_the_list(server: Told, number: int) -> None:
    pages(server, page("a", following=after("?page=1")), page("b", following=after(f"?page={number}")))
    started = time.monotonic()
    found = asked(server.base)
    assert is_cut(found)
    assert time.monotonic() - started < 2
    assert len(server.asked) <= 3


def test_pages_without_end_cut_the_list(server: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_PAGES", 5)
    server.answer = lambda path: fhir(page("a", following=after(f"?page={int(path.partition('page=')[2] or 0) + 1}")))
    assert is_cut(asked(server.base))
    assert len(server.asked) == 6


def test_pages_that_are_too_large_together_cut_the_list(server: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    first = page("a", following=after("?page=1"))
    pages(server, first, page("b"))
    size = len(json.dumps(first)) + len(json.dumps(page("b")))
    monkeypatch.setattr(searching, "MOST_BYTES", size)
    assert asked(server.base).outcome == "ok"
    monkeypatch.setattr(searching, "MOST_BYTES", size - 1)
    assert is_cut(asked(server.base))


@pytest.mark.parametrize(
    "second",
    [
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": "Bundle", "entry": "x"},
        [],
        {"resourceType": "Bundle", "link": [{"relation": "next", "url": 5}]},
        {"resourceType": "Bundle", "link": [{"relation": "next"}]},
        {"resourceType": "Bundle", "link": [{"relation": "next", "url": ""}]},
        {"resourceType": "Bundle", "link": {"relation": "next", "url": "?page=2"}},
    ],
)
def test_a_page_that_cannot_be_read_cuts_the_list(server: Told, second: object) -> None:
    pages(server, page("a", following=after("?page=1")), second)
    assert is_cut(asked(server.base))


@pytest.mark.parametrize("beside", [{"relation": 5, "url": "x"}, {"relation": "self", "url": None}, {}, "x", None, 5])
def test_a_link_that_cannot_be_read_does_not_hide_the_next_page(server: Told, beside: object) -> None:
    first = {**page("a"), "link": [beside, after("?page=1")]}
    pages(server, first, page("b"))
    found = asked(server.base)
    assert (found.outcome, ids(found)) == ("ok", ["a", "b"])


@pytest.mark.parametrize("following", [after(5), after(None), after(""), {"relation": "next"}])
def test_a_next_page_without_an_address_cuts_the_list(server: Told, following: object) -> None:
    pages(server, page("a", following=following))
    assert is_cut(asked(server.base))


@pytest.mark.parametrize("link", [None, [], [{"relation": "self", "url": "x"}], [{"relation": "previous", "url": "?"}]])
def test_a_list_without_a_next_page_is_whole(server: Told, link: object) -> None:
    pages(server, {**page("a"), "link": link})
    found = asked(server.base)
    assert (found.outcome, ids(found)) == ("ok", ["a"])


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_page_that_is_refused_cuts_the_list(server: Told, status: int) -> None:
    server.answer = lambda path: fhir({}, status) if "page=1" in path else fhir(page("a", following=after("?page=1")))
    assert is_cut(asked(server.base))


def test_a_page_that_redirects_cuts_the_list(server: Told) -> None:
    with serving(lambda _: fhir(page("b"))) as other:
        server.answer = lambda path: (
            (302, {"Location": other.base}, b"") if "page=1" in path else fhir(page("a", following=after("?page=1")))
        )
        assert is_cut(asked(server.base))
        assert other.asked == []


def test_a_page_that_hangs_cuts_the_list_at_the_deadline(server: Told) -> None:
    def answer(path: str) -> Answer:
        if "page=1" in path:
            time.sleep(1.5)
        return fhir(page("a", following=after("?page=1")))

    server.answer = answer
    started = time.monotonic()
    assert is_cut(asked(server.base, seconds=0.4))
    assert 0.3 < time.monotonic() - started < 1.2
