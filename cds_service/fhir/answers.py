"""Answers in words: whether a laboratory says that something is there. Words and signs are `data/answers.toml`.

Decides how the words read together: a negation turns round what stands behind it, a positive word outweighs
"confirmation pending", a negative one does not, and a contradiction is unclear. Which results have such answers, and
what codes, ranges and numbers beside them say, is left to the disease package.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, cast

from cds_service.fhir.tables import data_of
from cds_service.knowledge.rows import Row

Answer = Literal["positive", "weak", "negative", "unclear", "pending", ""]

_ANSWERS: Final[tuple[Answer, ...]] = ("positive", "weak", "negative", "unclear", "pending")
_BREAK = "|"
"""Between clauses: no negation reaches over it."""
_TOKEN = re.compile(r"[^\W\d_]+|[.,;:!?()\[\]|\n/]")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_TOKEN = 40
_REACH = 5
"""Words between a negation and what it may still be about."""


def _fold(text: str) -> str:
    """Without case and accents, one shape for every letter."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def _tokens(text: str) -> list[str]:
    """Words and clause breaks; a word of ideographs is cut into the longest phrases that the table knows."""
    found: list[str] = []
    for token in _TOKEN.findall(_fold(text)):
        if not token.isalpha():
            found.append(_BREAK)
        elif _IDEOGRAPH.search(token):
            found.extend(_phrases_of(token))
        elif len(token) <= _LONGEST_TOKEN:
            found.append(token)
    return found


def _phrases_of(run: str) -> Iterator[str]:
    place = 0
    while place < len(run):
        length = next((size for size in range(_LONGEST_RUN, 1, -1) if run[place : place + size] in _PHRASES), 0)
        if length:
            yield run[place : place + length]
        place += length or 1


def _phrases(table: Row) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for name, words in table.lists().items():
        if name not in _ANSWERS:
            table.fault(name, f"none of {', '.join(_ANSWERS)}")
        for word in words:
            if found.setdefault(_key(word), name) != name:
                table.fault(name, f"{word!r} is {found[_key(word)]} too")
    return found


def _key(phrase: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", _fold(phrase)))


def _keys(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_key, words))


_TABLE = data_of("answers.toml")
_SIGNS: Mapping[str, Answer] = {
    _fold(sign): cast(Answer, name) for name, signs in _TABLE.row("signs").lists().items() for sign in signs
}
_PHRASES = _phrases(_TABLE.row("words"))
_LONGEST_RUN = max(len(phrase) for phrase in _PHRASES if _IDEOGRAPH.search(phrase))
_MOST_WORDS: dict[str, int] = {}
for _phrase in _PHRASES:
    _first, _count = _phrase.partition(" ")[0], _phrase.count(" ") + 1
    _MOST_WORDS[_first] = max(_count, _MOST_WORDS.get(_first, 0))
_NEGATION = _TABLE.row("negation")
_QUANTIFIERS = _keys(_NEGATION.texts("quantifiers"))
_NEGATIONS = _keys(_NEGATION.texts("words")) | _QUANTIFIERS
_FILLERS = _keys(_NEGATION.texts("fillers"))
_FOUND = _keys(_NEGATION.texts("found"))
_WEAK, _ALONE, _SAMPLE = (_keys(_TABLE.row("beside").texts(name)) for name in ("weak", "alone", "sample"))


def answer_in(text: str) -> Answer:
    """What `text` says; "" where it says nothing of presence or absence."""
    sign = _SIGNS.get(_fold(text).strip())
    if sign:
        return sign
    if _key(text) in _ALONE:
        return "positive"
    return _together(answers_in(text))


def answers_in(text: str) -> set[Answer]:
    """Everything that the words of `text` say, each by itself."""
    return set(_said(_tokens(text)))


def _together(said: set[Answer]) -> Answer:
    is_there = said & {"positive", "weak"}
    if "unclear" in said or (is_there and "negative" in said):
        return "unclear"
    if is_there:
        return "weak" if "weak" in said else "positive"
    if "pending" in said:
        return "pending"
    return "negative" if "negative" in said else ""


def _said(tokens: list[str]) -> Iterator[Answer]:
    place = 0
    while place < len(tokens):
        answer, length = _phrase_at(tokens, place)
        negated = _negated_at(tokens, place) if not answer else None
        if negated is not None:
            answer, length = negated
        elif answer == "positive" and _before(tokens, place) in _WEAK:
            answer = "weak"
        if answer:
            yield answer
        place += max(length, 1)


def _phrase_at(tokens: list[str], place: int) -> tuple[Answer, int]:
    for words in range(_MOST_WORDS.get(tokens[place], 0), 0, -1):
        answer = _PHRASES.get(" ".join(tokens[place : place + words]))
        if answer:
            return answer, words
    return "", 0


def _before(tokens: list[str], place: int) -> str:
    """The word before, over the full stop of an abbreviation."""
    earlier = [token for token in tokens[max(place - 2, 0) : place] if token != _BREAK]
    return earlier[-1] if earlier else ""


def _negated_at(tokens: list[str], place: int) -> tuple[Answer, int] | None:
    """What a negation at `place` makes of the answer behind it, and the words up to there; None where there is none."""
    if tokens[place] not in _NEGATIONS:
        return None
    fillers_alone, about_sample = True, False
    for further in range(place + 1, min(place + 2 + _REACH, len(tokens))):
        token = tokens[further]
        if token == _BREAK:
            return None
        about_sample = about_sample or token in _SAMPLE
        answer, length = _phrase_at(tokens, further)
        if token in _FOUND or answer in ("positive", "negative", "weak"):
            reads = fillers_alone or (token in _FOUND and tokens[place] in _QUANTIFIERS)
            is_absence = reads and answer != "negative" and not about_sample
            return ("negative" if is_absence else "unclear"), further + max(length, 1) - place
        if answer:
            return None
        fillers_alone = fillers_alone and token in _FILLERS
    return None
