"""The `rituximabRetreatment` card: worse again after a response to rituximab (RT-1, ruling 3), or, at an order, a new
course too soon (RT-2, ruling 20), which speaks for G11's overlap with the earlier course too.

Worded on condition where nothing can be compared, or where the day of the earlier course is not known. Offers the
regimens only for a relapse on record that nothing speaks against; what forbids rituximab comes before all else.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, is_yes, make_card, marked
from hooks.anti_mag.cards.course_wording import FORBIDDEN, last_dose, not_on_top, plan, plan_sources
from hooks.anti_mag.cards.gives_way import red_flag_leads
from hooks.anti_mag.cards.red_flag import AFTER_IT, settled_first
from hooks.anti_mag.cards.response_review import compared, compared_facts
from hooks.anti_mag.cards.rituximab import CERTAINTY
from hooks.anti_mag.cards.rituximab_safety import SPEAK_WITH
from hooks.anti_mag.cards.suggestions import already_in_hand, exchange_and_haematology, referral
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.indication import exchange_comes_first

BASELINE = (
    "**Before it repeat the whole baseline**: hepatitis B (HBsAg, anti-HBc), IgM, IgG, blood count, scores, a "
    "pregnancy test where it applies."
)
MAINTENANCE = "Treat the relapse; the guideline advises no maintenance (MSMART2010)."
EARLY_COURSES = (
    "The guideline advises no maintenance (MSMART2010); courses every 6 to 9 months come from other neurological "
    "diseases (MEMON2018). A rise of IgM in the flare window alone is no relapse."
)
EXCHANGE_FIRST = (
    "**Plasma exchange comes first**: IgM of 4000 mg/dL or more, or hyperviscosity, speaks against rituximab now "
    "(IWWM8TX)."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """Information, a warning with RT-2; None where the patient is not worse, or another course is no question."""
    if is_yes(answers, "RT-2"):
        return _too_soon(picture, answers)
    answer = answers.get("RT-1")
    if answer is None or answer.finding.truth is Truth.NO:
        return None
    is_on_record = answer.finding.truth is Truth.YES
    against, is_exchange_first = list(hard_contraindications(picture)), exchange_comes_first(picture)
    has_red_flag = red_flag_leads(answers)
    is_offered = is_on_record and not against and not is_exchange_first
    sources = plan_sources(picture) if is_offered else ()
    return make_card(
        picture,
        "rituximabRetreatment",
        Indicator.INFO,
        _summary(picture, against, is_on_record=is_on_record, has_red_flag=has_red_flag),
        [
            *(settled_first(picture) if has_red_flag else ()),
            _not_now(picture, against, is_on_record=is_on_record)
            if against
            else _lead(picture, is_on_record=is_on_record),
            *not_on_top(picture),
            *([EXCHANGE_FIRST, *already_in_hand(picture)] if is_exchange_first else []),
            *([] if against else [f"{BASELINE} {MAINTENANCE}"]),
            *([plan(picture)] if is_offered else []),
            CERTAINTY,
        ],
        [answer],
        suggestions=_suggestions(picture, against, is_on_record=is_on_record),
        selection_behavior="at-most-one" if is_offered else "any",
        more_evidence=("GAZZOLA2017", *(["IWWM8TX"] if is_exchange_first else []), *sources),
        lines=compared(picture),
        told=compared_facts(picture),
        is_missing_told=True,
    )


def _too_soon(picture: ClinicalPicture, answers: Answers) -> Card | None:
    course = picture.rituximab.latest
    if course is None:
        return None
    months, last = picture.thresholds["retreatment.min_months"], last_dose(course)
    return make_card(
        picture,
        "rituximabRetreatment",
        Indicator.WARNING,
        f"New rituximab course within {months} months of the last dose ({last}), no relapse on record",
        [
            "**Record the relapse that this course is for, or wait.** Without one, a new course within "
            f"{marked(picture.thresholds, 'retreatment.min_months')} of the last dose is no standard here. The last "
            f"dose on record is of {last}; B cells may still be depleted.",
            EARLY_COURSES,
        ],
        [answers[logic] for logic in ("RT-2", "G11") if is_yes(answers, logic)],
        lines=compared(picture),
        told=compared_facts(picture),
        orders=[escaped(draft.name) for draft in gated(picture, "RT-2")],
    )


def _summary(picture: ClinicalPicture, against: Sequence[str], *, is_on_record: bool, has_red_flag: bool) -> str:
    after = AFTER_IT if has_red_flag else ""
    start = "Relapse after a response to rituximab" if is_on_record else "After rituximab, response not on record"
    if against:
        return f"{start}: no further course for now, {FORBIDDEN[against[0]]}"
    if picture.rituximab.latest is None:
        return f"Earlier rituximab without a date: clarify date and response before another course{after}"
    if not is_on_record:
        what = f"another course only{after}" if after else "another course if it helped and the neuropathy is worse"
    elif exchange_comes_first(picture):
        what = f"plasma exchange before another course{after}"
    else:
        what = f"another course (off-label){after}" if after else "another course (off-label), repeat the baseline"
    return f"{start}: {what}"


def _lead(picture: ClinicalPicture, *, is_on_record: bool) -> str:
    course = picture.rituximab.latest
    if course is None:
        return (
            "**Find out when rituximab was given, and whether it helped.** If it did, and the neuropathy has worsened "
            f"again more than {marked(picture.thresholds, 'retreatment.min_months')} after the last dose, another "
            "course (off-label) can be considered."
        )
    last = f"The last dose on record is of {last_dose(course)}."
    if not is_on_record:
        return (
            "**If rituximab helped and the neuropathy is disabling or worse again**, another course (off-label) can "
            f"be considered. No score can be compared with one from before: record INCAT or ONLS and I-RODS. {last}"
        )
    return f"**Consider another course (off-label): the neuropathy is worse again after it had improved.** {last}"


def _not_now(picture: ClinicalPicture, against: Sequence[str], *, is_on_record: bool) -> str:
    found = " and ".join(FORBIDDEN[gate] for gate in against)
    stands = "stands" if len(against) == 1 else "stand"
    worse = "is worse again after it had improved" if is_on_record else "may be worse again"
    course = picture.rituximab.latest
    last = f" The last dose on record is of {last_dose(course)}." if course else ""
    return (
        f"**No further course of rituximab for now: {found} {stands} against it.** The neuropathy {worse}: agree on "
        f"the treatment with neurology and haematology.{last}"
    )


def _suggestions(picture: ClinicalPicture, against: Sequence[str], *, is_on_record: bool) -> list[Suggestion]:
    """Those to speak with where rituximab is forbidden; plasma exchange where only that comes first; else the
    regimens."""
    if against:
        whom = {SPEAK_WITH[gate]: gate for gate in reversed(against) if gate in SPEAK_WITH}
        return [one for name, gate in whom.items() for one in referral(picture, name, gate)]
    if not is_on_record:
        return []
    if exchange_comes_first(picture):
        return exchange_and_haematology(picture)
    return [proposals.rituximab_weekly(picture), proposals.rituximab_two_doses(picture)]
