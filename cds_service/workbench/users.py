"""Who asks: the kinds of user that a hook knows, and what a call says of the one that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.workbench.search import Json

USERS: Mapping[str, str] = {
    "Practitioner": "a clinician (Practitioner)",
    "PractitionerRole": "a clinician in a role (PractitionerRole)",
    "Patient": "the patient (Patient)",
    "RelatedPerson": "a relative (RelatedPerson)",
}
"""What `userId` may name, in words."""
PLAIN = "Practitioner/workbench"


def kind_of(context: Mapping[str, Any]) -> str:
    """The kind of user of a call; "" where it names none that is known."""
    user = context.get("userId")
    parts = user.split("/") if isinstance(user, str) else []
    kind = parts[-2] if len(parts) > 1 else ""
    return kind if kind in USERS else ""


def with_user(context: Mapping[str, Any], kind: str) -> Json:
    """The context with a user of that kind; as it is where it has one already, or `kind` is none."""
    if kind not in USERS or kind == kind_of(context):
        return dict(context)
    id = str(context.get("patientId", "")).removeprefix("Patient/") if kind == "Patient" else "workbench"
    return {**context, "userId": f"{kind}/{id}"}
