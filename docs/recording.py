"""What a rule reads while it answers, and its cards while they say it: the parts of the picture, the check-up plans,
and the numbers, those included that its parts were made with. The tests compare it with what the rulebook prints;
RULES.md names the modules.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from cds_service.knowledge.contract import Finding, HookCall, Thresholds
from hooks.anti_mag import check_ups, rules
from hooks.anti_mag.advice import CARD_MODULES
from hooks.anti_mag.cards import response_review
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.cards.gives_way import said_on
from hooks.anti_mag.configuration import DEFAULT
from hooks.anti_mag.knowledge_data import SCHEDULE
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of

PICTURE = "hooks.anti_mag.picture."
READERS_OF_SCHEDULE = (check_ups, response_review)
"""All modules that read the check-up plans; `tests/anti_mag/test_numbers_used.py` holds that there are no more."""
BUILT_FROM: Mapping[str, tuple[str, ...]] = {
    "work_up": ("diagnosis", "disability", "immunoglobulin", "hepatitis_b"),
    "hyperviscosity": ("immunoglobulin",),
    "response": ("immunoglobulin", "disability", "treatment"),
    "supportive_care": ("disability",),
    "red_flags": ("disability",),
}
"""Modules whose parts a part is built from (`picture.build`)."""


class RecordingThresholds(Thresholds):
    """Thresholds that note which of them are read, and on whose way: the modules of the picture that were at work.

    A row that is only printed, as cards print those of their rules, is not read.
    """

    def __init__(self, thresholds: Thresholds) -> None:
        super().__init__({key: thresholds.row(key) for key in thresholds})
        self.read: dict[str, set[str]] = defaultdict(set)

    def __getitem__(self, key: str) -> Decimal:
        self._note(key)
        return super().__getitem__(key)

    def days(self, key: str) -> int:
        self._note(key)
        return super().days(key)

    def _note(self, key: str) -> None:
        self.read[key] |= {name.removeprefix(PICTURE) for name in _modules_at_work() if name.startswith(PICTURE)}


def _modules_at_work() -> Iterator[str]:
    frame = sys._getframe(2)
    while frame is not None:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back  # type: ignore[assignment]


class WatchedPicture:
    """A picture that notes which of its parts are asked for."""

    def __init__(self, picture: ClinicalPicture) -> None:
        self._picture = picture
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- it stands for whatever the picture has
        self.asked.add(name)
        return getattr(self._picture, name)

    def modules(self) -> set[str]:
        """The modules that made the parts asked for."""
        found = {type(getattr(self._picture, name)).__module__ for name in self.asked}
        direct = {name.removeprefix(PICTURE) for name in found if name.startswith(PICTURE)}
        return direct | {name for part in direct for name in BUILT_FROM.get(part, ())}


class WatchedSchedule:
    """The check-up plans, which notes which of them are asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- as the schedule has it
        self.asked.add(name)
        return getattr(SCHEDULE, name)


@contextmanager
def schedule_watched() -> Iterator[WatchedSchedule]:
    """Puts it in the place of the schedule, wherever one is read."""
    watched = WatchedSchedule()
    for module in READERS_OF_SCHEDULE:
        module.SCHEDULE = watched  # type: ignore[attr-defined]
    try:
        yield watched
    finally:
        for module in READERS_OF_SCHEDULE:
            module.SCHEDULE = SCHEDULE  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one rule read in one call."""

    finding: Finding
    modules: frozenset[str]
    """Modules of the picture that made what it asked for, or that it went through itself."""
    own: frozenset[str]
    """Numbers that it asked for itself."""
    by_parts: frozenset[str]
    """Numbers that the parts which it asked for were made with."""
    by_cards: frozenset[str] = frozenset()
    """Numbers that the cards which say it asked for, themselves or by their parts."""
    plans: frozenset[str] = frozenset()
    """Check-up plans that it asked for itself."""
    plans_by_cards: frozenset[str] = frozenset()
    """Check-up plans that the cards which say it asked for."""


def whole(picture: ClinicalPicture) -> ClinicalPicture:
    """The picture with all its parts made."""
    made = ClinicalPicture(**{part.name: getattr(picture, part.name) for part in fields(ClinicalPicture)})
    len(made.igm.values)  # They are read as far as somebody asks.
    return made


def readings(call: HookCall) -> dict[str, Reading]:
    """What every rule reads in a call, heard at its hook or not, by logic id."""
    with schedule_watched() as schedule:
        return _readings(call, schedule)


def _readings(call: HookCall, schedule: WatchedSchedule) -> dict[str, Reading]:
    thresholds = RecordingThresholds(DEFAULT.thresholds)
    thresholds.read.clear()
    picture = whole(picture_of(DEFAULT.joined(call), DEFAULT.codes, thresholds, DEFAULT.catalogue))
    made_with = {key: set(modules) for key, modules in thresholds.read.items()}
    found = {}
    answers: dict[str, Answer] = {}
    for logic, rule in rules.BY_LOGIC.items():
        thresholds.read.clear()
        schedule.asked.clear()
        watched = WatchedPicture(picture)
        finding = rule(watched)  # type: ignore[arg-type]
        parts = watched.modules()
        found[logic] = Reading(
            finding,
            frozenset(parts | {module for modules in thresholds.read.values() for module in modules}),
            frozenset(thresholds.read),
            frozenset(key for key, modules in made_with.items() if modules & parts),
            plans=frozenset(schedule.asked),
        )
        answers[logic] = Answer(rule, finding)
    for topic, _, module in CARD_MODULES:
        thresholds.read.clear()
        schedule.asked.clear()
        watched = WatchedPicture(picture)
        card = module(watched, said_on(topic, picture, answers))  # type: ignore[arg-type]
        said = {note.logic for note in card.explanation.findings} if card else set()
        parts = watched.modules()
        read = {*thresholds.read, *(key for key, modules in made_with.items() if modules & parts)}
        for logic in said:
            before = found[logic]
            plans = before.plans_by_cards | schedule.asked
            found[logic] = replace(before, by_cards=before.by_cards | read, plans_by_cards=plans)
    return found
