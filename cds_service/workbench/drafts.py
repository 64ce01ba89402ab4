"""The draft orders on the screen: those that a call brings, and what accepting suggestions makes of them.

What was accepted stands in the address as "call:topic:number", so that it can be shared and holds no patient data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cds_service.protocol.hooks import Hook
from cds_service.workbench.search import Json, entries_of, reference

MOST_ACCEPTED = 20
"""Suggestions that may be accepted one after the other; each is a call of its own."""

CardsAt = Callable[[str, Sequence[Json]], Sequence[Mapping[str, Any]]]
"""The cards of a call by its name, with those drafts."""


def drafts_of(context: Mapping[str, Any], hook: Hook) -> list[Json]:
    """The drafts that a context brings."""
    field = hook.drafts.get(hook.name)
    orders = context.get(field.orders) if field else None
    return [entry["resource"] for entry in entries_of(orders)] if isinstance(orders, Mapping) else []


def with_drafts(context: Mapping[str, Any], hook: Hook, drafts: Sequence[Json]) -> Json:
    """The context with `drafts` in place of its own, all of them just chosen; as it is where the hook takes none."""
    field = hook.drafts.get(hook.name)
    if field is None:
        return dict(context)
    made = dict(context)
    made[field.orders] = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": draft} for draft in drafts],
    }
    if field.selections:
        made[field.selections] = [reference(draft) for draft in drafts]
    return made


def accepted(drafts: Iterable[Json], named: Sequence[str], cards_at: CardsAt) -> list[Json]:
    """The drafts after each of the `named` suggestions was applied; a name that fits no suggestion changes nothing."""
    made = list(drafts)
    for name in named[:MOST_ACCEPTED]:
        call, topic, number = (*name.split(":"), "", "")[:3]
        suggestion = _suggestion(cards_at(call, made), topic, number)
        for action in suggestion.get("actions", ()):
            made = _applied(made, action)
    return made


def _suggestion(cards: Iterable[Mapping[str, Any]], topic: str, number: str) -> Mapping[str, Any]:
    found = [card for card in cards if card["source"]["topic"]["code"] == topic]
    suggestions: Sequence[Mapping[str, Any]] = found[0].get("suggestions", ()) if found else ()
    return suggestions[int(number)] if number in map(str, range(len(suggestions))) else {}


def _applied(drafts: list[Json], action: Mapping[str, Any]) -> list[Json]:
    """The drafts after one action."""
    if action["type"] == "delete":
        return [draft for draft in drafts if reference(draft) != action.get("resourceId")]
    resource = dict(action["resource"])
    if action["type"] == "update":
        return [resource if reference(draft) == reference(resource) else draft for draft in drafts]
    return [*drafts, resource | {"id": resource.get("id") or _new_id(drafts)}]


def _new_id(drafts: Sequence[Json]) -> str:
    """An id that none of the drafts has."""
    taken = {draft.get("id") for draft in drafts}
    return next(id for number in range(1, len(drafts) + 2) if (id := f"accepted-{number}") not in taken)
