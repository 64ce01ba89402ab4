"""Which FHIR server is read for whom, and how a prefetch template becomes a query.

A server that is not on a list counts as absent. In the sandbox profile, every server of this very host is read too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from cds_service.protocol.caller import Caller
from cds_service.protocol.prefetch import CONTEXT_TOKEN
from cds_service.protocol.request import HookRequest
from cds_service.site import Client
from cds_service.site.addresses import is_loopback_host, normal_url

_BEARER = re.compile(r"[\x21-\x7e]+")
"""What may stand in a header: one line without spaces (RFC 6750 allows less)."""


@dataclass(frozen=True, slots=True)
class Servers:
    """`clients` are all of the site's: where no token says who calls, each of their servers may be read."""

    is_sandbox: bool
    clients: Sequence[Client] = ()

    def readable(self, request: HookRequest, caller: Caller) -> str:
        """The base of the server to read from, without a slash at its end; "" where none may be read.

        Outside the sandbox a token is needed, and within it where the client speaks of one. None is used that has
        expired, or that is for another patient.
        """
        access = request.fhir
        base = access.server.rstrip("/")
        if not _is_plain(base) or not self._is_allowed(base, caller) or access.is_expired:
            return ""
        if access.patient and access.patient != request.patient_id:
            return ""
        if access.token:
            return base if _BEARER.fullmatch(access.token) else ""
        return base if self.is_sandbox and access.is_open else ""

    def _is_allowed(self, base: str, caller: Caller) -> bool:
        clients = [caller.client] if caller.client else self.clients if self.is_sandbox else ()
        listed = {normal_url(server) for client in clients for server in client.fhir_servers}
        return normal_url(base) in listed or (self.is_sandbox and _is_of_this_host(base))


def _is_plain(base: str) -> bool:
    """An address of the web with nothing that a path cannot be added to, and no password that would go first."""
    try:
        parts = urlsplit(base)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and not (set("?#\\") & set(base) or "@" in parts.netloc)


def _is_of_this_host(base: str) -> bool:
    return is_loopback_host(urlsplit(base).hostname or "")


def expanded(template: str, request: HookRequest) -> str | None:
    """The query of a template, its tokens filled in; None where the call has no such text, or one that would make
    another query of it: nothing asks for all of a type, dots lead up."""
    known = {**request.context, "patientId": request.patient_id}
    if any(known.get(name, "") in ("", ".", "..") for name in CONTEXT_TOKEN.findall(template)):
        return None
    return CONTEXT_TOKEN.sub(lambda token: quote(known[token[1]], safe=""), template)
