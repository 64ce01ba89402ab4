"""The `rituximabSafety` card: what must be settled before this order of rituximab or another anti-CD20 antibody (C4).

At the order hooks it answers for the selected drafts; elsewhere it stands in the rituximab card's place where a
contraindication forbids what would be the first choice (ruling 3). An order of a live vaccine or of plasma exchange has
the card too, without a rituximab order (ruling 16). Each gate's words are in `safety_gates`, those of the planning
rules in `planning_notes`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card
from hooks.anti_mag.cards.gate_note import GateNote
from hooks.anti_mag.cards.gives_way import may_offer
from hooks.anti_mag.cards.planning_notes import PLANNING
from hooks.anti_mag.cards.safety_gates import WORDING, overlap_note
from hooks.anti_mag.cards.suggestions import exchange_and_haematology
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import RITUXIMAB, DraftOrder
from hooks.anti_mag.picture.gate_scope import checked, gated, gated_beside
from hooks.anti_mag.picture.overlap import other_overlap
from hooks.anti_mag.rules.gates_order import checked_doses

SIGNING = frozenset({"order-sign", "order-dispatch"})
"""Hooks at which a gate may be critical; at the others a warning is the most (ruling 4)."""

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
        [*_lead(picture, noted), _list(picture, noted), *_scope(picture, noted)],
        [*(answer for answer, _ in noted), *answers.absorbed],
        suggestions=_suggestions(picture, noted, answers),
        more_evidence=("CD20LABEL",) if _class(picture) else (),
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


def _lead(picture: ClinicalPicture, noted: Noted) -> list[str]:
    if not checked(picture) and picture.hook in ORDERS:
        return ["**Settle this before the order goes ahead:**"]
    if not checked(picture):
        return [
            "**Do not start rituximab before the following is settled**, and agree on the treatment with neurology and "
            f"haematology. {_otherwise(picture)}, off-label and with low certainty."
        ]
    if noted[0][1].indicator is Indicator.INFO:
        return [f"For this {_drugs(picture)} order:", *_class(picture)]
    return [f"**Settle this before the {_drugs(picture)} order goes ahead:**", *_class(picture)]


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
    return "\n".join(f"- {note.text}{_only_for(picture, answer)}" for answer, note in noted)


def _only_for(picture: ClinicalPicture, answer: Answer) -> str:
    """The orders that a gate concerns, where it does not concern all of them (CA-12)."""
    drafts = gated(picture, answer.rule.logic)
    if not drafts or len(drafts) == len(checked(picture)):
        return ""
    return f" Concerns only: {_names(picture, drafts)}."


def _scope(picture: ClinicalPicture, noted: Noted) -> list[str]:
    said = []
    beside = [draft for answer, _ in noted for draft in gated_beside(picture, answer.rule.logic)]
    orders = [*checked(picture), *beside]
    if orders:
        said.append(f"Concerns the order: {_names(picture, orders)}.")
    if not picture.is_adult:
        who = "The patient's age is not known" if picture.age is None else "The patient is a minor"
        said.append(f"{who}: paediatric use is not covered; only the general safety checks were made.")
    return said


def _names(picture: ClinicalPicture, drafts: Sequence[DraftOrder]) -> str:
    """The drafts by name, with the resource where two of the order's drafts share a name."""
    selected = checked(picture)
    if len({draft.name for draft in selected}) == len(selected):
        return "; ".join(escaped(draft.name) for draft in drafts)
    return "; ".join(f"{escaped(draft.name)} ({escaped(draft.order.source)})" for draft in drafts)


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
    return made
