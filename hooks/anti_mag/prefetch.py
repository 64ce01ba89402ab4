"""What an EHR is asked to send along, key by key, and which key would hold which code set.

Which results are asked for stands in the table of tests (`tests.toml`). Observations are asked for by code, everything
else by patient alone: uncoded texts, local codes and medication by reference would otherwise be lost. No dates; a list
that an EHR cuts says so by its next page, and is then no proof of absence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cds_service.codes import Code, CodeSet, ResultSet
from cds_service.knowledge.templates import LONGEST_QUERY, longest_query
from hooks.anti_mag.investigations import keys_of
from hooks.anti_mag.knowledge_data import CODES, INVESTIGATIONS

PATIENT = "{{context.patientId}}"
PAGE = 200
"""Resources asked for on one page: servers left to themselves often send ten or twenty."""

TEMPLATE_SYSTEMS = frozenset({"http://loinc.org", "urn:anti-mag-cds:assessment"})
"""Systems asked for, besides a site's own. SNOMED CT stays out: some codes that we read may not be written
everywhere."""

OBSERVATION_SETS: Mapping[str, tuple[ResultSet, ...]] = keys_of(INVESTIGATIONS)
"""Code sets of the results that each Observation key holds; a result is read from whichever key it comes in."""

TYPES_BY_PATIENT: Mapping[str, str] = {
    "conditions": "Condition",
    "medicationRequests": "MedicationRequest",
    "medicationAdministrations": "MedicationAdministration",
    "medicationStatements": "MedicationStatement",
    "medicationDispenses": "MedicationDispense",
    "procedures": "Procedure",
    "allergies": "AllergyIntolerance",
    "immunizations": "Immunization",
    "serviceRequests": "ServiceRequest",
    "goals": "Goal",
}
"""Resource types that are asked for whole."""

KEY_OF: Mapping[str, str] = {name: key for key, sets in OBSERVATION_SETS.items() for name in sets}
"""The prefetch key that would hold a result of a code set: `KEY_OF["hbsag"]` is "hepatitisB"."""


def templates(codes: Mapping[str, CodeSet] = CODES) -> dict[str, str]:
    """The prefetch template of every key, `patient` first."""
    made = {"patient": f"Patient/{PATIENT}"}
    for key, resource_type in TYPES_BY_PATIENT.items():
        made[key] = f"{resource_type}?patient={PATIENT}&_count={PAGE}"
    for key in OBSERVATION_SETS:
        made |= observation_templates(key, codes)
    return made


def observation_templates(key: str, codes: Mapping[str, CodeSet] = CODES) -> dict[str, str]:
    """The template of an Observation key, and where it would be too long those of `key2`, `key3` and so on.

    Our codes come first and a site's own after them, so that a published key keeps its codes when a site adds some.
    """
    sets = [codes[name] for name in OBSERVATION_SETS[key]]
    ours = [code for code_set in sets for code in _asked(code_set)]
    local = [code for code_set in sets for code in code_set.local]
    # A code that two sets share is asked for once.
    asked = dict.fromkeys(f"{system}|{code}" for system, code in [*ours, *local])
    room = LONGEST_QUERY - longest_query(_search(""))
    lines: list[list[str]] = []
    left = 0
    for code in asked:
        needed = longest_query(f",{code}")
        if needed > left:
            lines.append([])
            left = room + longest_query(",")
        lines[-1].append(code)
        left -= needed
    return {key if at == 1 else f"{key}{at}": _search(",".join(line)) for at, line in enumerate(lines, 1)}


def continuations(codes: Mapping[str, CodeSet] = CODES) -> dict[str, tuple[str, ...]]:
    """The keys that a key's list goes on in: `{"laboratory": ("laboratory2",)}` where that is split, else nothing."""
    split = {key: tuple(observation_templates(key, codes))[1:] for key in OBSERVATION_SETS}
    return {key: more for key, more in split.items() if more}


def with_site_codes(prefetch: Mapping[str, str], codes: Mapping[str, CodeSet]) -> dict[str, str]:
    """A service's templates, with those of its Observation keys built from `codes`."""
    made = dict(prefetch)
    for key in OBSERVATION_SETS:
        if key in prefetch:
            made |= observation_templates(key, codes)
    return made


def _search(asked: str) -> str:
    return f"Observation?patient={PATIENT}&code={asked}&_sort=-date&_count={PAGE}"


def result_codes(codes: Mapping[str, CodeSet] = CODES) -> frozenset[Code]:
    """Every code of an Observation that is worth reading, those that no template asks for included."""
    return frozenset(code for names in OBSERVATION_SETS.values() for name in names for code in codes[name].codes)


def _asked(code_set: CodeSet) -> Iterator[Code]:
    """Codes with a display in their order, then retired ones, so that the template never changes by itself."""
    shown = [code for code, _ in code_set.displays]
    rest = sorted(code_set.codes.difference(shown, code_set.local))
    return (code for code in [*shown, *rest] if code[0] in TEMPLATE_SYSTEMS)
