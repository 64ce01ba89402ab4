"""What a rule reads is asked for at every hook where it is heard; every module of rules and cards is in use."""

from __future__ import annotations

import ast
from collections import defaultdict
from datetime import UTC
from functools import cache
from string import digits

import msgspec
import pytest

from cds_service.knowledge.contract import Finding
from fhir_examples.build import every_call
from fhir_examples.example import Json
from hooks.anti_mag import rules
from hooks.anti_mag.advice import picture_for
from hooks.anti_mag.configuration import DEFAULT
from hooks.anti_mag.services import SERVICES
from hooks.anti_mag.topics import TOPICS
from tests.anti_mag.test_every_rule import OFFERS
from tests.architecture.test_wall import ROOT

FOLDER = ROOT / "hooks" / "anti_mag"


def findings(request: Json, day: object) -> dict[str, Finding]:
    offer = next(offer for offer in OFFERS.values() if offer.hook.name == request["hook"])
    call = offer.call(msgspec.json.encode(request), today=day, zone=UTC)  # type: ignore[arg-type]
    assert call is not None
    picture = picture_for(call, DEFAULT)
    return {logic: rule(picture) for logic, rule in rules.BY_LOGIC.items()}


@cache
def keys_read() -> dict[str, set[str]]:
    """For each rule, the prefetch keys without which it answers otherwise, over the short examples of an open chart."""
    found: dict[str, set[str]] = defaultdict(set)
    for example, call in every_call():
        if example.is_long or call.hook != "patient-view":
            continue
        request = example.request(call)
        whole = findings(request, call.as_of)
        for key in [key for key in request["prefetch"] if key != "patient"]:
            rest = {name: value for name, value in request["prefetch"].items() if name != key}
            fewer = findings({**request, "prefetch": rest}, call.as_of)
            for logic, answer in whole.items():
                if fewer[logic] != answer:
                    found[logic].add(key)
    return found


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.hook)
def test_what_a_rule_reads_is_asked_for_where_it_is_heard(service) -> None:
    asked = {key.rstrip(digits) for key in service.prefetch}
    heard = [logic for logic, rule in rules.BY_LOGIC.items() if service.hook in rule.hooks]
    assert {(logic, key) for logic in heard for key in keys_read()[logic] - asked} == set()


def names_of(folder: str, having: str = "") -> set[str]:
    """The modules of a folder, or those that define a function of that name."""
    found = set()
    for path in (FOLDER / folder).glob("[!_]*.py"):
        functions = {item.name for item in ast.parse(path.read_text()).body if isinstance(item, ast.FunctionDef)}
        found |= {path.stem} if not having or having in functions else set()
    return found


def test_every_module_of_rules_is_imported() -> None:
    assert names_of("rules") == set(rules.__all__) - {"BY_LOGIC"}


def test_every_card_module_belongs_to_a_topic() -> None:
    assert names_of("cards", having="card") == {name for topic in TOPICS.values() for name in topic.modules}
