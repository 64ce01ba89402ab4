"""How much a site wants to read on a card, and where its links may lead. What a card says is left to `cards`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of every card of a site."""

    detail: Literal["short", "full"] = "short"
    """`full` adds all data used, as a table, and the ids of the rules."""
    link_hosts: frozenset[str] | None = None
    """Hosts that cards may link to; None is every one."""

    def may_link(self, url: str) -> bool:
        """True where the address is on a host that the site allows."""
        return self.link_hosts is None or urlsplit(url).hostname in self.link_hosts
