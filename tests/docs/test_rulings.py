"""Every ruling that is cited has its sentence, and its page is what the data say."""

import pytest

from cds_service.knowledge.book import CITED_RULINGS, rulings_in
from docs.rulebook import RULINGS as PAGE
from docs.rulebook import rulings_page
from hooks.anti_mag.knowledge_data import RULINGS
from tests.docs.repository import ROOT

PLACES = ("hooks", "fhir_examples", "tests")
"""Where rulings are cited; the engine knows of none."""
KINDS = frozenset({".py", ".toml", ".md", ".json", ".csv"})


@pytest.mark.parametrize(
    ("citation", "named"),
    [
        ("ruling 7", {7}),
        ("rulings 3, 5 and 9", {3, 5, 9}),
        ("rulings 1 to 4", {1, 2, 3, 4}),
        ("rulings 2 and 3", {2, 3}),
    ],
)
def test_a_citation_of_several_rulings_names_each(citation: str, named: set[int]):
    assert rulings_in(f"({citation})") == named


def test_the_page_of_the_rulings_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == rulings_page(), "make docs"


@pytest.mark.parametrize("place", PLACES)
def test_every_ruling_that_is_cited_is_there(place: str):
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / place).rglob("*")
        if path.suffix in KINDS and path.is_file()
    ]
    cited = {number for text in texts if CITED_RULINGS.search(text) for number in rulings_in(text)}
    assert cited
    assert cited - {ruling.number for ruling in RULINGS} == set()
