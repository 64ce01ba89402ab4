"""What `cds-service check --online` asks: the key server of each client, and the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds_service.outbound import Outbound, OutboundFailed
from cds_service.site import Client, Site
from cds_service.store import Database
from cds_service.store.database import HEAD
from cds_service.trust.keys import Fetch, algorithms_of, fetcher, keys_in, named_keys


class Answer(NamedTuple):
    """One thing found; a fault, where the service would miss it."""

    is_fault: bool
    text: str


_OF_THE_STORE = {
    "ok": Answer(False, f"store: its tables are those of migration {HEAD}, the newest"),
    "older tables": Answer(False, f"store: its tables are older; the start brings them to migration {HEAD}"),
    "newer tables": Answer(False, f"store: its tables are those of a newer version than this one, which has {HEAD}"),
    "unreachable": Answer(True, "store: the database does not answer"),
}


def answers(site: Site) -> Iterator[Answer]:
    """What is there and what is not. Nothing is changed or made."""
    fetch = fetcher(Outbound(site.service.ca_file))
    for client in site.clients:
        if client.jwks_url:
            yield _of_key_server(client, fetch)
    database = Database(site.store.url)
    if database.is_there:
        yield _OF_THE_STORE[database.state()]
    else:
        yield Answer(False, "store: its file is not there yet; the first start makes it")


def _of_key_server(client: Client, fetch: Fetch) -> Answer:
    place = f"{client.issuer}: {client.jwks_url}"
    try:
        answer = fetch(client.jwks_url)
    except OutboundFailed as failure:
        return Answer(True, f"{place} gives no key set ({failure.reason})")
    if answer.status != 200:
        return Answer(True, f"{place} answers {answer.status}, and no key set")
    try:
        keys = keys_in(answer.body)
    except ValueError:
        return Answer(True, f"{place} answers what is no JWK Set")
    is_usable = any(algorithms_of(key, client) for key in keys)
    return Answer(not is_usable, f"{place} gives {named_keys(keys, client)}")
