"""A test client's keys and tokens, for `cds-service trust keygen`, `trust sign` and `try --key`.

A test client is one that the site's own people play, to see a signed call answered before an EHR is connected. Its
private key is a file that `keygen` made; cryptography is PyJWT's and `cryptography`'s.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds_service.site import Client, Site

PRIVATE, PUBLIC = ".key.json", ".jwks.json"
"""Ends of the names of the two files of a test client."""
ALGORITHMS = ("ES384", "RS384")
_SECONDS = 300
"""Life of a token."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """The private key of a test client."""

    issuer: str
    kid: str
    algorithm: str
    key: Any

    def token(self, audience: str, issuer: str = "") -> str:
        """A new token, for one call of that address."""
        now = int(time.time())
        claims = {"iss": issuer or self.issuer, "aud": audience, "iat": now, "exp": now + _SECONDS}
        head = {"kid": self.kid, "typ": "JWT"}
        return jwt.encode({**claims, "jti": str(uuid4())}, self.key, self.algorithm, head)


def make_key(folder: Path, name: str, issuer: str, algorithm: str) -> tuple[Path, Path]:
    """Write the private key and the key set of a new test client. Raises OSError, also where the key is there."""
    key = ec.generate_private_key(ec.SECP384R1()) if algorithm == "ES384" else rsa.generate_private_key(65537, 3072)
    about = {"kid": secrets.token_hex(8), "use": "sig", "alg": algorithm}
    made = jwt.get_algorithm_by_name(algorithm)
    private, public = folder / f"{name}{PRIVATE}", folder / f"{name}{PUBLIC}"
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_json({**json.loads(made.to_jwk(key)), **about, "key_ops": ["sign"], "iss": issuer}))
    public.write_text(
        _json({"keys": [{**json.loads(made.to_jwk(key.public_key())), **about, "key_ops": ["verify"]}]}),
        encoding="utf-8",
    )
    return private, public


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def read_key(path: Path) -> ClientKey:
    """The key of a file that `keygen` made. Ends the command with a sentence where it is none."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        issuer, kid, algorithm = (str(read[name]) for name in ("iss", "kid", "alg"))
        if algorithm not in ALGORITHMS or "d" not in read:
            raise ValueError(algorithm)
        return ClientKey(issuer, kid, algorithm, jwt.PyJWK(read, algorithm).key)
    except OSError as error:
        raise click.ClickException(f"{path}: it cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, jwt.PyJWTError):
        raise click.ClickException(f"{path}: it is no key of `cds-service trust keygen`.") from None


def key_of(site: Site, issuer: str) -> Path:
    """The private key of a test client of the site, beside its key set."""
    client = _client(site, issuer)
    if not client.jwks_file.endswith(PUBLIC):
        raise click.ClickException(f"{issuer} is no test client: `trust keygen` did not make its keys. Name a --key.")
    return Path(f"{client.jwks_file.removesuffix(PUBLIC)}{PRIVATE}")


def _client(site: Site, issuer: str) -> Client:
    for client in site.clients:
        if client.issuer == issuer:
            return client
    raise click.ClickException(f"{issuer} is no client of the site's file (CDS_CONFIG).")
