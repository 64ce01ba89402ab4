"""The CDS services of anti-MAG neuropathy: one per hook, with what each asks the EHR to send along.

Ids and prefetch keys never change once published: sites copy them by hand.
"""

from __future__ import annotations

from collections.abc import Collection
from string import digits

from cds_service.knowledge.contract import Service
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.prefetch import templates

USAGE = (
    "For adults. Only the prefetch key `patient` must be there; what was not sent counts as unknown, never as absent, "
    "so leaving out a key costs advice (`pregnancyTests` none for men). An empty list says that the EHR holds none. "
    "FHIR R4. Draft orders that are suggested name dose and schedule in text as well, since some EHRs ignore the "
    "structured fields."
)

WHEN_OPENED = ("otherCauses",)
"""Keys that are asked for when a chart is opened, and at no other hook."""


def _service(hook: str, title: str, description: str, *, leaves_out: Collection[str] = ()) -> Service:
    """The service of a hook; it asks for every key but those that none of its cards needs."""
    without = leaves_out if hook in CHART_OPENED else (*leaves_out, *WHEN_OPENED)
    return Service(
        id=f"anti-mag-{hook}",
        hook=hook,
        title=f"Anti-MAG neuropathy: {title}",
        description=description,
        usage_requirements=USAGE,
        prefetch={key: query for key, query in templates().items() if key.rstrip(digits) not in without},
        needed_if={"pregnancyTests": lambda patient: patient.sex != "male"},
    )


SERVICES: tuple[Service, ...] = (
    _service(
        "patient-view",
        "treatment and follow-up",
        "When a chart is opened: recommends rituximab where treatment is indicated, plasma exchange in an IgM flare or "
        "hyperviscosity, and names the tests, scores and reviews that are due.",
    ),
    _service(
        "order-select",
        "the order being chosen",
        "When an order is chosen: what to settle before rituximab, the evidence for another immunotherapy of the "
        "neuropathy, and drugs that can worsen it.",
    ),
    _service(
        "order-sign",
        "safety checks before signing",
        "When orders are signed: hepatitis B, IgM, hyperviscosity, pregnancy, allergy, dose and overlap checks for "
        "rituximab, and drugs that can worsen the neuropathy.",
    ),
    _service(
        "order-dispatch",
        "safety checks before an order is carried out",
        "When a rituximab order on record goes to those who carry it out: the safety checks of signing once more, on "
        "what is known by then.",
        leaves_out=("goals",),
    ),
    _service(
        "appointment-book",
        "what to settle by the visit",
        "When a visit is booked: tests, scores, reviews and IgM checks that are due by its date.",
        leaves_out=("vitalSigns", "immunizations"),
    ),
    _service(
        "encounter-start",
        "treatment and follow-up",
        "When an encounter begins: what is said when the chart is opened.",
    ),
    _service(
        "encounter-discharge",
        "after discharge",
        "When an encounter ends: the date of the next IgM check after rituximab, and what to watch.",
        leaves_out=("vitalSigns", "immunizations", "pregnancyTests", "allergies", "goals"),
    ),
    _service(
        "medication-refill",
        "the medicine being refilled",
        "When a refill is asked for: drugs that can worsen the neuropathy, the evidence for an immunotherapy of it, "
        "and antiviral cover after rituximab.",
        leaves_out=("immunizations",),
    ),
    _service(
        "problem-list-item-create",
        "work-up of a new problem",
        "When a neuropathy, a monoclonal gammopathy or Waldenström disease is put on the problem list: the tests that "
        "tell anti-MAG neuropathy apart.",
        leaves_out=("vitalSigns", "immunizations", "allergies"),
    ),
    _service(
        "allergyintolerance-create",
        "a reaction to rituximab",
        "When a reaction to rituximab is put on record: infusion reaction, serum sickness and IgM flare are different "
        "things.",
        leaves_out=("hepatitisB", "pregnancyTests", "vitalSigns", "immunizations", "serviceRequests", "goals"),
    ),
)
"""One a hook. State and diagnosis rest on problems, laboratory, scores and medicines at each of them."""
