"""Clients with keys, and tokens that are right but for what a test changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds_service.outbound import Fetched
from cds_service.protocol.caller import Caller
from cds_service.site import Client
from cds_service.trust import KeySets, Trust

ISSUER = "https://ehr.example.org"
KEY_SET = "https://ehr.example.org/jwks.json"
VIEW = "https://cds.example.org/cds-services/hiccups-patient-view"
NOW = 1_800_000_000
CLIENT = Client(ISSUER, jwks_url=KEY_SET)
ELLIPTIC = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)


def jwk(key: Any = ELLIPTIC, kid: str = "k1", **more: object) -> dict[str, object]:
    """The public half; a member of None is left out."""
    algorithm = "RS384" if isinstance(key, rsa.RSAPrivateKey) else "ES384"
    made = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key()))
    whole = {**made, "kid": kid, **more}
    return {name: value for name, value in whole.items() if value is not None}


def token(
    key: Any = ELLIPTIC, algorithm: str = "ES384", header: dict[str, object] | None = None, **claims: object
) -> str:
    """Good for five minutes from `NOW`; a claim or a header of None is left out."""
    whole = {"iss": ISSUER, "aud": VIEW, "iat": NOW, "exp": NOW + 300, "jti": "j1", **claims}
    payload = json.dumps({name: value for name, value in whole.items() if value is not None}).encode()
    headers = {"kid": "k1", "typ": "JWT", **(header or {})}
    return signed(payload, key, algorithm, headers)


def signed(payload: bytes, key: Any, algorithm: str, headers: dict[str, object]) -> str:
    kept = {name: value for name, value in headers.items() if value is not None}
    return jwt.api_jws.encode(payload, key, algorithm, {**kept, "typ": kept.get("typ")})


def fetched(*keys: dict[str, object]) -> Fetched:
    return Fetched(200, json.dumps({"keys": keys}).encode())


@dataclass
class Server:
    """A key server: what it answers (an error is raised), how often it was asked, and the time on its clock."""

    answer: Fetched | Exception
    asked: list[str] = field(default_factory=list)
    time: float = 50.0

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def key_sets(self) -> KeySets:
        return KeySets(self.fetch, lambda: self.time)


@dataclass
class Memory:
    """The tokens that were used, for one process."""

    used: dict[tuple[str, str], float] = field(default_factory=dict)

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        is_first = (issuer, jti) not in self.used
        self.used.setdefault((issuer, jti), until)
        return is_first


def trust(*keys: dict[str, object], now: float = NOW, memory: Memory | None = None, **settings: Any) -> Trust:
    """The door for one client with the settings given."""
    server = Server(fetched(*(keys or (jwk(),))))
    client = replace(CLIENT, **settings)
    return Trust({client.issuer: client}, server.key_sets(), memory or Memory(), lambda: now)


def admitted(sent: str, door: Trust | None = None, audiences: tuple[str, ...] = (VIEW,)) -> Caller:
    return (door or trust()).admit([f"Bearer {sent}"], audiences)
