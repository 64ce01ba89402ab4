"""The charts are valid FHIR R4, use codes that this project verified, and hold together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.codes import Concept
from fhir_examples.example import Example, load, names, resources
from hooks.anti_mag.knowledge_data import CODES
from tests.examples.bindings import is_bound, unchecked, walk

EXAMPLES = [load(name) for name in names()]
NOT_R4_ON_PURPOSE = {"public_sandbox_drafts"}
DATED_TOMORROW_ON_PURPOSE = {("two_laboratories", "2026-05-13")}

NOISE = {
    ("http://hl7.org/fhir/sid/icd-10-cm", "I10"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
    ("http://hl7.org/fhir/sid/icd-10", "I10"),
    ("http://loinc.org", "2345-7"),
    ("http://loinc.org", "2951-2"),
    ("http://loinc.org", "2823-3"),
    ("http://loinc.org", "2160-0"),
    ("http://loinc.org", "14682-9"),
    ("http://loinc.org", "2458-8"),
}
"""Codes of everyday findings that no rule asks about."""

CLINICAL_SYSTEMS = {
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10",
    "http://www.whocc.no/atc",
    "https://www.orpha.net",
    "urn:anti-mag-cds:assessment",
}


def every_example() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def drafts(example: Example) -> Iterator[dict[str, Any]]:
    """What the contexts of the calls hold: drafts, visits, new problems and allergies."""
    for call in example.calls:
        for held in call.context.values():
            if isinstance(held, dict):
                yield from resources(held) if held["resourceType"] == "Bundle" else [held]


def members(example: Example) -> Iterator[tuple[str, Any]]:
    for resource in [*resources(example.bundle), *drafts(example)]:
        yield from walk(resource, resource["resourceType"])


def codings(example: Example) -> Iterator[dict[str, Any]]:
    for path, value in members(example):
        if path.endswith(".coding") and isinstance(value, dict):
            yield value


def test_there_are_at_least_forty_patients() -> None:
    assert len(EXAMPLES) >= 40


@every_example()
def test_the_chart_is_valid_r4(example: Example) -> None:
    get_fhir_model_class("Bundle").model_validate(dict(example.bundle))
    for resource in resources(example.bundle):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("name", [name for name in names() if name not in NOT_R4_ON_PURPOSE])
def test_the_drafts_are_valid_r4(name: str) -> None:
    for resource in drafts(load(name)):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@every_example()
def test_codes_with_a_required_binding_are_in_it(example: Example) -> None:
    for path, value in [*members(example), *walk(dict(example.bundle), "Bundle")]:
        assert is_bound(path, value), path


@every_example()
def test_every_code_element_of_a_chart_is_checked_against_a_binding(example: Example) -> None:
    for resource in resources(example.bundle):
        assert unchecked(resource) == set()


@every_example()
def test_ids_match_fhir_and_are_unique(example: Example) -> None:
    ids = [(resource["resourceType"], resource["id"]) for resource in resources(example.bundle)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", identity) for _, identity in ids)
    assert [entry["fullUrl"].rsplit("/", 2)[-2:] for entry in example.bundle["entry"]] == [list(pair) for pair in ids]


@every_example()
def test_references_resolve_within_the_chart(example: Example) -> None:
    known = {f"{resource['resourceType']}/{resource['id']}" for resource in resources(example.bundle)}
    references = {value for path, value in members(example) if path.endswith(".reference")}
    assert references <= known
    assert all(call.context["patientId"] == example.patient["id"] for call in example.calls)


@every_example()
def test_clinical_codes_are_ours_or_named_as_noise(example: Example) -> None:
    for coding in codings(example):
        system, code = coding["system"], coding["code"]
        if system not in CLINICAL_SYSTEMS or (system, code) in NOISE:
            continue
        concept = Concept(frozenset({(system, code)}))
        holders = [name for name, codes in CODES.items() if codes.holds(concept)]
        is_value = system == "urn:anti-mag-cds:assessment"
        assert holders or is_value, f"{system} {code}"


@every_example()
def test_days_are_whole_and_none_lies_after_the_example(example: Example) -> None:
    as_of = max(call.as_of for call in example.calls)
    for path, value in members(example):
        member = path.rsplit(".", 1)[-1]
        if member not in ("birthDate", "issued", "onsetDateTime", "effectiveDateTime", "recordedDate", "authoredOn",
                          "performedDateTime"):  # fmt: skip
            continue
        assert re.match(r"\d{4}-\d{2}-\d{2}(T|$)", value), f"{path}: {value}"
        is_meant = (example.name, value[:10]) in DATED_TOMORROW_ON_PURPOSE
        assert is_meant or date.fromisoformat(value[:10]) <= as_of, f"{path}: {value}"
        assert date.fromisoformat(value[:10]) >= date.fromisoformat(example.patient.get("birthDate", "1900-01-01"))


@every_example()
def test_the_story_has_a_title_and_names_every_call(example: Example) -> None:
    story = (example.folder / "story.md").read_text(encoding="utf-8")
    assert story.startswith("# ")
    assert all(re.search(rf"\b{call.name}\b", story) for call in example.calls)


def test_no_two_patients_share_an_id_or_a_name() -> None:
    people = [(example.patient["id"], json.dumps(example.patient["name"])) for example in EXAMPLES]
    assert len({identity for identity, _ in people}) == len({name for _, name in people}) == len(people)
