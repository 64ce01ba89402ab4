"""What the door answers, row by row and in its order."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import (
    ABSENT,
    PATIENT,
    bundle,
    call,
    cards,
    draft,
    haemoglobin,
    issues,
    numbers,
    orders,
    post,
    strict,
    topics,
)


@pytest.mark.parametrize(
    "path", ["/elsewhere", "/cds-services/hiccup", "/cds-services/hiccups-patient-view/x", "/%00", "/é"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.conformance("RQ-01", "ST-09")
def test_an_unknown_path_or_service_is_a_404_for_every_method(client: FlaskClient, path: str, method: str) -> None:
    assert numbers(client.open(path, method=method), 404) == ["CDS-101"]


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/cds-services/hiccups-patient-view", "GET", "POST"),
        ("/cds-services/hiccups-patient-view", "PUT", "POST"),
        ("/cds-services", "POST", "GET"),
        ("/", "DELETE", "GET"),
    ],
)
@pytest.mark.conformance("DI-13", "RQ-01", "ST-05")
def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    client: FlaskClient, path: str, method: str, allowed: str
) -> None:
    response = client.open(path, method=method)
    assert numbers(response, 405) == ["CDS-102"]
    assert allowed in response.headers["Allow"]


@pytest.mark.conformance("RQ-01")
def test_feedback_without_an_item_is_refused(client: FlaskClient) -> None:
    assert numbers(client.post("/cds-services/hiccups-patient-view/feedback", json={}), 400) == ["CDS-602"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", "", "json"])
@pytest.mark.conformance("JS-09")
def test_a_body_that_does_not_say_it_is_json_is_a_415(client: FlaskClient, content_type: str) -> None:
    assert numbers(post(client, call(), content_type=content_type), 415) == ["CDS-103"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/fhir+json", "application/json; charset=utf-8", "Application/JSON"]
)
@pytest.mark.conformance("JS-09", "ST-01")
def test_json_and_fhir_json_are_read_with_any_charset_parameter(client: FlaskClient, content_type: str) -> None:
    assert topics(post(client, call(), content_type=content_type)) == ["water"]


def test_the_content_type_is_judged_before_the_size(client: FlaskClient) -> None:
    assert numbers(post(client, b"x" * 1_000_001, content_type="text/plain"), 415) == ["CDS-103"]


@pytest.mark.parametrize("surplus", [1, 2, 500_000])
@pytest.mark.conformance("RQ-14")
def test_a_body_over_the_limit_is_a_413_whatever_it_holds(client: FlaskClient, surplus: int) -> None:
    assert numbers(post(client, b"x" * (1_000_000 + surplus)), 413) == ["CDS-104"]


@pytest.mark.conformance("RQ-14")
def test_a_body_of_exactly_the_limit_is_read(client: FlaskClient) -> None:
    body = json.dumps(call()).encode()
    assert topics(post(client, body + b" " * (1_000_000 - len(body)))) == ["water"]


@pytest.mark.parametrize("surplus", [1, 500_000])
@pytest.mark.conformance("RQ-14")
def test_a_body_without_a_length_is_counted_while_it_is_read(client: FlaskClient, surplus: int) -> None:
    body = json.dumps(call()).encode()
    stream = io.BytesIO(body + b" " * (1_000_000 - len(body) + surplus))
    response = client.post(
        "/cds-services/hiccups-patient-view",
        input_stream=stream,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert numbers(response, 413) == ["CDS-104"]


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b"", "CDS-201"),
        (b"{", "CDS-201"),
        (b'{"hook": NaN}', "CDS-201"),
        (b'{"prefetch": {"patient": [Infinity]}}', "CDS-201"),
        (b'{"prefetch": {"patient": -Infinity}}', "CDS-201"),
        (b'{"a": 1} trailing', "CDS-201"),
        (b'{"a": "\xff"}', "CDS-201"),
        (b"[]", "CDS-202"),
        (b'"text"', "CDS-202"),
        (b"null", "CDS-202"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "CDS-203"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "CDS-203"),
        (b"[" * 100_000, "CDS-202"),
    ],
)
@pytest.mark.conformance("JS-08", "RQ-14")
def test_what_is_no_json_object_is_a_400(client: FlaskClient, body: bytes, number: str) -> None:
    assert numbers(post(client, body), 400) == [number]


def test_a_byte_order_mark_before_the_body_is_passed_over(client: FlaskClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + json.dumps(call()).encode()).status_code == 200


class Spoilt(io.RawIOBase):
    """A body that the server cannot take apart, such as one with a chunk size that is no number."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise ValueError(f"no chunk size for {buffer}")


def test_a_body_that_the_server_cannot_take_apart_is_a_400(client: FlaskClient) -> None:
    response = client.post(
        "/cds-services/hiccups-patient-view",
        content_type="application/json",
        environ_overrides={"wsgi.input": Spoilt(), "wsgi.input_terminated": True},
    )
    assert numbers(response, 400) == ["CDS-105"]


@pytest.mark.conformance("RQ-14")
def test_no_depth_of_nesting_breaks_the_service(client: FlaskClient) -> None:
    for depth in (100, 800, 900, 940, 960, 970, 980, 985, 990, 995, 1000):
        nested = json.loads("[" * 90 + "]" * 90)
        body = json.dumps(call(prefetch={"patient": PATIENT | {"x": "@"}, "laboratory": nested, "z": "@"}))
        deep = body.replace('"@"', "[" * depth + "]" * depth).encode()
        response = post(client, deep)
        assert response.status_code in (200, 400, 412), depth
        strict(response)


@pytest.mark.parametrize("member", ["hook", "hookInstance", "context"])
@pytest.mark.parametrize("value", [ABSENT, None, 5, [], True])
@pytest.mark.conformance("RQ-02", "RQ-03", "RQ-07")
def test_the_envelope_needs_its_members_in_their_types(client: FlaskClient, member: str, value: Any) -> None:
    body = {name: given for name, given in (call() | {member: value}).items() if given is not ABSENT}
    (issue,) = issues(post(client, body), 400)
    assert issue["expression"] == [member]


@pytest.mark.parametrize("hook", ["", "order-select", "patient-view-2", "order-review", "Patient-View"])
@pytest.mark.conformance("RQ-02", "HV-04")
def test_a_hook_that_the_service_does_not_serve_is_a_400(client: FlaskClient, hook: str) -> None:
    assert numbers(post(client, call(hook)), 400) == ["CDS-206"]


@pytest.mark.parametrize("member", ["userId", "patientId"])
@pytest.mark.parametrize("value", [ABSENT, None, "", "  ", "Patient/", 7, {}, ["pt-1"]])
@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
@pytest.mark.conformance("RQ-07", "RQ-13")
def test_the_ids_that_a_hook_requires_must_be_there(client: FlaskClient, hook: str, member: str, value: Any) -> None:
    (issue,) = issues(post(client, call(hook, {member: value}), hook), 400)
    assert issue["expression"] == [f"context.{member}"]


@pytest.mark.parametrize("value", [[], "text", 5, False])
@pytest.mark.conformance("RQ-08")
def test_prefetch_must_be_an_object_if_it_is_there(client: FlaskClient, value: Any) -> None:
    (issue,) = issues(post(client, call() | {"prefetch": value}), 400)
    assert issue["expression"] == ["prefetch"]


@pytest.mark.conformance("RQ-07", "ST-04")
def test_all_faults_of_an_envelope_stand_in_one_outcome(client: FlaskClient) -> None:
    body = {"hook": 5, "context": {"userId": ""}, "prefetch": []}
    found = issues(post(client, body), 400)
    paths = [path for issue in found for path in issue["expression"]]
    assert paths == ["context.patientId", "context.userId", "hook", "hookInstance", "prefetch"]


@pytest.mark.parametrize(
    "value", ["no uuid", "00000000-007b-9f33-e810-e841a57c502c", "C9DF00D0-7B00-4F33-E810-E841A57C502C", ""]
)
@pytest.mark.conformance("RQ-03")
def test_any_text_is_accepted_as_hook_instance(client: FlaskClient, value: str) -> None:
    assert topics(post(client, call(hookInstance=value))) == ["water"]


@pytest.mark.conformance("RQ-04")
def test_a_repeated_hook_instance_is_a_call_of_its_own(client: FlaskClient) -> None:
    assert topics(post(client, call())) == topics(post(client, call())) == ["water"]


@pytest.mark.conformance("RQ-13")
def test_a_patient_id_written_as_a_reference_is_the_same_patient(client: FlaskClient) -> None:
    assert topics(post(client, call(context={"patientId": "Patient/pt-1"}))) == ["water"]


@pytest.mark.conformance("RQ-09", "RQ-10", "EX-03", "HV-03")
def test_unknown_members_and_extensions_change_nothing(client: FlaskClient) -> None:
    odd: dict[str, Any] = {"foo": [None], "extension": {"com.example": {"a": None}}}
    body = call(context=odd, **odd, fhirAuthorization={"access_token": None, "extension": 5}, fhirServer=5)
    assert topics(post(client, body)) == ["water"]


def test_of_a_member_that_is_there_twice_the_last_counts(client: FlaskClient) -> None:
    body = json.dumps(call())
    twice = '{"hook": 5, "prefetch": [], "context": null, ' + body[1:]
    assert topics(post(client, twice)) == ["water"]
    inner = body.replace('"patientId"', '"patientId": "other", "patientId"')
    assert topics(post(client, inner)) == ["water"]


@pytest.mark.parametrize("base", ["", "https://ehr.test/fhir/", " https://ehr.test/Practitioner/"])
@pytest.mark.parametrize(
    "version", ["", "/_history/3", "/_history/Practitioner", "/_history", "#me", "?_format=json", " "]
)
@pytest.mark.parametrize("who", ["Patient/pt-1", "Patient/PT", "RelatedPerson/rp-1"])
@pytest.mark.conformance("RQ-12", "ST-06")
def test_a_user_who_is_no_clinician_gets_no_cards_however_written(
    client: FlaskClient, base: str, who: str, version: str
) -> None:
    assert cards(post(client, call(context={"userId": f"{base}{who}{version}"}))) == []


@pytest.mark.parametrize("user", ["Patient/pt-1", "RelatedPerson/rp-1", "https://ehr.test/fhir/Patient/pt-1"])
@pytest.mark.parametrize("prefetch", [None, {}])
@pytest.mark.conformance("RQ-12", "ST-06")
def test_a_user_who_is_no_clinician_gets_no_cards(client: FlaskClient, user: str, prefetch: Any) -> None:
    assert cards(post(client, call(context={"userId": user}, prefetch=prefetch))) == []


@pytest.mark.parametrize(
    "user",
    [
        "Practitioner/a",
        "PractitionerRole/r1",
        "p1",
        "Practitioner/a/_history/3",
        "https://ehr.test/Patient/Practitioner/1",
    ],
)
@pytest.mark.conformance("RQ-12")
def test_a_clinician_and_a_bare_user_id_get_cards(client: FlaskClient, user: str) -> None:
    assert topics(post(client, call(context={"userId": user}))) == ["water"]


@pytest.mark.parametrize("death", [{"deceasedBoolean": True}, {"deceasedDateTime": "2025-12-24"}])
@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
def test_a_deceased_patient_gets_no_cards_at_any_hook(client: FlaskClient, hook: str, death: dict[str, Any]) -> None:
    body = call(hook, orders(draft("tea")), {"patient": PATIENT | death, "laboratory": bundle(haemoglobin())})
    assert cards(post(client, body, hook)) == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "value", [ABSENT, None, [], {}, "text", 5, {"resourceType": "Bundle"}, {"resourceType": "Patient"}]
)
@pytest.mark.conformance("RQ-07")
def test_without_readable_drafts_nothing_is_being_ordered(client: FlaskClient, hook: str, value: Any) -> None:
    context = {"draftOrders": value, "selections": ["MedicationRequest/request-123"]}
    assert topics(post(client, call(hook, context), hook)) == ["water"]


@pytest.mark.parametrize("value", [ABSENT, None, [], {}, "MedicationRequest/request-123", [5, None, {}]])
def test_at_order_select_without_selections_no_draft_is_chosen(client: FlaskClient, value: Any) -> None:
    context = orders(draft("tea")) | {"selections": value}
    assert topics(post(client, call("order-select", context), "order-select")) == ["water"]


@pytest.mark.conformance("PF-14")
def test_at_order_select_only_the_chosen_drafts_speak_and_at_order_sign_all(client: FlaskClient) -> None:
    context = orders(draft("tea", "a"), draft("coffee", "b")) | {"selections": ["MedicationRequest/b"]}
    (sip, _) = cards(post(client, call("order-select", context), "order-select"))
    assert sip["summary"] == "Sip slowly: coffee"
    assert topics(post(client, call("order-sign", context), "order-sign")) == ["sip", "sip", "water"]


@pytest.mark.parametrize(
    ("service", "hook", "member"),
    [
        ("order-select", "medication-prescribe", "medications"),
        ("order-sign", "medication-prescribe", "medications"),
        ("order-sign", "order-review", "orders"),
    ],
)
@pytest.mark.conformance("RQ-15")
def test_deprecated_hooks_are_understood_and_all_their_drafts_are_chosen(
    client: FlaskClient, service: str, hook: str, member: str
) -> None:
    body = call(hook, {member: bundle(draft("tea"))})
    assert topics(post(client, body, service)) == ["sip", "water"]


@pytest.mark.conformance("ST-09")
def test_a_failure_of_the_knowledge_is_a_500_without_internals(client: FlaskClient) -> None:
    response = post(client, call("order-sign", orders(draft("boom"))), "order-sign")
    assert numbers(response, 500) == ["CDS-901"]
    text = response.get_data(as_text=True)
    assert "Jane" not in text
    assert "Traceback" not in text


def test_the_root_points_at_discovery(client: FlaskClient) -> None:
    assert strict(client.get("/")) == {"discovery": "/cds-services"}


def test_a_compressed_body_is_a_415_that_says_so(client: FlaskClient) -> None:
    answer = client.post(
        "/cds-services/hiccups-patient-view",
        data=b"\x1f\x8b",
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )
    assert numbers(answer, 415) == ["CDS-103"]
    assert "not compressed" in answer.get_data(as_text=True)
