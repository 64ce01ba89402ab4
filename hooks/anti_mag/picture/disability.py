"""How disabled the patient is, and which way it goes: scores, their trends, and the clinician's own word.

Decides `Severity` and compares scores around a treatment. What to do about it is left to the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Literal

from cds_service.codes import Concept
from cds_service.kept import KeptItems
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Result, newest_first
from hooks.anti_mag.code_sets import result_set
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.nerve_conduction import study_days
from hooks.anti_mag.picture.scales import RANKIN, SCALES, Scale
from hooks.anti_mag.picture.unread import Unread, unread_as
from hooks.anti_mag.picture.wording import words_of


class Severity(Enum):
    """How much the neuropathy disables; PROGRESSIVE is not disabling yet, but getting worse."""

    DISABLING = "disabling"
    PROGRESSIVE = "progressive"
    MILD_STABLE = "mild and stable"
    UNKNOWN = "not recorded"


@dataclass(frozen=True, slots=True)
class Score:
    """One value of one scale (a code of urn:anti-mag-cds:assessment, or "modified-rankin")."""

    scale: str
    value: Decimal
    on: date
    fact: Fact
    since: date | None = None
    """The first day that it can be of, where only month or year are known; `on` is the last one."""

    @property
    def earliest(self) -> date:
        """The first day that it can be of."""
        return self.since or self.on


POINT_SCALES = ("incat", "incat-arm", "incat-leg", "onls", "onls-arm", "onls-leg")
"""The scales of which a point lost is a loss of function, and several are a severe one."""
Direction = Literal["improved", "stable", "worse"]
CLINICAL_COURSE = result_set("assessment_clinical_course")
_DIRECTIONS: dict[str, Direction] = {"improved": "improved", "stable": "stable", "worse": "worse"}


@dataclass(frozen=True, slots=True)
class ScaleCourse:
    """One scale around day 0 of a course: the baseline (ruling 18) against the best and the newest value after it."""

    scale: str
    baseline: Score
    best: Score
    newest: Score
    has_improved: bool
    """The best value after day 0 is better than the baseline by a meaningful step."""
    direction: Direction
    """The newest value against the baseline."""
    has_relapsed: bool
    """After an improvement the newest value is worse than the best by a meaningful step."""
    points_worse: Decimal = Decimal(0)
    """How much worse the newest is than the baseline, in the scale's own points; 0 where it is not."""


@dataclass(frozen=True, slots=True)
class ClinicianWord:
    """A coded `clinical-course` observation: the clinician's own judgement."""

    direction: Direction
    on: date
    fact: Fact


@dataclass(frozen=True, slots=True)
class Disability:
    """How disabled the patient is by the record."""

    severity: Severity = Severity.UNKNOWN
    severity_facts: tuple[Fact, ...] = ()
    severity_is_old: bool = False
    """The scores that decide are older than the threshold `score.max_age`."""
    scores: tuple[Score, ...] = ()
    """Newest first."""
    unread: Sequence[Unread] = ()
    """Scores that are there and could not be read, newer than the one that was, or without a day."""
    words: tuple[ClinicianWord, ...] = ()
    """Newest first."""
    last_score: date | None = None
    """Newest of any score."""
    last_assessed: date | None = None
    """Newest of score, nerve conduction study and clinical course (ruling 11)."""
    is_readable: bool = True
    """The assessments could be read, so that a missing score is known to be missing."""
    last_study: date | None = None
    """Newest nerve conduction study."""
    knows_studies: bool = True
    """Assessments and procedures could be read, so that a missing study is known to be missing."""


def disability_of(chart: Chart, thresholds: Thresholds) -> Disability:
    """Severity and its course from results of full status. Unreadable values and units leave a score out."""
    scores, words = _scores(chart), _words(chart)
    severity, facts, decided_on = _severity(scores, words, chart.today, thresholds)
    last_score = max((score.on for score in scores), default=None)
    studies = study_days(chart)
    days = [*studies, *(word.on for word in words), *([last_score] if last_score else [])]
    return Disability(
        severity=severity,
        severity_facts=facts,
        severity_is_old=decided_on is not None and chart.days_ago(decided_on) > thresholds.days("score.max_age"),
        scores=tuple(scores),
        unread=KeptItems(_unread(chart, scores)),
        words=tuple(words),
        last_score=last_score,
        last_assessed=max(days, default=None),
        is_readable=chart.record.knows("assessments"),
        last_study=max(studies, default=None),
        knows_studies=chart.record.knows("assessments", "procedures"),
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """One scale around day 0, by the step that says that function was lost: the baseline and the newest value."""

    scale: str
    baseline: Score
    newest: Score
    is_lost: bool
    points: Decimal
    """How much worse the newest is, in the scale's own points; 0 where it is not."""


def losses(disability: Disability, day_zero: date, thresholds: Thresholds) -> tuple[Loss, ...]:
    """Each scale that says whether function was lost (ruling 32), compared around day 0.

    Raw I-RODS sums have no table here and are left out; so are strength and grip.
    """
    found = []
    for name, step in loss_steps(thresholds).items():
        scale, own = SCALES[name], [score for score in disability.scores if score.scale == name]
        compared = _around(own, day_zero, thresholds)
        if compared is not None:
            baseline, after = compared
            points = max(scale.loss(after[0].value, baseline.value), Decimal(0))
            found.append(Loss(name, baseline, after[0], scale.is_worse(after[0].value, baseline.value, step), points))
    return tuple(found)


def loss_steps(thresholds: Thresholds) -> dict[str, Decimal]:
    """By scale, the step that is a loss of function."""
    return {
        **dict.fromkeys(POINT_SCALES, thresholds["progression.points"]),
        RANKIN: thresholds["worsening.rankin"],
        "i-rods": thresholds["progression.i_rods"],
        "walk-10m": thresholds["progression.walk"],
    }


def scale_courses(disability: Disability, day_zero: date, thresholds: Thresholds) -> tuple[ScaleCourse, ...]:
    """Each scale with a meaningful step, compared around day 0; a scale without two values to compare is left out."""
    courses = []
    for scale in SCALES.values():
        own = [score for score in disability.scores if score.scale == scale.name]
        course = _scale_course(scale, own, day_zero, thresholds)
        if course is not None:
            courses.append(course)
    return tuple(courses)


# Reading


def _scores(chart: Chart) -> list[Score]:
    """Every usable score, newest first."""
    by_result: list[tuple[Result, Score]] = []
    for scale in SCALES.values():
        for result in chart.results(scale.code_set):
            value = scale.reading(result)
            if result.when and value is not None:
                first, last = result.when.start, min(result.when.end, chart.today)
                score = Score(scale.name, value, last, result.fact(scale.label), first)
                by_result.append((result, score))
    order = {id(result): place for place, result in enumerate(newest_first(result for result, _ in by_result))}
    return [score for _, score in sorted(by_result, key=lambda pair: order[id(pair[0])])]


def _unread(chart: Chart, scores: Sequence[Score]) -> Iterator[Unread]:
    """Of each scale that shows disability the newest result that can't be read, where no score was read since."""
    for scale in SCALES.values():
        if scale.shows_disability:
            since = next((score.on for score in scores if score.scale == scale.name), date.min)
            found = chart.unread_results(scale.code_set, is_read=partial(_is_read, scale), since=since)
            yield from (unread_as(result, scale.label) for result in found[:1])


def _is_read(scale: Scale, result: Result) -> bool:
    return result.when is not None and scale.reading(result) is not None


def _words(chart: Chart) -> list[ClinicianWord]:
    found = []
    for result in chart.results(CLINICAL_COURSE):
        codes = {code for _, code in result.value.codes} if isinstance(result.value, Concept) else set()
        named = [_DIRECTIONS[name] for name in sorted({*codes, words_of(result).strip()}) if name in _DIRECTIONS]
        if len(named) == 1 and result.when:
            day = min(result.when.end, chart.today)
            found.append(ClinicianWord(named[0], day, result.fact("Clinical course")))
    return found


# Severity

Decision = tuple[Severity, tuple[Fact, ...], date | None]


def _severity(scores: Sequence[Score], words: Sequence[ClinicianWord], today: date, thresholds: Thresholds) -> Decision:
    """The severity, the facts behind it, and the day of the newest score that decides (None where no score does).

    Old disabling scores give way to a progression of today, so that the severity is not called old then.
    """
    decisive = _newest_of_each(scores, thresholds)
    disabling = _disabling(decisive, thresholds)
    disabling_on = max((score.on for score in disabling), default=None)
    is_current = disabling_on is not None and (today - disabling_on).days <= thresholds.days("score.max_age")
    progression = () if is_current else _progression(scores, words, today, thresholds)
    if progression:
        return Severity.PROGRESSIVE, tuple(dict.fromkeys((*progression, *_facts(disabling)))), None
    if disabling:
        return Severity.DISABLING, _facts(disabling), disabling_on
    if any(SCALES[score.scale].shows_disability for score in decisive):
        return Severity.MILD_STABLE, _facts(decisive), max(score.on for score in decisive)
    return Severity.UNKNOWN, (), None


def _newest_of_each(scores: Sequence[Score], thresholds: Thresholds) -> list[Score]:
    """The newest value of each disability scale, those left out that are outdated by the newest of all."""
    ours = [score for score in scores if SCALES[score.scale].measures_disability]
    if not ours:
        return []
    since = ours[0].on - timedelta(days=thresholds.days("score.max_age"))
    newest: dict[str, Score] = {}
    for score in ours:
        newest.setdefault(score.scale, score)
    return [score for score in newest.values() if score.on >= since]


def _disabling(decisive: Sequence[Score], thresholds: Thresholds) -> list[Score]:
    limits = {
        **dict.fromkeys(("incat", "onls", "incat-arm", "onls-arm"), thresholds["disability.total"]),
        **dict.fromkeys(("incat-leg", "onls-leg"), thresholds["disability.leg"]),
        RANKIN: thresholds["disability.rankin"],
    }
    found = [score for score in decisive if score.value >= limits[score.scale]]
    return found or _disabling_sum(decisive, thresholds)


def _disabling_sum(decisive: Sequence[Score], thresholds: Thresholds) -> list[Score]:
    """Arm and leg of one day make the total where no total was recorded."""
    by_scale = {score.scale: score for score in decisive}
    for scale in ("incat", "onls"):
        arm, leg = by_scale.get(f"{scale}-arm"), by_scale.get(f"{scale}-leg")
        if scale in by_scale or arm is None or leg is None or arm.on != leg.on:
            continue
        if arm.value + leg.value >= thresholds["disability.total"]:
            return [arm, leg]
    return []


def _progression(
    scores: Sequence[Score], words: Sequence[ClinicianWord], today: date, thresholds: Thresholds
) -> tuple[Fact, ...]:
    """Newest values of the window that are worse than the best before them within it, each followed by that one.

    The clinician's newest word is a progression too where it is "worse".
    """
    window = timedelta(days=thresholds.days("progression.window"))
    disability_scales = [name for name, scale in SCALES.items() if scale.measures_disability and name != RANKIN]
    steps = {
        **dict.fromkeys(disability_scales, thresholds["progression.points"]),
        "i-rods": thresholds["progression.i_rods"],
        "walk-10m": thresholds["progression.walk"],
    }
    found: list[Score] = []
    for name, step in steps.items():
        own = [score for score in scores if score.scale == name]
        if own and own[0].on >= today - window:
            best = _best(SCALES[name], [score for score in own[1:] if own[0].on - score.on <= window])
            if best and SCALES[name].is_worse(own[0].value, best.value, step):
                found += [own[0], best]
    said = [word.fact for word in words[:1] if word.direction == "worse" and word.on >= today - window]
    return (*_facts(found), *said)


def _facts(scores: Iterable[Score]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(score.fact for score in scores))


# Comparison around a course


def _scale_course(scale: Scale, own: Sequence[Score], day_zero: date, thresholds: Thresholds) -> ScaleCourse | None:
    """`own` is newest first."""
    if scale.step is None:
        return None
    step = thresholds[scale.step]
    compared = _around(own, day_zero, thresholds)
    if compared is None:
        return None
    baseline, after = compared
    best, newest = _best(scale, after) or after[0], after[0]
    has_improved = scale.is_improved(best.value, baseline.value, step)
    return ScaleCourse(
        scale=scale.name,
        baseline=baseline,
        best=best,
        newest=newest,
        has_improved=has_improved,
        direction=scale.direction(newest.value, baseline.value, step),
        has_relapsed=has_improved and scale.is_worse(newest.value, best.value, step),
        points_worse=max(scale.loss(newest.value, baseline.value), Decimal(0)),
    )


def _around(own: Sequence[Score], day_zero: date, thresholds: Thresholds) -> tuple[Score, list[Score]] | None:
    """The baseline and the values after day 0, newest first; None where there are no two to compare."""
    baseline = _baseline(own, day_zero, thresholds)
    after = [score for score in own if score.earliest > day_zero and score is not baseline]
    return None if baseline is None or not after or after[0].on <= baseline.on else (baseline, after)


def _baseline(own: Sequence[Score], day_zero: date, thresholds: Thresholds) -> Score | None:
    """Ruling 18: the newest value in the year up to day 0, else the first one in the first weeks of the course."""
    earliest = day_zero - timedelta(days=thresholds.days("score.baseline_age"))
    before = [score for score in own if earliest <= score.on <= day_zero]
    after = [score for score in own if score.earliest > day_zero]
    until = day_zero + timedelta(days=thresholds.days("score.first_in_course"))
    early = [score for score in after if score.on <= until]
    return before[0] if before else early[-1] if early else None


def _best(scale: Scale, scores: Sequence[Score]) -> Score | None:
    """The best value; of equal ones the newest."""
    if not scores:
        return None
    return min(scores, key=lambda score: scale.loss(score.value, Decimal(0)))
