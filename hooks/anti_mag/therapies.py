"""The drugs and other therapies as `data/therapies.toml` lists them, one value each, and the kinds they belong to.

Decides what a row may say. What an order or an earlier treatment is taken for is left to the picture, what follows from
it to the rules; no other table names a drug.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from cds_service.codes import CodeSets, SetName
from cds_service.knowledge.contract import Evidence
from cds_service.knowledge.manual import Drug, DrugKind
from cds_service.knowledge.rows import DataFile, Row, each, rows_of

Kind = Literal[
    "rituximab",
    "immunotherapy",
    "immunoglobulin",
    "steroid",
    "alkylator",
    "fcrn_blocker",
    "complement_inhibitor",
    "other_anti_cd20",
    "neurotoxic",
    "antiviral",
    "pain_medicine",
]
KINDS: Mapping[Kind, str] = {
    "rituximab": "rituximab, in any form",
    "immunotherapy": "immunotherapies that are given for the neuropathy, other than rituximab",
    "immunoglobulin": "immunoglobulins, which can pass on a donor's antibodies",
    "steroid": "corticosteroids",
    "alkylator": "alkylating drugs",
    "fcrn_blocker": "drugs that lower IgG alone",
    "complement_inhibitor": "complement inhibitors",
    "other_anti_cd20": "anti-CD20 antibodies other than rituximab",
    "neurotoxic": "drugs that can worsen a neuropathy",
    "antiviral": "antivirals against hepatitis B",
    "pain_medicine": "medicines against neuropathic pain",
}
"""What each kind is, in words."""

Barrier = Literal["", "high", "low"]
"""How hard an antiviral makes it for the virus to become resistant."""


@dataclass(frozen=True, slots=True)
class Therapy:
    """One drug or procedure. `called` is a pattern of its names, without word boundaries."""

    code_set: SetName
    name: str
    called: str
    whole_name: re.Pattern[str]
    """That pattern as whole words, for `Concept.words`."""
    kinds: tuple[Kind, ...]
    cites: Mapping[Kind, tuple[str, ...]]
    """Sources that say why it is of a kind; a kind for which none was seen is not there."""
    barrier: Barrier = ""
    has_many_forms: bool = False
    """The name stands on many products that are something else."""


class Therapies(Mapping[str, Therapy]):
    """Therapies by the name of their code set, in the file's order."""

    def __init__(self, rows: Mapping[str, Therapy]) -> None:
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Therapy:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def of_kind(self, kind: Kind) -> tuple[SetName, ...]:
        """The code sets of the therapies of a kind."""
        return tuple(row.code_set for row in self._rows.values() if kind in row.kinds)

    def drugs(self) -> dict[str, DrugKind]:
        """What a rule may say that it is about: a kind, or one therapy by the name of its code set."""
        kinds: dict[str, DrugKind] = {
            kind: DrugKind(kind, title, self._drugs_of(kind)) for kind, title in KINDS.items()
        }
        single = {
            name: DrugKind(name, row.name, (Drug(row.name, _sources(row)),))
            for name, row in self._rows.items()
            if row.kinds and name not in kinds
        }
        return {**kinds, **single}

    def _drugs_of(self, kind: Kind) -> tuple[Drug, ...]:
        found = [row for row in self._rows.values() if kind in row.kinds]
        return tuple(Drug(row.name, row.cites.get(kind) or _sources(row)) for row in found)

    def names_of_kind(self, kind: Kind) -> str:
        """One pattern for the names of all therapies of a kind, without word boundaries."""
        return "|".join(row.called for row in self._rows.values() if kind in row.kinds)

    def named(self, kind: Kind) -> re.Pattern[str]:
        """The names of a kind as whole words: charts hold many medicines as text alone."""
        return whole_words(self.names_of_kind(kind))


def whole_words(names: str) -> re.Pattern[str]:
    """A pattern of names that finds them where no letter stands beside them; a digit may ("mabthera500mg"), but for a
    name that ends in one."""
    return re.compile(rf"(?<![^\W\d_])({names})(?![^\W\d_])(?!(?<=\d)\d)")


def _sources(row: Therapy) -> tuple[str, ...]:
    """The sources of all its kinds, each once."""
    return tuple(dict.fromkeys(key for keys in row.cites.values() for key in keys))


def load_therapies(file: DataFile, codes: CodeSets, evidence: Mapping[str, Evidence]) -> Therapies:
    """Therapies in the file's order. Each is named as its code set, and cites evidence that is in the table."""
    return Therapies(each(rows_of(file), lambda row: _therapy(row, codes, evidence)))


def _therapy(row: Row, codes: CodeSets, evidence: Mapping[str, Evidence]) -> Therapy:
    if row.name not in codes:
        row.fault("(row)", "there is no code set of that name")
    name, kinds = row.text("name"), _kinds(row)
    called = row.pattern("called").pattern if row.has("called") else re.escape(name.lower()).replace(r"\ ", " ")
    made = Therapy(
        code_set=codes.named(row.name),
        name=name,
        called=called,
        whole_name=whole_words(called),
        kinds=kinds,
        cites=_cites(row.row("cites"), kinds, evidence) if row.has("cites") else {},
        barrier=cast(Barrier, row.one_of("barrier", ("high", "low"))) if "antiviral" in kinds else "",
        has_many_forms=row.flag("many_forms") if row.has("many_forms") else False,
    )
    row.finish()
    if "neurotoxic" in kinds and not made.cites.get("neurotoxic"):
        row.fault("cites", "a neurotoxic drug names the source that says so")
    return made


def _kinds(row: Row) -> tuple[Kind, ...]:
    for kind in row.texts("kinds"):
        if kind not in KINDS:
            row.fault("kinds", f"{kind!r} is none of {', '.join(KINDS)}")
    return cast(tuple[Kind, ...], row.texts("kinds"))


def _cites(row: Row, kinds: tuple[Kind, ...], evidence: Mapping[str, Evidence]) -> dict[Kind, tuple[str, ...]]:
    made = {kind: row.cites(evidence, kind) for kind in kinds if row.has(kind)}
    row.finish()
    return made
