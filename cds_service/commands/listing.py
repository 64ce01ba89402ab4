"""What `cds-service check` lists of a sound site file: what was read, so that a reader sees what is not there too.

No secret is printed: neither a password of the database nor the hash of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields

from sqlalchemy.engine import make_url

from cds_service.knowledge.contract import Knowledge
from cds_service.site import Client, Site
from cds_service.trust.keys import keys_of_file, named_keys


def listed(site: Site, knowledge: Knowledge) -> Iterator[str]:
    """One line for each thing."""
    for service in knowledge.services:
        yield f"service     {service.id} ({len(service.prefetch)} prefetch keys)"
    yield f"time zone   {site.time_zone}"
    base = site.service.base_url.rstrip("/")
    yield f"address     {base}/cds-services/SERVICE, the `aud` of tokens" if base else "address     none is set"
    for client in site.clients:
        yield from _client(client)
    if not site.clients:
        yield "client      none"
    url = make_url(site.store.url)
    bound = "" if url.drivername.startswith("sqlite") else f", {site.store.connections} connections a worker"
    yield f"store       {url.render_as_string(hide_password=True)}{bound}"
    yield f"audit       {_audit(site)}"
    for limit in fields(site.limits):
        yield f"limit       {limit.name} = {getattr(site.limits, limit.name)}"
    yield f"admin       open to {site.admin.name}" if _is_open(site) else "admin       closed"
    if site.repeats.suppress:
        yield f"repeats     held back: information {site.repeats.info_days} days, warnings {site.repeats.warning_days}"
    yield from _knowledge(site)


def _client(client: Client) -> Iterator[str]:
    use = "tokens once" if client.replay == "refuse" else "tokens again and again"
    told = [", ".join(client.algorithms), f"{use}, up to {client.max_token_seconds} s"]
    told += [f"clocks within {client.leeway_seconds} s"]
    told += [f"tenants {', '.join(client.tenants)}"] if client.tenants else []
    told += [f"audiences {', '.join(client.audiences)}"] if client.audiences else []
    yield f"client      {client.issuer}: {'; '.join(told)}"
    if client.jwks_url:
        yield f"keys        {client.issuer}: fetched from {client.jwks_url}"
    else:
        yield f"keys        {client.issuer}: {named_keys(keys_of_file(client.jwks_file), client)} in {client.jwks_file}"
    for server in client.fhir_servers:
        yield f"FHIR server {client.issuer}: {server}"


def _audit(site: Site) -> str:
    if not site.audit.path:
        return "none"
    return f"{site.audit.path}, sealed with {'CDS_HASH_KEY' if os.environ.get('CDS_HASH_KEY') else 'the key beside it'}"


def _is_open(site: Site) -> bool:
    return bool(site.admin.name and site.admin.password_hash)


def _knowledge(site: Site) -> Iterator[str]:
    for key, value in site.thresholds.items():
        yield f"threshold   {key} = {value}"
    for name, codes in site.codes.items():
        for system, code in codes:
            yield f"code        {name}: {system}|{code}"
    for name, coding in site.catalogue.items():
        yield f"catalogue   {name}: {coding.system}|{coding.code}"
    if site.cards.detail != "short":
        yield f"cards       {site.cards.detail}"
    for topic, is_on in site.cards.topics.items():
        yield f"card        {topic} {'on' if is_on else 'off'}"
    for hook, is_on in site.hooks.items():
        yield f"hook        {hook} {'on' if is_on else 'off'}"
    for host in sorted(site.links or ()):
        yield f"link host   {host}"
    for code, display in site.override_reasons:
        yield f"reason      {code}: {display}"
