"""The parts that a profile and a site's file ask for, put together: trust, FHIR access, store, audit.

Decides what a profile demands before it starts. What each part does is its own package's matter.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cds_service import metrics
from cds_service.access import Access, Servers
from cds_service.audit import Audit
from cds_service.audit.chain import hash_with, known_key_of
from cds_service.errors import Fault, StartUpError
from cds_service.outbound import Outbound
from cds_service.repeats import RepeatPolicy
from cds_service.site import Client, Site, SiteFault
from cds_service.site.service_tables import path_fault
from cds_service.store import Database, Store, StoreUnavailable
from cds_service.store.database import full_url, sqlite_file
from cds_service.traces import log_failure
from cds_service.trust import KeySets, Trust
from cds_service.trust.keys import fetcher, read_key_set
from cds_service.trust.replays import Replays

TEST_ISSUERS = ("https://sandbox.cds-hooks.org", "https://inferno.healthit.gov/suites/custom/crd_server")
"""Issuers whose private keys anybody can have; versions of the second follow its name."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands behind the door of one process. None: that part is not there."""

    site: Site = field(default_factory=Site)
    trust: Trust | None = None
    access: Access | None = None
    store: Store | None = None
    audit: Audit | None = None
    repeats: RepeatPolicy | None = None
    hash_of: Callable[[str], str] | None = None
    """The keyed hash that stands for a patient."""


def parts_of(site: Site, profile: str) -> Parts:
    """All parts of a site that has no faults. The tables of its store are brought to their newest form. Raises
    `StartUpError`."""
    outbound = Outbound(site.service.ca_file)
    store = Store(Database(site.store.url, connections=site.store.connections), lost=partial(lost, "store"))
    with suppress(StoreUnavailable):  # Hooks answer without a store; feedback and readiness say that it is not there.
        store.database.migrate()
    is_production = profile == "production"
    clients = {client.issuer: client for client in site.clients}
    audit = _audit_at(site.audit.path) if site.audit.path else None
    hash_of = audit.hash_of if audit else _hash_of_environment()
    return Parts(
        site=site,
        trust=Trust(clients, KeySets(fetcher(outbound)), Replays(store, partial(lost, "tokens")))
        if is_production
        else None,
        access=Access(outbound, Servers(not is_production, site.clients), float(site.limits.fhir_seconds)),
        store=store,
        audit=audit,
        repeats=RepeatPolicy(site.repeats, store, hash_of, time.time) if site.repeats.suppress and hash_of else None,
        hash_of=hash_of,
    )


def _audit_at(path: str) -> Audit:
    """Raises `StartUpError` where its key cannot be made, as on a full disk."""
    try:
        return Audit(path)
    except OSError as error:
        fault = f"[audit] path: its key cannot be kept beside {path} ({error.strerror})."
        advice = "Make room, let the service's user write there, or set CDS_HASH_KEY."
        raise StartUpError(Fault("CDS-006", "invalid", fault, advice)) from None


def lost(place: str, error: Exception) -> None:
    """Log and count that something could not be kept or asked for, since its place did not answer."""
    metrics.UNAVAILABLE.labels(place).inc()
    log_failure(error, lost=place)


def _hash_of_environment() -> Callable[[str], str] | None:
    key = os.environ.get("CDS_HASH_KEY", "")
    return partial(hash_with, key.encode()) if key else None


def faults_of(site: Site, profile: str) -> Iterator[SiteFault]:
    """What the file says that no process can start with."""
    yield from _store_faults(site.store.url)
    if site.audit.path:
        yield from _audit_faults(Path(site.audit.path).absolute())
    if site.service.ca_file and (reason := _no_certificates(site.service.ca_file)):
        yield SiteFault("service", "ca_file", reason, "a file of certificates (PEM)")
    for client in site.clients:
        if client.jwks_file and (reason := read_key_set(client.jwks_file)):
            yield SiteFault("clients", "jwks_file", f"{client.jwks_file}: {reason}", "a file with a JWK Set")
    if (site.repeats.suppress or site.store.patient_hashes) and not (site.audit.path or os.environ.get("CDS_HASH_KEY")):
        table, key = ("repeats", "suppress") if site.repeats.suppress else ("store", "patient_hashes")
        yield SiteFault(table, key, "there is no key to hash patients with", "[audit] path, or CDS_HASH_KEY set")
    if profile == "production":
        yield from _production_faults(site)


def _store_faults(url: str) -> Iterator[SiteFault]:
    wanted = "sqlite:///FILE or postgresql://USER@HOST/DATABASE"
    try:
        file = sqlite_file(full_url(url))
    except ValueError as error:
        yield SiteFault("store", "url", str(error), wanted)
        return
    if not url.startswith("sqlite"):
        return
    if file is None or str(file) == ":memory:" or path_fault(str(file)):
        yield SiteFault("store", "url", "it names no file, so nothing would be kept", wanted)
    elif file.is_dir():
        yield SiteFault("store", "url", "it is a folder", wanted)
    elif not file.absolute().parent.is_dir():
        yield SiteFault("store", "url", "its folder does not exist", "a file in a folder that exists")


def _audit_faults(path: Path) -> Iterator[SiteFault]:
    if path.is_dir():
        yield SiteFault("audit", "path", "it is a folder", "a file in a folder that exists")
    elif not path.parent.is_dir():
        yield SiteFault("audit", "path", "its folder does not exist", "a file in a folder that exists")
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        yield SiteFault("audit", "path", "its folder can't be written", "a file in a folder of the service's user")
    else:
        try:
            known_key_of(path)
        except FileNotFoundError:
            return  # It is made at the first start.
        except OSError as error:
            yield SiteFault("audit", "path", str(error.strerror), "the key file whole, or CDS_HASH_KEY set")


def _no_certificates(file: str) -> str:
    """What is wrong with a file of certificates; "" where it can be used."""
    if not Path(file).is_file():
        return "there is no such file"
    try:
        authorities = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authorities.load_verify_locations(file)
    except OSError:
        return "it holds no certificate that can be read"
    return ""


def _production_faults(site: Site) -> Iterator[SiteFault]:
    if not site.clients:
        yield SiteFault("clients", "", "no client is trusted", "a [[clients]] table for each EHR that may call")
    if not site.service.base_url:
        yield SiteFault("service", "base_url", "it is missing", "the public https address below which /cds-services is")
    for client in site.clients:
        if is_test_issuer(client):
            what = f"{client.issuer!r} is a publicly known test issuer, whose tokens anybody can sign"
            yield SiteFault("clients", "issuer", what, "issuers whose private keys are secret")


def is_test_issuer(client: Client) -> bool:
    """The public sandbox's, Inferno's and its versions', however they are written, by issuer or by key set."""
    known = {urlsplit(issuer).hostname for issuer in TEST_ISSUERS}
    return any(_host(address) in known for address in (client.issuer, client.jwks_url))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
