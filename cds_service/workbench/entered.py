"""Facts that somebody enters on the page: they change the chart, as resources that an EHR would write.

They stand in a form as short texts, "glasses|3|2026-01-20"; what cannot be used of them is left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cds_service.knowledge.fields import Field
from cds_service.workbench.search import Json, entries_of, reference

MOST = 60
"""Facts, and orders, that are taken from one page."""
_NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?", re.ASCII)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with a value that fits it, and its day."""

    field: Field
    value: str
    on: date

    @property
    def name(self) -> str:
        """As it stands in an address."""
        return f"{self.field.id}|{self.value}|{self.on.isoformat()}"

    @property
    def words(self) -> str:
        """As the page says it."""
        said = dict(self.field.options).get(self.value, f"{self.value} {self.field.unit}")
        return f"{self.field.title}: {said}, {self.on.isoformat()}"


def facts_of(named: Sequence[str], fields: Iterable[Field], today: date) -> tuple[list[Fact], list[str]]:
    """The facts, and in words what could not be used. A day that is none is `today`."""
    known = {field.id: field for field in fields}
    facts: list[Fact] = []
    unused: list[str] = []
    for name in list(dict.fromkeys(named))[:MOST]:
        id, value, day = (*name.split("|"), "", "")[:3]
        field = known.get(id)
        if field is None or not value.strip():
            continue
        fitting = _fitting(field, value.strip())
        if fitting is None:
            unused.append(f"{field.title}: {value.strip()[:_LONGEST]!r} was not used, since it is no number")
        else:
            facts.append(Fact(field, fitting, _day(day) or today))
    return facts, unused


def _fitting(field: Field, value: str) -> str | None:
    if field.options:
        return value if value in dict(field.options) else None
    return number_of(value) or None


def number_of(text: str) -> str:
    """The number that was typed, with a point or a comma; "" for anything else."""
    number = text.replace(",", ".", 1)
    return number if _NUMBER.fullmatch(number) else ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2150 else None


def added_by(facts: Iterable[Fact], patient_id: str, bundle: Mapping[str, object]) -> list[Json]:
    """The entries that the facts add to a chart, under ids that it does not have."""
    taken = {reference(entry["resource"]) for entry in entries_of(bundle)}
    made: list[Json] = []
    number = 0
    for fact in facts:
        resource = dict(fact.field.write(fact.value, fact.on, f"Patient/{patient_id}"))
        number += 1
        while f"{resource['resourceType']}/entered-{number}" in taken:
            number += 1
        made.append({"resource": {"resourceType": resource["resourceType"], "id": f"entered-{number}", **resource}})
    return made


def changed(bundle: Mapping[str, object], added: Iterable[Json]) -> Json:
    """The chart with entries added to it."""
    listed = bundle.get("entry")
    return {**bundle, "entry": [*(listed if isinstance(listed, list) else ()), *added]}
