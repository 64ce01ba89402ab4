"""Laboratory tests as draft ServiceRequests, one a test, under the LOINC code that this service writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.cards import Suggestion
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.work_up import MissingTest
from hooks.anti_mag.proposals.drafts import coded, listed, service_request, suggestion
from hooks.anti_mag.proposals.procedures import nerve_conduction


@dataclass(frozen=True, slots=True)
class _Test:
    """A test in words, the code set whose first code is ordered, and what the laboratory should know."""

    text: str
    code_set: str
    note: str = ""


TESTS: Mapping[str, _Test] = {
    "igm": _Test(
        "Serum IgM, quantitative", "igm_serum", "Same laboratory and method as before: the course of the values counts."
    ),
    "anti_mag": _Test(
        "Anti-MAG antibody, IgM, quantitative",
        "anti_mag_igm_quantitative",
        "Please report unit, reference range and method.",
    ),
    "immunofixation": _Test("Serum immunofixation", "immunofixation_serum", "Question: monoclonal IgM?"),
    "igg": _Test("Serum IgG, quantitative", "igg_serum"),
    "blood_count": _Test("Complete blood count", "cbc"),
    "viscosity": _Test("Serum viscosity", "viscosity_serum", "Please report the unit: cP, or relative to water."),
    "hbsag": _Test("Hepatitis B surface antigen (HBsAg)", "hbsag"),
    "anti_hbc": _Test(
        "Hepatitis B core antibody (anti-HBc), total",
        "anti_hbc_total",
        "Total or IgG; an IgM test alone does not answer the question.",
    ),
    "anti_hbs": _Test("Hepatitis B surface antibody (anti-HBs)", "anti_hbs"),
    "hbv_dna": _Test("Hepatitis B virus DNA, quantitative", "hbv_dna"),
    "pregnancy_test": _Test("Pregnancy test (hCG), serum", "pregnancy_test"),
}
"""Tests that can be drafted, by the name that `MissingTest.test` uses."""


def laboratory_test(picture: ClinicalPicture, name: str, *, rule: str = "", on: date | None = None) -> Suggestion:
    """A draft of one test of `TESTS`, for a day where one is given; KeyError for any other name."""
    wanted = TESTS[name]
    code = listed(picture, name, coded(wanted.text, wanted.code_set))
    day = f" on {on.isoformat()}" if on else ""
    return suggestion(
        f"Order: {wanted.text}{day}",
        f"Draft order: {wanted.text} (LOINC {code['coding'][0]['code']}){day}",
        service_request(picture, code, [wanted.note] if wanted.note else [], rule, on=on),
    )


def for_missing(picture: ClinicalPicture, missing: MissingTest, *, rule: str = "") -> Suggestion | None:
    """The draft for a missing test; None where nothing can be ordered (scores are recorded, not ordered)."""
    if missing.test == "nerve_conduction":
        return nerve_conduction(picture, rule=rule)
    return laboratory_test(picture, missing.test, rule=rule) if missing.test in TESTS else None
