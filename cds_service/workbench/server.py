"""A patient on a FHIR server, read key by key with the service's own templates, as a call without prefetch would be.

Which server may be read is decided by `cds_service.access`, which does the reading too. What it brought travels in the
page's form, by key, and is gone with the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec

from cds_service.access import Access
from cds_service.fhir.entries import contents_of
from cds_service.knowledge.contract import Service
from cds_service.protocol.caller import ANYONE
from cds_service.protocol.prefetch import CONTEXT_TOKEN, PATIENT
from cds_service.protocol.request import FhirAccess, HookRequest
from cds_service.workbench.requests import CUT
from cds_service.workbench.search import Json

FIELD = "prefetch."
"""What the name of a form's field begins with that carries what a key brought."""
REFUSED = (
    "This server is not read. FHIR servers of this machine are, such as http://127.0.0.1:8080/fhir, and those that the "
    "site's file lists as fhir_servers of a client. Have it listed there, or export the patient and paste what you get."
)
NO_PATIENT = "This is no id of a patient. Write the id alone, as in Patient/ID."
_ID = re.compile(r"[^\s/?#|]{1,128}")
_COUNT = re.compile(r"[?&]_count=(\d{1,6})(&|$)")
_READ = msgspec.json.Decoder(float_hook=Decimal)
_WORDS: Mapping[str, str] = {
    "unreachable": "the server cannot be reached",
    "forbidden": "its name stands for an address that is not read",
    "slow": "it did not answer in time",
    "redirected": "it sends elsewhere, which is not followed",
    "too large": "the answer is too large",
    "wrong type": "the answer is no FHIR JSON",
    "broken": "the answer broke off",
    "not FHIR": "the answer is not what was asked for",
    "401": "it asks for a login, and this page sends none (401)",
    "403": "it does not allow that without a login (403)",
    "404": "there is none (404)",
}


@dataclass(frozen=True, slots=True)
class KeyRead:
    """How one key was read. `text` is the JSON that came, "" where none did; `value` its object."""

    key: str
    outcome: str
    text: str = ""
    count: int = 0
    value: Json | None = None
    is_whole: bool = True

    @property
    def words(self) -> str:
        """The state in words."""
        if self.value is None:
            return f"could not be read: {_WORDS.get(self.outcome, f'it answered {self.outcome}'[:40])}"
        said = "none" if not self.count else f"read {self.count} resource{'' if self.count == 1 else 's'}"
        return said if self.is_whole else f"{said}, and not the whole list could be had"


def templates_of(services: Iterable[Service]) -> dict[str, str]:
    """Every key that a service asks for of the patient alone, with its template: one reading serves all hooks."""
    made = {key: template for service in services for key, template in service.prefetch.items()}
    return {key: template for key, template in made.items() if set(CONTEXT_TOKEN.findall(template)) <= {"patientId"}}


def call_for(server: str, patient: str, access: Access) -> HookRequest | str:
    """The call that is to be completed, or in words why there is none."""
    id = patient.strip().removeprefix("Patient/")
    if not _ID.fullmatch(id) or id in (".", ".."):
        return NO_PATIENT
    context = {"patientId": id}
    call = HookRequest(id, "Practitioner", {}, (), context=context, fhir=FhirAccess(server.strip()))
    return call if access.may_read(call, ANYONE) else REFUSED


def read(call: HookRequest, service: Service, keys: Mapping[str, str], access: Access) -> tuple[KeyRead, ...]:
    """How each of `keys` (with its template) was read, and the Medications that what came names by reference."""
    done = access.complete(call, replace(service, prefetch=keys, needed_if={}), ANYONE)
    came = {**done.request.raw_prefetch, **done.request.medications}
    sent = {key: bytes(raw).decode("utf-8", "replace") for key, raw in came.items() if raw is not None}
    order = [*(key for key in keys if key in done.outcomes), *(key for key in done.outcomes if key not in keys)]
    return tuple(key_read(key, done.outcomes[key], sent.get(key, ""), keys.get(key, "")) for key in order)


def key_read(key: str, outcome: str, text: str, template: str) -> KeyRead:
    """What came, looked at. A list that is not whole is marked so, whatever is added to it later."""
    try:
        value = _READ.decode(text) if text else None
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return KeyRead(key, "not FHIR" if outcome == "ok" else outcome)
    page = _COUNT.search(template)
    held = contents_of(key, msgspec.Raw(text.encode()), int(page[1]) if page else None)
    is_asked_for = [not entry.is_included or not template for entry in held.entries]
    count = sum(is_asked_for) if value["resourceType"] == "Bundle" else 1
    is_whole = held.is_whole or key == PATIENT
    return KeyRead(key, outcome, text, count, value if is_whole else value | {"link": [CUT]}, is_whole)


def carried(form: Iterable[tuple[str, str]], states: Iterable[str], keys: Mapping[str, str]) -> Iterator[KeyRead]:
    """What a form carries of an earlier reading; `states` are "key|outcome"."""
    outcomes = dict(state.partition("|")[::2] for state in states)
    texts = {name.removeprefix(FIELD): text for name, text in form if name.startswith(FIELD)}
    for key in dict.fromkeys([*outcomes, *texts]):
        yield key_read(key, outcomes.get(key, "ok"), texts.get(key, ""), keys.get(key, ""))
