"""What speaks against rituximab in the patient: pregnancy, progressive multifocal leukoencephalopathy, past reactions,
another anti-CD20 antibody.

Decides what the chart says of each. Hepatitis B is read by `hepatitis_b`; how loud each speaks is left to the gates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from cds_service.codes import Concept
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Allergy, Fact, Medicine, Problem, Procedure, Result
from cds_service.values import When
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.code_sets import code_set, code_sets, result_sets
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.chart import (
    DISPROVED,
    FULL_STATUSES,
    PRELIMINARY_STATUSES,
    Chart,
    is_active,
    is_confirmed,
)
from hooks.anti_mag.picture.pregnancy_words import Said, pregnancy_in
from hooks.anti_mag.picture.qualitative import Reading, reading_of
from hooks.anti_mag.picture.reaction_words import denies_allergy, names_rituximab, names_severe_reaction
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.unread import Unread, unread_of
from hooks.anti_mag.picture.wording import words_of

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture

OTHER_ANTI_CD20 = THERAPIES.of_kind("other_anti_cd20")
RITUXIMAB = THERAPIES.of_kind("rituximab")
PML, PREGNANCY, NOT_PREGNANT = code_sets("pml", "pregnancy", "not_pregnant")
PREGNANCY_TEST, PREGNANCY_STATUS = result_sets("pregnancy_test", "pregnancy_status_observation")
MEDICATION_KEYS = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")
CANNOT_CONCEIVE = code_sets("sterilisation_status", "uterus_absent", "ovaries_absent", "menopause")
SEVERE_REACTION = code_set("severe_reaction")
GRAVE = frozenset({"severe", "fatal"})
SLIGHT = frozenset({"mild", "moderate"})

_PML_NAME = re.compile(r"\bprogressive multifocal leu[ck]o-?encephalopathy\b")
_NO_PML = re.compile(
    r"\b(no|without|negative for|risk (of|for)|family history of|screening for|monitoring for) (\w+ ){0,3}progressive"
    r"|opathy\b.{0,30}\b(ruled out|excluded|negative|not found|risk|screening|monitoring)\b"
)
"""Words around the name that say it is not the patient's. "Rule out" is a suspicion, and that counts."""
Gravity = Literal["severe", "mild", "unclear"]


@dataclass(frozen=True, slots=True)
class AntiCd20:
    """Another anti-CD20 antibody that was given, or is ordered."""

    therapy: str
    fact: Fact
    is_given: bool


@dataclass(frozen=True, slots=True)
class Contraindications:
    """What the chart says against rituximab."""

    pregnancy: Statement = Statement()
    """Pregnancy on the problem list, or a positive pregnancy test; UNKNOWN where these could not be read in someone who
    might be pregnant. Whether a test is still to be had is left to the work-up."""
    pregnancy_test_due: Statement = Statement()
    """Could be pregnant, and no negative pregnancy test is fresh; UNKNOWN where the tests could not be read."""
    leukoencephalopathy: Statement = Statement()
    """A history of PML, however old, suspected ones included."""
    severe_reaction: Statement = Statement()
    """A severe, life-threatening or mucocutaneous reaction to rituximab or a murine protein."""
    mild_reaction: Statement = Statement()
    """A mild or moderate past infusion reaction to rituximab."""
    unclear_reaction: Statement = Statement()
    """A reaction to rituximab or a murine protein whose severity was not recorded."""
    antibodies: tuple[AntiCd20, ...] = ()
    """The same, each with its drug."""
    other_anti_cd20: Statement = Statement()
    """Another anti-CD20 antibody was given within the time that counts as overlap, or is ordered or drafted."""


def contraindications_of(chart: Chart, thresholds: Thresholds) -> Contraindications:
    """Thresholds: `pregnancy.test_age`, `pregnancy.test_fresh` (d), `pregnancy.age_min`, `pregnancy.age_max` (a),
    `anti_cd20.overlap_months` (mo)."""
    reactions = [(allergy, _gravity(chart, allergy)) for allergy in chart.record.allergies if _is_ours(chart, allergy)]
    is_known = chart.record.knows("allergies")
    antibodies = _antibodies(chart, thresholds)
    return Contraindications(
        pregnancy=_pregnancy(chart, thresholds),
        pregnancy_test_due=_pregnancy_test_due(chart, thresholds),
        leukoencephalopathy=_leukoencephalopathy(chart),
        severe_reaction=_reactions(reactions, "severe", is_known=is_known),
        mild_reaction=_reactions(reactions, "mild", is_known=True),
        unclear_reaction=_reactions(reactions, "unclear", is_known=True),
        antibodies=antibodies,
        other_anti_cd20=_other_anti_cd20(chart, antibodies),
    )


def hard_contraindications(picture: ClinicalPicture) -> dict[str, Statement]:
    """What forbids rituximab outright (ruling 3), by the id of the gate that says so; empty where nothing does."""
    found = {
        "G2": picture.hepatitis_b.active,
        "G8": picture.contraindications.pregnancy,
        "G9": picture.contraindications.severe_reaction,
        "G14": picture.contraindications.leukoencephalopathy,
    }
    return {gate: statement for gate, statement in found.items() if statement.holds}


# Progressive multifocal leukoencephalopathy


def _leukoencephalopathy(chart: Chart) -> Statement:
    """Any clinical status; a suspicion counts too, since the drug must not be given while it is open."""
    found = [
        problem
        for problem in chart.record.problems
        if problem.verification_status not in DISPROVED and _is_pml(chart, problem.concept)
    ]
    if found:
        return Statement.yes(*(problem.fact("progressive multifocal leukoencephalopathy") for problem in found))
    return Statement() if chart.record.knows("conditions") else Statement.unknown("problem list")


def _is_pml(chart: Chart, concept: Concept) -> bool:
    """By code, or by its full name in words: of a disease that forbids the drug an uncoded entry must be heard too."""
    words = concept.words
    return chart.holds(concept, PML) or (_PML_NAME.search(words) is not None and _NO_PML.search(words) is None)


# Pregnancy


def _pregnancy(chart: Chart, thresholds: Thresholds) -> Statement:
    exclusions = _exclusions(chart)
    coded = [
        problem
        for problem in (*chart.problems(PREGNANCY), *_pregnant_by_text(chart, thresholds))
        if not _rules_out(exclusions, problem.onset or problem.recorded)
    ]
    tests = [] if exclusions else _positive_test(chart, thresholds)
    facts = [problem.fact("pregnancy") for problem in coded] + [test.fact("pregnancy test") for test in tests]
    if facts:
        return Statement.yes(*facts)
    if exclusions or not _might_be_pregnant(chart, thresholds):
        return Statement()
    return Statement() if chart.record.knows("conditions", "pregnancyTests") else Statement.unknown("pregnancy")


def _pregnant_by_text(chart: Chart, thresholds: Thresholds) -> list[Problem]:
    """Active problems of someone who might be pregnant that say so in words and have no code that any of our sets
    knows."""
    if not _might_be_pregnant(chart, thresholds):
        return []
    return [
        problem
        for problem in chart.record.problems
        if is_active(problem)
        and is_confirmed(problem)
        and not chart.is_known(problem.concept)
        and pregnancy_in(problem.concept.text) == "pregnant"
    ]


def _pregnancy_test_due(chart: Chart, thresholds: Thresholds) -> Statement:
    """A status "not pregnant" is no test, a preliminary negative clears nothing, and an amount of hCG without the
    laboratory's own judgement or range says nothing. A pregnancy on record needs no test."""
    is_pregnant = _pregnancy(chart, thresholds).holds
    if is_pregnant or _exclusions(chart) or not _might_be_pregnant(chart, thresholds):
        return Statement()
    tests = chart.results(PREGNANCY_TEST)
    fresh = thresholds.days("pregnancy.test_fresh")
    negative = [test.when.end for test in tests if test.when and _is_fresh_negative(chart, test, fresh)]
    unread = _unread_tests(chart, max(negative, default=None))
    if negative and not unread:
        return Statement()
    if unread:
        return Statement.yes(*(one.fact for one in unread))
    if not chart.record.knows("pregnancyTests"):
        return Statement.unknown("pregnancy test")
    return Statement.yes(*(test.fact("pregnancy test") for test in tests[:1]))


def _unread_tests(chart: Chart, since: date | None) -> tuple[Unread, ...]:
    """Tests that leave it open and that no later negative one answers: one that says neither, or nothing we understand,
    and a positive one without a day."""
    if since is None:
        return ()

    def is_read(test: Result) -> bool:
        reading = reading_of(chart, test)
        return reading in ("negative", "pending") or (reading == "positive" and test.when is not None)

    return unread_of(chart, PREGNANCY_TEST, what="pregnancy test", is_read=is_read, since=since)


def _is_fresh_negative(chart: Chart, test: Result, days: int) -> bool:
    is_fresh = test.when is not None and chart.days_ago(test.when.start) <= days
    return is_fresh and reading_of(chart, test) == "negative"


def _exclusions(chart: Chart) -> list[Problem | Procedure]:
    return [*chart.past_or_present_problems(*CANNOT_CONCEIVE), *chart.procedures(*CANNOT_CONCEIVE)]


def _rules_out(exclusions: Iterable[Problem | Procedure], pregnant: When | None) -> bool:
    """An exclusion silences a coded pregnancy (C6.13), unless the pregnancy was entered after it: then the exclusion
    failed or is wrong, and the pregnancy stands."""
    since = _first_day(pregnant)
    days = [
        _first_day(item.when if isinstance(item, Procedure) else item.onset or item.recorded) for item in exclusions
    ]
    return any(since is None or day is None or since <= day for day in days)


def _first_day(when: When | None) -> date | None:
    return when.start if when else None


def _positive_test(chart: Chart, thresholds: Thresholds) -> list[Result]:
    """The newest pregnancy test that says anything, if it is positive and young enough. A preliminary negative does not
    clear an earlier positive."""
    tests = chart.results(PREGNANCY_TEST, PREGNANCY_STATUS, statuses=FULL_STATUSES | PRELIMINARY_STATUSES)
    for test in tests:
        reading = _pregnancy_reading(chart, test)
        is_firm = test.status in FULL_STATUSES
        if test.when is None or chart.days_ago(test.when.end) > thresholds.days("pregnancy.test_age"):
            return []
        if reading == "positive":
            return [test]
        if reading == "negative" and is_firm:
            return []
    return []


def _pregnancy_reading(chart: Chart, test: Result) -> Reading:
    if isinstance(test.value, Concept) and chart.holds(test.value, PREGNANCY):
        return "positive"
    if isinstance(test.value, Concept) and chart.holds(test.value, NOT_PREGNANT):
        return "negative"
    readings: dict[Said, Reading] = {"pregnant": "positive", "not pregnant": "negative"}
    return readings.get(pregnancy_in(words_of(test))) or reading_of(chart, test)


def _might_be_pregnant(chart: Chart, thresholds: Thresholds) -> bool:
    age = chart.record.patient.age_on(chart.today)
    is_of_age = age is None or thresholds["pregnancy.age_min"] <= age <= thresholds["pregnancy.age_max"]
    return chart.record.patient.sex != "male" and is_of_age


# Reactions to rituximab


def _is_ours(chart: Chart, allergy: Allergy) -> bool:
    if allergy.verification_status in DISPROVED:
        return False
    return any(chart.holds(substance, *RITUXIMAB) or _is_named(substance, allergy) for substance in allergy.substances)


def _is_named(substance: Concept, allergy: Allergy) -> bool:
    """In words; an entry that denies the allergy is none, unless it tells of a reaction."""
    return names_rituximab(substance.text) and bool(allergy.reactions or not denies_allergy(substance.text))


def _gravity(chart: Chart, allergy: Allergy) -> Gravity:
    """A severity that is none of FHIR's leaves it unclear."""
    severities = {reaction.severity for reaction in allergy.reactions if reaction.severity}
    shown = [what for reaction in allergy.reactions for what in reaction.manifestations]
    is_grave = any(chart.holds(what, SEVERE_REACTION) or names_severe_reaction(what.text) for what in shown)
    if severities & GRAVE or allergy.criticality == "high" or is_grave:
        return "severe"
    is_slight = severities <= SLIGHT if severities else allergy.criticality == "low"
    return "mild" if is_slight else "unclear"


def _reactions(reactions: list[tuple[Allergy, Gravity]], gravity: Gravity, *, is_known: bool) -> Statement:
    facts = [allergy.fact(f"reaction, {in_words(allergy)}") for allergy, found in reactions if found == gravity]
    if facts:
        return Statement.yes(*facts)
    return Statement() if is_known else Statement.unknown("allergies")


def in_words(allergy: Allergy) -> str:
    """How severe it was and what it looked like."""
    shown = [what.text for reaction in allergy.reactions for what in reaction.manifestations if what.text]
    severities = [reaction.severity for reaction in allergy.reactions if reaction.severity]
    words = [*dict.fromkeys(severities), *dict.fromkeys(shown)]
    if allergy.criticality == "high":
        words.append("high criticality")
    return ", ".join(words) or "severity not recorded"


# Another anti-CD20 antibody


def _other_anti_cd20(chart: Chart, antibodies: tuple[AntiCd20, ...]) -> Statement:
    if antibodies:
        return Statement.yes(*dict.fromkeys(antibody.fact for antibody in antibodies))
    return Statement() if chart.record.knows(*MEDICATION_KEYS) else Statement.unknown("earlier anti-CD20 treatment")


def _antibodies(chart: Chart, thresholds: Thresholds) -> tuple[AntiCd20, ...]:
    """Given within the months that count, or ordered, the drafts of this call among them."""
    earliest = months_after(chart.today, -int(thresholds["anti_cd20.overlap_months"]))
    found = []
    for therapy in OTHER_ANTI_CD20:
        name = THERAPIES[therapy].whole_name
        given = [medicine for medicine in chart.medicines(therapy, named=name) if is_given(medicine)]
        found += [
            AntiCd20(therapy, medicine.fact("anti-CD20 antibody given"), is_given=True)
            for medicine in given
            if _since(medicine, earliest)
        ]
        found += [
            AntiCd20(therapy, order.fact("anti-CD20 antibody ordered"), is_given=False)
            for order in chart.live_orders(therapy, named=name)
        ]
    return tuple(sorted(found, key=lambda antibody: not antibody.is_given))


def is_given(medicine: Medicine) -> bool:
    """The patient has had it, as far as such a record can say: a request is a plan, not a dose."""
    had = {"completed", "in-progress", "active", "stopped", "on-hold", "recorded", "unknown", ""}
    return medicine.kind != "request" and medicine.status in had


def _since(medicine: Medicine, earliest: date) -> bool:
    """Given after `earliest`, or still being taken."""
    last = medicine.until or medicine.when
    return medicine.status == "active" if last is None else last.end > earliest
