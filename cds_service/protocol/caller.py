"""Who calls: the client behind a request, as far as the profile wants to know."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.site import Client


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose token was accepted; without `client`, anyone (the sandbox profile asks for no token)."""

    client: Client | None = None
    tenant: str = ""

    @property
    def issuer(self) -> str:
        return self.client.issuer if self.client else ""


ANYONE = Caller()
