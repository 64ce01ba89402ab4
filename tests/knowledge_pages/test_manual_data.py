"""The data files of a manual: what is well formed loads, and a fault names file, row and field."""

import pytest

from cds_service.knowledge.contract import Evidence, KnowledgeBroken
from cds_service.knowledge.load_manual import (
    REGULATION,
    load_conflicts,
    load_exercises,
    load_glossary,
    load_rulings,
    load_source_attributes,
)
from cds_service.knowledge.manual import Conflict, Exercise, Exercises, Ruling, Term
from cds_service.knowledge.rows import DataFile

EVIDENCE = {"BOOK": Evidence("BOOK", "A book", "2020", "review", "https://example.org/book", "all", "Book")}
CONFLICT = """
[howMuch]
question = "How much?"
views = ["more", "less"]
reading = "more"
cites = ["BOOK"]
rules = ["W-1"]
"""
EXERCISES = """
[patients]
jane = "Jane"

[rules."W-1"]
yes = ["jane patient-view"]
unknown = []
states = ["T1"]
reads = ["a.py"]
tests = ["t.py::test_a"]
"""


def attributes(*names: str) -> DataFile:
    return DataFile("attributes.toml", "\n".join(f'[{name}]\nname = "{name}"\nstatement = "no"' for name in names))


def test_a_conflict_loads():
    assert load_conflicts(DataFile("conflicts.toml", CONFLICT), EVIDENCE) == (
        Conflict("howMuch", "How much?", ("more", "less"), "more", ("BOOK",), ("W-1",)),
    )


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ('["more", "less"]', '["more"]', "howMuch: views: fewer than two"),
        ('["BOOK"]', "[]", "howMuch: cites: empty"),
        ('["BOOK"]', '["OTHER"]', "howMuch: cites: OTHER is not in the evidence table"),
        ("reading =", "answer =", "howMuch: reading: missing"),
        ('rules = ["W-1"]', 'rules = ["W-1"]\nmore = 1', "howMuch: more: unknown field"),
    ],
)
def test_a_broken_conflict_is_named(was: str, becomes: str, fault: str):
    with pytest.raises(KnowledgeBroken, match=f"conflicts.toml: {fault}"):
        load_conflicts(DataFile("conflicts.toml", CONFLICT.replace(was, becomes)), EVIDENCE)


def test_the_source_attributes_come_in_the_order_of_the_regulation():
    assert tuple(item.id for item in load_source_attributes(attributes(*reversed(REGULATION)))) == REGULATION


def test_a_missing_and_an_unknown_attribute_are_named():
    with pytest.raises(KnowledgeBroken, match=r"attributes\.toml: race: missing"):
        load_source_attributes(attributes(*(name for name in REGULATION if name != "race")))
    with pytest.raises(KnowledgeBroken, match=r"attributes\.toml: shoeSize: not in the regulation"):
        load_source_attributes(attributes(*REGULATION, "shoeSize"))


def test_exercises_load():
    assert load_exercises(DataFile("exercises.toml", EXERCISES)) == {
        "W-1": Exercises((Exercise("jane", "patient-view", "Jane", "YES"),), ("T1",), ("a.py",), ("t.py::test_a",))
    }


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ('["jane patient-view"]', '["joe patient-view"]', "joe is not among the patients"),
        ('["jane patient-view"]', '["jane"]', "not an example and a call: jane"),
    ],
)
def test_a_broken_exercise_is_named(was: str, becomes: str, fault: str):
    with pytest.raises(KnowledgeBroken, match=f"exercises.toml: W-1: yes: {fault}"):
        load_exercises(DataFile("exercises.toml", EXERCISES.replace(was, becomes)))


RULINGS = '[1]\ntext = "More."\n[2]\ntext = "Less."\n'
GLOSSARY = """
["high, H"]
group = "Words"
meaning = "not low"
cites = ["BOOK"]

[low]
group = "Words"
meaning = "not high"
"""


def test_rulings_load():
    assert load_rulings(DataFile("rulings.toml", RULINGS)) == (Ruling(1, "More."), Ruling(2, "Less."))


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("[2]", "[3]", r"3: \(row\): its place is that of ruling 2"),
        ('"Less."', '""', "2: text: empty"),
        ("[1]\n", "[1]\nmore = 1\n", "1: more: unknown field"),
    ],
)
def test_a_broken_ruling_is_named(was: str, becomes: str, fault: str):
    with pytest.raises(KnowledgeBroken, match=f"rulings.toml: {fault}"):
        load_rulings(DataFile("rulings.toml", RULINGS.replace(was, becomes)))


def test_a_glossary_loads():
    assert load_glossary(DataFile("glossary.toml", GLOSSARY), EVIDENCE) == (
        Term("high, H", "Words", "not low", ("BOOK",)),
        Term("low", "Words", "not high"),
    )


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ('["BOOK"]', '["OTHER"]', "high, H: cites: OTHER is not in the evidence table"),
        ('meaning = "not low"', "", "high, H: meaning: missing"),
        ('group = "Words"\nmeaning = "not high"', 'meaning = "not high"', "low: group: missing"),
    ],
)
def test_a_broken_word_is_named(was: str, becomes: str, fault: str):
    with pytest.raises(KnowledgeBroken, match=f"glossary.toml: {fault}"):
        load_glossary(DataFile("glossary.toml", GLOSSARY.replace(was, becomes)), EVIDENCE)
