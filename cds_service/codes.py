"""Codes and sets of codes.

A `Concept` is what a FHIR CodeableConcept says: every (system, code) pair and the text. A `CodeSet` is a named list of
codes that a disease package looks for. Matching is by system and code together, never by number or display alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import NewType

Code = tuple[str, str]
"""(system URI, code)"""

SetName = NewType("SetName", str)
"""The name of a code set that is there, as `CodeSets.named` gives it: a misspelt one stops the start."""

ResultSet = NewType("ResultSet", SetName)
"""The name of a code set of results that the EHR is asked for."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A coded idea as received: its codes, and its text (`text`, else the displays joined by "; ")."""

    codes: frozenset[Code] = frozenset()
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.codes or self.text)

    @property
    def words(self) -> str:
        """The text as names are looked for in it."""
        return words_of(self.text)


_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_ONE_FORM = str.maketrans(_DASHES | {"_": " ", "\u0307": ""})
"""Every dash is a hyphen, an underscore a blank; the dot that is left of a Turkish capital I in lower case goes."""


def words_of(text: str) -> str:
    """The text in lower case and in one form: without invisible characters (soft hyphens, joiners, marks of writing
    direction), full-width and other compatibility letters as the plain ones."""
    if text.isascii():
        return text.lower().replace("_", " ")
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return seen.lower().translate(_ONE_FORM)


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A named set of codes: exact ones, headers that stand for every code that begins with them, and exclusions.

    An exclusion wins over a prefix. `displays` names the codes for drafts and templates; the first code listed is the
    one that the service writes.
    """

    name: str
    codes: frozenset[Code] = frozenset()
    prefixes: tuple[Code, ...] = ()
    excluded: frozenset[Code] = frozenset()
    excluded_prefixes: tuple[Code, ...] = ()
    displays: tuple[tuple[Code, str], ...] = field(default=(), compare=False)
    local: tuple[Code, ...] = ()
    """Those of `codes` that a site added, in its order. They are read and asked for, never written."""

    def with_local(self, codes: tuple[Code, ...]) -> CodeSet:
        """The set with a site's own codes."""
        return replace(self, codes=self.codes | frozenset(codes), local=(*self.local, *codes))

    def holds(self, concept: Concept) -> bool:
        """True when any code of `concept` is in the set."""
        return any(self._holds_code(code) for code in concept.codes)

    def _holds_code(self, code: Code) -> bool:
        if code in self.excluded:
            return False
        if code in self.codes:
            return True
        return _begins(code, self.prefixes) and not _begins(code, self.excluded_prefixes)

    def __or__(self, other: CodeSet) -> CodeSet:
        """The union. Exclusions belong to their own set, so sets with exclusions must not be joined."""
        if self.excluded or other.excluded or self.excluded_prefixes or other.excluded_prefixes:
            raise ValueError(f"{self.name} or {other.name} has exclusions: ask each set by itself")
        return CodeSet(
            name=f"{self.name}|{other.name}",
            codes=self.codes | other.codes,
            prefixes=self.prefixes + other.prefixes,
            displays=self.displays + other.displays,
        )


class CodeSets(Mapping[str, CodeSet]):
    """Code sets by name, with an index from codes to the sets that hold them: a chart is asked by set very often.

    What is remembered of past questions is codes and set names, nothing of a patient, and is bounded.
    """

    def __init__(self, sets: Mapping[str, CodeSet]) -> None:
        self._sets = dict(sets)
        self._exact: dict[Code, set[str]] = {}
        for name, code_set in self._sets.items():
            for code in code_set.codes - code_set.excluded:
                self._exact.setdefault(code, set()).add(name)
        self._by_prefix = [name for name, code_set in self._sets.items() if code_set.prefixes]
        self.names_holding = lru_cache(maxsize=4096)(self._names_holding)

    def __getitem__(self, name: str) -> CodeSet:
        return self._sets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sets)

    def __len__(self) -> int:
        return len(self._sets)

    def named(self, name: str) -> SetName:
        """The name, once it is known to be one. Raises KeyError for any other."""
        if name not in self._sets:
            alike = get_close_matches(name, self._sets, n=1)
            raise KeyError(f"there is no code set {name!r}" + (f": {alike[0]!r} is meant?" if alike else ""))
        return SetName(name)

    def _names_holding(self, codes: frozenset[Code]) -> frozenset[str]:
        """Names of the sets that hold any of `codes`."""
        concept = Concept(codes)
        exact = (name for code in codes for name in self._exact.get(code, ()))
        return frozenset(exact) | {name for name in self._by_prefix if self._sets[name].holds(concept)}


def _begins(code: Code, prefixes: tuple[Code, ...]) -> bool:
    system, value = code
    return any(system == prefix_system and value.startswith(prefix) for prefix_system, prefix in prefixes)
