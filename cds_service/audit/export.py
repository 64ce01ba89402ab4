"""A record of a decision as a FHIR R4 AuditEvent, for systems that collect those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EVENT_TYPE = {
    "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
    "code": "rest",
    "display": "RESTful Operation",
}
_DATA = {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "2", "display": "System Object"}
_PERSON = {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1", "display": "Person"}


def audit_event(record: Mapping[str, Any]) -> dict[str, Any]:
    """The event: who asked through which EHR, about whom (a keyed hash), and what was concluded."""
    user, issuer = str(record.get("user") or "unknown"), str(record.get("issuer") or "unknown")
    rules = [f"{logic}={truth}" for logic, truth in dict(record.get("rules") or {}).items()]
    topics = [str(card.get("topic")) for card in record.get("cards") or ()]
    details = {
        "hook": record.get("hook"),
        "version": record.get("version"),
        "rules": " ".join(rules),
        "cards": " ".join(topics) or "none",
        "milliseconds": record.get("milliseconds"),
    }
    return {
        "resourceType": "AuditEvent",
        "type": _EVENT_TYPE,
        "action": "E",
        "recorded": record.get("time"),
        "outcome": "4" if record.get("failed") else "0",
        "agent": [
            {"who": {"identifier": {"value": user}}, "requestor": True},
            {"who": {"identifier": {"value": issuer}}, "requestor": False},
        ],
        "source": {"observer": {"display": str(record.get("service"))}},
        "entity": [
            {"what": {"identifier": {"value": str(record.get("patient"))}}, "type": _PERSON},
            {
                "what": {"identifier": {"value": str(record.get("seal"))}},
                "type": _DATA,
                "detail": [{"type": name, "valueString": str(value)} for name, value in details.items()],
            },
        ],
    }
