"""The `rituximabSafety` card: what must be settled before this order of rituximab or another anti-CD20 antibody (C4).

At the order hooks it answers for the selected drafts; elsewhere it stands in the rituximab card's place where a
contraindication forbids what would be the first choice (ruling 3). An order of a live vaccine or of plasma exchange has
the card too, without a rituximab order (ruling 16). Each gate's words are in `safety_gates`, those of the planning
rules in `planning_notes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from cds_service.record import Fact
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card
from hooks.anti_mag.cards.gate_note import GateNote
from hooks.anti_mag.cards.gives_way import may_offer
from hooks.anti_mag.cards.order_names import order_name
from hooks.anti_mag.cards.planning_notes import PLANNING
from hooks.anti_mag.cards.safety_gates import WORDING, overlap_note
from hooks.anti_mag.cards.suggestions import exchange_and_haematology, referral
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import RITUXIMAB, DraftOrder
from hooks.anti_mag.picture.gate_scope import checked, gated, gated_beside
from hooks.anti_mag.picture.overlap import other_overlap
from hooks.anti_mag.rules.gates_order import checked_doses

SIGNING = frozenset({"order-sign", "order-dispatch"})
"""Hooks at which a gate may be critical; at the others a warning is the most (ruling 4)."""

SPEAK_WITH: Mapping[str, str] = {
    "G2": "hepatology_referral",
    "G3": "hepatology_referral",
    "G8": "obstetrics_referral",
    "G14": "neurology_referral",
    "G12": "haematology_referral",
    "G13": "haematology_referral",
    "G4c": "haematology_referral",
    "PL-2": "haematology_referral",
}
"""Whom a gate's words send to, by the name of the referral."""

BULLETS = 5
"""Gates that a reader takes in at once."""

Noted = Sequence[tuple[Answer, GateNote]]


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """All gates that stand against the order, most urgent first; None where every one passes."""
    noted = _noted(picture, answers)
    if not noted:
        return None
    ceiling = Indicator.CRITICAL if picture.hook in SIGNING else Indicator.WARNING
    return make_card(
        picture,
        "rituximabSafety",
        min(noted[0][1].indicator, ceiling),
        _summary(picture, noted),
        [_lead(picture, noted), _list(picture, noted)],
        [*(answer for answer, _ in noted), *answers.absorbed],
        suggestions=_suggestions(picture, noted, answers),
        more_evidence=("CD20LABEL",) if _class(picture) else (),
        told=_told(picture, noted),
        orders=_orders(picture, noted),
        is_missing_told=True,
    )


def _noted(picture: ClinicalPicture, answers: Answers) -> Noted:
    """The gates that speak, most urgent first. Of the unknown ones the dose does, which asks for what it lacks, and the
    counts where something came that could not be read."""
    found = []
    for logic, wording in {**WORDING, **PLANNING}.items():
        answer = answers.get(logic)
        if answer is None or answer.finding.truth is Truth.NO:
            continue
        if logic == "G11" and is_yes(answers, "RT-2"):
            found.append((answer, overlap_note(other_overlap(picture), picture.thresholds)))
        elif answer.finding.truth is Truth.YES or logic == "G10" or (logic == "G12" and answer.finding.facts):
            found.append((answer, wording(picture, answer)))
    return sorted(found, key=lambda item: item[1].indicator, reverse=True)


def _summary(picture: ClinicalPicture, noted: Noted) -> str:
    more = f", and {len(noted) - 1} more" if len(noted) > 1 else ""
    if not checked(picture) and picture.hook in ORDERS:
        return f"Order check: {noted[0][1].headline}{more}"
    if not checked(picture):
        return f"Anti-MAG neuropathy, no rituximab for now: {noted[0][1].headline}{more}"
    return f"{_drugs(picture).capitalize()} order: {noted[0][1].headline}{more}"


def _lead(picture: ClinicalPicture, noted: Noted) -> str:
    if not checked(picture) and picture.hook in ORDERS:
        return f"**Settle this before the order goes ahead:**{_age(picture)}"
    if not checked(picture):
        return (
            "**Do not start rituximab before the following is settled**, and agree on the treatment with neurology and "
            f"haematology. {_otherwise(picture)}, off-label and with low certainty.{_age(picture)}"
        )
    if noted[0][1].indicator is Indicator.INFO:
        return f"**Know this for the {_drugs(picture)} order:**{_class_said(picture)}{_age(picture)}"
    return f"**Settle this before the {_drugs(picture)} order goes ahead:**{_class_said(picture)}{_age(picture)}"


def _class_said(picture: ClinicalPicture) -> str:
    return "".join(f" {sentence}" for sentence in _class(picture))


def _age(picture: ClinicalPicture) -> str:
    if picture.is_adult:
        return ""
    who = "The patient's age is not known" if picture.age is None else "The patient is a minor"
    return f" {who}: paediatric use is not covered; only the general safety checks were made."


def _drugs(picture: ClinicalPicture) -> str:
    return " and ".join(
        dict.fromkeys("rituximab" if draft.therapy in RITUXIMAB else draft.drug for draft in checked(picture))
    )


def _class(picture: ClinicalPicture) -> list[str]:
    """Why another antibody is checked as rituximab is (ruling 31)."""
    others = list(dict.fromkeys(draft.drug for draft in checked(picture) if draft.therapy not in RITUXIMAB))
    if not others:
        return []
    return [
        f"{' and '.join(others).capitalize()} is an anti-CD20 antibody as rituximab is: the boxed warning on hepatitis "
        "B names the whole class (CD20LABEL). The other sources are rituximab's."
    ]


def _otherwise(picture: ClinicalPicture) -> str:
    """What would be recommended without the contraindication: on condition where severity is not on record."""
    severity = picture.disability
    if severity.severity is Severity.UNKNOWN or severity.severity_is_old:
        return "Without it rituximab would be the usual first choice if the neuropathy is disabling or progressive"
    return "Without it rituximab would be the usual first choice"


def _list(picture: ClinicalPicture, noted: Noted) -> str:
    """The most urgent gates whole; where they are more than a reader takes in, the others by name."""
    whole = noted if len(noted) <= BULLETS else noted[: BULLETS - 1]
    rest = [note.headline for _, note in noted[len(whole) :]]
    bullets = [f"{note.text}{_only_for(picture, answer)}" for answer, note in whole]
    bullets += [f"**Settle these too:** {escaped('; '.join(rest))}."] if rest else []
    return "\n".join(f"- {bullet}" for bullet in bullets)


def _only_for(picture: ClinicalPicture, answer: Answer) -> str:
    """The orders that a gate concerns, where it does not concern all of them (CA-12)."""
    drafts = gated(picture, answer.rule.logic)
    if not drafts or len(drafts) == len(checked(picture)):
        return ""
    return f" Concerns only: {'; '.join(order_name(picture, draft) for draft in drafts)}."


def _told(picture: ClinicalPicture, noted: Noted) -> list[Fact]:
    """What the gates tell, and the orders themselves, which the card names."""
    ordered = {draft.order.source for draft in _drafts(picture, noted)}
    facts = [fact for answer, _ in noted for fact in answer.finding.facts if fact.reference in ordered]
    return [*facts, *(fact for _, note in noted for fact in note.tells)]


def _drafts(picture: ClinicalPicture, noted: Noted) -> list[DraftOrder]:
    beside = [draft for answer, _ in noted for draft in gated_beside(picture, answer.rule.logic)]
    return [*checked(picture), *beside]


def _orders(picture: ClinicalPicture, noted: Noted) -> list[str]:
    return [order_name(picture, draft) for draft in _drafts(picture, noted)]


def _corrections(picture: ClinicalPicture, noted: Noted) -> list[Suggestion]:
    """The user's drafts whose dose is off, corrected."""
    if all(answer.rule.logic != "G10" for answer, _ in noted):
        return []
    offered = (proposals.corrected_dose(picture, check) for check in checked_doses(picture))
    return [suggestion for suggestion in offered if suggestion is not None]


def _suggestions(picture: ClinicalPicture, noted: Noted, answers: Answers) -> list[Suggestion]:
    """The draft with its dose corrected; tests that would settle the gates, those already ordered left out; plasma
    exchange where it comes first. Nothing that another card of the same answer offers."""

    def offers(draft: str) -> bool:
        return may_offer("rituximabSafety", draft, picture, answers)

    wanted = {test: answer.rule.logic for answer, note in reversed(noted) for test in note.tests}
    order = [test for _, note in noted for test in note.tests]
    tests = [test for test in dict.fromkeys(order) if test not in picture.drafts.tests_ordered and offers(test)]
    made = [*_corrections(picture, noted)]
    made += [proposals.test(picture, test, rule=wanted[test]) for test in tests]
    for answer, note in noted:
        if note.needs_exchange and offers("plasma_exchange"):
            made += exchange_and_haematology(picture, answer.rule.logic)
    there = {suggestion.label for suggestion in made}
    sent = [one for name, rule in _whom(noted).items() if offers(name) for one in referral(picture, name, rule)]
    return [*made, *(suggestion for suggestion in sent if suggestion.label not in there)]


def _whom(noted: Noted) -> dict[str, str]:
    """Those whom the gates' words send to, with the gate that says so first; information alone sends to nobody."""
    urgent = [answer.rule.logic for answer, note in noted if note.indicator > Indicator.INFO]
    return {SPEAK_WITH[logic]: logic for logic in reversed(urgent) if logic in SPEAK_WITH}
