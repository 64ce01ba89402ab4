"""What the services ask for, by the prefetch rows of the conformance checklist (PT-01 to PT-11)."""

import re
from urllib.parse import quote

import pytest

from hooks.anti_mag.cards.gives_way import SILENT_IN_PALLIATIVE_CARE
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.prefetch import KEY_OF, OBSERVATION_SETS, TEMPLATE_SYSTEMS, result_codes, templates
from hooks.anti_mag.rules import BY_LOGIC
from hooks.anti_mag.services import SERVICES

TEMPLATES = [
    pytest.param(template, id=f"{service.hook}-{key}")
    for service in SERVICES
    for key, template in service.prefetch.items()
]
TOKEN = "{{context.patientId}}"  # noqa: S105
KEYS = {
    "patient",
    "conditions",
    "laboratory",
    "paraproteinTests",
    "hepatitisB",
    "pregnancyTests",
    "assessments",
    "vitalSigns",
    "medicationRequests",
    "medicationAdministrations",
    "medicationStatements",
    "medicationDispenses",
    "procedures",
    "allergies",
    "immunizations",
    "serviceRequests",
    "goals",
    "otherCauses",
}

LEFT_OUT = {
    "order-dispatch": {"goals"},
    "appointment-book": {"vitalSigns", "immunizations"},
    "encounter-discharge": {"vitalSigns", "immunizations", "pregnancyTests", "allergies", "goals"},
    "medication-refill": {"immunizations"},
    "problem-list-item-create": {"vitalSigns", "immunizations", "allergies"},
    "allergyintolerance-create": {
        *("hepatitisB", "pregnancyTests", "vitalSigns", "immunizations", "serviceRequests", "goals")
    },
}
"""Keys that none of a hook's cards needs."""


def parameters(template):
    query = template.partition("?")[2]
    return [tuple(part.split("=", 1)) for part in query.split("&")] if query else []


@pytest.mark.conformance("DI-12")
def test_there_is_one_service_a_hook_with_an_id_of_its_own():
    assert [(service.id, service.hook) for service in SERVICES] == [
        ("anti-mag-patient-view", "patient-view"),
        ("anti-mag-order-select", "order-select"),
        ("anti-mag-order-sign", "order-sign"),
        ("anti-mag-order-dispatch", "order-dispatch"),
        ("anti-mag-appointment-book", "appointment-book"),
        ("anti-mag-encounter-start", "encounter-start"),
        ("anti-mag-encounter-discharge", "encounter-discharge"),
        ("anti-mag-medication-refill", "medication-refill"),
        ("anti-mag-problem-list-item-create", "problem-list-item-create"),
        ("anti-mag-allergyintolerance-create", "allergyintolerance-create"),
    ]


@pytest.mark.conformance("DI-05", "DI-06", "DI-09")
def test_every_service_says_what_it_is_for():
    for service in SERVICES:
        assert service.title
        assert service.description
        assert service.usage_requirements


@pytest.mark.conformance("PT-02", "PT-11")
def test_keys_are_those_that_sites_copy():
    for service in SERVICES:
        only_when_opened = set() if service.hook in ("patient-view", "encounter-start") else {"otherCauses"}
        assert set(service.prefetch) == KEYS - LEFT_OUT.get(service.hook, set()) - only_when_opened
        assert all(re.fullmatch(r"[a-z][A-Za-z]*", key) for key in service.prefetch)


def test_goals_are_asked_for_where_palliative_care_silences_a_rule():
    """WU-1 asks for the tests before rituximab only where rituximab is recommended."""
    hooks = {hook for logic in (*SILENT_IN_PALLIATIVE_CARE, "WU-1") for hook in BY_LOGIC[logic].hooks}
    assert {service.hook for service in SERVICES if "goals" in service.prefetch} == hooks
    assert templates()["goals"] == "Goal?patient={{context.patientId}}&_count=200"


@pytest.mark.conformance("PT-01")
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_a_relative_read_or_search(template):
    assert re.fullmatch(
        r"[A-Z][A-Za-z]+(/\{\{context\.patientId\}\}|\?patient=\{\{context\.patientId\}\}&.+)", template
    )


@pytest.mark.conformance("PT-03", "PT-04", "PT-05", "PT-09")
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_only_token_is_the_patient(template):
    assert template.count(TOKEN) == 1
    assert "{" not in template.replace(TOKEN, "")
    assert "}" not in template.replace(TOKEN, "")


@pytest.mark.conformance("PT-06", "PT-07", "PT-08")
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_parameter_stands_twice_and_all_are_widely_supported(template):
    names = [name for name, _ in parameters(template)]
    assert len(set(names)) == len(names)
    assert set(names) <= {"patient", "code", "_count", "_sort"}


@pytest.mark.conformance("PT-10")
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_query_has_more_than_1800_characters_once_it_is_escaped(template):
    assert len(quote(template.replace(TOKEN, "x" * 64), safe="")) <= 1800


def test_what_safety_gates_rest_on_stands_under_one_key():
    gates = {"igm_serum", "igm_serum_molar", "cbc", "neutrophils_absolute", "platelets", "igg_serum"}
    gates |= {"viscosity_serum", "anti_mag_igm_quantitative", "anti_mag_igm_qualitative", "anti_mag_any_class"}
    assert {KEY_OF[name] for name in gates} == {"laboratory"}


@pytest.mark.conformance("PT-09", "PT-10")
@pytest.mark.parametrize("template", TEMPLATES)
def test_codes_carry_their_system_and_stay_unescaped(template):
    asked = dict(parameters(template)).get("code", "")
    assert "%" not in template
    for code in filter(None, asked.split(",")):
        system, _, value = code.partition("|")
        assert system in TEMPLATE_SYSTEMS
        assert value


def test_only_observations_are_asked_for_by_code():
    for key, template in templates().items():
        assert ("code=" in template) is (key in OBSERVATION_SETS)
        assert template.startswith("Observation") is (key in OBSERVATION_SETS)


def test_the_patient_is_read_by_id():
    assert templates()["patient"] == "Patient/{{context.patientId}}"


def test_templates_are_the_same_at_every_start():
    assert list(templates().items()) == list(templates().items())
    assert templates()["vitalSigns"] == (
        "Observation?patient={{context.patientId}}&code=http://loinc.org|29463-7,http://loinc.org|8302-2"
        "&_sort=-date&_count=200"
    )


def test_deprecated_codes_of_old_results_are_asked_for_too():
    assert "http://loinc.org|13096-3" in templates()["laboratory"]


def test_neutrophils_and_platelets_are_asked_for_and_no_code_twice():
    asked = dict(parameters(templates()["laboratory"]))["code"].split(",")
    assert {"http://loinc.org|751-8", "http://loinc.org|777-3"} <= set(asked)
    assert len(asked) == len(set(asked))


@pytest.mark.conformance("PT-11")
def test_every_code_asked_for_is_read():
    asked = {
        tuple(code.split("|"))
        for template in templates().values()
        for code in dict(parameters(template)).get("code", "").split(",")
        if code
    }
    assert asked <= result_codes()


def test_a_code_set_of_results_tells_its_key():
    assert KEY_OF["hbsag"] == "hepatitisB"
    assert KEY_OF["igm_serum"] == "laboratory"
    assert KEY_OF["immunofixation_serum"] == "paraproteinTests"
    assert KEY_OF["assessment_incat"] == "assessments"
    assert set(KEY_OF) <= set(CODES)
    assert len(KEY_OF) == sum(len(names) for names in OBSERVATION_SETS.values())
