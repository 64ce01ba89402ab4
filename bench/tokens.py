"""Keys of a client that does not exist, and tokens signed with them: each good for one call."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://ehr.example.org"
BASE = "https://bench.example.org"
"""The public address that the service believes to have."""
ALGORITHMS = ("RS384", "ES384")


@dataclass(frozen=True, slots=True)
class Signer:
    """The private keys of the client, and where its public ones are written."""

    keys: dict[str, Any]
    file: Path

    def token(self, algorithm: str, path: str) -> str:
        """A new token for one path of the service."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": f"{BASE}{path}", "iat": now, "exp": now + 3000, "jti": str(uuid4())}
        return jwt.encode(claims, self.keys[algorithm], algorithm, headers={"kid": algorithm})


def signer(folder: Path) -> Signer:
    """New keys; the public ones as a JWK Set in `folder`."""
    keys: dict[str, Any] = {
        "RS384": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES384": ec.generate_private_key(ec.SECP384R1()),
    }
    public = [
        RSAAlgorithm.to_jwk(keys["RS384"].public_key(), as_dict=True),
        ECAlgorithm.to_jwk(keys["ES384"].public_key(), as_dict=True),
    ]
    file = folder / "keys.json"
    named = [{**jwk, "kid": name, "alg": name, "use": "sig"} for name, jwk in zip(ALGORITHMS, public, strict=True)]
    file.write_text(json.dumps({"keys": named}))
    return Signer(keys, file)


def site_file(folder: Path, keys: Path, store: str = "") -> Path:
    """The site's file of the production profile: the client, an audit file, the database `store` or one there."""
    file = folder / "site.toml"
    file.write_text(
        f"""
[service]
base_url = "{BASE}"
[[clients]]
issuer = "{ISSUER}"
jwks_file = "{keys}"
[audit]
path = "{folder / "audit.jsonl"}"
[store]
url = "{store or f"sqlite:///{folder}/production.db"}"
"""
    )
    return file
