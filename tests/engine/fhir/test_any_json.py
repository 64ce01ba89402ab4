"""Whatever an EHR sends: nothing raises, and the order of sending decides nothing."""

import json
import random
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.fhir.entries import contents_of
from cds_service.fhir.read import PatientNotRead, read_patient
from cds_service.record import PatientRecord
from tests.engine.fhir.charts import bundle, concept, condition, observation, raw, read, request, resource

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MEDICATION = {"resourceType": "Medication", "id": "med", "code": {"text": "Prednisone"}}
QUANTITY = {"value": 13, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL", "comparator": "<"}
DOSAGE = {"text": "x", "timing": {"event": ["2026-01-01"], "repeat": {"count": 1, "boundsPeriod": {"start": "2026"}}}}
VALID: list[dict[str, Any]] = [
    observation(
        valueQuantity=QUANTITY,
        referenceRange=[{"low": QUANTITY, "high": QUANTITY, "text": "1-2", "type": concept("normal"), "appliesTo": []}],
        interpretation=[concept("H")],
        method=concept("1"),
        performer=[{"reference": "Organization/1", "display": "Lab"}],
        meta={"versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"},
        issued="2026-01-01T00:00:00Z",
        component=[{"code": concept("2160-0"), "valueRatio": {"numerator": QUANTITY, "denominator": QUANTITY}}],
    ),
    observation("o-2", valueString="1:6400", effectivePeriod={"start": "2025", "end": "2025-02"}),
    observation("o-3", valueCodeableConcept=concept("1"), hasMember=[{"reference": "Observation/1"}]),
    condition(
        clinicalStatus=concept("active"),
        verificationStatus=concept("confirmed"),
        onsetPeriod={"start": "2020"},
        recordedDate="2020-01-01",
        onsetString="2020",
    ),
    request(
        medicationReference={"reference": "#m", "display": "x"},
        contained=[MEDICATION | {"id": "m", "ingredient": [{"itemCodeableConcept": concept("1"), "isActive": True}]}],
        dosageInstruction=[DOSAGE | {"doseAndRate": [{"doseQuantity": QUANTITY}]}],
        reasonCode=[concept("2")],
        reasonReference=[{"reference": "Condition/c-1"}],
        doNotPerform=False,
    ),
    request("m-2", medicationReference={"reference": "Medication/med"}),
    resource(
        "ServiceRequest", status="active", code=concept("1"), occurrenceTiming={"event": ["2026"]}, occurrencePeriod={}
    ),
    resource("MedicationAdministration", medicationCodeableConcept=concept("1"), dosage={"dose": QUANTITY}, status="x"),
    resource(
        "MedicationStatement", medicationCodeableConcept=concept("1"), effectivePeriod={"start": "2025"}, taken="y"
    ),
    resource("MedicationDispense", medicationCodeableConcept=concept("1"), whenHandedOver="2025", quantity=QUANTITY),
    resource("Procedure", code=concept("1"), status="completed", performedPeriod={"start": "2025", "end": "2025"}),
    resource("Immunization", vaccineCode=concept("1"), status="completed", occurrenceDateTime="2025"),
    resource("Goal", description=concept("1"), lifecycleStatus="active", startDate="2025", statusDate="2025-02"),
    resource("AllergyIntolerance", code=concept("1"), reaction=[{"substance": concept("1"), "severity": "mild"}]),
    MEDICATION,
]


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [prefix, *(path for name, part in inner for path in paths(part, (*prefix, name)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def contents(record: PatientRecord) -> dict[str, Any]:
    """The record without the order of its facts."""
    return {
        field.name: sorted(map(repr_of, value)) if isinstance(value, tuple) else value
        for field in fields(record)
        for value in [getattr(record, field.name)]
    }


def repr_of(fact: Any) -> str:
    """Text of a fact that does not depend on the order within its sets."""
    shown = fact
    names = [field.name for field in fields(fact)] if hasattr(fact, "__dataclass_fields__") else []
    if names:
        shown = [(name, repr_of(getattr(fact, name))) for name in names]
    elif isinstance(fact, frozenset):
        shown = sorted(map(repr_of, fact))
    elif isinstance(fact, tuple):
        shown = [repr_of(part) for part in fact]
    return repr(shown)


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_any_json_value_can_be_a_key_or_the_drafts(value: Any):
    record = read({"key": value}, drafts=value)
    assert record.knows("key") is (not [gap for gap in record.gaps if gap.key == "key"])


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
def test_any_json_value_can_be_the_patient(value: Any):
    for sent in (value, {"resourceType": "Patient", "id": "pt-1", "birthDate": value, "deceasedBoolean": value}):
        try:
            assert read_patient(raw(sent), "pt-1").id == "pt-1"
        except PatientNotRead:
            continue


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_member_of_a_bundle_can_be_anything(data: st.DataObject):
    whole = bundle(*VALID, total=len(VALID), link=[{"relation": "self"}])
    path = data.draw(st.sampled_from(paths(whole)))
    spoilt = replaced(whole, path, data.draw(ANYTHING))
    read({"key": spoilt}, drafts=spoilt)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_spoilt_resource_leaves_the_others_as_they_are(data: st.DataObject):
    victim = data.draw(st.sampled_from(range(len(VALID) - 1)))
    path = data.draw(st.sampled_from([path for path in paths(VALID[victim]) if path and path != ("id",)]))
    sent = replaced(VALID, (victim, *path), data.draw(ANYTHING))
    before = facts(read({"key": bundle(*VALID)}))
    after = facts(read({"key": bundle(*sent)}))
    touched = (f"{VALID[victim]['resourceType']}/{VALID[victim]['id']}", "MedicationRequest/m-1")
    assert [fact for fact in before if not fact[0].startswith(touched)] == [
        fact for fact in after if not fact[0].startswith(touched)
    ]


def facts(record: PatientRecord) -> list[tuple[str, str]]:
    groups: list[Callable[[PatientRecord], Any]] = [
        lambda r: r.results,
        lambda r: r.problems,
        lambda r: r.medicines,
        lambda r: r.procedures,
        lambda r: r.allergies,
        lambda r: r.immunizations,
        lambda r: r.goals,
        lambda r: r.orders,
    ]
    return sorted((fact.source, repr_of(fact)) for group in groups for fact in group(record))


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_entries_and_keys_decides_nothing(order: random.Random):
    newer = observation(meta={"versionId": "2"}, valueString="9 g/dL")
    spoilt = [condition("bad", subject=7), observation("tied", status="final"), observation("tied", status="amended")]
    entries = [*VALID, newer, *spoilt, observation("foreign", subject={"reference": "Patient/pt-2"})]
    expected = contents(read({"a": bundle(*entries), "b": bundle(newer)}, drafts=bundle(*entries)))
    shuffled = [*entries]
    order.shuffle(shuffled)
    again = read({"b": bundle(newer), "a": bundle(*shuffled)}, drafts=bundle(*shuffled))
    assert contents(again) == expected


def test_every_resource_of_these_tests_is_read_without_a_gap_when_nothing_is_spoilt():
    record = read({"key": bundle(*VALID)})
    assert {gap.note for gap in record.gaps} == {"valueRatio: it is no titre"}
    assert json.dumps(VALID)


def spoilt(members: str) -> bytes:
    """A Bundle of one Observation that has further members, in JSON."""
    sent = json.dumps(observation(valueQuantity=QUANTITY)).replace('"id"', f'{members}, "id"')
    return b'{"resourceType":"Bundle","entry":[{"resource":%s}]}' % sent.encode()


def test_a_number_of_thousands_of_digits_costs_itself_alone():
    (result,) = read({"key": spoilt(f'"x": {"9" * 5000}')}).results
    assert (result.caveat, result.received) == ("", "<13 g/dL")


def test_what_may_be_nested_too_deep_is_decoded_before_it_is_believed():
    (flat,) = contents_of("key", raw(spoilt(f'"x": {[0] * 2000}'))).entries
    (deep,) = contents_of("key", raw(spoilt(f'"x": {"[" * 750}{"]" * 750}'))).entries
    assert flat.is_surely_decodable
    assert not deep.is_surely_decodable


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"text": "negative", "coding": [{"system": "urn:x", "code": "NEG"}]}, "negative"),
        ({"coding": [{"system": "urn:x", "code": "NEG", "display": "Negative"}]}, "Negative"),
        ({"coding": [{"system": "urn:x", "code": "NEG"}]}, "NEG"),
        ({"coding": [{"system": "urn:x", "code": "NEG"}, {"code": "0"}]}, "NEG, 0"),
        ({"coding": [{"system": "urn:x"}]}, "{'coding': [{'system': 'urn:x'}]}"),
    ],
)
def test_a_coded_answer_is_shown_by_its_words_else_by_its_code(sent, shown):
    (result,) = read({"key": bundle(observation(valueCodeableConcept=sent))}).results
    assert result.received == shown
