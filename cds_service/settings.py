"""How this process is set up: what the environment says, checked, and the limits that follow from the profile.

Which port, profile and site file is decided by whoever starts the service. Reading the site's file is left to
`cds_service.site`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal

from cds_service.errors import Fault, StartUpError

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of one request. A thousand Observations are about 1.2 million."""

LONGEST_TOKEN = 16_384
"""Characters of a client's token; real ones have about a thousand."""

LONGEST_HEADER = LONGEST_TOKEN + 1024
"""Characters of one header field, its name included: the longest token fits."""

PORT = 8080

ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "CDS_PROFILE": (
        "`sandbox`: synthetic data only, listens on loopback, no authentication. "
        "`production`: answers clients of the site file alone",
        "the service does not start and says so (`make run` sets `sandbox`)",
    ),
    "PORT": ("1 to 65535", str(PORT)),
    "CDS_CONFIG": (
        "path of the site's TOML file: clients, FHIR servers, store, audit, limits; thresholds, local codes, order "
        "catalogue, cards, hooks, time zone, link hosts, override reasons",
        "everything as it ships, days in UTC; production does not start",
    ),
    "CDS_HASH_KEY": (
        "secret text with which patients are hashed and audit records sealed",
        "a key file beside the audit file",
    ),
    "OTEL_EXPORTER_OTLP_ENDPOINT": (
        "where traces go (OpenTelemetry; needs the extra `otel` of this package)",
        "no traces",
    ),
    "PROMETHEUS_MULTIPROC_DIR": (
        "folder for the counts of all workers, which must be empty at the start",
        "one in memory, removed at the end",
    ),
}
"""Every variable that the service reads, with its values and what is so without it, for those who set them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`namespace` names the URNs that the service writes itself, such as `urn:<namespace>:error`.

    `config` is the path of the site's file, "" for none. `allow_origins` are the origins of browser clients that may
    read answers, "*" for every one. `zone` decides which day it is.
    """

    profile: Literal["sandbox", "production"]
    namespace: str
    port: int = PORT
    body_limit: int = BODY_LIMIT
    zone: tzinfo = UTC
    config: str = ""
    allow_origins: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], namespace: str) -> Settings:
        """Read CDS_PROFILE, PORT and CDS_CONFIG; raise `StartUpError` (CDS-001 to CDS-004) if they forbid a start."""
        profile = _profile(environment.get("CDS_PROFILE", ""))
        port, config = _port(environment.get("PORT", "")), environment.get("CDS_CONFIG", "")
        if profile == "production" and not config:
            text = (
                "CDS_PROFILE=production needs a site file that names the clients to trust, and CDS_CONFIG is not set."
            )
            raise StartUpError(
                _fault("CDS-003", text, "Set CDS_CONFIG, or CDS_PROFILE=sandbox for synthetic patients.")
            )
        return cls(profile, namespace, port=port, config=config, allow_origins=("*",) if profile == "sandbox" else ())


def _profile(named: str) -> Literal["sandbox", "production"]:
    if not named:
        advice = "Set CDS_PROFILE=sandbox to try the service with synthetic patients."
        raise StartUpError(_fault("CDS-001", "The environment variable CDS_PROFILE is not set.", advice))
    if named == "sandbox":
        return "sandbox"
    if named == "production":
        return "production"
    advice = "Set it to sandbox or production."
    raise StartUpError(_fault("CDS-002", "The environment variable CDS_PROFILE names no profile.", advice))


def _port(text: str) -> int:
    if not text:
        return PORT
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise StartUpError(_fault("CDS-004", "The environment variable PORT is no port number.", "Set it to 1 to 65535."))


def _fault(number: str, text: str, advice: str) -> Fault:
    return Fault(number, "invalid", text, advice)
