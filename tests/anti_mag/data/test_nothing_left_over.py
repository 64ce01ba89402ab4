"""No row of a table is left over: a source is cited, a kind asked about, a draft offered, a result asked for."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import fields
from functools import cache
from itertools import chain
from pathlib import Path
from string import digits

import pytest

from cds_service.knowledge.load import load_series
from cds_service.knowledge.rows import DataFile
from hooks.anti_mag.knowledge_data import CODES, CONFLICTS, EVIDENCE, THERAPIES, THRESHOLDS, Schedule
from hooks.anti_mag.prefetch import OBSERVATION_SETS, templates
from hooks.anti_mag.proposals import ORDERS
from hooks.anti_mag.rules import BY_LOGIC
from hooks.anti_mag.therapies import KINDS
from hooks.anti_mag.topics import TOPICS
from tests.architecture.test_wall import ROOT, python_files

FOLDER = ROOT / "hooks" / "anti_mag"
RESTED_ON_BY_NOTHING = {
    *("COCHRANE2016", "CAMPAGNOLO2017", "NIERMEIJER2009", "RENAUD2003", "GAO2019", "GIRONI2006", "GORSON2007"),
    *("FRENCH2020", "NFL2022", "LUPU2007", "ENMC230", "IWWM8PN", "STONE2013", "ASHMGUS", "AANEDX", "AANEMMCID"),
    *("LABCORP", "LABIFA", "NCCN2024", "DROR-FLARE"),
}
"""Sources that were read, stand in the table so that a reader sees that they were, and carry no recommendation and no
number. One that is cited leaves this list; a new source does not enter it, but is cited."""


@cache
def texts(path: Path) -> frozenset[str]:
    """The strings of a module, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documents)
    return frozenset(node.value for node in found if isinstance(node.value, str))


def said(*folders: str, but: Collection[str] = ()) -> set[str]:
    """The strings of all modules of these folders of the package, without those of the modules `but`."""
    paths = chain.from_iterable(python_files(FOLDER / folder) for folder in folders)
    return set().union(*(texts(path) for path in paths if path.name not in but))


def test_every_source_is_cited_or_known_to_carry_nothing() -> None:
    series = load_series(DataFile("schedule.toml", (FOLDER / "data" / "schedule.toml").read_text("utf-8")), EVIDENCE)
    rows = [THRESHOLDS.row(key).cites for key in THRESHOLDS] + [row.cites for row in series.values()]
    kinds = [keys for row in THERAPIES.values() for keys in row.cites.values()]
    rules = [rule.cites for rule in BY_LOGIC.values()] + [conflict.cites for conflict in CONFLICTS]
    words = " ".join(said("cards", "picture", "proposals", "rules", ""))
    cited = {*chain.from_iterable([*rows, *kinds, *rules]), *(key for key in EVIDENCE if f"({key})" in words)}
    cited |= said("cards", "picture", "proposals", "rules")
    assert EVIDENCE.keys() - cited == RESTED_ON_BY_NOTHING


def test_every_kind_of_therapy_is_asked_about() -> None:
    assert set(KINDS) - said("", but=["therapies.py"]) == set()


@pytest.mark.parametrize("name", ORDERS)
def test_every_draft_is_offered_by_a_card_or_asked_for_by_a_rule(name: str) -> None:
    assert name in said("cards", "rules", but=["gives_way.py"])


@pytest.mark.parametrize("key", OBSERVATION_SETS)
def test_every_set_of_results_is_asked_for_by_a_code(key: str) -> None:
    """Where its codes are of systems that no template names, only a site's own codes would ever bring it."""
    asked = " ".join(query for name, query in templates().items() if name.rstrip(digits) == key)
    sets = OBSERVATION_SETS[key]
    assert [name for name in sets if not any("|".join(code) in asked for code in CODES[name].codes)] == []


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.code)
def test_every_kind_of_card_has_a_module_and_a_rule(topic) -> None:
    assert topic.modules
    assert [rule.logic for rule in BY_LOGIC.values() if topic.code in rule.cards]


@pytest.mark.parametrize("name", [field.name for field in fields(Schedule)])
def test_every_row_of_the_schedule_is_read(name: str) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in python_files(FOLDER)]
    read = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert name in read
