"""Loads the example patients from their folders.

A folder holds `story.md`, `bundle.json` (the chart), `calls.json` (the hook calls) and, for each call, the finished
request `<call>.json`, `expected-<call>.json` (by hand, from the decision logic) and `cards-<call>.json` (whole cards,
reviewed).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One hook call for a patient, as of a fixed day."""

    name: str
    hook: str
    as_of: date
    context: Mapping[str, Any]
    known: frozenset[str] | None
    """Prefetch keys that the EHR answers; None means all that the service asks for."""
    fhir_server: str | None = None
    failing: frozenset[str] = frozenset()
    """Prefetch keys whose search fails: the EHR sends an OperationOutcome in their place."""


@dataclass(frozen=True, slots=True)
class Example:
    """One patient: the story's title, the chart as a FHIR Bundle, the calls."""

    name: str
    title: str
    bundle: Mapping[str, Any]
    calls: tuple[Call, ...]
    root: Path = FOLDER
    """The folder that holds the example's own."""

    @property
    def folder(self) -> Path:
        """Where the example's files are."""
        return self.root / self.name

    @property
    def is_long(self) -> bool:
        """A chart of decades: its files are stored without indentation."""
        return len(self.bundle["entry"]) >= 1000

    @property
    def patient(self) -> Json:
        """The Patient resource; every chart has exactly one."""
        (found,) = (item for item in resources(self.bundle) if item["resourceType"] == "Patient")
        return found

    @property
    def story(self) -> str:
        """Who the patient is and what happens, in Markdown, without the title; "" where nobody wrote it."""
        story = self.folder / "story.md"
        return story.read_text(encoding="utf-8").partition("\n")[2].strip() if story.is_file() else ""

    def expected(self, call: Call) -> list[Json]:
        """What the decision logic demands of a call: `{topic, indicator, rules, rests_on}` a card, in order."""
        return _list(self.folder / f"expected-{call.name}.json")

    def cards(self, call: Call) -> list[Json]:
        """The whole cards of a call as of its day, without uuids."""
        return _list(self.folder / f"cards-{call.name}.json")

    def request(self, call: Call) -> Json:
        """The finished request of a call as of its day."""
        return _object(self.folder / f"{call.name}.json")


def names(root: Path = FOLDER) -> list[str]:
    """The names of all examples, in alphabetical order."""
    return sorted(folder.parent.name for folder in root.glob("*/bundle.json"))


def load(name: str, root: Path = FOLDER) -> Example:
    """The example of that name. Raises KeyError for a name that is not in `names()`."""
    folder = root / name
    if name not in names(root):
        raise KeyError(name)
    story = folder / "story.md"
    first_line = story.read_text(encoding="utf-8").splitlines()[0] if story.is_file() else name
    calls = tuple(_call(item) for item in _list(folder / "calls.json"))
    return Example(name, first_line.removeprefix("# "), _object(folder / "bundle.json"), calls, root)


def resources(bundle: Mapping[str, Any]) -> list[Json]:
    """The resources of a Bundle, in its order."""
    return [entry["resource"] for entry in bundle.get("entry", ())]


def _call(item: Json) -> Call:
    return Call(
        name=item["name"],
        hook=item["hook"],
        as_of=date.fromisoformat(item["asOf"]),
        context=item["context"],
        known=None if item["known"] == "all" else frozenset(item["known"]),
        fhir_server=item.get("fhirServer"),
        failing=frozenset(item.get("failing", ())),
    )


def _object(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def _list(path: Path) -> list[Json]:
    found: list[Json] = json.loads(path.read_text(encoding="utf-8"))
    return found
