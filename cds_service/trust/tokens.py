"""Reads a client's token (a JWT) and checks header and claims; the signature is PyJWT's matter.

Which keys and algorithms a client has is decided before. Every reason for a refusal is a code for log and counts, and a
sentence for an administrator; what a client is told is decided by `cds_service.trust`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import jwt
from jwt.algorithms import AllowedPublicKeys

from cds_service.settings import LONGEST_TOKEN
from cds_service.site import Client
from cds_service.site.addresses import normal_url

_COMPARED = 8, 500
"""Values of `aud`, and characters of each, that are compared with our addresses for the sentence of a refusal."""

# fmt: off
Why = Literal[
    "authorization", "token", "header", "algorithm", "iss", "key set", "kid", "key",
    "signature", "jti", "time", "aud", "tenant", "replay",
]
# fmt: on
"""What was wrong, as log and counts say it."""


class Refused(Exception):
    """The token is not accepted, and why: in one word, and in a sentence."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why
        self.issuer = ""
        """The claim iss, as far as it was read: not believed, and worth nothing where it names no client of ours."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a token."""

    algorithm: str
    key_id: str
    key_set: str | None
    """`jku`, also where it is empty; None where there is none."""


@dataclass(frozen=True, slots=True)
class Token:
    """The claims of a token that was accepted."""

    issuer: str
    jti: str
    expires: float
    tenant: str = ""


def read_token(token: str) -> tuple[Header, str]:
    """Header and issuer, before anything is believed of them. Raises `Refused`."""
    if len(token) > LONGEST_TOKEN:
        raise Refused("token", f"the token has more than {LONGEST_TOKEN} characters")
    try:
        decoded = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Refused("token", "it is no signed JSON Web Token") from None
    issuer = decoded["payload"].get("iss")
    is_named = isinstance(issuer, str) and bool(issuer)
    try:
        header = _header(decoded["header"])
    except Refused as refused:
        refused.issuer = issuer if is_named else ""
        raise
    if not is_named:
        raise Refused("iss", "the claim iss is missing")
    return header, issuer


def _header(header: Mapping[str, Any]) -> Header:
    algorithm, key_id, key_set = (header.get(name) for name in ("alg", "kid", "jku"))
    if not isinstance(algorithm, str) or not isinstance(key_id, str) or not key_id:
        raise Refused("header", "the header lacks alg or kid")
    if not isinstance(header.get("typ"), str) or header["typ"].upper() != "JWT":
        raise Refused("header", "the header's typ is not JWT")
    if key_set is not None and not isinstance(key_set, str):
        raise Refused("header", "the header's jku is no text")
    if "crit" in header:
        raise Refused("header", "the header asks for extensions (crit) that this service does not know")
    return Header(algorithm, key_id, key_set)


def verify(
    token: str,
    header: Header,
    client: Client,
    keys: Sequence[AllowedPublicKeys],
    audiences: Sequence[str],
    now: float,
) -> Token:
    """Signature and claims of a token, signed by one of `keys` for one of `audiences`, at the time `now`.

    Raises `Refused`.
    """
    claims = next((found for key in keys if (found := _signed(token, key, header.algorithm)) is not None), None)
    if claims is None:
        raise Refused("signature", "the signature does not fit the key of that kid")
    jti, tenant = claims.get("jti"), claims.get("tenant", "")
    if not isinstance(jti, str) or not jti or len(jti) > 1024:
        raise Refused("jti", "the claim jti is missing, or no text of up to 1024 characters")
    expires = _check_times(claims, client, now)
    _check_audience(claims.get("aud"), audiences)
    if not isinstance(tenant, str) or (client.tenants and tenant not in client.tenants):
        raise Refused("tenant", f"the claim tenant is not one of this client's tenants: {tenant!r}")
    return Token(client.issuer, jti, expires, tenant)


def _signed(token: str, key: AllowedPublicKeys, algorithm: str) -> dict[str, Any] | None:
    """The claims, where the signature fits the key."""
    off = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        return jwt.decode(token, key, algorithms=[algorithm], options={"verify_signature": True, **off})  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _check_times(claims: Mapping[str, Any], client: Client, now: float) -> float:
    """The time of expiry, with all times within the client's bounds."""
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    leeway = client.leeway_seconds
    if now > expires + leeway:
        raise Refused("time", f"the claim exp says that it expired {now - expires:.0f} seconds ago (leeway {leeway})")
    if issued > now + leeway:
        ahead = f"{issued - now:.0f} seconds in the future (leeway {leeway})"
        raise Refused("time", f"the claim iat says that it was issued {ahead}; compare the clocks")
    if "nbf" in claims and _time(claims, "nbf") > now + leeway:
        raise Refused("time", "the claim nbf says that it is not valid yet")
    if expires - issued > client.max_token_seconds:
        raise Refused(
            "time", f"the claims iat and exp give it a longer life than max_token_seconds ({client.max_token_seconds})"
        )
    return expires


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 <= value <= 1e12:
        raise Refused("time", f"the claim {name} is missing, or no number of seconds")
    return float(value)


def _check_audience(sent: object, audiences: Sequence[str]) -> None:
    named = [sent] if isinstance(sent, str) else sent
    if not isinstance(named, list) or not all(isinstance(item, str) for item in named):
        raise Refused("aud", "the claim aud is missing, or no text and no list of texts")
    wanted = {normal_url(item) for item in audiences}
    if not wanted.intersection(normal_url(item) for item in named):
        meant = ", ".join(named).encode("utf-8", "backslashreplace").decode()
        nearest = _nearest(named, sorted(wanted))
        raise Refused(
            "aud", f"the claim aud names {meant or 'nobody'}; the nearest address of this service is {nearest}"
        )


def _nearest(named: Sequence[str], wanted: Sequence[str]) -> str:
    """The address that was probably meant."""
    most, longest = _COMPARED
    said = [item[:longest] for item in named[:most]] or [""]
    return max(wanted, key=lambda one: max(SequenceMatcher(None, one, item).ratio() for item in said), default="none")
