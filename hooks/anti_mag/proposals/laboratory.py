"""Laboratory tests as draft ServiceRequests, one a test, under the LOINC code that this service writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds_service.cards import Suggestion
from hooks.anti_mag.investigations import DraftText
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.work_up import MissingTest
from hooks.anti_mag.proposals.drafts import Json, coded, listed, service_request, suggestion
from hooks.anti_mag.proposals.procedures import nerve_conduction

DRAFTS: Mapping[str, DraftText] = {
    name: test.draft for name, test in INVESTIGATIONS.items() if test.draft is not None and name != "nerve_conduction"
}
"""What is written for each laboratory test that can be drafted, by its name in tests.toml."""

_CODES: Mapping[str, Json] = {name: coded(draft.text, draft.code_set) for name, draft in DRAFTS.items()}


def laboratory_test(picture: ClinicalPicture, name: str, *, rule: str = "", on: date | None = None) -> Suggestion:
    """A draft of one test of `DRAFTS`, for a day where one is given; KeyError for any other name."""
    wanted = DRAFTS[name]
    code = listed(picture, name, _CODES[name])
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
    return laboratory_test(picture, missing.test, rule=rule) if missing.test in DRAFTS else None
