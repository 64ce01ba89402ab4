"""How to read an anti-MAG result: the laboratory's own range first, then the bands that sources print (WU-3), and a
strong titre without a paraprotein (WU-4).

Bands are for reading only and decide nothing; a dilution gets none of the BTU bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cds_service.cards import Suggestion
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped
from cds_service.record import Fact
from cds_service.values import ReferenceRange
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, marked
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.anti_mag import AntiMag

BTU_BANDS = (
    "One laboratory reads 1000 to 2000 as weak, 2001 to 4000 as doubtful, 4001 to 10,000 as moderate (LABEPA); a "
    "cohort "
    "called 1000 to 10,000 low (SVAHN2018)."
)
BLOT_BANDS = (
    "By immunoblot in one laboratory 25 % of the patients below 1:3200 had a neuropathy with an IgM paraprotein, and "
    "95 % of those above 1:6400 (MILANIB). This holds for that blot only and is no BTU value."
)
WEAK_MEANS = (
    "A low titre went with a CIDP-like conduction study in about one third of 60 patients (MAGY2015): a CIDP is "
    "treated "
    "differently."
)
BEFORE_PARAPROTEIN = (
    "In 4 of 69 patients the antibody came without a paraprotein; in 2 it appeared at 3 and 4 years (PASCUAL2019). The "
    "diagnosis counts as possible here until a clinician enters it."
)


def reading_rules(answers: Answers) -> list[Answer]:
    """WU-3 and WU-4, where they say YES."""
    return [
        answers[logic] for logic in ("WU-3", "WU-4") if logic in answers and answers[logic].finding.truth is Truth.YES
    ]


def summary_of(picture: ClinicalPicture, reading: Sequence[Answer]) -> str:
    """The summary of a card on which no test is missing."""
    if reading[0].rule.logic == "WU-4":
        return "Repeat immunofixation every year: strong anti-MAG titre without an IgM paraprotein"
    if picture.diagnosis.anti_mag.contradicted_by is not None:
        return "Anti-MAG results of two methods disagree: settle it before the diagnosis rests on one"
    return "Weak anti-MAG titre: read it by the laboratory's own range, and test by a second method"


def read_in_words(picture: ClinicalPicture, reading: Sequence[Answer]) -> list[str]:
    """What WU-3 and WU-4 have to say."""
    logics = [answer.rule.logic for answer in reading]
    return [
        *(_weak_or_contradicted(picture.diagnosis.anti_mag, picture.thresholds) if "WU-3" in logics else []),
        *(_without_paraprotein(picture) if "WU-4" in logics else []),
    ]


def second_method(picture: ClinicalPicture, reading: Sequence[Answer]) -> list[Suggestion]:
    """With WU-3, the anti-MAG test again; the draft asks for its method."""
    is_wanted = any(answer.rule.logic == "WU-3" for answer in reading)
    return [proposals.test(picture, "anti_mag", rule="WU-3")] if is_wanted else []


def _weak_or_contradicted(anti_mag: AntiMag, thresholds: Thresholds) -> list[str]:
    contrary = anti_mag.contradicted_by
    if contrary is not None:
        return [
            f"**Two methods disagree**: {_told(anti_mag)}; {_told(contrary)}. Different assays find different patients "
            "(MATA2019): ask a laboratory that knows both methods before the diagnosis rests on one of them.",
            _own_range(anti_mag),
        ]
    return [
        f"**The anti-MAG titre is weak ({_told(anti_mag)}): test by a second method** before the diagnosis rests on it "
        "(MATA2019).",
        " ".join([_own_range(anti_mag), *_bands(anti_mag, thresholds)]),
        WEAK_MEANS,
    ]


def _without_paraprotein(picture: ClinicalPicture) -> list[str]:
    days = picture.thresholds.days("immunofixation.max_age")
    due = _due(picture.diagnosis.immunofixation.facts, picture.today, days)
    lead = f"**Strong anti-MAG titre, no IgM paraprotein yet: repeat immunofixation every year{due}.**"
    return [f"{lead} {BEFORE_PARAPROTEIN}"]


def _due(facts: tuple[Fact, ...], today: date, days: int) -> str:
    """Next on such a day, now due, or nothing where the day of the last one is not known."""
    told = facts[0].date if facts else None
    if told is None or len(told) != len("2026-01-01"):
        return ""
    due = date.fromisoformat(told) + timedelta(days=days + 1)
    return ", now due" if due <= today else f", next on {due.isoformat()}"


def _told(anti_mag: AntiMag) -> str:
    fact = anti_mag.facts[0]
    shown = f"{fact.value if fact.value is not None else 'recorded'} {unit_in_words(fact.unit or '')}".strip()
    by = f" by {anti_mag.method}" if anti_mag.method else ""
    return f"{escaped(shown)}{by} on {fact.date or 'an unknown day'}, {anti_mag.verdict}"


def _own_range(anti_mag: AntiMag) -> str:
    own = anti_mag.result.reference_range if anti_mag.result else None
    shown = _range(own) if own else ""
    return f"The laboratory's own range: {escaped(shown)}." if shown else "The laboratory gave no range: ask for it."


def _range(own: ReferenceRange) -> str:
    if own.text:
        return own.text
    unit = f" {unit_in_words(own.unit or '')}" if own.unit else ""
    low = f"from {own.low}" if own.low is not None else ""
    high = f"up to {own.high}" if own.high is not None else ""
    return f"{low} {high}".strip() + unit if low or high else ""


def _bands(anti_mag: AntiMag, thresholds: Thresholds) -> list[str]:
    if anti_mag.method == "immunoblot":
        return [BLOT_BANDS]
    if anti_mag.btu is None:
        return []
    return [BTU_BANDS, f"Here {marked(thresholds, 'anti_mag.btu.positive')} counts as positive."]
