"""The same call at two sites: which cards and which answers of rules differ, and which numbers do.

How the second site is made is `second`'s matter. The orders on the screen are those of the first: one patient is asked
about twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cds_service.knowledge.contract import Threshold
from cds_service.knowledge.manual import Manual
from cds_service.knowledge.numbers import filled, unit_in_words
from cds_service.protocol.offer import offers_of
from cds_service.protocol.response import without_uuids
from cds_service.workbench.bench import Patient
from cds_service.workbench.case import Outcome, asked
from cds_service.workbench.search import Json
from cds_service.workbench.second import Second, second_of


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
    """What a rule answers at both sites."""

    logic: str
    sentence: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. `outcome` is the call at the second site, None where there is none or it does not serve the hook."""

    second: Second
    choices: tuple[tuple[str, tuple[Threshold, ...]], ...]
    """The numbers that a site may change, by a heading."""
    outcome: Outcome | None = None
    pairs: tuple[Pair, ...] = ()
    numbers: tuple[tuple[Threshold, Threshold], ...] = ()
    """Those that differ."""
    answers: tuple[Answers, ...] = ()
    """Of the rules whose answer differs, and of those that use a number that does."""

    @property
    def titles(self) -> dict[str, str]:
        """What each number is, by its id."""
        rows = [row for _, rows in self.choices for row in rows]
        return {row.id: f"{row.why} ({unit_in_words(row.unit)})" if row.unit else row.why for row in rows}


def compared(shown: Patient, outcome: Outcome) -> Comparison | None:
    """The call on the screen, made at a second site too; None where none can be built."""
    bench, values = shown.bench, shown.values
    if bench.build is None:
        return None
    new = f"{values.get('new_number', '')}|{values.get('new_number_value', '')}"
    second = second_of(bench.parts.site, bench.build, [*values.getlist("number"), new], values.get("site", ""))
    made = Comparison(second, tuple(_choices(outcome)))
    if second.knowledge is None or not second.is_asked:
        return made
    offers = {offer.hook.name: offer for offer in offers_of([second.knowledge]).values()}
    offer = offers.get(outcome.case.offer.hook.name)
    if offer is None:
        return made
    there = asked(replace(outcome.case, offer=offer), second.zone, shown.rules_address)
    numbers = tuple(_differing(outcome, there))
    return replace(
        made,
        outcome=there,
        pairs=tuple(_pairs(outcome.cards, there.cards, bench.titles)),
        numbers=numbers,
        answers=tuple(_answers(outcome, there, {row.id for row, _ in numbers})),
    )


def _choices(outcome: Outcome) -> Iterator[tuple[str, tuple[Threshold, ...]]]:
    manual = outcome.case.offer.knowledge.manual
    if manual is None:
        return
    heard = {key for rule in manual.rules if outcome.case.offer.hook.name in rule.hooks for key in rule.thresholds}
    rows = [row for key in manual.thresholds if (row := manual.thresholds.row(key)).site_may_change and row.bounds]
    for heading, is_used in (("Used by rules heard at this hook", True), ("Used elsewhere", False)):
        if found := tuple(row for row in rows if (row.id in heard) is is_used):
            yield heading, found


def _pairs(first: Sequence[Json], second: Sequence[Json], titles: Mapping[str, str]) -> Iterator[Pair]:
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


def _differing(first: Outcome, second: Outcome) -> Iterator[tuple[Threshold, Threshold]]:
    one, other = first.case.offer.knowledge.manual, second.case.offer.knowledge.manual
    if one is None or other is None:
        return
    for key in one.thresholds:
        if key in other.thresholds and one.thresholds[key] != other.thresholds[key]:
            yield one.thresholds.row(key), other.thresholds.row(key)


def _answers(first: Outcome, second: Outcome, changed: set[str]) -> Iterator[Answers]:
    one, other = _truths(first), _truths(second)
    manual = first.case.offer.knowledge.manual
    for rule in manual.rules if manual else ():
        here, there = one.get(rule.logic, ""), other.get(rule.logic, "")
        if here != there or (here and changed & set(rule.thresholds)):
            yield Answers(rule.logic, _sentence(manual, rule.says), here, there)


def _sentence(manual: Manual | None, says: str) -> str:
    return filled(says, manual.thresholds) if manual else says


def _truths(outcome: Outcome) -> dict[str, str]:
    """What each rule that is heard at this hook answers."""
    manual = outcome.case.offer.knowledge.manual
    if manual is None or outcome.call is None or outcome.error is not None:
        return {}
    verdicts = manual.trace(outcome.call).verdicts
    return {verdict.rule.logic: verdict.finding.truth.value for verdict in verdicts if verdict.is_heard}
