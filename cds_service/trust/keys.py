"""The public keys of clients: from a file of this host, or from the address that a client's entry names.

A set is kept while it is fresh, asked for again once a minute at most for a key that it lacks, and kept when its server
is down. A key is given out only for the algorithm of a token that its client may use.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import AllowedPublicKeys

from cds_service.errors import KeysUnavailable
from cds_service.outbound import Fetched, Outbound, OutboundFailed
from cds_service.site import Client
from cds_service.site.addresses import normal_url
from cds_service.trust.tokens import Header, Refused

FRESH = 3600.0
"""Seconds for which a fetched set is used without asking again."""
AGAIN = 60.0
"""Seconds between two requests for a key that a set lacks, whatever tokens ask for, and for a set that is stale."""
SOON = 1.0
"""Seconds between two requests while there is no set at all."""
SECONDS, MOST_BYTES = 5.0, 262_144
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
_LEAST_RSA_BITS = 2048

Jwk = Mapping[str, Any]
Fetch = Callable[[str], Fetched]


@dataclass(slots=True)
class _Kept:
    """A set as last fetched, and when it was asked for."""

    keys: Sequence[Jwk] = ()
    fetched: float | None = None
    asked: float | None = None
    asked_for_more: float | None = None
    """When it was last asked for because it lacked a key."""
    is_down: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeySets:
    """All sets of one process. `fetch` gets an address; `clock` counts seconds and never goes back."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def keys(self, client: Client, header: Header) -> tuple[AllowedPublicKeys, ...]:
        """The client's keys for a token's header, at least one.

        Raises `Refused`; `KeysUnavailable` where its set was never had.
        """
        if header.algorithm not in client.algorithms:
            raise Refused(
                "algorithm",
                f"the algorithm {header.algorithm!r} is not one of this client's ({', '.join(client.algorithms)})",
            )
        if header.key_set is not None and (
            not client.jwks_url or normal_url(header.key_set) != normal_url(client.jwks_url)
        ):
            raise Refused("header", "the header's jku is not the jwks_url of this client")
        keys = keys_of_file(client.jwks_file) if client.jwks_file else self._of_server(client.jwks_url, header.key_id)
        named = [jwk for jwk in keys if jwk.get("kid") == header.key_id]
        if not named:
            raise Refused("kid", f"no key of this client has the kid {header.key_id!r}")
        return _usable(named, header.algorithm)

    def _of_server(self, url: str, key_id: str) -> Sequence[Jwk]:
        with self._lock:
            kept = self._kept.setdefault(url, _Kept())
        if _holds(kept, key_id) and kept.fetched is not None and self._clock() - kept.fetched < FRESH:
            return kept.keys  # Without the lock: others may be waiting behind it for a server that is slow.
        with kept.lock:
            now = self._clock()
            if self._is_to_ask(kept, key_id, now):
                self._refresh(url, kept)
            if kept.fetched is None:
                raise KeysUnavailable if kept.is_down else Refused("key set", "the client's key server gave no key set")
            return kept.keys

    def _is_to_ask(self, kept: _Kept, key_id: str, now: float) -> bool:
        if kept.fetched is None:
            return _is_past(kept.asked, SOON, now)
        if not _holds(kept, key_id) and _is_past(kept.asked_for_more, AGAIN, now):
            kept.asked_for_more = now
            return True
        return now - kept.fetched >= FRESH and _is_past(kept.asked, AGAIN, now)

    def _refresh(self, url: str, kept: _Kept) -> None:
        """Ask the server; what is there stays where it does not answer."""
        try:
            answer = self._fetch(url)
            kept.is_down = answer.status >= 500
            if answer.status == 200:
                kept.keys, kept.fetched = keys_in(answer.body), self._clock()
        except OutboundFailed as failure:
            kept.is_down = failure.reason == "unreachable"
        except ValueError:
            kept.is_down = False
        kept.asked = self._clock()


def _holds(kept: _Kept, key_id: str) -> bool:
    return any(jwk.get("kid") == key_id for jwk in kept.keys)


def _is_past(then: float | None, seconds: float, now: float) -> bool:
    return then is None or now - then >= seconds


def fetcher(outbound: Outbound) -> Fetch:
    """Gets key sets: no redirect, five seconds, a quarter of a megabyte."""

    def fetch(url: str) -> Fetched:
        return outbound.get(
            url,
            headers={"Accept": "application/json"},
            until=time.monotonic() + SECONDS,
            most_bytes=MOST_BYTES,
        )

    return fetch


def read_key_set(path: str) -> str:
    """What is wrong with a file of keys; "" where it can be used."""
    if Path(path).exists() and not Path(path).is_file():
        return "it is no file"
    try:
        body = Path(path).read_bytes()
        keys = keys_in(body)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except ValueError:
        return "it is no JWK Set"
    if any(isinstance(key, dict) and ("d" in key or "k" in key) for key in json.loads(body)["keys"]):
        return "it holds a private or shared key, which only the client may have"
    return "" if keys else "it holds no key"


def keys_of_file(path: str) -> Sequence[Jwk]:
    """The keys of a file. Raises `KeysUnavailable`."""
    try:
        return keys_in(Path(path).read_bytes())
    except (OSError, ValueError):
        raise KeysUnavailable from None


def keys_in(body: bytes) -> Sequence[Jwk]:
    """The keys of a JWK Set; raises ValueError for anything else."""
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deep") from None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        raise ValueError("no JWK Set")
    return [jwk for jwk in keys if isinstance(jwk, dict)]


def _usable(named: Sequence[Jwk], algorithm: str) -> tuple[AllowedPublicKeys, ...]:
    """Every key that may have signed: some servers give several keys of one kind the same kid."""
    fitting = [jwk for jwk in named if _fits(jwk, algorithm)]
    keys = tuple(key for jwk in fitting if (key := _public(jwk, algorithm)) is not None)
    if not keys:
        raise Refused("key", f"the key of that kid is not for signatures with {algorithm}")
    return keys


def named_keys(keys: Sequence[Jwk], client: Client) -> str:
    """The keys for an administrator, each with the algorithms that it can be used with: "'k1' (ES384)"."""
    named = [(jwk.get("kid"), ", ".join(algorithms_of(jwk, client)) or "of no use") for jwk in keys]
    return ", ".join(f"{kid!r} ({use})" for kid, use in named) or "no key"


def algorithms_of(jwk: Jwk, client: Client) -> list[str]:
    """The algorithms of the client that a signature with this key may have; none for a key that is of no use."""
    is_named = isinstance(jwk.get("kid"), str)
    return [one for one in client.algorithms if is_named and _fits(jwk, one) and _public(jwk, one) is not None]


def _fits(jwk: Jwk, algorithm: str) -> bool:
    return _is_for_signing(jwk) and jwk.get("alg", algorithm) == algorithm


def _is_for_signing(jwk: Jwk) -> bool:
    uses = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(uses, list) and "verify" in uses


def _public(jwk: Jwk, algorithm: str) -> AllowedPublicKeys | None:
    """The key where its kind fits the algorithm, P-384 for ES384 and at least 2048 bits for RSA; else None."""
    try:
        key = jwt.PyJWK({name: value for name, value in jwk.items() if name != "alg"}, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, EllipticCurvePublicKey):
        return key if key.curve.name == _CURVES.get(algorithm) else None
    if isinstance(key, RSAPublicKey):
        return key if algorithm[:2] in ("RS", "PS") and key.key_size >= _LEAST_RSA_BITS else None
    return None
