"""How this process is set up: what the environment says, checked, and the limits that follow from the profile.

Which port and profile is decided by whoever starts the service. Of the site's own file (CDS_CONFIG, TOML) this reads
`[limits]`, where `body_bytes` is the largest request that is taken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from cds_service.errors import Fault, StartUpError

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of one request. A thousand Observations are about 1.2 million."""

PORT = 8080


@dataclass(frozen=True, slots=True)
class Settings:
    """`namespace` names the URNs that the service writes itself, such as `urn:<namespace>:error`.

    `allow_origin` is the value of Access-Control-Allow-Origin; "" sends none. `zone` decides which day it is.
    """

    profile: str
    namespace: str
    port: int = PORT
    body_limit: int = BODY_LIMIT
    zone: tzinfo = UTC
    allow_origin: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], namespace: str) -> Settings:
        """Read CDS_PROFILE, PORT and CDS_CONFIG; raise `StartUpError` (CDS-001 to CDS-004, CDS-006) if the service must
        not start so."""
        _check_profile(environment.get("CDS_PROFILE", ""))
        port, body_limit = _port(environment.get("PORT", "")), _body_limit(environment.get("CDS_CONFIG", ""))
        return cls("sandbox", namespace, port=port, body_limit=body_limit, allow_origin="*")


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


def _body_limit(path: str) -> int:
    """`body_bytes` of the table `[limits]` in the file at `path`; the default where there is no file or no such key."""
    if not path:
        return BODY_LIMIT
    limits = _limits(path)
    limit = limits.pop("body_bytes", BODY_LIMIT)
    if limits:
        raise _broken(path, f"[limits] has an unknown key: {', '.join(sorted(limits))}")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise _broken(path, "[limits] body_bytes is no whole number of bytes")
    return limit


def _limits(path: str) -> dict[str, Any]:
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, f"it cannot be read ({type(error).__name__})") from None
    limits = tables.pop("limits", {})
    if tables or not isinstance(limits, dict):
        raise _broken(path, f"unknown: {', '.join(sorted(tables))}" if tables else "limits is no table")
    return dict(limits)


def _broken(path: str, what: str) -> StartUpError:
    advice = "It may hold one table, [limits], with one key, body_bytes."
    return StartUpError(_fault("CDS-006", f"The file of CDS_CONFIG, {path}: {what}.", advice))


def _fault(number: str, text: str, advice: str) -> Fault:
    return Fault(number, "invalid", text, advice)
