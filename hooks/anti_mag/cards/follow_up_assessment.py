"""The `followUpAssessment` card: what is due before treatment (SC-1, MO-1) and after it (RE-1, RE-2, by
`response_review`)."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator, Suggestion
from hooks.anti_mag import proposals
from hooks.anti_mag.cards import response_review
from hooks.anti_mag.cards.card import Answers, is_yes, make_card, whose_number, year_or_days
from hooks.anti_mag.cards.response_review import by_when
from hooks.anti_mag.cards.suggestions import reviewers
from hooks.anti_mag.cards.unread_wording import score_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.rules.follow_up import review_is_due

SCORES = (
    "**Record how disabling the neuropathy is**: INCAT or ONLS, and I-RODS, with grip strength (kPa) and the 10-metre "
    "walk. Whether treatment is indicated depends on it, and a later response is measured from it."
)
NATURAL_HISTORY = (
    "**No immunotherapy now**: it is for significant or progressive disability (KHWAJA2022). In a cohort 16 % were "
    "disabled after 5 years, 50 % after 15; of 19 treated with the drugs of that time 10 had severe adverse events "
    "(NOBILE2000). Ask about falls and neuropathic pain."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One card for everything that is due; a warning only when the response review warns."""
    due = [logic for logic in ("RE-2", "RE-1", "MO-1", "SC-1") if is_yes(answers, logic)]
    if not due:
        return None
    is_after_rituximab = any(logic in due for logic in ("RE-2", "RE-1"))
    return make_card(
        picture,
        "followUpAssessment",
        Indicator.WARNING if "RE-2" in due else Indicator.INFO,
        _summary(picture, due[0]),
        _paragraphs(picture, answers, due),
        [answers[logic] for logic in due],
        suggestions=_suggestions(picture, answers, due),
        lines=response_review.compared(picture) if is_after_rituximab else (),
        told=response_review.compared_facts(picture) if is_after_rituximab else (),
        is_missing_told=True,
    )


def _summary(picture: ClinicalPicture, first: str) -> str:
    match first:
        case "RE-2":
            return "Worse on several measures after rituximab: bring the multidisciplinary review forward"
        case "RE-1":
            return "Response review after rituximab is due: record scores, compare with those before treatment"
        case "MO-1":
            return f"{_capital(_due_now(picture))} due in mild, stable anti-MAG neuropathy; no immunotherapy now"
        case _:
            known = "could not be read" if picture.disability.unread else "not on record"
            return f"Record INCAT or ONLS and I-RODS: severity of the anti-MAG neuropathy {known}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _due_now(picture: ClinicalPicture) -> str:
    review = ["neurological review with scores"] if review_is_due(picture) else []
    return " and ".join([*review, *(["IgM"] if picture.work_up.lacks("igm") else [])])


def _paragraphs(picture: ClinicalPicture, answers: Answers, due: Sequence[str]) -> list[str]:
    paragraphs = [*response_review.paragraphs(picture, answers)]
    if "MO-1" in due:
        paragraphs += [_review(picture), NATURAL_HISTORY]
    if "SC-1" in due:
        paragraphs += filter(None, (SCORES, score_in_words(picture)))
    return paragraphs


def _review(picture: ClinicalPicture) -> str:
    last = picture.disability.last_assessed
    assessed = f"The last assessment on record is of {last.isoformat()}. " if last else ""
    row = picture.thresholds.row("progression.window")
    span = year_or_days(picture.thresholds.days("progression.window"))
    return (
        f"**Due {by_when(picture)}: {_due_now(picture)}.** {assessed}A loss of a point of INCAT or ONLS within "
        f"{'a year' if span == 'year' else span} ({whose_number(row)}) is progression. IgM and electrophoresis are "
        "followed yearly, for life (IMWG2010)."
    )


def _suggestions(picture: ClinicalPicture, answers: Answers, due: Sequence[str]) -> Sequence[Suggestion]:
    """The IgM and the conduction study that are due; with RE-2 those who review."""
    return [
        *([proposals.test(picture, "igm")] if "MO-1" in due and picture.work_up.lacks("igm") else []),
        *(reviewers("followUpAssessment", picture, answers) if "RE-2" in due else []),
        *([proposals.nerve_conduction(picture)] if "RE-1" in due and response_review.wants_study(picture) else []),
    ]
