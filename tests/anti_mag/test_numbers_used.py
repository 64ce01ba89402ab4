"""The numbers that the rulebook prints for a rule are those that it uses: recorded, over every example and proof."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import pytest

from cds_service.knowledge.contract import HookCall, Thresholds
from docs.recording import READERS_OF_SCHEDULE, Reading, readings, whole
from fhir_examples.example import Json, load, names
from hooks.anti_mag import rules
from hooks.anti_mag.configuration import DEFAULT
from hooks.anti_mag.knowledge_data import PLANS, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from tests.anti_mag.test_every_rule import ALSO, OFFERS, PROOFS, Edit

ROWS = {key: THRESHOLDS.row(key) for key in THRESHOLDS}
PARTS = 24
"""The calls are many, and are judged in so many parts."""
NOT_SEEN_USED = {
    "G10b": {"schedule.fixed_doses", "schedule.fixed_interval"},
    "FL-1": {"igm.conflict.relative"},
    "FL-3": {"course.fixed_open"},
    "G4": {"igm.conflict.relative"},
    "HV-1": {"viscosity.water"},
    "TX-1": {"anti_mag.blot.weak", "palliative.procedure_age"},
    "TX-4": {"anti_mag.blot.weak", "palliative.procedure_age"},
    "WU-3": {"anti_mag.blot.weak"},
}
"""Numbers that no example and no proof leads to; the rules' own tests hold their boundaries."""


def edited(patient: str, name: str, edit: Edit | None) -> tuple[Json, object]:
    call = next(call for call in load(patient).calls if call.name == name)
    request = copy.deepcopy(load(patient).request(call))
    if edit is not None:
        edit(request)
    return request, call.as_of


def requests() -> Iterator[tuple[Json, object]]:
    for name in names():
        yield from (edited(name, call.name, None) for call in load(name).calls)
    for proof in PROOFS.values():
        yield from (edited(proof.patient, proof.call, edit) for edit in (proof.near_miss, proof.missing))
    yield from (edited(patient, call, edit) for _, patient, call, edit in ALSO.values())


@cache
def calls() -> tuple[HookCall, ...]:
    made = []
    for request, day in requests():
        offer = next(offer for offer in OFFERS.values() if offer.hook.name == request["hook"])
        made.append(offer.call(msgspec.json.encode(request), today=day, zone=UTC))  # type: ignore[arg-type]
    return tuple(call for call in made if call is not None)


@cache
def noted() -> tuple[dict[str, Reading], ...]:
    return tuple(readings(call) for call in calls())


@cache
def read() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """For each rule, the numbers that it asked for itself, and those that its parts and its cards asked for."""
    own: dict[str, set[str]] = defaultdict(set)
    by_parts: dict[str, set[str]] = defaultdict(set)
    for by_logic in noted():
        for logic, reading in by_logic.items():
            own[logic] |= reading.own
            by_parts[logic] |= reading.by_parts | reading.by_cards
    return own, by_parts


def picture(call: HookCall, thresholds: Thresholds) -> ClinicalPicture:
    return whole(picture_of(call, DEFAULT.codes, thresholds, DEFAULT.catalogue))


def held(changed: ClinicalPicture, like: ClinicalPicture) -> ClinicalPicture:
    """The changed picture with the state, the diagnosis and the severity of the other: their numbers are printed with
    the states, and every rule rests on them."""
    severity = like.disability
    disability = replace(changed.disability, severity=severity.severity, severity_is_old=severity.severity_is_old)
    return replace(changed, state=like.state, diagnosis=like.diagnosis, disability=disability)


def used(call: HookCall) -> set[tuple[str, str]]:
    """Rules, each with a number that is not printed with it and whose change changes its answer, its facts or what it
    misses."""
    before, seen = picture(call, THRESHOLDS), readings(call)
    found = set()
    for key, row in ROWS.items():
        asked = [
            logic
            for logic, reading in seen.items()
            if key in reading.own | reading.by_parts and key not in rules.BY_LOGIC[logic].thresholds
        ]
        for value in (Decimal(0), row.value + 1, row.value * 10) if asked else ():
            after = held(picture(call, Thresholds({**ROWS, key: replace(row, value=value)})), before)
            found |= {(logic, key) for logic in asked if rules.BY_LOGIC[logic](after) != seen[logic].finding}
    return found


@pytest.mark.parametrize("logic", rules.BY_LOGIC)
def test_a_number_that_a_rule_asks_for_is_printed_with_it(logic: str) -> None:
    own, _ = read()
    assert own[logic] - set(rules.BY_LOGIC[logic].thresholds) == set()


@pytest.mark.parametrize("logic", rules.BY_LOGIC)
def test_a_number_that_is_printed_with_a_rule_is_read_for_it(logic: str) -> None:
    own, by_parts = read()
    unread = set(rules.BY_LOGIC[logic].thresholds) - own[logic] - by_parts[logic]
    assert unread == NOT_SEEN_USED.get(logic, set())


@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(PARTS))
def test_a_number_that_changes_the_answer_is_printed_with_the_rule(part: int) -> None:
    assert set().union(*(used(call) for call in calls()[part::PARTS])) == set()


@pytest.mark.parametrize("logic", rules.BY_LOGIC)
def test_the_plans_that_are_printed_with_a_rule_are_those_that_it_and_its_cards_go_by(logic: str) -> None:
    own = {plan for by_logic in noted() for plan in by_logic[logic].plans}
    by_cards = {plan for by_logic in noted() for plan in by_logic[logic].plans_by_cards}
    printed = set(rules.BY_LOGIC[logic].schedule)
    assert own - printed == set()
    assert printed - own - by_cards == set()


def test_every_plan_is_printed_with_some_rule_and_read_where_it_is_recorded() -> None:
    assert set(PLANS) - {plan for rule in rules.BY_LOGIC.values() for plan in rule.schedule} == set()
    package = Path(rules.__file__).parents[1]
    reading = {path for path in package.rglob("*.py") if re.search(r"\bSCHEDULE\.", path.read_text(encoding="utf-8"))}
    assert reading == {Path(str(module.__file__)) for module in READERS_OF_SCHEDULE}


def test_every_number_is_printed_with_some_rule() -> None:
    assert set(THRESHOLDS) - {key for rule in rules.BY_LOGIC.values() for key in rule.thresholds} == set()
