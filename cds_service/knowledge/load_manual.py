"""Data files of a manual (TOML) into frozen values: open conflicts, rulings, glossary, source attributes, who exercises
which rule.

The same strictness as `cds_service.knowledge.load`: a fault names file, row and field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cds_service.knowledge.contract import Evidence, KnowledgeBroken
from cds_service.knowledge.manual import Conflict, Exercise, Exercises, Ruling, SourceAttribute, Term
from cds_service.knowledge.rows import DataFile, Row, rows_of, tables_of

REGULATION = (
    "bibliographicCitation",
    "developer",
    "fundingSource",
    "releaseAndRevisionDates",
    "race",
    "ethnicity",
    "language",
    "sexualOrientation",
    "genderIdentity",
    "sex",
    "dateOfBirth",
    "socialDeterminants",
    "healthStatusAssessments",
)
"""What 45 CFR 170.315(b)(11)(iv)(A) lists for evidence-based interventions, in its order."""


def load_conflicts(file: DataFile, evidence: Mapping[str, Evidence]) -> tuple[Conflict, ...]:
    """Conflicts in the file's order. Each has two views or more and cites evidence that is in the table."""
    return tuple(_conflict(row, evidence) for row in rows_of(file))


def _conflict(row: Row, evidence: Mapping[str, Evidence]) -> Conflict:
    made = Conflict(
        id=row.name,
        question=row.text("question"),
        views=row.texts("views"),
        reading=row.text("reading"),
        cites=row.cites(evidence),
        rules=row.texts("rules"),
    )
    if len(made.views) < 2:
        row.fault("views", "fewer than two: no conflict")
    if not made.cites:
        row.fault("cites", "empty")
    row.finish()
    return made


def load_rulings(file: DataFile) -> tuple[Ruling, ...]:
    """Rulings, numbered from 1 in the file's order."""
    made = []
    for number, row in enumerate(rows_of(file), start=1):
        if row.name != str(number):
            row.fault("(row)", f"its place is that of ruling {number}")
        made.append(Ruling(number, row.text("text")))
        row.finish()
    return tuple(made)


def load_glossary(file: DataFile, evidence: Mapping[str, Evidence]) -> tuple[Term, ...]:
    """Terms in the file's order; their sources are in the evidence table."""
    return tuple(_term(row, evidence) for row in rows_of(file))


def _term(row: Row, evidence: Mapping[str, Evidence]) -> Term:
    made = Term(
        word=row.name,
        group=row.text("group"),
        meaning=row.text("meaning"),
        cites=row.cites(evidence) if row.has("cites") else (),
    )
    row.finish()
    return made


def load_source_attributes(file: DataFile) -> tuple[SourceAttribute, ...]:
    """All attributes of `REGULATION`, in its order; one that is missing or unknown is a fault."""
    found = {row.name: _attribute(row) for row in rows_of(file)}
    for id in found.keys() ^ set(REGULATION):
        raise KnowledgeBroken(f"{file.name}: {id}: {'missing' if id in REGULATION else 'not in the regulation'}")
    return tuple(found[id] for id in REGULATION)


def _attribute(row: Row) -> SourceAttribute:
    made = SourceAttribute(row.name, row.text("name"), row.text("statement"))
    row.finish()
    return made


def load_exercises(file: DataFile) -> dict[str, Exercises]:
    """Who exercises which rule, by logic id. The file is generated: `[patients]` titles, `[rules.ID]` calls."""
    top = tables_of(file)
    titles = top.pairs("patients")
    rules = [Row(file.name, name, body) for name, body in top.table("rules").items()]
    top.finish()
    return {row.name: _exercises(row, titles) for row in rules}


def _exercises(row: Row, titles: Mapping[str, str]) -> Exercises:
    calls = [*_calls(row, "yes", titles), *_calls(row, "unknown", titles)]
    made = Exercises(tuple(calls), row.texts("states"), row.texts("reads"), row.texts("tests"))
    row.finish()
    return made


def _calls(row: Row, field: str, titles: Mapping[str, str]) -> Iterator[Exercise]:
    for example, call in _pairs(row, field):
        if example not in titles:
            row.fault(field, f"{example} is not among the patients")
        yield Exercise(example, call, titles[example], field.upper())


def _pairs(row: Row, field: str) -> Iterable[tuple[str, str]]:
    for text in row.texts(field):
        example, _, call = text.partition(" ")
        if not call:
            row.fault(field, f"not an example and a call: {text}")
        yield example, call
