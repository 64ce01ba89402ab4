"""The tests of the laboratory and the clinic as `data/tests.toml` lists them, one value each.

Decides what a row may say. What is asked of an EHR, whether a test is ordered or missing, and what a draft says follow
from these values elsewhere; no other table names a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.codes import CodeSets, ResultSet, SetName
from cds_service.knowledge.rows import DataFile, Row, each, rows_of

KEYS = ("laboratory", "paraproteinTests", "hepatitisB", "pregnancyTests", "assessments", "vitalSigns", "otherCauses")
"""The prefetch keys of Observations, in the order of discovery."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What this service writes when it drafts a test."""

    code_set: SetName
    """Its first code is ordered."""
    text: str
    note: str = ""
    """For those who carry it out."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """One test."""

    id: str
    name: str
    short: str
    results: tuple[ResultSet, ...]
    beside: tuple[ResultSet, ...]
    """Results that are read with its own and do not stand for it."""
    key: str
    also_told_by: tuple[str, ...]
    """Prefetch keys besides `key` whose lists would tell that it was done."""
    orders: tuple[SetName, ...]
    """Code sets that an order of it may carry instead of a code of its results."""
    called: re.Pattern[str] | None
    draft: DraftText | None
    reported: Mapping[ResultSet, re.Pattern[str]]
    """Names under which a result without a public code is one of a set, in lower case."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The prefetch keys that must be known whole before it counts as never done."""
        return (self.key, *self.also_told_by)

    @property
    def ordered_as(self) -> tuple[SetName, ...]:
        """Code sets by which an order of it is known."""
        return (*self.results, *self.orders)

    @property
    def read(self) -> tuple[ResultSet, ...]:
        """Every code set of results that its key holds."""
        return (*self.results, *self.beside)


def load_investigations(file: DataFile, codes: CodeSets) -> dict[str, Investigation]:
    """Tests by id, in the file's order. A code set stands under one key, and in the results of one test."""
    made = each(rows_of(file), lambda row: _investigation(row, codes))
    placed: dict[str, str] = {}
    for row in rows_of(file):
        for name in made[row.name].read:
            if name in placed:
                row.fault("results", f"{name} stands in {placed[name]} too")
            placed[name] = row.name
    return made


def _investigation(row: Row, codes: CodeSets) -> Investigation:
    made = Investigation(
        id=row.name,
        name=row.text("name"),
        short=row.text("short"),
        results=_results(row, "results", codes),
        beside=_results(row, "beside", codes) if row.has("beside") else (),
        key=row.one_of("key", KEYS),
        also_told_by=row.texts("also_told_by") if row.has("also_told_by") else (),
        orders=_sets(row, "orders", codes) if row.has("orders") else (),
        called=row.pattern("called") if row.has("called") else None,
        draft=_draft(row.row("draft"), codes) if row.has("draft") else None,
        reported=_reported(row.row("reported"), codes) if row.has("reported") else {},
    )
    if not made.results:
        row.fault("results", "empty")
    row.finish()
    return made


def _reported(row: Row, codes: CodeSets) -> dict[ResultSet, re.Pattern[str]]:
    names = _named(row, "reported", row.fields(), codes)
    made = {ResultSet(name): row.pattern(name) for name in names}
    row.finish()
    return made


def _draft(row: Row, codes: CodeSets) -> DraftText:
    (code_set,) = _named(row, "code", (row.text("code"),), codes)
    if not codes[code_set].displays:
        row.fault("code", f"{code_set} has no code that may be written")
    made = DraftText(code_set, row.text("text"), row.text("note") if row.has("note") else "")
    row.finish()
    return made


def _results(row: Row, field: str, codes: CodeSets) -> tuple[ResultSet, ...]:
    return tuple(ResultSet(name) for name in _sets(row, field, codes))


def _sets(row: Row, field: str, codes: CodeSets) -> tuple[SetName, ...]:
    return _named(row, field, row.texts(field), codes)


def _named(row: Row, field: str, names: tuple[str, ...], codes: CodeSets) -> tuple[SetName, ...]:
    try:
        return tuple(codes.named(name) for name in names)
    except KeyError as error:
        return row.fault(field, str(error.args[0]))


def reported_of(investigations: Mapping[str, Investigation]) -> dict[ResultSet, re.Pattern[str]]:
    """Every name of a result without a public code, by the code set that it stands for."""
    return {name: pattern for test in investigations.values() for name, pattern in test.reported.items()}


def keys_of(investigations: Mapping[str, Investigation]) -> dict[str, tuple[ResultSet, ...]]:
    """The code sets that each Observation key holds, in the order of the rows."""
    return {
        key: tuple(name for test in investigations.values() if test.key == key for name in test.read) for key in KEYS
    }
