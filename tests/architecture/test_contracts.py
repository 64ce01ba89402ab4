"""What the types of the engine refuse: truth without a value, cards without a source, rules without evidence."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.cards import Card, Coding, Explanation, FindingNote, Indicator, Link, Source
from cds_service.knowledge.contract import (
    Evidence,
    Finding,
    KnowledgeBroken,
    RuleBook,
    Threshold,
    Thresholds,
    Truth,
)

TOPIC = Coding("urn:example:topic", "rash")
SOURCE = Source("Rash guideline", "https://example.org/rash", TOPIC)
LINK = Link("Rash guideline", "https://example.org/rash")
WHY = Explanation(findings=(FindingNote("rash.is_new", "R-1", "YES"),), evidence=("RASH2020",))
CARD = Card("A rash is new", "Look at it.", Indicator.INFO, SOURCE, (LINK,), WHY)

EVIDENCE = {
    "RASH2020": Evidence("RASH2020", "Rash guideline", "2020", "guideline", LINK.url, "all of it", "Rash guideline")
}
THRESHOLDS = Thresholds(
    {"rash.days": Threshold("rash.days", Decimal(3), "d", "<=", date(2020, 1, 1), "D", (), "days that count as new")}
)


@pytest.mark.parametrize("truth", Truth)
def test_a_truth_is_compared_and_never_taken_for_a_boolean(truth: Truth):
    with pytest.raises(TypeError, match="three values"):
        bool(truth)


def test_unknown_stays_unknown_unless_the_other_side_decides():
    assert Truth.UNKNOWN & Truth.YES is Truth.UNKNOWN
    assert Truth.UNKNOWN & Truth.NO is Truth.NO
    assert Truth.UNKNOWN | Truth.NO is Truth.UNKNOWN
    assert Truth.UNKNOWN | Truth.YES is Truth.YES
    assert ~Truth.UNKNOWN is Truth.UNKNOWN


@pytest.mark.parametrize(
    "without",
    [
        {"summary": ""},
        {"summary": "x" * 140},
        {"summary": "two\nlines"},
        {"detail": " "},
        {"links": ()},
        {"indicator": Indicator.WARNING},
        {"selection_behavior": "any"},
    ],
    ids=str,
)
def test_a_card_that_breaks_the_contract_cannot_be_built(without: dict[str, Any]):
    with pytest.raises(ValueError, match=r"."):
        dataclasses.replace(CARD, **without)


@pytest.mark.parametrize("address", ["", "http://example.org/", "rash.html", "javascript:alert(1)"])
def test_a_source_and_a_link_need_an_absolute_https_address(address: str):
    with pytest.raises(ValueError, match="absolute https address"):
        Source("Rash guideline", address, TOPIC)
    with pytest.raises(ValueError, match="absolute https address"):
        Link("Rash guideline", address)


def test_a_card_rests_on_a_finding_and_on_evidence():
    with pytest.raises(ValueError, match="finding"):
        Explanation(findings=(), evidence=("RASH2020",))
    with pytest.raises(ValueError, match="evidence"):
        Explanation(findings=WHY.findings, evidence=())


def test_a_topic_code_has_letters_and_digits_only():
    with pytest.raises(ValueError, match="letters and digits"):
        Source("Rash guideline", LINK.url, Coding("urn:example:topic", "a-rash"))


SPEAKS = {"cards": ("rash",), "hooks": ("patient-view",)}


def is_new(picture: int) -> Finding:
    """A new rash is looked at.

    YES when it is at most {rash.days} old.

    NO when it is older.

    UNKNOWN never: the days are counted.
    """
    return Finding.yes() if picture <= THRESHOLDS["rash.days"] else Finding.no()


def unexplained(picture: int) -> Finding:
    return Finding.unknown(str(picture))


ANSWERS = ("YES when it is new.", "NO when it is old.", "UNKNOWN when nobody knows.")


def told(*paragraphs: str) -> Any:
    """A function with these paragraphs as its docstring."""

    def is_new(picture: int) -> Finding:
        return Finding.unknown(str(picture))

    is_new.__doc__ = "\n\n    ".join(paragraphs)
    return is_new


def test_a_rule_that_cites_evidence_and_known_thresholds_loads():
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    rule = book.rule("rash.is_new", logic="R-1", **SPEAKS, cites=("RASH2020",), thresholds=("rash.days",))(is_new)
    assert list(book) == [rule]
    assert rule.says == "A new rash is looked at."
    assert [rule.when(truth) for truth in (Truth.YES, Truth.NO, Truth.UNKNOWN)] == [
        "when it is at most {rash.days} old.",
        "when it is older.",
        "never: the days are counted.",
    ]
    assert [rule(days).truth for days in (3, 4)] == [Truth.YES, Truth.NO]


@pytest.mark.parametrize(
    ("id", "cites", "thresholds", "function", "fault"),
    [
        ("rash.is_new", (), (), is_new, "cites nothing"),
        ("rash.is_new", ("OTHER",), (), is_new, "OTHER, which is not in the evidence table"),
        ("rash.is_new", ("RASH2020",), ("rash.weeks",), is_new, "rash.weeks, which is no threshold"),
        ("rash.is_old", ("RASH2020",), (), is_new, "does not end in the function's name"),
        ("rash.unexplained", ("RASH2020",), (), unexplained, "no docstring"),
    ],
)
def test_a_rule_without_evidence_name_or_sentence_does_not_load(
    id: str, cites: tuple[str, ...], thresholds: tuple[str, ...], function: Any, fault: str
):
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    with pytest.raises(KnowledgeBroken, match=fault):
        book.rule(id, logic="R-1", **SPEAKS, cites=cites, thresholds=thresholds)(function)


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ({"schedule": ("weeks",)}, "it goes by weeks, which is no plan"),
        ({"drugs": ("salve",)}, "it is about salve, which is no kind of drug"),
    ],
)
def test_a_rule_names_plans_and_drugs_that_there_are(named: Any, fault: str):
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"}, {"months"}, {"creams"})
    with pytest.raises(KnowledgeBroken, match=fault):
        book.rule("rash.is_new", logic="R-1", **SPEAKS, cites=("RASH2020",), **named)(is_new)


@pytest.mark.parametrize(
    ("paragraphs", "lacking"),
    [
        (ANSWERS[1:], "YES"),
        ((ANSWERS[0], ANSWERS[2]), "NO"),
        (ANSWERS[:2], "UNKNOWN"),
        ((*ANSWERS[:2], "UNKNOWN where nobody knows."), "UNKNOWN"),
        ((*ANSWERS[:2], "UNKNOWN never"), "UNKNOWN"),
        ((*ANSWERS[:2], f"So it is. {ANSWERS[2]}"), "UNKNOWN"),
    ],
)
def test_a_rule_that_does_not_say_when_it_answers_what_does_not_load(paragraphs: tuple[str, ...], lacking: str):
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    with pytest.raises(KnowledgeBroken, match=f"^rule rash.is_new: it does not say when it is {lacking}$"):
        book.rule("rash.is_new", logic="R-1", **SPEAKS, cites=("RASH2020",))(told("A rash.", *paragraphs))


def test_a_number_that_only_an_answer_names_is_one_of_the_rule_too():
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    with pytest.raises(KnowledgeBroken, match=r"its sentence names rash.days, which is none of its numbers"):
        book.rule("rash.is_new", logic="R-1", **SPEAKS, cites=("RASH2020",))(is_new)


@pytest.mark.parametrize(
    ("cards", "hooks", "fault"),
    [
        ((), ("patient-view",), "it names no card"),
        (("rash",), (), "it names no hook"),
        (("fever",), ("patient-view",), "it stands on fever, which is no topic"),
        (("rash",), ("order-sing",), "it is heard at order-sing, which is no hook of ours"),
    ],
)
def test_a_rule_says_on_which_card_and_at_which_hook(cards: tuple[str, ...], hooks: tuple[str, ...], fault: str):
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    with pytest.raises(KnowledgeBroken, match=fault):
        book.rule("rash.is_new", logic="R-1", cards=cards, hooks=hooks, cites=("RASH2020",))(is_new)


def test_two_rules_never_share_an_id():
    book: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"rash"}, {"patient-view"})
    book.rule("rash.is_new", logic="R-1", **SPEAKS, cites=("RASH2020",), thresholds=("rash.days",))(is_new)
    with pytest.raises(KnowledgeBroken, match="id is taken"):
        book.rule("rash.is_new", logic="R-2", **SPEAKS, cites=("RASH2020",), thresholds=("rash.days",))(is_new)
