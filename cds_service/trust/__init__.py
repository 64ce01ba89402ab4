"""Client trust (CDS Hooks 2.0, "Trusting CDS Clients"): whether the token of a call is that of a client of ours.

`Trust.admit` is the door. Which keys a client has is `trust.keys`', what a token must say is `trust.tokens`', whether a
token was used before is the memory's that it is given (`ReplayMemory`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cds_service.errors import KeysUnavailable, TokenRefused
from cds_service.protocol.caller import Caller
from cds_service.site import Client
from cds_service.trust.keys import KeySets
from cds_service.trust.tokens import Refused, Token, read_token, verify

__all__ = ["KeySets", "ReplayMemory", "Trust"]


class ReplayMemory(Protocol):
    """Remembers which tokens were used."""

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        """False where this token of the issuer was used before."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The clients of a site. `now` is the time in seconds since 1970."""

    clients: Mapping[str, Client]
    """By issuer."""
    keys: KeySets
    replays: ReplayMemory
    now: Callable[[], float] = field(default=time.time)

    def admit(self, authorizations: Sequence[str], audiences: Sequence[str]) -> Caller:
        """The caller behind the Authorization headers of a request, meant for one of `audiences`.

        Raises `TokenRefused` for anything wrong with the token, to the caller the same for every reason;
        `KeysUnavailable` where the client's keys cannot be had.
        """
        try:
            caller, token = self.examine(_bearer(authorizations), audiences)
            until = token.expires + caller.leeway_seconds
            if caller.replay == "refuse" and not self.replays.first_use(caller.issuer, token.jti, until):
                raise used_before(caller.issuer)
        except Refused as refused:
            raise TokenRefused(refused.why, refused.issuer) from refused
        return Caller(caller, token.tenant)

    def examine(self, token: str, audiences: Sequence[str]) -> tuple[Client, Token]:
        """The client and claims of a token, which is not marked as used. Raises `Refused` with the reason."""
        try:
            header, issuer = read_token(token)
        except Refused as refused:
            refused.issuer = refused.issuer if refused.issuer in self.clients else ""
            raise
        client = self.clients.get(issuer)
        if client is None:
            raise Refused("iss", f"the claim iss names no client of this service: {issuer!r}")
        try:
            keys = self.keys.keys(client, header)
            return client, verify(token, header, client, keys, [*audiences, *client.audiences], self.now())
        except (Refused, KeysUnavailable) as refused:
            refused.issuer = client.issuer
            raise


def used_before(issuer: str) -> Refused:
    """The refusal of a token that is otherwise right."""
    refused = Refused("replay", "the claim jti is that of a token that was used before")
    refused.issuer = issuer
    return refused


def _bearer(authorizations: Sequence[str]) -> str:
    """The token of exactly one header of the form `Bearer TOKEN`."""
    if len(authorizations) != 1:
        raise Refused("authorization", "there is no Authorization header, or more than one")
    scheme, _, token = authorizations[0].strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or " " in token.strip() or "," in token:
        raise Refused("authorization", "the Authorization header is not `Bearer` and one token")
    return token.strip()
