"""Which Medications are to be looked up: those that are named, are nowhere in the call, and are this server's."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.elements import text
from cds_service.fhir.references import unresolved_medications

BASE = "https://ehr.example.org/fhir"
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.just("Medication/m-1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["reference", "id", "x"]), inner),
    max_leaves=8,
)


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def naming(reference: Any, kind: str = "MedicationRequest") -> dict[str, Any]:
    return {"resourceType": kind, "medicationReference": reference}


def listed(*resources: Any) -> msgspec.Raw:
    return raw({"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]})


@pytest.mark.parametrize(
    ("reference", "base", "found"),
    [
        ("Medication/m-1", BASE, ("m-1",)),
        ("Medication/m-1", "", ("m-1",)),
        ("Medication/m-1/_history/2", BASE, ("m-1",)),
        (f"{BASE}/Medication/m-1", BASE, ("m-1",)),
        (f"{BASE}/Medication/m-1", f"{BASE}/", ("m-1",)),
        (f"{BASE}/Medication/m-1", "", ()),
        ("https://other.example.org/fhir/Medication/m-1", BASE, ()),
        ("/Medication/m-1", "", ()),
        ("Medication/" + "m" * 64, BASE, ("m" * 64,)),
        ("Medication/" + "m" * 65, BASE, ()),
        ("#m-1", BASE, ()),
    ],
)
def test_a_reference_names_a_medication_of_this_server(reference: str, base: str, found: tuple[str, ...]) -> None:
    assert unresolved_medications({"key": listed(naming({"reference": reference}))}, [], base) == found


@pytest.mark.parametrize(
    "kind", ["MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense"]
)
def test_every_kind_of_record_may_name_one(kind: str) -> None:
    assert unresolved_medications({"key": listed(naming({"reference": "Medication/m-1"}, kind))}, []) == ("m-1",)


def test_each_is_named_once_wherever_it_is_named() -> None:
    one, two = naming({"reference": "Medication/m-1"}), naming({"reference": "Medication/m-2"})
    assert unresolved_medications({"a": listed(one, two), "b": raw(two), "c": None}, [listed(one), None]) == (
        "m-1",
        "m-2",
    )


@pytest.mark.parametrize("place", ["the list", "another list", "a draft"])
def test_one_that_was_sent_is_not_looked_up(place: str) -> None:
    named, there = naming({"reference": "Medication/m-1"}), {"resourceType": "Medication", "id": "m-1"}
    lists = {"a": listed(named, there) if place == "the list" else listed(named)}
    lists |= {"b": listed(there)} if place == "another list" else {}
    assert unresolved_medications(lists, [listed(there)] if place == "a draft" else []) == ()


@given(ANY_JSON)
def test_no_value_anywhere_is_an_error(value: Any) -> None:
    whole = naming({"reference": "Medication/m-1"})
    for sent in (
        value,
        naming(value),
        {"resourceType": "Bundle", "entry": value},
        {"entry": [{"resource": value}, value]},
    ):
        unresolved_medications({"a": raw(sent), "b": listed(value, whole)}, [raw(value)], BASE)
    there = {"resourceType": "Medication", "id": value}
    assert unresolved_medications({"a": listed(whole, there)}, []) == (() if text(value) == "m-1" else ("m-1",))


@pytest.mark.parametrize("spoilt", [b'{"medicationReference": 1e999}', b"{", b'"medicationReference"', b"[" * 5000])
def test_what_cannot_be_read_names_nothing_and_costs_only_itself(spoilt: bytes) -> None:
    sent = {"a": msgspec.Raw(spoilt), "b": listed(naming("Medication/m-1"))}
    assert unresolved_medications(sent, []) == ("m-1",)
