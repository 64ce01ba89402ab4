"""The CDS services of anti-MAG neuropathy: one per hook, with what each asks the EHR to send along.

Ids and prefetch keys never change once published: sites copy them by hand.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Service
from hooks.anti_mag.prefetch import templates

USAGE = (
    "For adults. Only the prefetch key `patient` must be there; what was not sent counts as unknown, never as absent, "
    "so leaving out a key costs advice. An empty list says that the EHR holds none. FHIR R4. Draft orders that are "
    "suggested name dose and schedule in text as well, since some EHRs ignore the structured fields."
)

SERVICES: tuple[Service, ...] = (
    Service(
        id="anti-mag-patient-view",
        hook="patient-view",
        title="Anti-MAG neuropathy: treatment and follow-up",
        description=(
            "When a chart is opened: recommends rituximab where treatment is indicated, plasma exchange in an IgM "
            "flare or hyperviscosity, and names the tests, scores and reviews that are due."
        ),
        usage_requirements=USAGE,
        prefetch=templates(),
    ),
    Service(
        id="anti-mag-order-select",
        hook="order-select",
        title="Anti-MAG neuropathy: the order being chosen",
        description=(
            "When an order is chosen: what to settle before rituximab, the evidence for another immunotherapy of the "
            "neuropathy, and drugs that can worsen it."
        ),
        usage_requirements=USAGE,
        prefetch=templates(),
    ),
    Service(
        id="anti-mag-order-sign",
        hook="order-sign",
        title="Anti-MAG neuropathy: safety checks before signing",
        description=(
            "When orders are signed: hepatitis B, IgM, hyperviscosity, pregnancy, allergy, dose and overlap checks for "
            "rituximab, and drugs that can worsen the neuropathy."
        ),
        usage_requirements=USAGE,
        prefetch=templates(),
    ),
)
"""All three ask for the same keys: the gates rest on the diagnosis, the treatment history and the scores too."""
