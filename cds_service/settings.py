"""How this process is set up: what the environment says, checked, and the limits that follow from the profile.

Which port, profile and site file is decided by whoever starts the service. Reading the site's file is left to
`cds_service.site`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from cds_service.errors import Fault, StartUpError

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of one request. A thousand Observations are about 1.2 million."""

PORT = 8080


@dataclass(frozen=True, slots=True)
class Settings:
    """`namespace` names the URNs that the service writes itself, such as `urn:<namespace>:error`.

    `config` is the path of the site's file, "" for none. `allow_origin` is the value of Access-Control-Allow-Origin; ""
    sends none. `zone` decides which day it is.
    """

    profile: str
    namespace: str
    port: int = PORT
    body_limit: int = BODY_LIMIT
    zone: tzinfo = UTC
    config: str = ""
    allow_origin: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], namespace: str) -> Settings:
        """Read CDS_PROFILE, PORT and CDS_CONFIG; raise `StartUpError` (CDS-001 to CDS-004) if they forbid a start."""
        _check_profile(environment.get("CDS_PROFILE", ""))
        port, config = _port(environment.get("PORT", "")), environment.get("CDS_CONFIG", "")
        return cls("sandbox", namespace, port=port, config=config, allow_origin="*")


def _check_profile(profile: str) -> None:
    if not profile:
        advice = "Set CDS_PROFILE=sandbox to try the service with synthetic patients."
        raise StartUpError(_fault("CDS-001", "The environment variable CDS_PROFILE is not set.", advice))
    if profile == "production":
        text = "CDS_PROFILE=production needs client trust (signed requests of known clients), which is not there yet."
        raise StartUpError(_fault("CDS-003", text, "Use CDS_PROFILE=sandbox, with synthetic patients only."))
    if profile != "sandbox":
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
