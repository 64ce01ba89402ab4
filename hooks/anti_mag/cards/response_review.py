"""What the `followUpAssessment` card says after rituximab: the review that is due, or worse than before (RE-1, RE-2).

Not a card of its own: `follow_up_assessment` puts these paragraphs on the one card of the topic.
"""

from __future__ import annotations

from decimal import Decimal

from cds_service.markdown import escaped
from cds_service.record import Fact
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.cards.card import Answers, is_yes
from hooks.anti_mag.cards.course_wording import first_dose
from hooks.anti_mag.cards.igm_wording import igm_in_words
from hooks.anti_mag.cards.unread_wording import score_in_words
from hooks.anti_mag.check_ups import latest_review, study_is_due
from hooks.anti_mag.knowledge_data import SCHEDULE
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.disability import ScaleCourse, Score
from hooks.anti_mag.picture.scales import SCALES

WORSE = (
    "**Bring the joint review by neurology and haematology forward.** Worse on several measures: is the diagnosis "
    "right, has the M-protein changed, is there a red flag (amyloid, lymphoma)?"
)
TOO_EARLY = (
    "Before 12 months it is too early to call failure unless several measures are worse: first verdict at "
    "6 to 12 months, the final one at 24 (SVAHN2018, LATOV2024)."
)
TITRE = "IgM and the anti-MAG titre are context, no verdict: compare them only within one laboratory and method."


def paragraphs(picture: ClinicalPicture, answers: Answers) -> list[str]:
    """What RE-2 and RE-1 have to say, most important first; nothing where neither is YES."""
    is_worse, is_due = (is_yes(answers, logic) for logic in ("RE-2", "RE-1"))
    if not (is_worse or is_due):
        return []
    return [
        *([WORSE] if is_worse else []),
        *([_due(picture)] if is_due else []),
        *([_study()] if is_due and wants_study(picture) else []),
        *([TOO_EARLY] if _is_early(picture) and not is_worse else []),
        " ".join([*_igm(picture), TITRE]),
    ]


def by_when(picture: ClinicalPicture) -> str:
    """By the visit being booked, else now."""
    return f"by the visit on {picture.visit.isoformat()}" if picture.visit else "now"


def compared(picture: ClinicalPicture) -> list[str]:
    """A line a scale, before and now, those that changed first; nothing where none can be compared."""
    scales = sorted(picture.response.scales, key=lambda scale: scale.direction == "stable" and not scale.has_relapsed)
    return [_line(scale) for scale in scales]


def compared_facts(picture: ClinicalPicture) -> list[Fact]:
    """The scores that those lines tell."""
    return [score.fact for scale in picture.response.scales for score in (scale.baseline, scale.best, scale.newest)]


def _due(picture: ClinicalPicture) -> str:
    course = picture.rituximab.latest
    review = latest_review(course, picture.due_by) if course else None
    assert course is not None
    assert review is not None
    last = picture.disability.last_score
    scored = f"The last score is of {last.isoformat()}." if last else ""
    known = " ".join(filter(None, (scored, score_in_words(picture)))) or "No score is on record."
    verb = "is" if review.on > picture.today else "was"
    return (
        f"**Record the scores {by_when(picture)} and compare them with those before treatment**, on the same scales: "
        "INCAT or ONLS, I-RODS, grip strength, 10-metre walk. The review of month "
        f"{review.place} after the first dose ({first_dose(course)}) {verb} due on {review.on.isoformat()}. "
        f"{known}"
    )


def wants_study(picture: ClinicalPicture) -> bool:
    """The conduction study of the second year is still to be had."""
    course = picture.rituximab.latest
    return course is not None and study_is_due(picture, course)


def _study() -> str:
    first, last = SCHEDULE.conduction_study_months
    return (
        f"**Repeat the nerve conduction study**, once between months {first} and {last} after the first dose (service "
        "default); a series repeated it every half year (BENEDETTI2008). None of that time is on record."
    )


def _is_early(picture: ClinicalPicture) -> bool:
    course = picture.rituximab.latest
    months = int(picture.thresholds["response.verdict_months"])
    return course is not None and picture.today < months_after(course.day_zero, months)


def _line(scale: ScaleCourse) -> str:
    """Such as "INCAT **4** now (…), 2 before rituximab (…), best after it 1 (…): worse"."""
    best = f", best after it {_shown(scale.best)}" if scale.best.fact != scale.newest.fact else ""
    verdict = f"{scale.direction}, worse than its best" if scale.has_relapsed else scale.direction
    now, before = _shown(scale.newest), _shown(scale.baseline)
    return f"{escaped(SCALES[scale.scale].label)} **{now}**; before rituximab {before}{best}: {verdict}"


def _shown(score: Score) -> str:
    unit = f" {score.fact.unit}" if score.fact.unit in ("kPa", "s") else ""
    return f"{score.value.normalize():f}{unit} ({score.fact.date or score.on.isoformat()})"


def _igm(picture: ClinicalPicture) -> list[str]:
    """IgM before and now, with the change in percent where both values may enter one."""
    baseline, newest, course = picture.response.igm_baseline, picture.igm.newest, picture.rituximab.latest
    if baseline is None or newest is None or course is None or newest.on <= course.day_zero:
        return []
    change = ""
    if newest.is_firm and newest.is_comparable(baseline):
        percent = ((newest.mg_dl - baseline.mg_dl) * 100 / baseline.mg_dl).quantize(Decimal(1))
        change = f", a change of {percent} %"
    return [f"Serum IgM: {igm_in_words(baseline)} before, {igm_in_words(newest)} now{change}."]
