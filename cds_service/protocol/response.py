"""Turns a call's cards into the response body: ranks them, cuts the list, gives uuids, leaves out what has no value.

Wording and what a card suggests are the knowledge's; that a card is whole was checked when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec

from cds_service.cards import Action, Card, Coding, Explanation, Indicator, Suggestion, ThresholdNote
from cds_service.record import Fact
from cds_service.site import Client

CARD_LIMIT = 3
"""Cards a call; more are not read. Critical cards are beyond the limit."""

_WITH_SYSTEM_ACTIONS = frozenset({"appointment-book", "order-sign", "order-dispatch"})
"""Hooks at which some clients cannot do without the member (Da Vinci CRD)."""

_JSON = msgspec.json.Encoder(decimal_format="number")


def ranked(cards: Sequence[Card], topics: Sequence[str]) -> tuple[Card, ...]:
    """The cards to show: most urgent first, within one urgency in the order of `topics`; at most three, but every
    critical one."""
    rank = {topic: place for place, topic in enumerate(topics)}
    ordered = sorted(cards, key=lambda card: (-card.indicator, rank.get(card.topic, len(rank))))
    critical = sum(card.indicator is Indicator.CRITICAL for card in ordered)
    return tuple(ordered[: max(CARD_LIMIT, critical)])


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card with the ids under which a client reports what became of it."""

    card: Card
    uuid: str
    suggestions: tuple[str, ...]
    """An id for each suggestion, in their order."""


def issued(cards: Sequence[Card]) -> tuple[IssuedCard, ...]:
    """The cards, each with new ids."""
    return tuple(IssuedCard(card, str(uuid4()), tuple(str(uuid4()) for _ in card.suggestions)) for card in cards)


def response_body(
    cards: Sequence[IssuedCard], extension: str, client: Client | None = None, hook: str = "", rules_at: str = ""
) -> bytes:
    """The JSON of a CDS Hooks 2.0 response, in the form that `client` wants where it wants one of its own.

    `extension` names the extension that carries the explanation. `rules_at` is the address of the pages of the rules;
    "" where there is none that a reader can open.
    """
    body: dict[str, Any] = {"cards": [_card(card, extension, client, rules_at) for card in cards]}
    if client is not None and client.system_actions == "empty" and hook in _WITH_SYSTEM_ACTIONS:
        body["systemActions"] = []
    return _JSON.encode(body)


def without_uuids(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card as it was sent, without the ids that are new in every answer."""
    made = {name: value for name, value in card.items() if name != "uuid"}
    if "suggestions" in made:
        made["suggestions"] = [without_uuids(suggestion) for suggestion in made["suggestions"]]
    return made


def _card(issued: IssuedCard, extension: str, client: Client | None, rules_at: str) -> dict[str, Any]:
    card = issued.card
    suggestions = zip(card.suggestions, issued.suggestions, strict=True)
    behavior = card.selection_behavior
    if behavior is not None and client is not None and client.selection_behavior != "as-written":
        behavior = client.selection_behavior
    source = {"label": card.source.label, "url": card.source.url, "topic": _coding(card.source.topic)}
    return _with_values(
        uuid=issued.uuid,
        summary=card.summary,
        detail=card.detail,
        indicator=card.indicator.code,
        source=source,
        links=[_link(link.label, link.url) for link in card.links] + _why(card, rules_at),
        suggestions=[_suggestion(suggestion, uuid, client) for suggestion, uuid in suggestions],
        selectionBehavior=behavior,
        overrideReasons=[_coding(reason) for reason in card.override_reasons],
        extension={extension: _explanation(card.explanation)},
    )


def _why(card: Card, rules_at: str) -> list[dict[str, Any]]:
    """The link to the page of the rule that the card rests on first."""
    rule = card.explanation.findings[0].logic
    return [_link("Why this card", f"{rules_at}/{quote(rule)}")] if rules_at else []


def _link(label: str, url: str) -> dict[str, Any]:
    return {"label": label, "url": url, "type": "absolute"}


def _suggestion(suggestion: Suggestion, uuid: str, client: Client | None) -> dict[str, Any]:
    return _with_values(
        label=suggestion.label,
        uuid=uuid,
        isRecommended=suggestion.is_recommended or None,
        actions=[*(_action(action) for action in suggestion.actions), *_deletions(suggestion, client)],
    )


def _deletions(suggestion: Suggestion, client: Client | None) -> list[dict[str, Any]]:
    """Actions that delete the drafts in whose place a suggestion comes, for a client that wants them: by `resourceId`
    (CDS Hooks 2.0) or `resource` (1.0). Only drafts of the type that is created."""
    if client is None or client.delete_form == "none":
        return []
    created = {str(action.resource.get("resourceType")) for action in suggestion.actions if action.resource}
    return [
        {"type": "delete", "description": "Remove the draft that this replaces", client.delete_form: draft}
        for draft in suggestion.replaces
        if draft.partition("/")[0] in created
    ]


def _action(action: Action) -> dict[str, Any]:
    return _with_values(
        type=action.type,
        description=action.description,
        resource=_resource(action.resource) if action.type == "update" else action.resource,
        resourceId=action.resource_id,
    )


def _resource(value: object) -> object:
    """A resource without nulls and empty members, which FHIR's JSON forbids: an update gives back the user's draft, and
    clients send such drafts; what we write ourselves has none. A null within a list keeps its place, where FHIR lets it
    stand for a bare extension.
    """
    if isinstance(value, Mapping):
        members = {name: _resource(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if not _is_empty(member)}
    if isinstance(value, list | tuple):
        items = [_resource(item) for item in value]
        kept = [item for item in items if item is None or not _is_empty(item)]
        return kept if any(item is not None for item in kept) else []
    return value


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return _with_values(
        findings=[{"rule": note.rule, "logic": note.logic, "truth": note.truth} for note in explanation.findings],
        facts=[_fact(fact) for fact in explanation.facts],
        missing=list(explanation.missing),
        evidence=list(explanation.evidence),
        thresholds=[_threshold(note) for note in explanation.thresholds],
    )


def _threshold(note: ThresholdNote) -> dict[str, Any]:
    return _with_values(id=note.id, value=note.value, unit=note.unit, origin=note.origin)


def _fact(fact: Fact) -> dict[str, Any]:
    return _with_values(
        reference=fact.reference,
        what=fact.what,
        value=fact.value,
        unit=fact.unit,
        date=fact.date,
        status=fact.status,
    )


def _coding(coding: Coding) -> dict[str, Any]:
    return _with_values(system=coding.system, code=coding.code, display=coding.display)


def _with_values(**members: object) -> dict[str, Any]:
    """Without those that are empty. Zero is a value."""
    return {
        name: value
        for name, value in members.items()
        if (value or isinstance(value, Decimal)) and not (isinstance(value, str) and value.isspace())
    }


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | dict) and not value)
