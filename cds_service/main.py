"""Composition root: the one module of the engine that knows which knowledge it serves."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flask import Flask

from cds_service.app import create_app
from cds_service.errors import Fault, StartUpError
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.rows import DataFile
from cds_service.neighbours import stranger
from cds_service.parts import faults_of, parts_of
from cds_service.settings import Settings
from cds_service.site import Site, SiteFault, knowledge_for
from cds_service.telemetry import trace_calls
from cds_service.workbench.cast import Cast

if _fault_of_packages := stranger("hooks", "anti_mag") or stranger("fhir_examples", "example", optional=True):
    sys.exit(_fault_of_packages)

# Not before they are known to be ours.
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge import build

__all__ = ["KNOWLEDGE", "NAMESPACE", "application", "configured"]

NAMESPACE = "anti-mag-cds"
"""Names our URNs; fixed for ever, since clients store them."""


def application() -> Flask:
    """The application for a WSGI server: `gunicorn 'cds_service.main:application()'`. Ends the process with one
    sentence where it must not start."""
    _log_to_standard_output()
    try:
        return built()
    except StartUpError as error:
        sys.exit(str(error))


def built() -> Flask:
    """The application as environment and site file say now. Raises `StartUpError`."""
    settings = Settings.from_environment(os.environ, NAMESPACE)
    site, knowledge = configured(settings.config, settings.profile)
    parts = parts_of(site, settings.profile)
    app = create_app(for_site(settings, site), [knowledge], parts=parts, cast=cast(), build=build)
    trace_calls(app)
    return app


def cast() -> Cast:
    """The example patients that the workbench shows; none where they were not installed."""
    try:
        from fhir_examples.example import load, names
    except ImportError:
        return Cast()
    return Cast(tuple(names()), load)


def for_site(settings: Settings, site: Site) -> Settings:
    """The settings with what the site's file says of them."""
    origins = settings.allow_origins or site.service.allow_origins
    return replace(settings, zone=site.time_zone, body_limit=site.limits.body_bytes, allow_origins=origins)


def configured(path: str, profile: str = "sandbox") -> tuple[Site, Knowledge]:
    """The site's file ("" for none) and the knowledge built with it; `StartUpError` (CDS-006) with all faults of it,
    those that only a profile forbids included."""
    if not path:
        return Site(), KNOWLEDGE
    site, knowledge, faults = knowledge_for(_file(path), build)
    faults += tuple(fault for fault in faults_of(site, profile) if not _follows(fault, faults))
    if faults or knowledge is None:
        raise StartUpError(*(_fault(f"{path}: {fault.place}{fault.what}.", fault.allowed) for fault in faults))
    return site, knowledge


def _follows(fault: SiteFault, told: Sequence[SiteFault]) -> bool:
    """Whether a fault of the whole is there only because a part was not sound, which is told already."""
    for one in told:
        table = one.table.partition(" ")[0]  # Of "clients 2".
        is_unread = not one.table and not one.key
        is_same = table == fault.table and fault.key in ("", one.key)
        is_of_audit = table == "audit" and fault.key in ("suppress", "patient_hashes")
        if is_unread or is_same or is_of_audit:
            return True
    return False


def _file(path: str) -> DataFile:
    try:
        return DataFile(path, Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise StartUpError(_fault(f"{path}: it cannot be read ({error.strerror}).", "a file of this host")) from None
    except UnicodeDecodeError:
        raise StartUpError(_fault(f"{path}: it is not in UTF-8.", "UTF-8")) from None


def _fault(text: str, allowed: str) -> Fault:
    return Fault("CDS-006", "invalid", text, f"Allowed: {allowed}.")


def _log_to_standard_output() -> None:
    """The engine's lines are JSON already: one a call, no decoration."""
    log = logging.getLogger("cds_service")
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stdout))
        log.setLevel(logging.INFO)
        log.propagate = False
