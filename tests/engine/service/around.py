"""What stands around the service in these tests: a FHIR server, a key server, clients with keys, a site of our own."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.knowledge.rows import DataFile
from cds_service.main import for_site
from cds_service.parts import parts_of
from cds_service.settings import Settings
from cds_service.site import Site, read_site
from tests.toy_disease import KNOWLEDGE

BASE = "https://cds.example.org"
ISSUER = "https://ehr.example.org"
VIEW = f"{BASE}/cds-services/hiccups-patient-view"


@dataclass
class Told:
    """What a stub answers, and what it was asked."""

    answer: Callable[[str], tuple[int, dict[str, str], bytes]]
    asked: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    base: str = ""


@contextmanager
def serving(answer: Callable[[str], tuple[int, dict[str, str], bytes]]) -> Iterator[Told]:
    """A loopback server that answers each GET by its path."""
    told = Told(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.authorizations.append(self.headers.get("Authorization"))
            status, headers, body = told.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            return  # A client that goes away is what some tests are about.

    server = Server(("127.0.0.1", 0), Handler)
    told.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def fhir(value: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/fhir+json"}, json.dumps(value).encode()


class Key:
    """A client's signing key."""

    def __init__(self, kid: str = "k1", algorithm: str = "ES384") -> None:
        self.kid, self.algorithm = kid, algorithm
        is_elliptic = algorithm.startswith("ES")
        self.private: Any = (
            ec.generate_private_key(ec.SECP384R1()) if is_elliptic else rsa.generate_private_key(65537, 2048)
        )

    @property
    def jwk(self) -> dict[str, Any]:
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        made: dict[str, Any] = json.loads(algorithm.to_jwk(self.private.public_key()))
        return {**made, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def token(self, audience: object = VIEW, header: dict[str, Any] | None = None, **claims: object) -> str:
        """A token of `ISSUER` that is good for five minutes; a claim of None is left out."""
        now = int(time.time())
        whole = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), **claims}
        sent = {name: value for name, value in whole.items() if value is not None}
        headers = {"kid": self.kid, "typ": "JWT", **(header or {})}
        kept = {name: value for name, value in headers.items() if value is not None}
        return jwt.encode(sent, self.private, self.algorithm, {**kept, "typ": kept.get("typ")})


def site_of(text: str) -> Site:
    made, faults = read_site(DataFile("site.toml", text))
    assert not faults, faults
    return made


def client_of(site: Site, profile: str = "sandbox") -> FlaskClient:
    """The toy service for a site, as `cds_service.main` puts it together."""
    settings = Settings("production" if profile == "production" else "sandbox", "hiccups")
    return create_app(for_site(settings, site), [KNOWLEDGE], parts=parts_of(site, profile)).test_client()
