"""What is fuzzed: the decoders of everything that comes from outside. A target raises for a finding, for nothing else.

Allowed are the errors that a client is answered with (`cds_service.errors`) and the refusals of a decoder's own.
"""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import jwt
import msgspec
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from urllib3.util import Url, parse_url

from cds_service.access import _queries, search
from cds_service.access.servers import Servers
from cds_service.errors import CdsError
from cds_service.outbound import Fetched, OutboundFailed
from cds_service.protocol.caller import ANYONE
from cds_service.protocol.feedback import LONGEST_COMMENT, read_feedback
from cds_service.protocol.offer import Offer, offers_of
from cds_service.protocol.request import read_request
from cds_service.protocol.response import issued, ranked, response_body
from cds_service.site import Client
from cds_service.site.addresses import is_loopback_host
from cds_service.trust import KeySets, Trust
from cds_service.trust.keys import _usable, keys_in
from cds_service.trust.tokens import Refused, read_token
from hooks.anti_mag import KNOWLEDGE
from tests.engine.calls import bundle, call, draft, haemoglobin, orders
from tests.fuzz import charts
from tests.toy_disease import KNOWLEDGE as TOY

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
ISSUER, AUDIENCE = "https://ehr.example.org", "https://cds.example.org/cds-services/hiccups-patient-view"
BASE = "https://fhir.example.org/r4"

SERVERS = Servers(is_sandbox=True, clients=())

TOYS: list[Offer] = list(offers_of([TOY]).values())
OFFERS: list[Offer] = list(offers_of([KNOWLEDGE]).values())


@dataclass(frozen=True)
class Target:
    """One decoder. `longest` is the most bytes it is given; `is_json`: its bytes are changed as JSON as well."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 4096
    is_json: bool = True


def read_envelope(data: bytes) -> None:
    """The request reader, for the hook that the body names, else the first."""
    offer = next((toy for toy in TOYS if toy.hook.name.encode() in data[:200]), TOYS[0])
    try:
        request = read_request(data, offer.hook, offer.envelope, offer.opener)
    except CdsError:
        return
    f"{request.patient_id}{request.user}{request.fhir}{request.context}".encode()
    base = SERVERS.readable(request, ANYONE)
    for query in _queries(request, offer.service.prefetch).values() if base else ():
        asked = _sent_to(f"{base}/{query.path}")
        assert asked is None or is_loopback_host((asked.host or "").strip("[]")), "the sandbox reads no other host"


def _sent_to(url: str) -> Url | None:
    """The address as the library that sends a request understands it, which is not the one that checked it. None for
    one that it refuses."""
    try:
        return parse_url(requests.Request("GET", url).prepare().url or "")
    except requests.RequestException:
        return None


def read_body(data: bytes) -> None:
    """The whole way from bytes to an answer, with the real knowledge."""
    advise(next((offer for offer in OFFERS if offer.hook.name.encode() in data[:200]), OFFERS[0]), data)


def read_chart(data: bytes) -> None:
    """The same for pieces of example patients."""
    advise(*charts.call_of(data, OFFERS))


def advise(offer: Offer, body: bytes) -> None:
    try:
        asked = offer.call(body, today=TODAY, zone=UTC)
    except CdsError:
        return
    if asked is None:
        return
    advice = offer.knowledge.advise(asked)
    for failure in advice.failures:
        raise failure.error
    answer = response_body(issued(ranked(advice.cards, offer.knowledge.topics)), offer.knowledge.extension)
    for card in json.loads(answer, parse_constant=_no_json)["cards"]:
        assert 0 < len(card["summary"]) < 140, "a summary has up to 139 characters"


def _no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(KEY.public_key())), "kid": "k1", "use": "sig"}
CLIENT = Client(ISSUER, jwks_url=f"{ISSUER}/keys", algorithms=("ES256", "RS384", "PS256", "ES384"))


class _Memory:
    """Remembers nothing: the same token may come again while it is changed."""

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        assert issuer
        assert jti
        assert 0 < until < NOON + 5000
        return True


TRUST = Trust(
    {ISSUER: CLIENT},
    KeySets(lambda _: Fetched(200, msgspec.json.encode({"keys": [JWK]}))),
    _Memory(),
    lambda: NOON,
)


def admit(data: bytes) -> None:
    """A list [header, claims] is signed with the client's key; other bytes are the header Authorization."""
    token = data.decode("latin-1")
    if data.startswith(b"["):
        token = _signed(data) or token
    try:
        read_token(token.removeprefix("Bearer "))
    except Refused as refused:
        str(refused).encode()
    try:
        TRUST.admit([f"Bearer {token}"], [AUDIENCE])
        TRUST.admit([token], [AUDIENCE])
    except CdsError as error:
        str(error.__cause__ or "").encode()  # What `trust check` prints.


def _signed(data: bytes) -> str:
    """The token with header and claims as sent, however odd; "" for what is no such list."""
    try:
        header, claims = (jwt.utils.base64url_encode(json.dumps(part).encode()) for part in json.loads(data))
    except (TypeError, ValueError, RecursionError):
        return ""
    signed = header + b"." + claims
    signature = jwt.get_algorithm_by_name("ES256").sign(signed, KEY)
    return (signed + b"." + jwt.utils.base64url_encode(signature)).decode()


def read_keys(data: bytes) -> None:
    """A key set as its server sends it, and the use of each key."""
    try:
        keys = keys_in(data)
    except ValueError:
        return
    for jwk in keys[:4]:
        for algorithm in ("ES256", "ES384", "RS384", "PS256"):
            try:
                _usable([jwk], algorithm)
            except Refused:
                continue
    served = KeySets(lambda _: Fetched(200, data))
    for kid in ("k1", "k2"):
        try:
            served.keys(CLIENT, read_token(_TOKEN.replace("k1", kid))[0])
        except (Refused, CdsError):
            continue


_CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "iat": int(NOON), "exp": int(NOON) + 300, "jti": "a1"}
_TOKEN = jwt.encode(_CLAIMS, KEY, "ES256", {"kid": "k1", "typ": "JWT"})


def take_feedback(data: bytes) -> None:
    """Feedback, and that what is taken fits the columns of a database."""
    try:
        feedback = read_feedback(data)
    except CdsError:
        return
    assert feedback.items
    for item in feedback.items:
        text = f"{item.card}{item.suggestions}{item.reason_system}{item.reason_code}{item.reason_display}{item.comment}"
        text.encode()
        assert "\0" not in text
        assert item.card
        assert len(item.comment) <= LONGEST_COMMENT
        assert max(len(item.reason_system), len(item.reason_display)) <= 512
        assert max(len(item.card), len(item.reason_code)) <= 256
        assert item.happened.endswith("Z")
        assert len(item.happened) <= 32


class _Server:
    """A FHIR server that answers with one page after the other, the last again and again."""

    def __init__(self, pages: list[bytes]) -> None:
        self.pages, self.asked = pages, 0

    def get(self, url: str, **_: Any) -> Fetched:
        asked = _sent_to(url)
        if asked is None:
            raise OutboundFailed("broken")
        assert (asked.scheme, asked.host, asked.port or 443) == ("https", "fhir.example.org", 443), (
            "the token would leak"
        )
        assert asked.auth is None
        assert (asked.path or "/").startswith("/r4"), "the token is for what is below the base"
        page = self.pages[min(self.asked, len(self.pages) - 1)]
        self.asked += 1
        return Fetched(200, page)


def page_through(data: bytes) -> None:
    """A page of a server, read and followed; a list is one page after the other."""
    try:
        pages = [bytes(page) for page in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError):
        pages = []
    server = _Server(pages or [data])
    found = search.Search(server, BASE, "token", float("inf")).run(search.Query("Observation?patient=1", "Bundle"))  # type: ignore[arg-type]
    assert server.asked <= search.MOST_PAGES + 1
    if found.value is not None and found.outcome in ("ok", "cut"):
        members = search._resource(found.value, "Bundle")
        assert found.outcome == "cut" or not search._has_next(members)
    search.Search(server, BASE, "", float("inf")).run(search.Query("Patient/1", "Patient"))  # type: ignore[arg-type]


def _requests() -> Iterable[bytes]:
    yield b"\xef\xbb\xbf{}"
    access = {
        "fhirServer": BASE,
        "fhirAuthorization": {
            "access_token": "t",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "s",
            "subject": "x",
        },
    }
    for toy in TOYS:
        yield json.dumps(call(toy.hook.name, **access)).encode()
        yield json.dumps(call(toy.hook.name, prefetch={}, fhirServer="http://127.0.0.1:8080/r4")).encode()
    yield json.dumps(call("order-select", orders(draft("tea")))).encode()
    yield json.dumps(call("order-dispatch", {"dispatchedOrders": ["ServiceRequest/1"]})).encode()
    yield json.dumps(call("appointment-book", {"appointments": bundle({"resourceType": "Appointment"})})).encode()


def _bodies() -> Iterable[bytes]:
    """Small calls, by random programs that always come out the same."""
    chance = random.Random(7)
    for _ in range(40):
        steps = (chance.randrange(4000).to_bytes(2, "big") + bytes([0, chance.randrange(16)]) for _ in range(6))
        body = charts.call_of(bytes([chance.randrange(len(OFFERS)), 1]) + b"".join(steps), OFFERS)[1]
        if len(body) < 12_000:
            yield body


def _tokens() -> Iterable[bytes]:
    yield _TOKEN.encode()
    header = {"alg": "ES256", "kid": "k1", "typ": "JWT"}
    for more in ({}, {"tenant": "t", "nbf": 1}, {"aud": [AUDIENCE, "x"]}, {"exp": 1e300}, {"jti": 1}, {"iss": []}):
        yield msgspec.json.encode([header, _CLAIMS | more])
    for more in ({"jku": f"{ISSUER}/keys"}, {"alg": "none"}, {"alg": "HS256"}, {"crit": ["b64"], "b64": False}):
        yield msgspec.json.encode([header | more, _CLAIMS])


def _key_sets() -> Iterable[bytes]:
    numbers = {"n": "u" * 342, "e": "AQAB"}
    yield msgspec.json.encode({"keys": [JWK, {**JWK, "kid": "k2", "alg": "ES384", "key_ops": ["verify"]}]})
    yield msgspec.json.encode(
        {"keys": [{"kty": "RSA", "kid": "k1", **numbers}, {"kty": "oct", "kid": "k1", "k": "AA"}]}
    )
    yield msgspec.json.encode({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": JWK["x"], "kid": "k1"}]})


def _feedback() -> Iterable[bytes]:
    reason = {"reason": {"system": "s", "code": "c", "display": "d"}, "userComment": "no"}
    entry = {"card": "c", "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00.5+01:00"}
    taken = {**entry, "outcome": "accepted", "acceptedSuggestions": [{"id": "s"}]}
    yield json.dumps(
        {"feedback": [entry | {"overrideReason": reason}, taken, entry | {"overrideReasons": reason}]}
    ).encode()
    odd = {"overrideReason": {"extension": {"urn:reasonTitle": "t"}}, "outcomeTimestamp": "2016-12-31T23:59:60Z"}
    yield json.dumps({"feedback": [entry | odd]}).encode()


def _pages() -> Iterable[bytes]:
    for url in (f"{BASE}?_getpages=1", f"{BASE}/%2e%2e/x", "Observation?page=2", "//x.test/r4", ""):
        links = [{"relation": "self", "url": BASE}, {"relation": "next", "url": url}]
        yield json.dumps(bundle(haemoglobin(), link=links)).encode()
    chain = [bundle(haemoglobin(), link=[{"relation": "next", "url": f"{BASE}?page={page}"}]) for page in range(3)]
    yield json.dumps([*chain, bundle()]).encode()
    yield json.dumps({"resourceType": "Patient", "id": "1"}).encode()


TARGETS = {
    target.name: target
    for target in (
        Target("request", read_envelope, _requests),
        Target("body", read_body, _bodies, 16_384),
        Target("chart", read_chart, lambda: charts.seeds(len(OFFERS)), 512, is_json=False),
        Target("token", admit, _tokens),
        Target("keys", read_keys, _key_sets),
        Target("feedback", take_feedback, _feedback),
        Target("paging", page_through, _pages),
    )
}
