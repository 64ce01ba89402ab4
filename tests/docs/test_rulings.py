"""Every ruling that is cited has its sentence, and the page has each once."""

import re

import pytest

from tests.docs.repository import ROOT, text

PAGE = "docs/reference/rulings.md"
PLACES = ("hooks", "fhir_examples", "tests")
"""Where rulings are cited; the engine knows of none."""
KINDS = frozenset({".py", ".toml", ".md", ".json", ".csv"})
CITED = re.compile(r"\brulings? (\d+(?:(?:,| and| to|, and) \d+)*)")


def numbers(citation: str) -> set[int]:
    """ "3, 5 and 9" names three rulings, "1 to 4" four."""
    found = {int(number) for number in re.findall(r"\d+", citation)}
    for first, last in re.findall(r"(\d+) to (\d+)", citation):
        found |= set(range(int(first), int(last) + 1))
    return found


def ruled() -> list[int]:
    return [int(number) for number in re.findall(r"^\| (\d+) \| \S", text(PAGE), re.MULTILINE)]


@pytest.mark.parametrize(
    ("citation", "named"), [("7", {7}), ("3, 5 and 9", {3, 5, 9}), ("1 to 4", {1, 2, 3, 4}), ("2 and 3", {2, 3})]
)
def test_a_citation_of_several_rulings_names_each(citation: str, named: set[int]):
    found = CITED.search(f"(rulings {citation})")
    assert found is not None
    assert numbers(found[1]) == named


def test_the_page_has_each_ruling_once_and_in_order():
    assert ruled() == list(range(1, len(ruled()) + 1))


@pytest.mark.parametrize("place", PLACES)
def test_every_ruling_that_is_cited_is_on_the_page(place: str):
    cited = {
        number
        for path in (ROOT / place).rglob("*")
        if path.suffix in KINDS and path.is_file()
        for citation in CITED.findall(path.read_text(encoding="utf-8"))
        for number in numbers(citation)
    }
    assert cited
    assert cited - set(ruled()) == set()
