"""What a prefetch key says about being whole, and whose resources are used."""

import json
from datetime import UTC, date
from typing import Any

import msgspec
import pytest

from cds_service.fhir.entries import MOST_ENTRIES
from cds_service.fhir.read import read_record
from cds_service.knowledge.contract import Vocabulary
from cds_service.record import GapReason, Patient
from tests.engine.fhir.charts import (
    ABSENT,
    CREATININE,
    LOINC,
    bundle,
    concept,
    condition,
    observation,
    one,
    read,
    reasons,
    request,
    resource,
)

WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
CAPITALS = {"resourceType": "OperationOutcome", "issue": [{"severity": "Warning"}]}
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}, {"severity": "error"}]}


def outcome(resource: dict[str, Any]) -> dict[str, Any]:
    return {"resource": resource, "search": {"mode": "outcome"}}


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"null",
        bundle(),
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": None},
        {"resourceType": "Bundle", "total": 0, "entry": [outcome(WARNING)]},
        {"resourceType": "Bundle", "total": 0, "entry": [outcome(CAPITALS)]},
        {"resourceType": "Bundle", "total": 1, "entry": [{"resource": WARNING, "search": {"mode": "match"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": WARNING}]},
        bundle(observation()),
        bundle(observation(), type="collection"),
        bundle(observation(), type=ABSENT),
        bundle(observation(), total=1, link=[{"relation": "self", "url": "x"}]),
        {"resourceType": "Bundle", "entry": {"resource": observation()}},
        observation(),
        bundle(observation(), {"resourceType": "Provenance", "id": "p"}),
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Basic"}, "search": {"mode": "include"}}]},
    ],
)
def test_a_key_sent_whole_is_known(value: Any):
    record = read({"key": value})
    assert record.knows("key")
    assert not record.gaps


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (ERROR, GapReason.KEY_FAILED),
        (WARNING, GapReason.KEY_FAILED),
        ("<html>", GapReason.KEY_UNREADABLE),
        ([observation()], GapReason.KEY_UNREADABLE),
        (7, GapReason.KEY_UNREADABLE),
        (True, GapReason.KEY_UNREADABLE),
        ({}, GapReason.KEY_UNREADABLE),
        ({"resourceType": "Patient", "id": "pt-1"}, GapReason.KEY_UNREADABLE),
        ({"resourceType": "Bundle", "entry": {"resource": 7}}, GapReason.RESOURCE_UNREADABLE),
        ({"resourceType": "Bundle", "entry": [None, {"fullUrl": "x"}]}, GapReason.RESOURCE_UNREADABLE),
        ({"resourceType": "Bundle", "entry": ["x"]}, GapReason.RESOURCE_UNREADABLE),
        (bundle(bundle()), GapReason.RESOURCE_UNREADABLE),
        (bundle({"resourceType": "MedicationOrder", "id": "1"}), GapReason.RESOURCE_UNREADABLE),
        (bundle(link=[{"relation": "next", "url": "x"}]), GapReason.KEY_INCOMPLETE),
        (bundle(link={"relation": "next", "url": "x"}), GapReason.KEY_INCOMPLETE),
        (bundle(observation(), total=2), GapReason.KEY_INCOMPLETE),
        (bundle(observation(), total="2"), GapReason.KEY_INCOMPLETE),
        ({"resourceType": "Bundle", "entry": [outcome(ERROR)]}, GapReason.KEY_INCOMPLETE),
        ({"resourceType": "Bundle", "total": 1, "entry": [outcome(WARNING)]}, GapReason.KEY_INCOMPLETE),
        (
            {"resourceType": "Bundle", "entry": [outcome({"resourceType": "OperationOutcome"})]},
            GapReason.KEY_INCOMPLETE,
        ),
        (b'{"resourceType": "Bundle", "entry": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", GapReason.KEY_UNREADABLE),
        (b'{"resourceType": "Bundle"', GapReason.KEY_UNREADABLE),
        (b'{"resourceType": "\xff"}', GapReason.KEY_UNREADABLE),
    ],
)
@pytest.mark.conformance("PF-06", "PF-08", "PF-11")
def test_any_other_key_is_a_gap_and_nothing_is_inferred_from_it(value: Any, reason: GapReason):
    record = read({"key": value})
    assert not record.knows("key")
    assert reason in reasons(record)
    assert {gap.key for gap in record.gaps} == {"key"}


def test_a_key_that_was_not_sent_is_a_gap():
    record = read({}, requested=["patient", "labs"])
    assert [(gap.reason, gap.key) for gap in record.gaps] == [(GapReason.KEY_ABSENT, "labs")]
    assert not record.knows("labs")


def test_a_key_that_was_not_asked_for_has_no_influence():
    record = read({"other": bundle(observation()), "labs": None}, requested=["labs"])
    assert record.known_keys == {"labs"}
    assert (record.results, record.gaps) == ((), ())


def test_what_an_incomplete_key_holds_is_used():
    record = read({"key": bundle(observation(), link=[{"relation": "next"}])})
    assert len(record.results) == 1


def test_included_resources_are_no_matches():
    entries = [
        {"resource": request(), "search": {"mode": "match"}},
        {"resource": {"resourceType": "Medication", "id": "1"}, "search": {"mode": "include"}},
    ]
    assert not read({"key": {"resourceType": "Bundle", "total": 2, "entry": entries}}).knows("key")
    assert read({"key": {"resourceType": "Bundle", "total": 1, "entry": entries}}).knows("key")


def test_one_bad_resource_costs_itself_and_the_inference_of_absence():
    record = one(observation("bad", subject=7), observation("good"))
    assert [result.source for result in record.results if not result.caveat] == ["Observation/good"]
    assert [result.source for result in record.results if result.caveat] == ["Observation/bad"]
    assert [(gap.reason, gap.source) for gap in record.gaps] == [(GapReason.RESOURCE_UNREADABLE, "Observation/bad")]
    assert not record.knows("key")


@pytest.mark.parametrize("spoilt", [{"code": 7}, {"code": {"coding": 7}}, {"code": {"coding": ["x"]}}])
def test_an_observation_whose_code_cannot_be_read_may_be_any(spoilt: dict[str, Any]):
    record = one(observation(code="0-0") | spoilt)
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE]
    assert not record.knows("key")


def test_an_observation_of_no_concern_is_skipped_however_spoilt_it_is():
    record = one(observation(code="0-0", subject=7, valueQuantity=9))
    assert record.results == ()
    assert record.gaps == ()
    assert record.knows("key")


def test_an_unreadable_resource_of_a_type_not_asked_for_leaves_the_key_known():
    templates = {"key": "Condition?patient={{context.patientId}}"}
    record = read({"key": bundle(condition(), observation(subject=7))}, requested=templates)
    assert record.knows("key")
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE]
    record = read({"key": bundle(condition(subject=7))}, requested=templates)
    assert not record.knows("key")


def test_a_key_filled_by_another_query_is_not_known():
    templates = {"key": "Condition?patient={{context.patientId}}"}
    for value in (observation(), bundle(observation())):
        record = read({"key": value}, requested=templates)
        assert reasons(record) == [GapReason.KEY_UNREADABLE]
        assert not record.knows("key")


@pytest.mark.parametrize("spoilt", [b"", b",5"])
def test_of_entries_without_end_the_first_are_read_and_the_key_counts_as_cut(spoilt: bytes):
    result = json.dumps({"resource": observation()}).encode()
    value = b'{"resourceType":"Bundle","entry":[' + result + b",{}" * MOST_ENTRIES + spoilt + b"]}"
    record = read({"key": value})
    assert [fact.source for fact in record.results] == ["Observation/o-1"]
    assert GapReason.KEY_INCOMPLETE in {gap.reason for gap in record.gaps}
    assert not record.knows("key")


def test_the_patient_key_is_left_to_its_own_reader():
    record = read({"patient": {"resourceType": "Patient", "id": "pt-1"}, "key": None})
    assert record.known_keys == {"patient", "key"}
    assert not record.gaps


OURS = ["Patient/pt-1", "https://ehr.test/fhir/Patient/pt-1", "Patient/pt-1/_history/2", "pt-1", "urn:uuid:pt-1"]
FOREIGN = ["Patient/pt-2", "https://ehr.test/fhir/Patient/pt-2", "Patient/pt-2/_history/pt-1", "Group/pt-1", "pt-2"]


@pytest.mark.parametrize("reference", OURS)
@pytest.mark.conformance("PF-13")
def test_every_way_to_name_the_patient_is_accepted(reference: str):
    assert one(observation(subject={"reference": reference})).results
    assert one(observation(subject=reference)).results


@pytest.mark.parametrize("subject", [ABSENT, None, {}, {"display": "Anna"}, {"identifier": {"value": "1"}}])
def test_a_resource_that_does_not_say_whose_it_is_is_accepted(subject: Any):
    assert one(observation(subject=subject)).results


@pytest.mark.parametrize("reference", FOREIGN)
@pytest.mark.parametrize("make", [observation, condition, request])
@pytest.mark.conformance("PF-12")
def test_a_resource_of_another_patient_is_refused(reference: str, make: Any):
    record = one(make("foreign", subject={"reference": reference}), make("ours"))
    sources = {fact.source for fact in (*record.results, *record.problems, *record.medicines, *record.orders)}
    assert {source.split("/")[1] for source in sources} == {"ours"}
    assert reasons(record) == [GapReason.WRONG_PATIENT]
    assert record.knows("key")


def test_an_allergy_of_another_patient_is_refused():
    record = one(resource("AllergyIntolerance", code={"text": "Latex"}, patient={"reference": "Patient/pt-2"}))
    assert not record.allergies
    assert reasons(record) == [GapReason.WRONG_PATIENT]


def test_a_list_that_is_wholly_another_patients_says_nothing_about_this_one():
    assert not one(condition(subject={"reference": "Patient/pt-2"})).knows("key")


def test_a_urn_subject_is_followed_within_the_bundle():
    def sent(patient_id: str) -> dict[str, Any]:
        patient = {"fullUrl": "urn:uuid:77", "resource": {"resourceType": "Patient", "id": patient_id}}
        entry = {"fullUrl": "urn:uuid:78", "resource": observation(subject={"reference": "urn:uuid:77"})}
        return {"resourceType": "Bundle", "type": "collection", "entry": [patient, entry]}

    assert read({"key": sent("pt-1")}).results
    assert reasons(read({"key": sent("pt-2")})) == [GapReason.WRONG_PATIENT]
    lost = one(observation(subject={"reference": "urn:uuid:99"}))
    assert reasons(lost) == [GapReason.RESOURCE_UNREADABLE]


def test_a_resource_under_two_keys_counts_once_and_spoils_both_when_it_is_spoilt():
    record = read({"a": bundle(observation()), "b": bundle(observation())})
    assert len(record.results) == 1
    assert record.knows("a", "b")
    record = read({"a": bundle(observation(subject=7)), "b": bundle(observation(subject=7))})
    assert not record.known_keys
    assert {gap.key for gap in record.gaps} == {"a", "b"}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"versionId": "9"}, {"versionId": "10"}),
        ({"lastUpdated": "2025-01-01T00:00:00Z"}, {"lastUpdated": "2025-01-01T00:00:00.5Z"}),
        ({}, {"versionId": "1"}),
        (7, {"versionId": "1"}),
    ],
)
def test_of_two_versions_the_newer_counts_whatever_their_order(older: Any, newer: Any):
    first = observation(meta=older, status="preliminary")
    second = observation(meta=newer, status="final")
    for sent in ([first, second], [second, first]):
        assert [result.status for result in one(*sent).results] == ["final"]


def test_the_record_is_the_same_whatever_the_order_of_the_entries():
    chart = [condition("c-1"), condition("c-2", onsetDateTime="2025-01-02"), observation("o-1"), observation("o-2")]
    assert one(*chart) == one(*reversed(chart))


def test_resources_without_an_id_are_each_their_own():
    assert len(one(observation(id=ABSENT), observation(id=ABSENT)).results) == 2


def test_a_full_url_names_a_resource_without_an_id():
    entry = {"fullUrl": "urn:uuid:5", "resource": observation(id=ABSENT)}
    assert read({"key": {"resourceType": "Bundle", "entry": [entry]}}).results[0].source == "urn:uuid:5"


def test_codes_under_a_variant_of_their_system_are_found():
    for system in ("urn:oid:2.16.840.1.113883.6.1", "http://loinc.org/"):
        record = one(observation() | {"code": concept("718-7", system)})
        assert (LOINC, "718-7") in record.results[0].concept.codes


def test_local_codes_beside_the_known_one_are_kept():
    coding = [{"system": "urn:lab", "code": 17, "display": "Hb"}, None, {}, {"system": LOINC, "code": " 718-7 "}]
    result = one(observation() | {"code": {"coding": coding}}).results[0]
    assert result.concept.codes == {("urn:lab", "17"), (LOINC, "718-7")}
    assert result.concept.text == "Hb"


def test_a_thousand_results_of_no_concern_leave_no_trace():
    many = [observation(f"o-{number}", "0-0") for number in range(999)]
    record = one(*many, observation("wanted", CREATININE))
    assert [result.source for result in record.results] == ["Observation/wanted"]
    assert len(json.dumps(many)) > 100_000


@pytest.mark.conformance("PF-15")
@pytest.mark.parametrize(
    ("matches", "members", "is_known"),
    [(3, {}, False), (2, {}, True), (4, {}, True), (3, {"total": 3}, True), (3, {"total": 9}, False)],
)
def test_a_list_that_is_just_full_may_be_cut_unless_it_says_how_long_it_is(matches, members, is_known) -> None:
    what = {"code": {"text": "Hiccups"}, "subject": {"reference": "Patient/pt-1"}}
    entries = [{"resource": {"resourceType": "Condition", "id": f"c{n}", **what}} for n in range(matches)]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}
    record = read_record(
        patient=Patient("pt-1"),
        prefetch={"conditions": msgspec.Raw(msgspec.json.encode(bundle))},
        requested={"conditions": "Condition?patient=pt-1&_count=3"},
        drafts=(),
        vocabulary=Vocabulary(frozenset()),
        today=date(2026, 1, 10),
        zone=UTC,
    )
    assert record.knows("conditions") is is_known
