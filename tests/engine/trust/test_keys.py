"""The keys of a client are those that its server gave last, asked for seldom, and used only for what they are for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from cds_service.errors import KeysUnavailable
from cds_service.outbound import Fetched, Outbound, OutboundFailed, Reason
from cds_service.site import Client
from cds_service.trust import keys as key_sets
from cds_service.trust.keys import AGAIN, FRESH, MOST_BYTES, SECONDS, SOON, KeySets, fetcher, read_key_set
from cds_service.trust.tokens import Header, Refused
from tests.engine.access.hostile import dripping, writing
from tests.engine.service.around import serving, silent
from tests.engine.trust.signing import CLIENT, ELLIPTIC, ISSUER, KEY_SET, RSA, Server, fetched, jwk

NEW = ec.generate_private_key(ec.SECP384R1())


def header(kid: str = "k1", algorithm: str = "ES384") -> Header:
    return Header(algorithm, kid, None)


def key(sets: KeySets, kid: str = "k1", client: Client = CLIENT) -> Any:
    return sets.keys(client, header(kid))[0]


def is_refused(sets: KeySets, kid: str = "k1") -> bool:
    with pytest.raises(Refused):
        key(sets, kid)
    return True


def is_down(sets: KeySets, kid: str = "k1") -> bool:
    with pytest.raises(KeysUnavailable):
        key(sets, kid)
    return True


def is_public_half(found: Any, private: Any = ELLIPTIC) -> bool:
    return bool(found.public_numbers() == private.public_key().public_numbers())


# How often a server is asked


def test_a_set_is_asked_for_once_while_it_is_fresh() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    for _ in range(5):
        assert is_public_half(key(sets))
        server.time += FRESH / 5 - 1
    assert server.asked == [KEY_SET]


def test_a_set_that_is_no_longer_fresh_is_asked_for_again() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    server.answer = fetched(jwk(NEW, "k2"))
    server.time += FRESH - 1
    assert is_public_half(key(sets))
    server.time += 1
    assert is_refused(sets)
    assert is_public_half(key(sets, "k2"), NEW)
    assert len(server.asked) <= 3


def test_a_new_key_is_found_at_once() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    server.answer = fetched(jwk(), jwk(NEW, "k2"))
    assert is_public_half(key(sets, "k2"), NEW)
    assert is_public_half(key(sets))
    assert len(server.asked) == 2


def test_unknown_kids_cause_one_request_a_minute_however_many_they_are() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    for minute in range(1, 4):
        for number in range(20):
            assert is_refused(sets, f"none-{minute}-{number}")
        assert len(server.asked) == 1 + minute
        server.time += AGAIN - 0.5
        assert is_refused(sets, "none")
        assert len(server.asked) == 1 + minute
        server.time += 0.5


def test_clients_with_sets_of_their_own_do_not_wait_for_each_others_minute() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    other = replace(CLIENT, issuer="https://other.example", jwks_url="https://other.example/keys")
    key(sets)
    assert is_refused(sets, "none")
    key(sets, client=other)
    with pytest.raises(Refused):
        key(sets, "none", other)
    assert server.asked == [KEY_SET] * 2 + ["https://other.example/keys"] * 2


def test_a_client_that_may_not_use_the_algorithm_causes_no_request() -> None:
    server = Server(fetched(jwk()))
    with pytest.raises(Refused, match="algorithm"):
        server.key_sets().keys(CLIENT, header(algorithm="ES256"))
    assert server.asked == []


def test_calls_at_the_same_time_cause_one_request() -> None:
    server = Server(fetched(jwk()))

    def slowly(url: str) -> Fetched:
        time.sleep(0.1)
        return server.fetch(url)

    sets, found = KeySets(slowly, lambda: server.time), []
    threads = [threading.Thread(target=lambda: found.append(key(sets))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(2)
    assert (len(found), len(server.asked)) == (8, 1)


# A server that does not answer as it should


@pytest.mark.parametrize("answer", [OutboundFailed("unreachable"), Fetched(500, b""), Fetched(503, b"")])
def test_a_server_that_is_down_at_first_is_no_fault_of_the_token(answer: Any) -> None:
    server = Server(answer)
    sets = server.key_sets()
    assert is_down(sets)
    server.answer = fetched(jwk())
    server.time += SOON
    assert is_public_half(key(sets))


FAULTS: tuple[Reason, ...] = ("redirected", "too large", "slow", "wrong type", "broken", "forbidden")
MISBEHAVING: list[Any] = [
    *(OutboundFailed(reason) for reason in FAULTS),
    *(Fetched(status, b"") for status in (204, 401, 403, 404, 429)),
    *(
        Fetched(200, body)
        for body in (
            b"",
            b"<html>",
            b"[]",
            b"{}",
            b"null",
            b'{"keys": {}}',
            b'{"keys": null}',
            b"\xff",
            b"[" * 100_000,
            b'{"keys": ' + b"[" * 100_000,
            b'{"keys": [' + b"1" * 5000 + b"]}",
        )
    ),
]


@pytest.mark.parametrize("answer", MISBEHAVING, ids=lambda answer: str(answer)[:50])
def test_a_server_that_misbehaves_gives_no_key(answer: Any) -> None:
    server = Server(answer)
    assert is_refused(server.key_sets())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer", [OutboundFailed("unreachable"), Fetched(500, b""), *MISBEHAVING], ids=lambda answer: str(answer)[:50]
)
def test_a_refresh_that_fails_keeps_the_keys(answer: Any) -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    server.answer = answer
    assert is_refused(sets, "k2")
    assert is_public_half(key(sets))
    server.time += 10 * FRESH
    assert is_public_half(key(sets))
    assert len(server.asked) == 3


def test_a_stale_set_is_asked_for_once_a_minute_while_the_server_is_down() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    server.answer = OutboundFailed("unreachable")
    server.time += FRESH
    for _ in range(10):
        assert is_public_half(key(sets))
    assert len(server.asked) == 2
    server.time += AGAIN
    assert is_public_half(key(sets))
    assert len(server.asked) == 3


def test_without_any_set_the_server_is_asked_once_a_second() -> None:
    server = Server(OutboundFailed("unreachable"))
    sets = server.key_sets()
    assert all(is_down(sets, f"k{number}") for number in range(10))
    assert len(server.asked) == 1
    server.time += SOON
    assert is_down(sets)
    assert len(server.asked) == 2


def test_a_set_may_become_empty_and_then_no_key_is_left() -> None:
    server = Server(fetched(jwk()))
    sets = server.key_sets()
    key(sets)
    server.answer = fetched()
    server.time += FRESH
    assert is_refused(sets)


# Over a real connection


def over_the_network(url: str) -> Any:
    return key(KeySets(fetcher(Outbound())), client=replace(CLIENT, jwks_url=url))


def test_a_set_is_read_from_its_address_whatever_its_media_type() -> None:
    body = fetched(jwk()).body
    for media_type in ("application/json", "application/jwk-set+json", "text/plain"):
        with serving(lambda _, sent=media_type: (200, {"Content-Type": sent}, body)) as server:
            assert is_public_half(over_the_network(f"{server.base}/jwks.json"))
            assert server.asked == ["/jwks.json"]
            assert server.authorizations == [None]


def test_a_redirect_is_not_followed() -> None:
    with (
        serving(lambda _: (200, {}, fetched(jwk()).body)) as other,
        serving(lambda _: (302, {"Location": other.base}, b"")) as server,
    ):
        with pytest.raises(Refused):
            over_the_network(server.base)
        assert other.asked == []


def test_a_huge_set_is_refused() -> None:
    body = fetched(jwk()).body
    with serving(lambda path: (200, {}, body + b" " * (MOST_BYTES - len(body) + int(path[1:])))) as server:
        assert is_public_half(over_the_network(f"{server.base}/0"))
        with pytest.raises(Refused):
            over_the_network(f"{server.base}/1")


OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("script", [dripping(b"HTTP/1.1 ", b"2"), dripping(OK, b" ")])
def test_a_server_that_drips_is_refused_in_time(
    monkeypatch: pytest.MonkeyPatch, script: Callable[[Callable[[bytes], None]], None]
) -> None:
    assert SECONDS <= 5.5
    monkeypatch.setattr(key_sets, "SECONDS", 0.4)
    with writing(script) as server:
        started = time.monotonic()
        with pytest.raises(Refused):
            over_the_network(server.base)
        assert 0.3 < time.monotonic() - started < 1.2


def test_a_server_that_says_nothing_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sets, "SECONDS", 0.4)
    with silent() as base:
        started = time.monotonic()
        with pytest.raises(Refused):
            over_the_network(base)
        assert 0.3 < time.monotonic() - started < 1.2


def test_nobody_at_the_address_means_that_the_server_is_down() -> None:
    with silent() as base:
        pass
    with pytest.raises(KeysUnavailable):
        over_the_network(base)


# Which key is used for what


def found(*sent: dict[str, object], algorithm: str = "ES384", algorithms: tuple[str, ...] = ()) -> Any:
    client = replace(CLIENT, algorithms=algorithms or (algorithm,))
    return Server(fetched(*sent)).key_sets().keys(client, header(algorithm=algorithm))[0]


def is_unusable(*sent: dict[str, object], algorithm: str = "ES384") -> bool:
    with pytest.raises(Refused, match="not for signatures"):
        found(*sent, algorithm=algorithm)
    return True


@pytest.mark.parametrize(
    "more", [{}, {"use": "sig"}, {"alg": "ES384"}, {"key_ops": ["verify"]}, {"x5t": "?"}, {"use": None}]
)
def test_a_key_for_signatures_is_used(more: dict[str, object]) -> None:
    assert is_public_half(found(jwk(**more)))


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"use": 5},
        {"key_ops": ["encrypt"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"alg": "ES256"},
        {"alg": "RS384"},
        {"alg": 5},
        {"kty": None},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA"},
        {"crv": "P-256"},
        {"crv": None},
        {"x": None},
        {"x": 5},
        {"x": "AAAA"},
        {"y": "****"},
    ],
)
def test_a_key_for_anything_else_or_none_at_all_is_not_used(more: dict[str, object]) -> None:
    assert is_unusable(jwk(**more))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP521R1(), ec.SECP256K1()])
def test_es384_is_of_its_own_curve(curve: ec.EllipticCurve) -> None:
    assert is_unusable(jwk(ec.generate_private_key(curve)))


@pytest.mark.parametrize(
    ("algorithm", "curve"), [("ES256", ec.SECP256R1()), ("ES384", ec.SECP384R1()), ("ES512", ec.SECP521R1())]
)
def test_each_algorithm_has_its_curve(algorithm: str, curve: ec.EllipticCurve) -> None:
    private = ec.generate_private_key(curve)
    assert is_public_half(found(jwk(private), algorithm=algorithm), private)


def test_an_rsa_key_has_2048_bits_at_least() -> None:
    assert is_public_half(found(jwk(RSA), algorithm="RS384"), RSA)
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key is what is refused
    assert is_unusable(jwk(weak), algorithm="RS384")


def test_keys_of_one_kind_are_not_used_for_the_other() -> None:
    assert is_unusable(jwk(RSA))
    assert is_unusable(jwk(), algorithm="RS384")


def test_an_edwards_key_is_not_used_for_es384() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key()
    made = json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(raw))
    assert is_unusable({**made, "kid": "k1"})


def test_of_several_keys_with_one_kid_the_one_that_fits_is_used() -> None:
    sent = (jwk(use="enc"), jwk(RSA), {"kid": "k1"}, jwk(NEW))
    assert is_public_half(found(*sent), NEW)
    assert is_public_half(found(*sent, algorithm="RS384"), RSA)


@pytest.mark.parametrize("beside", ["text", 5, None, [], {"kid": 5}, {}])
def test_what_is_no_key_beside_a_key_does_no_harm(beside: Any) -> None:
    assert is_public_half(found(beside, jwk()))


@pytest.mark.parametrize("kid", ["K1", "k", "k1 ", ""])
def test_a_kid_is_compared_letter_by_letter(kid: str) -> None:
    with pytest.raises(Refused, match="kid"):
        found(jwk(kid=kid))


# Keys in a file


def in_file(file: Path) -> Any:
    client = Client(ISSUER, jwks_file=str(file))
    return Server(OutboundFailed("broken")).key_sets().keys(client, header())[0]


def test_a_file_of_keys_is_read_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(fetched(jwk()).body)
    assert is_public_half(in_file(file))
    file.write_bytes(fetched(jwk(NEW)).body)
    assert is_public_half(in_file(file), NEW)


@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff", b"[" * 100_000])
def test_a_file_that_cannot_be_read_is_no_fault_of_the_token(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KeysUnavailable):
        in_file(file)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read"),
        (b"", "no JWK Set"),
        (b'{"kty": "EC"}', "no JWK Set"),
        (b"[" * 100_000, "no JWK Set"),
        (b'{"keys": []}', "no key"),
        (b'{"keys": [5]}', "no key"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: bytes | None, fault: str) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    assert fault in read_key_set(str(file))


def test_a_file_with_a_key_is_good(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(fetched(jwk()).body)
    assert read_key_set(str(file)) == ""
