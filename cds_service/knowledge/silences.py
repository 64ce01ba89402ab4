"""Why something was not said: the condition at which a rule turned away, and what kept each kind of card back.

Read off the rules' answers; what they mean clinically is the knowledge's matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cds_service.cards import Card
from cds_service.knowledge.conditions import reasons_for_no
from cds_service.knowledge.contract import Rule, Truth
from cds_service.knowledge.manual import Manual, Trace, Verdict


def conditions_failed(verdict: Verdict, picture: object) -> list[str]:
    """For a NO the conditions that failed, in the rule's own words; none where they can't be told."""
    is_no = verdict.finding.truth is Truth.NO and picture is not None
    return reasons_for_no(verdict.rule.function, picture) if is_no else []


def silences(manual: Manual, trace: Trace, shown: Sequence[Card]) -> Iterator[tuple[str, str]]:
    """Each kind of card that is not shown, with the reason."""
    made = {card.topic for card in trace.cards}
    for topic in manual.topics:
        if topic in {card.topic for card in shown}:
            continue
        behind = [verdict for verdict in trace.verdicts if topic in manual.topics_of(verdict.rule)]
        yield topic, "cut: the cards above come first" if topic in made else _reason(manual, topic, behind, trace)


def _reason(manual: Manual, topic: str, behind: Sequence[Verdict], trace: Trace) -> str:
    heard = [verdict for verdict in behind if verdict.is_heard]
    if not heard:
        return "none of its rules is heard at this hook" if behind else "no rule of it is there"
    held = [verdict.rule for verdict in heard if verdict.finding.truth is Truth.YES]
    if held:
        elsewhere = {
            card.topic
            for card in trace.cards
            for note in card.explanation.findings
            for rule in held
            if note.rule == rule.id
        }
        said = f", said on {', '.join(sorted(elsewhere))}" if elsewhere else _given_way(manual, topic, held, trace)
        return f"{_named(rule.logic for rule in held)} {'holds' if len(held) == 1 else 'hold'}{said}"
    open_rules = [verdict.rule.logic for verdict in heard if verdict.finding.truth is Truth.UNKNOWN]
    if open_rules:
        return f"{_named(open_rules)} cannot be decided"
    return f"{_named(verdict.rule.logic for verdict in heard)} {'does' if len(heard) == 1 else 'do'} not hold"


def _given_way(manual: Manual, topic: str, held: Sequence[Rule[Any]], trace: Trace) -> str:
    """To what the rules that hold give way, as far as the package says it."""
    logic = {rule.logic for rule in held}
    said = [verdict.rule.logic for verdict in trace.verdicts if verdict.finding.truth is not Truth.NO]
    for row in manual.gives_way:
        first = [other for other in row.to if other in said and other not in logic]
        if row.topic == topic and logic <= set(row.rules) and first:
            return f" and {'gives' if len(logic) == 1 else 'give'} way to {_named(first)}: {row.why}"
    return ": another card stands in its place"


def _named(logic: Iterable[str]) -> str:
    return ", ".join(logic)
