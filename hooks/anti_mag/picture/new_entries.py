"""What the user has just put on record, as far as it concerns us: a problem of our field, a red flag, an entry against
rituximab.

Decides only that it is new and ours. What the problem means for the diagnosis is `diagnosis`'s, what the reaction means
for a later order `contraindications`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.record import Allergy, Fact, Problem
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.chart import DISPROVED, Chart, is_active
from hooks.anti_mag.picture.contraindications import in_words
from hooks.anti_mag.picture.diagnosis import NEUROPATHIES, OTHER_CAUSES, names_disease
from hooks.anti_mag.picture.drafts import RITUXIMAB
from hooks.anti_mag.picture.paraprotein import ANY_ISOTYPE_PROBLEMS, IGM_LYMPHOMAS, IGM_PROBLEMS
from hooks.anti_mag.picture.red_flags import is_new_disease_to_treat_first

PROBLEMS_OF_OUR_FIELD = (*NEUROPATHIES, *IGM_PROBLEMS, *IGM_LYMPHOMAS, *ANY_ISOTYPE_PROBLEMS)
"""A neuropathy, a monoclonal gammopathy, Waldenström disease (ruling 23)."""

_RITUXIMAB = THERAPIES["rituximab"].whole_name


@dataclass(frozen=True, slots=True)
class NewEntries:
    """The entries of this call."""

    problems: tuple[Fact, ...] = ()
    """Active problems of our field that are being put on the problem list, suspected ones included."""
    red_flags: tuple[Fact, ...] = ()
    """Amyloidosis or POEMS syndrome that is being put on the problem list, a suspicion included (ruling 30)."""
    rituximab_reactions: tuple[Fact, ...] = ()
    """Allergies or intolerances to rituximab that are being put on record."""


def new_entries_of(chart: Chart) -> NewEntries:
    """The entries of this call that concern us; empty at a hook that enters nothing."""
    return NewEntries(
        problems=tuple(
            problem.fact("Problem being entered")
            for problem in chart.record.problems
            if problem.is_new and _is_ours(chart, problem)
        ),
        red_flags=tuple(
            problem.fact("Problem being entered")
            for problem in chart.record.problems
            if is_new_disease_to_treat_first(chart, problem)
        ),
        rituximab_reactions=tuple(
            allergy.fact(f"Reaction being entered, {in_words(allergy)}")
            for allergy in chart.record.allergies
            if allergy.is_new and _is_against_rituximab(chart, allergy)
        ),
    )


def _is_ours(chart: Chart, problem: Problem) -> bool:
    """A neuropathy that is ascribed to another cause is not ours."""
    if not is_active(problem) or problem.verification_status in DISPROVED:
        return False
    if names_disease(problem.concept):
        return True
    is_of_our_field = chart.holds(problem.concept, *PROBLEMS_OF_OUR_FIELD)
    return is_of_our_field and not chart.holds(problem.concept, *OTHER_CAUSES)


def _is_against_rituximab(chart: Chart, allergy: Allergy) -> bool:
    return allergy.verification_status not in DISPROVED and any(
        chart.holds(substance, *RITUXIMAB) or _RITUXIMAB.search(substance.words) for substance in allergy.substances
    )
