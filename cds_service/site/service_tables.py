"""Readers of the tables that set up the service itself: address, clients, store, audit, limits and others.

Decides which keys there are, of which type, and what a value looks like. What a profile demands of them together
(clients in production, no test issuers) is left to `cds_service.site.profile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from cds_service.settings import BODY_LIMIT
from cds_service.site.addresses import is_loopback_host
from cds_service.site.report import Report

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
"""Signature algorithms that a site may allow; none of them shares a secret (CDS Hooks 2.0, client authentication)."""


@dataclass(frozen=True, slots=True)
class Address:
    """`[service]`: where clients reach us."""

    base_url: str = ""
    """Public address under which `/cds-services` is reached; `aud` of tokens is compared with it, never with a Host
    header. The link "Why this card" leads to the rule's page below it (`/knowledge/rules/…`), so let users' browsers
    reach that too. Production needs it; in the sandbox the link takes the address that was called."""
    discovery_auth: bool = False
    """Whether discovery asks for a token too."""
    specification_version: str = ""
    """`version` of each service in discovery, which CDS Hooks 3.0 recommends; without it discovery says none."""
    allow_origins: tuple[str, ...] = ()
    """Origins of browser clients; the sandbox profile allows every one."""
    ca_file: str = ""
    """Certificates (PEM) of the authorities that key and FHIR servers are trusted by, in place of the public ones."""


@dataclass(frozen=True, slots=True)
class Client:
    """`[[clients]]`: one EHR that may call, with what we know of its ways."""

    issuer: str
    """`iss` of its tokens."""
    jwks_url: str = ""
    """Address of its public keys. Either this or `jwks_file`."""
    jwks_file: str = ""
    """File of its public keys on this host."""
    algorithms: tuple[str, ...] = ("ES384", "RS384")
    """Signatures accepted."""
    audiences: tuple[str, ...] = ()
    """Further values of `aud` that are accepted from it."""
    tenants: tuple[str, ...] = ()
    """Tenants that may call; empty is every one."""
    replay: Literal["refuse", "allow"] = "refuse"
    """What becomes of a token that is sent twice."""
    max_token_seconds: int = 3600
    """Longest life of a token."""
    leeway_seconds: int = 30
    """Difference of clocks that is forgiven."""
    fhir_servers: tuple[str, ...] = ()
    """Bases of FHIR servers that we read from for it; any other counts as absent."""
    selection_behavior: Literal["as-written", "any", "at-most-one"] = "as-written"
    """For clients that know one of them only."""
    delete_form: Literal["none", "resourceId", "resource"] = "none"
    """How a suggestion that replaces the user's draft deletes it: `resourceId` is CDS Hooks 2.0, `resource` 1.0; "none"
    leaves it to the user."""
    system_actions: Literal["omit", "empty"] = "omit"
    """"empty" sends an empty `systemActions` at appointment-book, order-sign and order-dispatch."""


@dataclass(frozen=True, slots=True)
class StoreTable:
    """`[store]`: the database of cards shown, feedback and token ids."""

    url: str = "sqlite:///cds-service.db"
    """A SQLAlchemy address: `sqlite:///…` or `postgresql+psycopg://…`."""
    patient_hashes: bool = False
    """Keep a keyed hash of the patient with each card shown."""
    connections: int = 4
    """Connections of each worker to PostgreSQL at most."""


@dataclass(frozen=True, slots=True)
class AuditTable:
    """`[audit]`: one record a decision. Without a path nothing is recorded."""

    path: str = ""
    """File of the audit records."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`[limits]`: how much the service takes on itself."""

    body_bytes: int = BODY_LIMIT
    """The largest request that is taken."""
    fhir_seconds: Decimal = Decimal(3)
    """For everything that is read from a FHIR server during one call."""
    requests_in_flight: int = 64
    """Calls that one worker takes at a time; beyond it answers 503."""
    header_seconds: Decimal = Decimal(10)
    """For a client to send the head of a request; then 408."""
    body_seconds: Decimal = Decimal(30)
    """For its body, of which `body_bytes_per_second` must arrive on average; then 408."""
    body_bytes_per_second: int = 4096
    """What must arrive of a body on average, after its first three seconds."""
    bytes_in_hand: int = 32 * 1024 * 1024
    """Bytes of bodies over 64 kB that one worker reads and answers at a time; the others wait. One body is always let
    in."""
    waiting_seconds: Decimal = Decimal(5)
    """For a call to wait for its turn; then it is answered 503, since its caller waits no longer."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """`[repeats]`: whether a card with the same facts is shown again to the same role (logic C6.2)."""

    suppress: bool = False
    """Keep such a card back for a while from users of the same kind (`Practitioner`, `PractitionerRole`); never a
    critical card, and never at the order hooks."""
    info_days: int = 30
    """For how long, where it is information."""
    warning_days: int = 7
    """For how long, where it is a warning."""


@dataclass(frozen=True, slots=True)
class Admin:
    """`[admin]`: who may open `/admin`. Closed until both are set."""

    name: str = ""
    """Name of the user."""
    password_hash: str = ""
    """As `cds-service admin hash` prints it."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """`[workbench]`: the pages on which people try the service."""

    enabled: bool | None = None
    """Whether `/workbench` is served, where people try the service with example patients or a chart that they bring. It
    asks for no password: in production let your proxy ask for one before you turn it on. Without it, it is on in the
    sandbox and off in production."""
    objections: str = ""
    """The mail address to which somebody who does not agree with a card or rule may write from there; without it an
    objection can be printed alone."""


_FHIR_SECONDS = Decimal("0.1"), Decimal("4.0")
"""Every hook answers within five seconds, whatever a FHIR server does."""

_LONGEST_PATH = 4000

Checker = Callable[[object], str]
"""What may stand there, "" where the value is right."""


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else "a text that is not empty"


def path_fault(value: object) -> str:
    """A text that can name a file at all."""
    is_right = isinstance(value, str) and value.strip() and "\0" not in value and len(value) <= _LONGEST_PATH
    is_right = is_right and all(len(part.encode()) < 256 for part in str(value).split("/"))
    return "" if is_right else "the path of a file"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _whole(least: int, most: int) -> Checker:
    def check(value: object) -> str:
        is_right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if is_right else f"a whole number from {least} to {most}"

    return check


def _seconds(least: Decimal, most: Decimal) -> Checker:
    def check(value: object) -> str:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
        is_right = is_number and least <= Decimal(str(value)) <= most
        return "" if is_right else f"seconds from {least} to {most}"

    return check


def _one_of(*allowed: str) -> Checker:
    return lambda value: "" if value in allowed else " or ".join(f'"{one}"' for one in allowed)


def _list_of(check: Checker, what: str, least: int = 0) -> Checker:
    def each(value: object) -> str:
        is_right = isinstance(value, list) and len(value) >= least and not any(check(one) for one in value)
        return "" if is_right else f"a list of {what}"

    return each


def _web_address(value: object) -> str:
    """https, or http to this very host."""
    allowed = "an absolute https address (http for loopback only), without user, query and fragment"
    if not isinstance(value, str):
        return allowed
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return allowed
    is_plain = not (parts.query or parts.fragment or parts.username or re.search(r"[\s\\]", value))
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback_host(host))
    return "" if host and is_plain and is_safe else allowed


def _base(value: object) -> str:
    if isinstance(value, str) and value.rstrip("/").endswith("/cds-services"):
        return "the address below which /cds-services is, without it"
    return _web_address(value)


def _password_hash(value: object) -> str:
    """As werkzeug writes them. A password as it is would never let anybody in."""
    form = r"(scrypt:\d+:\d+:\d+|pbkdf2:\w+:\d+)\$[^$\s]+\$[0-9a-f]+"
    is_right = isinstance(value, str) and re.fullmatch(form, value, re.ASCII)
    return "" if is_right else "what `cds-service admin hash` prints"


def _version(value: object) -> str:
    """As the drafts of CDS Hooks 3.0 write it: a code of the ballot, or a semantic version."""
    if isinstance(value, str) and re.fullmatch(
        r"STU[1-3]|\d{1,3}(\.\d{1,3}){2}(-[0-9A-Za-z.-]{1,32})?", value, re.ASCII
    ):
        return ""
    return 'a version of CDS Hooks such as "2.0.1", or "STU2"'


def _mail(value: object) -> str:
    is_right = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}", value, re.ASCII)
    return "" if is_right else "a mail address such as rules@hospital.example.org"


def _origin(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", value):
        return ""
    return "an origin such as https://ehr.example.org"


_ADDRESS: Mapping[str, Checker] = {
    "base_url": _base,
    "discovery_auth": _flag,
    "specification_version": _version,
    "allow_origins": _list_of(_origin, "origins such as https://ehr.example.org"),
    "ca_file": path_fault,
}
_CLIENT: Mapping[str, Checker] = {
    "issuer": _text,
    "jwks_url": _web_address,
    "jwks_file": path_fault,
    "algorithms": _list_of(_one_of(*ALGORITHMS), f"algorithms out of {', '.join(ALGORITHMS)}", least=1),
    "audiences": _list_of(_text, "texts"),
    "tenants": _list_of(_text, "texts"),
    "replay": _one_of("refuse", "allow"),
    "max_token_seconds": _whole(1, 86400),
    "leeway_seconds": _whole(0, 300),
    "fhir_servers": _list_of(_web_address, "absolute https addresses (http for loopback only)"),
    "selection_behavior": _one_of("as-written", "any", "at-most-one"),
    "delete_form": _one_of("none", "resourceId", "resource"),
    "system_actions": _one_of("omit", "empty"),
}
_STORE: Mapping[str, Checker] = {"url": _text, "patient_hashes": _flag, "connections": _whole(1, 64)}
_AUDIT: Mapping[str, Checker] = {"path": path_fault}
_LIMITS: Mapping[str, Checker] = {
    "body_bytes": _whole(1, 2**31),
    "fhir_seconds": _seconds(*_FHIR_SECONDS),
    "requests_in_flight": _whole(1, 64),
    "header_seconds": _seconds(Decimal("0.5"), Decimal(60)),
    "body_seconds": _seconds(Decimal("0.5"), Decimal(300)),
    "body_bytes_per_second": _whole(1, 2**20),
    "bytes_in_hand": _whole(2**20, 2**31),
    "waiting_seconds": _seconds(Decimal("0.1"), Decimal(30)),
}
_REPEATS: Mapping[str, Checker] = {
    "suppress": _flag,
    "info_days": _whole(1, 365),
    "warning_days": _whole(1, 365),
}
_WORKBENCH: Mapping[str, Checker] = {"enabled": _flag, "objections": _mail}
_ADMIN: Mapping[str, Checker] = {"name": _text, "password_hash": _password_hash}


def _checked(report: Report, table: str, sent: Mapping[str, Any], checkers: Mapping[str, Checker]) -> dict[str, Any]:
    """The sound members of a table; what is not is reported by its key."""
    made = {}
    for key, value in sent.items():
        allowed = checkers[key](value) if key in checkers else ", ".join(checkers)
        if key not in checkers:
            report.add(table, key, "there is no such key", allowed)
        elif allowed:
            said = "this" if key == "password_hash" else repr(value)  # It may be the password itself.
            report.add(table, key, f"{said} may not stand there", allowed)
        else:
            made[key] = tuple(value) if isinstance(value, list) else value
    return made


TABLES: Mapping[str, tuple[type, Mapping[str, Checker]]] = {
    "service": (Address, _ADDRESS),
    "clients": (Client, _CLIENT),
    "store": (StoreTable, _STORE),
    "audit": (AuditTable, _AUDIT),
    "limits": (Limits, _LIMITS),
    "repeats": (Repeats, _REPEATS),
    "admin": (Admin, _ADMIN),
    "workbench": (Workbench, _WORKBENCH),
}
"""Each table with what it becomes, whose fields say what a key is for, and what may stand under each key."""


def _table(name: str) -> Callable[[Report, object], object]:
    made, checkers = TABLES[name]
    assert {field.name for field in fields(made)} == set(checkers), name
    return lambda report, sent: made(**_checked(report, name, report.table(name, sent), checkers))


def _clients(report: Report, sent: object) -> tuple[Client, ...]:
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        report.add("clients", "", "it is no list of tables", "tables that begin with [[clients]]")
        return ()
    made = [client for place, one in enumerate(sent, 1) if (client := _client(report, f"clients {place}", one))]
    issuers = [client.issuer for client in made]
    for issuer in sorted({issuer for issuer in issuers if issuers.count(issuer) > 1}):
        report.add("clients", "issuer", f"{issuer!r} stands there twice", "each issuer once")
    return tuple(made)


def _client(report: Report, table: str, sent: Mapping[str, Any]) -> Client | None:
    values = _checked(report, table, sent, _CLIENT)
    if "issuer" not in sent:
        report.add(table, "issuer", "it is missing", "the `iss` of its tokens")
    if ("jwks_url" in sent) == ("jwks_file" in sent):
        report.add(table, "jwks_url", "its keys stand nowhere, or twice", "either jwks_url or jwks_file")
    return Client(**values) if "issuer" in values else None


READERS: Mapping[str, Callable[[Report, object], object]] = {
    name: _clients if name == "clients" else _table(name) for name in TABLES
}
