"""A site's own settings (the TOML file that CDS_CONFIG names) as one frozen value, and all that is wrong with it.

A new table is one entry of `READERS` in the module of its kind and one field of `Site` of the same name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any

from cds_service.cards import Coding
from cds_service.codes import Code
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.rows import DataFile
from cds_service.site import knowledge_tables, service_tables
from cds_service.site.knowledge_tables import CardsTable
from cds_service.site.report import Report, SiteBroken, SiteFault
from cds_service.site.service_tables import Address, Admin, AuditTable, Client, Limits, Repeats, StoreTable, Workbench

__all__ = ["READERS", "Client", "Limits", "Site", "SiteBroken", "SiteFault", "knowledge_for", "read_site"]

READERS = {**knowledge_tables.READERS, **service_tables.READERS}
"""Every table and top-level key of a site file, with its reader."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a site set. The defaults are those of a service without a site file."""

    time_zone: tzinfo = UTC
    thresholds: Mapping[str, Decimal] = field(default_factory=dict)
    codes: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    """Local codes by the code set that they belong to."""
    catalogue: Mapping[str, Coding] = field(default_factory=dict)
    """Codes of the site's order catalogue by the name of the order."""
    cards: CardsTable = field(default_factory=CardsTable)
    hooks: Mapping[str, bool] = field(default_factory=dict)
    links: frozenset[str] | None = None
    """Hosts that cards may link to; None is every one of them."""
    override_reasons: tuple[tuple[str, str], ...] = ()
    """Code and display of each; empty is the package's own."""
    service: Address = field(default_factory=Address)
    clients: tuple[Client, ...] = ()
    store: StoreTable = field(default_factory=StoreTable)
    audit: AuditTable = field(default_factory=AuditTable)
    limits: Limits = field(default_factory=Limits)
    repeats: Repeats = field(default_factory=Repeats)
    admin: Admin = field(default_factory=Admin)
    workbench: Workbench = field(default_factory=Workbench)


def read_site(file: DataFile) -> tuple[Site, tuple[SiteFault, ...]]:
    """What the file sets, as far as it is sound, and all that is not."""
    report = Report()
    try:
        sent = tomllib.loads(file.text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # A number of 5000 digits, and lists in lists without end.
        return Site(), (SiteFault("", "", f"it is not TOML: {error}", "TOML 1.0, as in the example file"),)
    for name in sent:
        if name not in READERS:
            table, key = (name, "") if isinstance(sent[name], dict | list) else ("", name)
            report.add(table, key, "there is no such table or key", ", ".join(READERS))
    values: dict[str, Any] = {name: read(report, sent[name]) for name, read in READERS.items() if name in sent}
    return Site(**values), tuple(report.faults)


def knowledge_for(
    file: DataFile, build: Callable[[Site], Knowledge]
) -> tuple[Site, Knowledge | None, tuple[SiteFault, ...]]:
    """What the file sets, the knowledge that a package builds for it, and all that is wrong with either. With a fault
    the knowledge is not what the file asks for, and None where the package refuses it."""
    site, faults = read_site(file)
    try:
        return site, build(site), faults
    except SiteBroken as broken:
        return site, None, faults + broken.faults
