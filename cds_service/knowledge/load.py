"""Knowledge data (TOML) into frozen, typed values.

Decides what a well-formed evidence, threshold, schedule or code file is: every field has its type, no field is unknown,
every number has an origin. A fault names file, row and field. What the data mean is left to the package they belong to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

from cds_service.codes import Code, CodeSet
from cds_service.knowledge.contract import Evidence, KnowledgeBroken, Mark, Threshold, Thresholds

MARKS = ("V", "P", "K", "D")
COMPARATORS = ("", "=", "<", "≤", ">", "≥")

Kind = TypeVar("Kind")


class DataFile(NamedTuple):
    """The text of a data file, and its name for messages."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """A row of whole numbers that belong together, such as the weeks of a check-up plan."""

    id: str
    values: tuple[int, ...]
    unit: str
    mark: Mark
    cites: tuple[str, ...]
    why: str


def load_evidence(file: DataFile) -> dict[str, Evidence]:
    """Sources by key. An address is https and specific, or ""."""
    return {row.name: _evidence(row) for row in _rows(file)}


def _evidence(row: _Row) -> Evidence:
    made = Evidence(
        key=row.name,
        citation=row.text("citation"),
        year=row.text("year", may_be_empty=True),
        kind=row.text("kind"),
        url=row.text("url", may_be_empty=True),
        checked=row.text("checked"),
        label=row.text("label"),
    )
    if made.url and not made.url.startswith("https://"):
        row.fault("url", f"not an https address: {made.url}")
    row.finish()
    return made


def load_thresholds(file: DataFile, evidence: Mapping[str, Evidence]) -> Thresholds:
    """Numbers by id; V and P rows cite evidence, and a number that a site may change has bounds that hold it."""
    return Thresholds({row.name: _threshold(row, evidence) for row in _rows(file)})


def _threshold(row: _Row, evidence: Mapping[str, Evidence]) -> Threshold:
    mark, cites, why = _origin(row, evidence)
    made = Threshold(
        id=row.name,
        value=row.number("value"),
        unit=row.text("unit"),
        comparator=row.one_of("comparator", COMPARATORS),
        since=row.day("since"),
        mark=mark,
        cites=cites,
        why=why,
        site_may_change=row.flag("site_may_change"),
        bounds=row.bounds(),
    )
    if made.site_may_change and made.bounds is None:
        row.fault("bounds", "missing, and a site may change this number")
    if made.bounds and not made.site_may_change:
        row.fault("bounds", "given, but a site may not change this number")
    if made.bounds and not made.bounds[0] <= made.value <= made.bounds[1]:
        row.fault("value", f"{made.value} is outside the bounds")
    row.finish()
    return made


def load_series(file: DataFile, evidence: Mapping[str, Evidence]) -> dict[str, Series]:
    """Rising rows of whole numbers by id."""
    made = {}
    for row in _rows(file):
        mark, cites, why = _origin(row, evidence)
        made[row.name] = Series(row.name, row.rising("values"), row.text("unit"), mark, cites, why)
        row.finish()
    return made


def _origin(row: _Row, evidence: Mapping[str, Evidence]) -> tuple[Mark, tuple[str, ...], str]:
    """Mark, citations and reason, which together say where a number comes from."""
    mark = cast(Mark, row.one_of("mark", MARKS))
    cites = row.texts("cites")
    for key in cites:
        if key not in evidence:
            row.fault("cites", f"{key} is not in the evidence table")
    if mark in ("V", "P") and not cites:
        row.fault("cites", f"a number marked {mark} cites its source")
    return mark, cites, row.text("why")


def load_code_sets(file: DataFile, supplements: Sequence[DataFile] = ()) -> dict[str, CodeSet]:
    """Code sets by name. A supplement adds codes that are read but never written to sets that `file` declares."""
    systems, concepts = _code_rows(file)
    sets = {row.name: _code_set(row, systems) for row in concepts}
    for supplement in supplements:
        more_systems, more_concepts = _code_rows(supplement)
        for row in more_concepts:
            if row.name not in sets:
                row.fault("codes", f"the concept is not declared in {file.name}")
            codes = frozenset(code for code, _ in row.codes("codes", more_systems))
            row.finish()
            sets[row.name] = _with_codes(sets[row.name], codes)
    return sets


def _code_rows(file: DataFile) -> tuple[dict[str, str], list[_Row]]:
    """The systems by short name, and the concepts; their `verified_in` is checked here."""
    top = _Row(file.name, "top level", _parsed(file))
    systems, sources = top.pairs("systems"), top.pairs("sources")
    concepts = [_Row(file.name, name, body) for name, body in top.table("concepts").items()]
    top.finish()
    for row in concepts:
        keys = row.texts("verified_in")
        if not keys and row.codes("codes", systems):
            row.fault("verified_in", "empty")
        for key in keys:
            if key not in sources:
                row.fault("verified_in", f"{key} is not among the sources")
    return systems, concepts


def _code_set(row: _Row, systems: Mapping[str, str]) -> CodeSet:
    written = row.codes("codes", systems)
    retired = row.codes("retired", systems, may_be_absent=True)
    made = CodeSet(
        name=row.name,
        codes=frozenset(code for code, _ in (*written, *retired)),
        prefixes=tuple(code for code, _ in row.codes("prefixes", systems, may_be_absent=True)),
        excluded=frozenset(code for code, _ in row.codes("excluded", systems, may_be_absent=True)),
        excluded_prefixes=tuple(code for code, _ in row.codes("excluded_prefixes", systems, may_be_absent=True)),
        displays=tuple((code, display) for code, display in written if display),
    )
    if made.codes & made.excluded:
        row.fault("excluded", f"also among the codes: {sorted(made.codes & made.excluded)}")
    row.finish()
    return made


def _with_codes(known: CodeSet, more: frozenset[Code]) -> CodeSet:
    return CodeSet(
        name=known.name,
        codes=known.codes | more,
        prefixes=known.prefixes,
        excluded=known.excluded,
        excluded_prefixes=known.excluded_prefixes,
        displays=known.displays,
    )


def _parsed(file: DataFile) -> dict[str, Any]:
    try:
        return tomllib.loads(file.text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeBroken(f"{file.name}: not TOML: {error}") from error


def _rows(file: DataFile) -> list[_Row]:
    return [_Row(file.name, name, body) for name, body in _parsed(file).items()]


class _Row:
    """One table of a data file, read field by field; what was not asked for is a fault."""

    def __init__(self, file: str, name: str, body: object) -> None:
        self.name = name
        self._file = file
        self._asked: set[str] = set()
        self._body: dict[str, Any] = body if isinstance(body, dict) else self.fault("(row)", "not a table")

    def fault(self, field: str, what: str) -> NoReturn:
        raise KnowledgeBroken(f"{self._file}: {self.name}: {field}: {what}")

    def finish(self) -> None:
        for field in self._body:
            if field not in self._asked:
                self.fault(field, "unknown field")

    def _take(self, field: str, kind: type[Kind], named: str) -> Kind:
        self._asked.add(field)
        if field not in self._body:
            self.fault(field, "missing")
        value: object = self._body[field]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(field, f"not {named}")
        return value

    def text(self, field: str, *, may_be_empty: bool = False) -> str:
        value = self._take(field, str, "a text")
        if not (value.strip() or may_be_empty):
            self.fault(field, "empty")
        return value

    def one_of(self, field: str, allowed: Sequence[str]) -> str:
        value = self.text(field, may_be_empty="" in allowed)
        if value not in allowed:
            self.fault(field, f"{value!r} is none of {', '.join(filter(None, allowed))}")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        values = self._take(field, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            self.fault(field, "not a list of texts")
        return tuple(values)

    def number(self, field: str) -> Decimal:
        return self._finite(field, self._take(field, object, "a number"))

    def _finite(self, field: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not Decimal(value).is_finite():
            self.fault(field, "not a number")
        return Decimal(value)

    def bounds(self) -> tuple[Decimal, Decimal] | None:
        if "bounds" not in self._body:
            return None
        values = [self._finite("bounds", value) for value in self._take("bounds", list, "a pair of numbers")]
        if len(values) != 2 or values[0] > values[1]:
            self.fault("bounds", "not a pair of numbers, the lower first")
        return values[0], values[1]

    def rising(self, field: str) -> tuple[int, ...]:
        values = self._take(field, list, "a list of whole numbers")
        if not values or not all(type(value) is int for value in values):
            self.fault(field, "not a list of whole numbers")
        if values != sorted(set(values)):
            self.fault(field, "not rising")
        return tuple(values)

    def flag(self, field: str) -> bool:
        return self._take(field, bool, "true or false")

    def day(self, field: str) -> date:
        value = self._take(field, date, "a date")
        return self.fault(field, "a time, not a date") if isinstance(value, datetime) else value

    def table(self, field: str) -> dict[str, Any]:
        return self._take(field, dict, "a table")

    def pairs(self, field: str) -> dict[str, str]:
        values = self.table(field)
        for key, value in values.items():
            if not isinstance(value, str) or not value.strip():
                self.fault(f"{field}.{key}", "not a text")
        return values

    def codes(self, field: str, systems: Mapping[str, str], *, may_be_absent: bool = False) -> list[tuple[Code, str]]:
        """Rows of [system, code, display] as ((system URI, code), display)."""
        if may_be_absent and field not in self._body:
            return []
        made = []
        for entry in self._take(field, list, "a list of [system, code, display]"):
            if not (isinstance(entry, list) and len(entry) == 3 and all(isinstance(part, str) for part in entry)):
                self.fault(field, f"not [system, code, display]: {entry}")
            system, code, display = entry
            if system not in systems:
                self.fault(field, f"the system {system!r} is not declared")
            if not code or code != code.strip():
                self.fault(field, f"not a code: {code!r}")
            made.append(((systems[system], code), display))
        if len({code for code, _ in made}) != len(made):
            self.fault(field, "a code stands there twice")
        return made
