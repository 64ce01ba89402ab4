"""The `diagnosticWorkUp` card: every test still to be had, on one list, and how to read those on record.

It speaks for DX-1, DX-2 and WU-1, and beside a `rituximab` card for SC-1 too. Tests for another cause (WU-6) come last
on the list, and make a card of their own only where there is no other. Where a visit is being booked it lists what is
to be had by then.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.anti_mag_wording import read_in_words, reading_rules, second_method, summary_of
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card
from hooks.anti_mag.cards.gives_way import hyperviscosity_leads, may_offer, stands_beside_rituximab
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.work_up import NEVER, MissingTest
from hooks.anti_mag.rules.diagnosis import PIECES, other_causes
from hooks.anti_mag.rules.rituximab import is_recommended

DIAGNOSTIC_RULES = ("DX-1", "DX-2", "WU-1", "SC-1")
OTHER_CAUSES = "WU-6"
NAMED = 4
"""Tests named in the summary; the rest is counted."""
PART_OF = {"anti-HBs": "hepatitis B"}
"""What a summary names only where nothing more of the whole is missing."""


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card with what is missing or unclear; None where nothing is, or where no rule speaks of it."""
    is_beside_rituximab = stands_beside_rituximab(answers)
    is_before_rituximab = is_beside_rituximab or _prepares_a_visit(picture, answers)
    behind = [answers[logic] for logic in DIAGNOSTIC_RULES if is_yes(answers, logic)]
    missing = _missing(picture, is_before_rituximab=is_before_rituximab, asks_for_scores=_asks_for_scores(behind))
    missing = _not_said_elsewhere(picture, answers, missing)
    reading = reading_rules(answers)
    others = other_causes(picture).missing if is_yes(answers, OTHER_CAUSES) else ()
    also = [answers[OTHER_CAUSES]] if others else []
    if not behind or not missing:
        return _without_a_list(picture, reading, also, others)
    return make_card(
        picture,
        "diagnosticWorkUp",
        Indicator.INFO,
        _summary(missing, is_before_rituximab=is_before_rituximab),
        [
            _asking(_lead(picture, is_before_rituximab=is_before_rituximab), [*missing, *others]),
            *(*_unknown(picture), *_read(picture, reading), *_why([*behind, *also], reading)),
        ],
        [*behind, *reading, *also],
        suggestions=[
            *(draft for test in (*missing, *others) if (draft := proposals.for_missing(picture, test)) is not None),
            *([] if any(test.test == "anti_mag" for test in missing) else second_method(picture, reading)),
        ],
        more_evidence=("ASCO2020", "CD20MON2024") if is_before_rituximab and picture.work_up.baseline else (),
        is_missing_told=True,
        told=picture.diagnosis.facts if is_beside_rituximab else (),
    )


def _read(picture: ClinicalPicture, reading: Sequence[Answer]) -> list[str]:
    """How to read the results on record, in one piece beside the list."""
    told = read_in_words(picture, reading)
    return [" ".join(told)] if told else []


def _without_a_list(
    picture: ClinicalPicture, reading: Sequence[Answer], also: Sequence[Answer], others: Sequence[MissingTest]
) -> Card | None:
    """The card where no test for the diagnosis is missing: the results on record need a word, or other causes do."""
    if not reading and not others:
        return None
    drafts = [draft for test in others if (draft := proposals.for_missing(picture, test)) is not None]
    return make_card(
        picture,
        "diagnosticWorkUp",
        Indicator.INFO,
        summary_of(picture, reading) if reading else f"Neuropathy, other causes not looked for: {_named(others)}",
        [*read_in_words(picture, reading), *_look_for(others), *_why(also, ())],
        [*reading, *also],
        suggestions=[*second_method(picture, reading), *drafts],
    )


def _look_for(others: Sequence[MissingTest]) -> list[str]:
    return [_asking("**Look for other causes of the neuropathy too.**", others)] if others else []


def _prepares_a_visit(picture: ClinicalPicture, answers: Answers) -> bool:
    """A visit is being booked at which rituximab may be decided on: what it needs can be had by then."""
    is_booked = picture.hook == "appointment-book"
    return is_booked and is_recommended(picture) and not hyperviscosity_leads(answers)


def _asks_for_scores(behind: Sequence[Answer]) -> bool:
    return any(answer.rule.logic == "SC-1" for answer in behind)


def _missing(picture: ClinicalPicture, *, is_before_rituximab: bool, asks_for_scores: bool) -> list[MissingTest]:
    """Each test once: pieces of the diagnosis first, then what treatment needs."""
    wanted = [*picture.work_up.diagnostic, *(picture.work_up.baseline if is_before_rituximab else ())]
    if asks_for_scores and not any(item.test == "scores" for item in wanted):
        wanted.append(MissingTest("scores", "INCAT or ONLS, and I-RODS", "severity is not on record"))
    by_test: dict[str, MissingTest] = {}
    for item in wanted:
        by_test.setdefault(item.test, item)
    return list(by_test.values())


def _not_said_elsewhere(
    picture: ClinicalPicture, answers: Answers, missing: Sequence[MissingTest]
) -> list[MissingTest]:
    """Without what another card names; nothing where that takes the last piece of the diagnosis."""
    rest = [item for item in missing if may_offer("diagnosticWorkUp", item.test, picture, answers)]
    has_lost_igm = any(item.test == "igm" and item not in rest for item in missing)
    return [] if has_lost_igm and not any(item.test in PIECES for item in rest) else rest


def _summary(missing: Sequence[MissingTest], *, is_before_rituximab: bool) -> str:
    start = (
        "Still to be had before rituximab" if is_before_rituximab else "Complete the anti-MAG work-up, still missing"
    )
    return f"{start}: {_named(missing)}"


def _named(missing: Sequence[MissingTest]) -> str:
    shorts = dict.fromkeys(item.short for item in missing)
    names = [short for short in shorts if PART_OF.get(short) not in shorts]
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def _lead(picture: ClinicalPicture, *, is_before_rituximab: bool) -> str:
    if picture.visit is not None:
        question = "rituximab may be decided on then" if is_before_rituximab else "the diagnosis is not complete"
        day = picture.visit.isoformat()
        return f"**Have these done by the visit on {day}**: {question}."
    if is_before_rituximab:
        return "**Have these done while rituximab is being decided on** (CD20MON2024)."
    return "**Complete the work-up for anti-MAG neuropathy** (EFNSPNS2010)."


def _asking(lead: str, missing: Sequence[MissingTest]) -> str:
    """The lead with what was never done, and what needs another look; as a list where both are to be told."""
    never = "; ".join(escaped(item.label) for item in missing if item.why == NEVER)
    again = "; ".join(f"{escaped(item.label)} ({escaped(item.why)})" for item in missing if item.why != NEVER)
    told = [f"None on record: {never}." if never else "", f"To be had again, or cleared up: {again}." if again else ""]
    told = [sentence for sentence in told if sentence]
    return f"{lead} {told[0]}" if len(told) == 1 else "\n\n".join([lead, "\n".join(f"- {one}" for one in told)])


def _why(behind: Sequence[Answer], reading: Sequence[Answer]) -> list[str]:
    """Why the pieces of the diagnosis are asked for; not where results on record need the room."""
    reasons = {
        "DX-1": "The British guideline asks for anti-MAG serology and nerve conduction in a symptomatic neuropathy "
        "with Waldenström disease, grade A1 (BCSH2014); the question is the same in IgM MGUS.",
        "DX-2": "A paraproteinaemic neuropathy calls for a search for a malignant clone (EFNSPNS2010); the paraprotein "
        "can appear years after the antibody (PASCUAL2019).",
        OTHER_CAUSES: "Of the laboratory tests in a distal symmetric polyneuropathy, glucose, vitamin B12 and "
        "immunofixation find a cause most often (AANDSP2009); TSH is among the tests for all patients (MSDPN2024).",
    }
    found = [reasons[answer.rule.logic] for answer in behind if answer.rule.logic in reasons and not reading]
    return [" ".join(found)] if found else []


def _unknown(picture: ClinicalPicture) -> list[str]:
    unknown = picture.work_up.unknown
    if not unknown:
        return []
    labels = ", ".join(dict.fromkeys(escaped(item.label) for item in unknown))
    return [f"Could not be told, because the data were not sent whole: {labels}."]
