"""The data of anti-MAG neuropathy, read once from `hooks/anti_mag/data` and checked as this module loads.

Numbers, citations and codes live in those files, reviewed as data; what follows from them is left to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from cds_service.codes import CodeSets
from cds_service.knowledge.contract import Evidence, KnowledgeBroken, Series, Thresholds
from cds_service.knowledge.load import load_code_sets, load_evidence, load_series, load_thresholds
from cds_service.knowledge.load_manual import (
    load_conflicts,
    load_exercises,
    load_glossary,
    load_rulings,
    load_source_attributes,
)
from cds_service.knowledge.manual import Conflict, Exercises, Ruling, SourceAttribute, Term
from cds_service.knowledge.rows import DataFile
from hooks.anti_mag.investigations import Investigation, load_investigations, reported_of
from hooks.anti_mag.therapies import Therapies, load_therapies

_FOLDER = resources.files("hooks.anti_mag") / "data"
_GENERATED = resources.files("hooks.anti_mag") / "generated"
"""What `make docs` writes; all else is written by hand."""
_OPTIONAL_CODES = "codes_snomed_non_gps.toml"
"""SNOMED CT codes that need a licence of their own: a site may delete the file."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The check-up plan after day 0 of a course."""

    flare_check_weeks: tuple[int, ...]
    response_review_months: tuple[int, ...]
    conduction_study_months: tuple[int, ...]


def _file(name: str, folder: Traversable = _FOLDER) -> DataFile:
    return DataFile(name, (folder / name).read_text(encoding="utf-8"))


def _schedule(plans: Mapping[str, Series]) -> Schedule:
    wanted = [field.name for field in fields(Schedule)]
    if strange := sorted(plans.keys() ^ set(wanted)):
        raise KnowledgeBroken(f"schedule.toml: {', '.join(strange)}: it must hold {' and '.join(wanted)}")
    return Schedule(**{name: plans[name].values for name in wanted})


def _codes() -> CodeSets:
    supplements = [_file(_OPTIONAL_CODES)] if (_FOLDER / _OPTIONAL_CODES).is_file() else []
    return CodeSets(load_code_sets(_file("codes.toml"), supplements))


EVIDENCE: Mapping[str, Evidence] = MappingProxyType(load_evidence(_file("evidence.toml")))
THRESHOLDS: Thresholds = load_thresholds(_file("thresholds.toml"), EVIDENCE)
PLANS: Mapping[str, Series] = MappingProxyType(load_series(_file("schedule.toml"), EVIDENCE))
SCHEDULE: Schedule = _schedule(PLANS)
CODES: CodeSets = _codes()
INVESTIGATIONS: Mapping[str, Investigation] = MappingProxyType(load_investigations(_file("tests.toml"), CODES))
REPORTED = MappingProxyType(reported_of(INVESTIGATIONS))
THERAPIES: Therapies = load_therapies(_file("therapies.toml"), CODES, EVIDENCE)
CONFLICTS: tuple[Conflict, ...] = load_conflicts(_file("conflicts.toml"), EVIDENCE)
RULINGS: tuple[Ruling, ...] = load_rulings(_file("rulings.toml"))
GLOSSARY: tuple[Term, ...] = load_glossary(_file("glossary.toml"), EVIDENCE)
SOURCE_ATTRIBUTES: tuple[SourceAttribute, ...] = load_source_attributes(_file("source_attributes.toml"))
EXERCISES: Mapping[str, Exercises] = MappingProxyType(load_exercises(_file("exercises.toml", _GENERATED)))
