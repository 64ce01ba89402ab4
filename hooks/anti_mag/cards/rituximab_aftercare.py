"""The `rituximabAftercare` card: danger after treatment (SA-1), hepatitis B cover (RE-3), IgG (RE-4b) and the checks
of it and the blood count (RE-4).

One card, most urgent first. What the IgM and the neuropathy do stands on the flare and review cards.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.numbers import amount
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, is_yes, make_card
from hooks.anti_mag.cards.condition_gates import when_replaced
from hooks.anti_mag.cards.safety_gates import how_long, low_barrier
from hooks.anti_mag.cards.suggestions import haematology, neurology, referral
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.rules.aftercare import (
    asks_for_replacement,
    covered_until,
    has_ended_between,
    is_cover_broken,
    is_dna_recent,
    is_reactivated,
    overdue_checks,
)

NAMES = {"igg": "IgG", "blood_count": "blood count"}
INFECTION = (
    "**Infection after rituximab: examine now, and give no further dose before it is over.** Look at IgG and "
    "neutrophils: IgG was low in 38 % of a cohort on anti-CD20 treatment (TALLANTYRE2018)."
)
REACTIVATED = (
    "**HBV-DNA is positive after contact with hepatitis B: hepatology today, antiviral treatment, no further dose.** "
    "Check ALT and bilirubin. The label has a boxed warning of fatal reactivation (RTXUSPI)."
)
LEUKOENCEPHALOPATHY = (
    "**Progressive multifocal leukoencephalopathy is recorded: urgent neurology, no rituximab again** (RTXUSPI). A new "
    "deficit of the brain after rituximab is this until shown otherwise."
)
LATE = (
    "Reactivation comes a median of 3 months after the last dose and in 29 % beyond 6 months (EVENS2011): check "
    "HBV-DNA and ALT through this time, ALT by hand, since this service does not read it."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """A warning with SA-1 or broken cover, else information; None where there is nothing to say."""
    said = [logic for logic in ("SA-1", "RE-3", "RE-4b", "RE-4") if is_yes(answers, logic)]
    if not said:
        return None
    is_broken = "RE-3" in said and is_cover_broken(picture)
    is_replaceable = "RE-4b" in said and asks_for_replacement(picture)
    return make_card(
        picture,
        "rituximabAftercare",
        Indicator.WARNING if "SA-1" in said or is_broken or is_replaceable else Indicator.INFO,
        _summary(picture, said, is_broken=is_broken),
        [
            *(_danger(picture) if "SA-1" in said else []),
            *(_cover(picture) if "RE-3" in said else []),
            *(_low_igg(picture) if "RE-4b" in said else []),
            *(_checks(picture) if "RE-4" in said else []),
        ],
        [answers[logic] for logic in said],
        suggestions=_suggestions(picture, said),
        deciding=picture.aftercare.infection.facts,
    )


def _summary(picture: ClinicalPicture, said: Sequence[str], *, is_broken: bool) -> str:
    if "SA-1" in said:
        return f"Stop and evaluate before any further rituximab: {' and '.join(_dangers(picture))}"
    until = _until(picture)
    if "RE-4b" in said and not is_broken and (asks_for_replacement(picture) or "RE-3" not in said):
        return _igg_summary(picture)
    if "RE-3" in said and has_ended_between(picture):
        until = _longer(picture)
        return f"After rituximab, past hepatitis B: the antiviral has ended; a guideline asks for it until {until}"
    if is_broken:
        return f"After rituximab, past hepatitis B: {_broken(picture)}, cover is needed until {until}"
    if "RE-3" in said:
        return f"After rituximab, past hepatitis B: antiviral until {until}, HBV-DNA and ALT checks"
    return f"Measure {_lacking(picture)}: not checked for {_interval(picture)} after rituximab"


def _dangers(picture: ClinicalPicture) -> list[str]:
    return [
        *(["HBV-DNA positive"] if is_reactivated(picture) else []),
        *(["leukoencephalopathy recorded"] if picture.contraindications.leukoencephalopathy.holds else []),
        *(["fever or infection"] if picture.aftercare.infection.holds else []),
    ]


def _danger(picture: ClinicalPicture) -> list[str]:
    return [
        *([REACTIVATED] if is_reactivated(picture) else []),
        *([LEUKOENCEPHALOPATHY] if picture.contraindications.leukoencephalopathy.holds else []),
        *([INFECTION] if picture.aftercare.infection.holds else []),
    ]


def _cover(picture: ClinicalPicture) -> list[str]:
    until, antiviral = _until(picture), picture.hepatitis_b.antiviral
    months = how_long(picture.thresholds)
    if has_ended_between(picture):
        lead = (
            f"**The antiviral has ended: ask hepatology whether it goes on until {_longer(picture)}.** Guidelines "
            f"differ on how long it runs after the last dose; here at least {months}."
        )
    elif antiviral.holds:
        lead = f"**The antiviral runs on until {until} at least**, {months} after the last dose."
    elif antiviral.is_unknown:
        lead = f"**See that an antiviral runs until {until} at least**, {months} after the last dose."
    else:
        lead = (
            f"**Past hepatitis B, {_broken(picture)}: speak with hepatology now.** An antiviral runs until {until} at "
            f"least, {months} after the last dose; monitoring instead only with reliable follow-up (ASCO2020)."
        )
    return [lead, *low_barrier(picture.hepatitis_b), *([] if is_reactivated(picture) else [LATE])]


def _broken(picture: ClinicalPicture) -> str:
    if picture.aftercare.past_antiviral.holds:
        return "the antiviral has ended"
    return "no antiviral on record"


def _checks(picture: ClinicalPicture) -> list[str]:
    tests = overdue_checks(picture)
    are = "Both are" if len(tests) > 1 else f"{NAMES[tests[0]]} is"
    return [
        f"**Measure {_lacking(picture)}.** {are[:1].upper()}{are[1:]} repeated "
        f"every 6 months after anti-CD20 treatment (CD20MON2024). {when_replaced(picture.thresholds)}"
    ]


def _igg_summary(picture: ClinicalPicture) -> str:
    level = _igg(picture)
    if picture.counts.is_igg_very_low:
        return f"After rituximab: IgG {level}, very low, ask immunology or haematology about replacement"
    if asks_for_replacement(picture):
        return f"After rituximab: IgG {level} with infections on record, ask immunology or haematology"
    return f"After rituximab: IgG {level} is low, watch for infections"


def _igg(picture: ClinicalPicture) -> str:
    low = picture.counts.replaceable_igg
    assert low is not None  # RE-4b is about it
    return f"{low.value:f} {low.unit}" + (" (preliminary: confirm it)" if low.is_preliminary else "")


def _low_igg(picture: ClinicalPicture) -> list[str]:
    lead = (
        f"**IgG is {_igg(picture)}: see immunology or haematology about replacement, and treat infections early.**"
        if asks_for_replacement(picture)
        else f"**IgG is {_igg(picture)}: ask about infections, and repeat it.**"
    )
    return [f"{lead} {when_replaced(picture.thresholds)}"]


def _interval(picture: ClinicalPicture) -> str:
    return amount(picture.thresholds.row("aftercare.laboratory_months"))


def _lacking(picture: ClinicalPicture) -> str:
    return " and ".join(NAMES[test] for test in overdue_checks(picture))


def _until(picture: ClinicalPicture) -> str:
    course = picture.rituximab.latest
    return covered_until(course, picture.thresholds, "hbv.antiviral_months").isoformat() if course else ""


def _hepatology(picture: ClinicalPicture, said: Sequence[str]) -> list[Suggestion]:
    """Hepatology where the card sends there: today with a reactivation, else where the cover is broken."""
    is_today = "SA-1" in said and is_reactivated(picture)
    is_wanted = is_today or ("RE-3" in said and is_cover_broken(picture))
    return referral(picture, "hepatology_referral", is_urgent=is_today) if is_wanted else []


def _longer(picture: ClinicalPicture) -> str:
    course = picture.rituximab.latest
    return covered_until(course, picture.thresholds, "hbv.antiviral_months_longer").isoformat() if course else ""


def _suggestions(picture: ClinicalPicture, said: Sequence[str]) -> list[Suggestion]:
    has_leukoencephalopathy = "SA-1" in said and picture.contraindications.leukoencephalopathy.holds
    is_due = "RE-3" in said and not is_dna_recent(picture) and not is_reactivated(picture)
    asks_for_dna = is_due and "hbv_dna" not in picture.drafts.tests_ordered
    return [
        *(neurology(picture) if has_leukoencephalopathy else []),
        *_hepatology(picture, said),
        *(haematology(picture) if "RE-4b" in said and asks_for_replacement(picture) else []),
        *([proposals.test(picture, "hbv_dna", rule="RE-3")] if asks_for_dna else []),
        *(proposals.test(picture, test, rule="RE-4") for test in overdue_checks(picture) if "RE-4" in said),
    ]
