"""The same call at two sites, for the page that sets them side by side.

How the second site is made is `second`'s matter, what differs is told by `differences`. The orders on the screen are
those of the first: one patient is asked about twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cds_service.knowledge.contract import Threshold
from cds_service.knowledge.numbers import unit_in_words
from cds_service.protocol.offer import offers_of
from cds_service.workbench.case import Outcome, asked
from cds_service.workbench.differences import Answers, Pair, answers_of, numbers_of, pairs_of
from cds_service.workbench.patient import Patient
from cds_service.workbench.second import Second, second_of


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
    numbers = tuple(numbers_of(outcome, there))
    return replace(
        made,
        outcome=there,
        pairs=tuple(pairs_of(outcome.cards, there.cards, bench.titles)),
        numbers=numbers,
        answers=tuple(answers_of(outcome, there, {row.id for row, _ in numbers})),
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
