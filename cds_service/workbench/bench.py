"""What every page of the workbench knows: the services that can be asked, the examples, where the rules stand.

Who is on the screen, and what is asked about them, is `patient`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from cds_service.access import Access
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.fields import Field
from cds_service.knowledge.manual import Manual
from cds_service.parts import Parts
from cds_service.protocol.offer import Offer, offers_of
from cds_service.settings import Settings
from cds_service.web.manual import path_of
from cds_service.web.services import address_of
from cds_service.workbench.cast import Cast
from cds_service.workbench.index import Entry, entries
from cds_service.workbench.second import Build
from cds_service.workbench.server import templates_of

BASE = "/workbench"


@dataclass(frozen=True)
class Workbench:
    """One for an application."""

    settings: Settings
    parts: Parts
    knowledge: tuple[Knowledge, ...]
    cast: Cast
    now: Callable[[], datetime]
    build: Build | None = None
    """Makes the knowledge of another site; None where that is not offered."""

    @cached_property
    def offers(self) -> Mapping[str, Offer]:
        """The services by hook. Where several packages serve one hook, the first of them is asked."""
        made: dict[str, Offer] = {}
        for offer in offers_of(self.knowledge).values():
            made.setdefault(offer.hook.name, offer)
        return made

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of the kinds of card, by topic."""
        return {code: title for manual in self._manuals for code, title in manual.topics.items()}

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What a person can say of a patient without FHIR, by the first package that asks."""
        return next((manual.fields for manual in self._manuals if manual.fields), ())

    @cached_property
    def order_names(self) -> dict[str, str]:
        """Orders that are often written, with their resource type."""
        return dict(pair for manual in self._manuals for pair in manual.orders)

    @property
    def _manuals(self) -> list[Manual]:
        return [package.manual for package in self.knowledge if package.manual is not None]

    @cached_property
    def listed(self) -> tuple[Entry, ...]:
        """The examples to choose from; read once."""
        return entries(self.cast, self.titles)

    @property
    def richest(self) -> Entry:
        """The example that shows most in one call, for those who come for the first time."""
        return max(self.listed, key=lambda entry: max((len(call.topics) for call in entry.calls), default=0))

    @property
    def access(self) -> Access | None:
        """What reads FHIR servers; None in production, where none is read without a client's token."""
        return self.parts.access if self.settings.profile == "sandbox" else None

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """What is read of a patient on a FHIR server: keys with their templates."""
        return templates_of(offer.service for offer in self.offers.values())

    @property
    def today(self) -> date:
        return self.now().astimezone(self.settings.zone).date()

    @property
    def address(self) -> str:
        """The address of this service as its callers write it; "" where it is not known."""
        return address_of(self.settings, self.parts)

    @cached_property
    def books(self) -> Mapping[str, str]:
        """The paths of the books of rules, with their titles."""
        return {path: package.title for package in self.knowledge if (path := path_of(package, self.knowledge))}

    def rules_at(self, offer: Offer) -> str:
        """The path of the pages of the rules; "" where there are none."""
        path = path_of(offer.knowledge, self.knowledge)
        return f"{path}/rules" if path else ""
