"""What differs between two answers to one call: cards by their kind, answers of rules, and the numbers behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cds_service.knowledge.contract import Threshold
from cds_service.knowledge.numbers import filled
from cds_service.protocol.response import without_uuids
from cds_service.workbench.case import Outcome
from cds_service.workbench.search import Json


@dataclass(frozen=True, slots=True)
class Pair:
    """One kind of card at both sites; None where it is not there."""

    title: str
    first: Json | None
    second: Json | None
    only_first: tuple[str, ...] = ()
    """Lines that it has at the first site alone."""
    only_second: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """What differs, in words."""
        if self.first is None:
            return "only at the second site"
        if self.second is None:
            return "only at this site"
        return "other words" if _seen(self.first) != _seen(self.second) else "the same at both"

    @property
    def is_same(self) -> bool:
        return self.verdict == "the same at both"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a rule answers at both sites; "" where it is not heard."""

    logic: str
    sentence: str
    first: str
    second: str


def pairs_of(first: Sequence[Json], second: Sequence[Json], titles: Mapping[str, str]) -> Iterator[Pair]:
    """The cards by their kind, in the order of the first site; several of a kind in the order in which they stand."""
    here, there = _named(first), _named(second)
    for name in dict.fromkeys([*here, *there]):
        one, other = here.get(name), there.get(name)
        lines, others = _lines(one), _lines(other)
        is_both = one is not None and other is not None
        yield Pair(
            titles.get(name[0], name[0]),
            one,
            other,
            tuple(line for line in lines if line not in others) if is_both else (),
            tuple(line for line in others if line not in lines) if is_both else (),
        )


def _named(cards: Sequence[Json]) -> dict[tuple[str, int], Json]:
    counted: Counter[str] = Counter()
    made = {}
    for card in cards:
        topic = card["source"]["topic"]["code"]
        made[topic, counted[topic]] = card
        counted[topic] += 1
    return made


def _seen(card: Json) -> Json:
    """What a reader sees of a card, and what its buttons do."""
    return {name: value for name, value in without_uuids(card).items() if name != "extension"}


def _lines(card: Json | None) -> list[str]:
    if card is None:
        return []
    said = [card["indicator"], card["summary"], *card.get("detail", "").splitlines()]
    said += [suggestion["label"] for suggestion in card.get("suggestions", ())]
    return [line.strip().removeprefix("- ") for line in said if line.strip()]


def numbers_of(first: Outcome, second: Outcome) -> Iterator[tuple[Threshold, Threshold]]:
    """The numbers that differ."""
    one, other = first.case.offer.knowledge.manual, second.case.offer.knowledge.manual
    if one is None or other is None:
        return
    for key in one.thresholds:
        if key in other.thresholds and one.thresholds[key] != other.thresholds[key]:
            yield one.thresholds.row(key), other.thresholds.row(key)


def answers_of(first: Outcome, second: Outcome, changed: set[str]) -> Iterator[Answers]:
    """Of the rules whose answer differs, and of those heard that use one of the `changed` numbers."""
    manual = first.case.offer.knowledge.manual
    one, other = _truths(first), _truths(second)
    for rule in manual.rules if manual else ():
        here, there = one.get(rule.logic, ""), other.get(rule.logic, "")
        if manual and (here != there or (here and changed & set(rule.thresholds))):
            yield Answers(rule.logic, filled(rule.says, manual.thresholds), here, there)


def _truths(outcome: Outcome) -> dict[str, str]:
    """What each rule that is heard at this hook answers."""
    manual = outcome.case.offer.knowledge.manual
    if manual is None or outcome.call is None or outcome.error is not None:
        return {}
    verdicts = manual.trace(outcome.call).verdicts
    return {verdict.rule.logic: verdict.finding.truth.value for verdict in verdicts if verdict.is_heard}
