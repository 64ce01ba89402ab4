"""The glossary has the words that cards and code use, each once."""

import re

from tests.docs.repository import text

WORDS = """
titre; BTU; IgM flare; plasma exchange; course; day 0; flare window; response; relapse; baseline; INCAT; ONLS; I-RODS;
NIS-LL; modified Rankin; card; indicator; suggestion; prefetch; record; fact; gap; picture; rule; gate; finding; state;
threshold; evidence; default (D); topic
"""


def words_explained() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text("GLOSSARY.md"), re.MULTILINE)
    return [row.strip() for row in rows if row.strip() not in ("word", "---")]


def test_the_words_of_the_field_and_of_the_service_are_explained():
    wanted = {word.strip() for word in WORDS.replace("\n", " ").split(";")}
    assert wanted - set(words_explained()) == set()


def test_no_word_is_explained_twice():
    assert sorted(words_explained()) == sorted(set(words_explained()))
