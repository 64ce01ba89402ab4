"""The `plasmaExchangeFlare` card: IgM after rituximab, expected (FL-1), too high (FL-3), or up for too long (FL-4).

Which of them is said where several hold, and what another card says in their place, is `gives_way`'s.
"""

from __future__ import annotations

from datetime import timedelta

from cds_service.cards import Card, Indicator
from cds_service.markdown import escaped
from cds_service.record import Fact
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card, marked
from hooks.anti_mag.cards.gives_way import may_offer
from hooks.anti_mag.cards.igm_wording import igm_in_words, in_mg_dl, rise_in_words
from hooks.anti_mag.cards.suggestions import exchange_and_haematology, haematology
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.immunoglobulin import IgmValue
from hooks.anti_mag.rules.plasma_exchange import is_dose_due

EXPECTED = (
    "An early rise is common and no sign that treatment failed: 29 of 54 patients had one, and most had fallen by "
    "month 4 (GHOBRIAL2004). Do not stop the course for it alone."
)
WHAT_WOULD_CHANGE_IT = (
    "**Plasma exchange becomes a question** at an IgM of 4000 mg/dL or more, with bleeding, visual trouble, headache "
    "or confusion, with a serum viscosity above 4 cP and symptoms, or when the neuropathy worsens, at whatever IgM."
)
HARM = (
    "Guidance for Waldenström disease puts plasma exchange before rituximab at IgM levels like this (IWWM8TX). IgM "
    "can rise further: of 11 patients one, whose IgM rose from 7530 to 11,800 mg/dL, bled into the skull (TREON2004)."
)
LASTING = (
    "Until month 4 such a rise is an expected flare (GHOBRIAL2004); after it a confirmed rise of "
    "more than 25 % is how progression of Waldenström disease is defined (IWWMRESP). The neuropathy is judged by its "
    "scores."
)
ASYMPTOMATIC_VISCOSITY = (
    "**Serum viscosity is above 4 cP, without coded symptoms.** Ask about bleeding, sight, headache and confusion, and "
    "discuss it with haematology before any rituximab."
)
RARELY_BY_VISCOSITY = (
    "Of 825 patients nobody had symptomatic hyperviscosity below 30 g/L (GUSTINE2017): look for another cause too, and "
    "measure serum viscosity where in doubt."
)

REPEAT_AFTER = timedelta(weeks=2)
"""After that the repeat of a flare's IgM is due (C3, FL-1)."""


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """Critical only with an IgM of 4000 mg/dL or more and a dose due (ruling 6)."""
    if is_yes(answers, "FL-3"):
        return _too_high(picture, answers["FL-3"])
    if is_yes(answers, "FL-4"):
        return _lasting(picture, answers)
    return _expected(picture, answers["FL-1"]) if is_yes(answers, "FL-1") else None


def viscosity_warning(picture: ClinicalPicture) -> list[str]:
    """One paragraph where the viscosity is raised and no symptom is coded; it makes no card by itself."""
    signs = picture.hyperviscosity
    return [ASYMPTOMATIC_VISCOSITY] if signs.is_viscosity_raised.holds and not signs.symptoms.holds else []


def _too_high(picture: ClinicalPicture, answer: Answer) -> Card:
    current = picture.igm.current
    assert current is not None  # FL-3 is about it
    is_due = is_dose_due(picture)
    dose = "hold the next dose" if is_due else "no further dose for now"
    in_hand = picture.drafts.has_plasma_exchange
    exchange = "plasma exchange is ordered or under way" if in_hand else "discuss plasma exchange with haematology"
    return make_card(
        picture,
        "plasmaExchangeFlare",
        Indicator.CRITICAL if is_due else Indicator.WARNING,
        f"IgM {in_mg_dl(current)} after rituximab: {dose}, {exchange}",
        [
            _what_to_do(picture, is_due=is_due),
            *_what_else_counts(picture),
            HARM,
            *viscosity_warning(picture),
        ],
        [answer],
        suggestions=exchange_and_haematology(picture),
        lines=[f"Serum IgM **{igm_in_words(current)}**{_above_baseline(picture)}"],
        told=_igm_facts(current, picture.response.igm_baseline if _above_baseline(picture) else None),
    )


def _igm_facts(*values: IgmValue | None) -> list[Fact]:
    return [value.fact for value in values if value is not None]


def _what_to_do(picture: ClinicalPicture, *, is_due: bool) -> str:
    due = picture.rituximab.next_dose_due
    dose = (
        f"**Hold the dose of rituximab that is due {_on(picture)}**" if is_due and due else "**Give no further dose**"
    )
    exchange = (
        "a plasma exchange is ordered or under way already"
        if picture.drafts.has_plasma_exchange
        else "discuss plasma exchange today"
    )
    return (
        f"{dose} until haematology has seen this: {exchange}. {_viscosity(picture)} Look at the fundi, and ask "
        "about bleeding, sight, headache and confusion."
    )


def _viscosity(picture: ClinicalPicture) -> str:
    measured = picture.hyperviscosity.viscosity
    if measured is None:
        return "Measure serum viscosity."
    told = escaped(f"{measured.value} {measured.unit or ''}".strip())
    return f"Serum viscosity was {told} on {measured.date}."


def _on(picture: ClinicalPicture) -> str:
    due = picture.rituximab.next_dose_due
    return "now" if due is None or due <= picture.today else f"on {due.isoformat()}"


def _above_baseline(picture: ClinicalPicture) -> str:
    current, baseline = picture.igm.current, picture.response.igm_baseline
    course = picture.rituximab.latest
    if current is None or baseline is None or course is None or current.on <= course.day_zero:
        return ""
    is_measured = current.is_firm and current.is_comparable(baseline) and current.mg_dl > baseline.mg_dl
    return f": {rise_in_words(current, baseline)}" if is_measured else ""


def _what_else_counts(picture: ClinicalPicture) -> list[str]:
    """The newest value where a higher one decides."""
    current, newest = picture.igm.current, picture.igm.newest
    if newest is None or newest == current:
        return []
    return [f"The newest value is {igm_in_words(newest)}; the higher one counts until it is repeated."]


def _expected(picture: ClinicalPicture, answer: Answer) -> Card:
    newest, baseline = picture.response.igm_newest, picture.response.igm_baseline
    assert newest is not None
    assert baseline is not None
    is_ordered = "igm" in picture.drafts.tests_ordered
    repeat = "in 2 weeks" if picture.today < newest.on + REPEAT_AFTER else "now"
    return make_card(
        picture,
        "plasmaExchangeFlare",
        Indicator.INFO,
        f"IgM flare after rituximab: {in_mg_dl(newest)}, below 4000{_symptoms(picture)}; repeat {repeat}",
        [
            f"**Repeat the IgM {repeat}.**",
            EXPECTED,
            WHAT_WOULD_CHANGE_IT,
            *_not_counted(picture),
            *viscosity_warning(picture),
        ],
        [answer],
        suggestions=() if is_ordered else (proposals.test(picture, "igm"),),
        lines=[f"Serum IgM **{igm_in_words(newest)}**: {rise_in_words(newest, baseline)}"],
        told=_igm_facts(newest, baseline),
        more_facts=picture.hyperviscosity.not_counted,
        more_evidence=("GUSTINE2017",) if picture.hyperviscosity.not_counted else (),
    )


def _symptoms(picture: ClinicalPicture) -> str:
    """What the summary says of symptoms; nothing where one is on record that does not count at this IgM."""
    if picture.hyperviscosity.not_counted:
        return ""
    is_unknown = picture.hyperviscosity.symptoms.is_unknown
    return ", hyperviscosity symptoms not known" if is_unknown else ", no hyperviscosity symptoms"


def _not_counted(picture: ClinicalPicture) -> list[str]:
    """A symptom on record that does not count as hyperviscosity is told all the same, with what speaks against it."""
    found = picture.hyperviscosity.not_counted
    if not found:
        return []
    names = ", ".join(dict.fromkeys(escaped(str(fact.value)) for fact in found))
    within = marked(picture.thresholds, "hyperviscosity.symptom_age")
    return [f"**On record in the last {within}: {names}.** {RARELY_BY_VISCOSITY}"]


def _lasting(picture: ClinicalPicture, answers: Answers) -> Card | None:
    newest, baseline, course = picture.igm.newest, picture.response.igm_baseline, picture.rituximab.latest
    if newest is None or baseline is None or course is None:
        return None
    offers = may_offer("plasmaExchangeFlare", "haematology_referral", picture, answers)
    day, window = course.day(picture.today), picture.thresholds.days("flare.window")
    return make_card(
        picture,
        "plasmaExchangeFlare",
        Indicator.WARNING,
        f"IgM still raised {day} days after rituximab, confirmed: ask haematology about progression",
        [
            "**Ask haematology: has the gammopathy progressed?** Electrophoresis and immunofixation, blood count, and "
            "marrow where haematology wants it.",
            f"{LASTING} An earlier value after day {window} confirms it.",
        ],
        [answers["FL-4"]],
        suggestions=haematology(picture, "FL-4") if offers else (),
        lines=[f"Serum IgM **{igm_in_words(newest)}**: {rise_in_words(newest, baseline)}"],
        told=_igm_facts(newest, baseline),
    )
