"""Pregnancy in words: problems and answers that charts hold as text alone, in the languages of our sites.

Decides whether a text says that the patient is pregnant now, or that she is not; a test, a wish, a plan, an earlier or
another woman's pregnancy says neither. What follows is left to `contraindications`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from cds_service.codes import words_of

_NAME = re.compile(
    r"\b(pregnan(t|cy)|gravid|schwanger(e|schaft)?|gravidität|graviditet|gravidez|grávida|gravidanza|incinta|embara(zo|zada)"
    r"|grossesse|enceinte|zwanger(schap)?|ciąż[aęy]|ciężarna|těhotenství|těhotná|raskaus|raskaana|беременн(а|ая|ость))\b"
    r"|妊娠|怀孕|임신"
)
_CLAUSE = re.compile(r"(?<=\w{4})\.\s|[;\n]")
_WINDOW = 50
"""Characters before a name in which a word can still be about it."""

_NO = (
    r"not|no|non|denies|never|without|kein\w*|nicht|pas( de| d['’])?|sans|sin|sem|não|no est[aá]|nessuna|senza|geen"
    r"|niet|ingen|ej|inte|ikke|ei|nie|brak|bez|не|нет"
)
_NOT_NOW = (
    r"history|hx|h/o|past|previous\w*|prior|earlier|former|last|post|after|z\.? ?n|zustand nach|st\.? ?n|nach|frühere"
    r"|ant[eé]c[eé]dents?|antecedentes?|pregress\w*|ectopic|molar|false|phantom|loss|termination|prevent\w*|avoid\w*"
    r"|contracept\w*|plan\w*|wants?|wish\w*|desir\w*|tries|trying|risk (of|for)|rule[sd]?[\s-]*out|r/o|exclu\w*"
    r"|ausschlu\w*|possible|possibly|suspect\w*|probable|query|verdacht|v\.? ?a|negative for|test\w*|screen\w*"
    r"|counsel\w*|intention|family|partner|wife|girlfriend|spouse|daughter|sister|ehefrau|partnerin|infertility|unlikely"
)
_BEFORE = re.compile(rf"\b({_NO}|{_NOT_NOW})\b|\?\s*\Z")
_AFTER = re.compile(
    r"[\s,:()–-]*(tests?\b|status\b|prevent\w*|plan\w*|wish|desire\w*|intention|loss|terminat\w*|deliver\w*|exclu\w*"
    r"|ausgeschlossen|ruled out|negativ\w*|(no|none|not|nein)\W*\Z|not (present|confirmed|detected)|unlikely|unknown"
    r"|counsel\w*|screen\w*|resolved|complete\w*|ended|beendet|in the past|history|(19|20)\d\d\b|\?|induced|related"
    r"|associated|prophyla\w*)"
)
_OTHERWISE = re.compile(r"非妊娠|未妊娠|未怀孕|陰性|阴性|検査|测试|試験|希望|歴|史|流産|流产|避妊|避孕")
"""The same in scripts without blanks, anywhere in the clause."""
_DENIED = re.compile(rf"\b({_NO})[\s-]+(\w+\s+)?\Z")

_POSITIVE_TEST = re.compile(
    r"\bpositive (\w+ )?pregnancy test\b|\b(pregnancy test|schwangerschaftstest|test de grossesse)[\s:,–-]*positi"
)

Said = Literal["pregnant", "not pregnant", ""]


def pregnancy_in(text: str) -> Said:
    """What the text says of now; "" where it says neither."""
    found = {said for clause in _CLAUSE.split(words_of(text)) for said in _said_by(clause)}
    return "pregnant" if "pregnant" in found else "not pregnant" if "not pregnant" in found else ""


def _said_by(clause: str) -> Iterator[Said]:
    if _POSITIVE_TEST.search(clause):
        yield "pregnant"
    if not _OTHERWISE.search(clause):
        for name in _NAME.finditer(clause):
            yield _said(clause, name)


def _said(clause: str, name: re.Match[str]) -> Said:
    before = clause[max(name.start() - _WINDOW, 0) : name.start()]
    if _DENIED.search(before):
        return "not pregnant"
    if _BEFORE.search(before.rpartition(",")[2]) or _AFTER.match(clause, name.end()):
        return ""
    return "pregnant"
