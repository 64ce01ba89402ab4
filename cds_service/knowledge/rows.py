"""One table of a knowledge data file (TOML), read field by field.

Decides that every field has its type and that no field is unknown; a fault names file, row and field. Which fields a
row has is left to `cds_service.knowledge.load` and `load_manual`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn, TypeVar

from cds_service.codes import Code
from cds_service.knowledge.contract import KnowledgeBroken

Kind = TypeVar("Kind")


class DataFile(NamedTuple):
    """The text of a data file, and its name for messages."""

    name: str
    text: str


def _parsed(file: DataFile) -> dict[str, Any]:
    try:
        return tomllib.loads(file.text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeBroken(f"{file.name}: not TOML: {error}") from error


def rows_of(file: DataFile) -> list[Row]:
    """Every table of a file; raises `KnowledgeBroken` for what is no TOML."""
    return [Row(file.name, name, body) for name, body in _parsed(file).items()]


def each(rows: Iterable[Row], make: Callable[[Row], Kind]) -> dict[str, Kind]:
    """What `make` makes of every row, by name. Raises `KnowledgeBroken` with each broken row's fault, one a line."""
    made, faults = {}, []
    for row in rows:
        try:
            made[row.name] = make(row)
        except KnowledgeBroken as broken:
            faults.append(str(broken))
    if faults:
        raise KnowledgeBroken("\n".join(faults))
    return made


def tables_of(file: DataFile) -> Row:
    """The file itself as one row, for files that hold several tables."""
    return Row(file.name, "top level", _parsed(file))


class Row:
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

    def has(self, field: str) -> bool:
        """The field is there; for those that a row may leave out."""
        return field in self._body

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

    def cites(self, evidence: Container[str], field: str = "cites") -> tuple[str, ...]:
        """Keys of the evidence table; any other is a fault."""
        keys = self.texts(field)
        for key in keys:
            if key not in evidence:
                self.fault(field, f"{key} is not in the evidence table")
        return keys

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Every field of a table that holds lists of texts and nothing else."""
        return {field: self.texts(field) for field in self._body}

    def fields(self) -> tuple[str, ...]:
        """The names of its fields, for a table that may hold any."""
        return tuple(self._body)

    def all_pairs(self) -> dict[str, str]:
        """Every field of a table that holds texts and nothing else."""
        return {field: self.text(field) for field in self._body}

    def rows(self) -> dict[str, Row]:
        """Every field of a table that holds tables and nothing else."""
        return {field: self.row(field) for field in self._body}

    def pattern(self, field: str) -> re.Pattern[str]:
        """A regular expression that finds names in lower-case text."""
        text = self.text(field)
        try:
            return re.compile(text)
        except re.error as error:
            return self.fault(field, f"no pattern: {error}")

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

    def row(self, field: str) -> Row:
        """A table within this one, to be read and finished like it."""
        return Row(self._file, f"{self.name}.{field}", self._take(field, dict, "a table"))

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
