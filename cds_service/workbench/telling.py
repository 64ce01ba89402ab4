"""A patient told in words and numbers: the form's values as a chart, for those who have no FHIR at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cds_service.knowledge.fields import Field
from cds_service.workbench.entered import added_by, changed, facts_of
from cds_service.workbench.intake import Chart
from cds_service.workbench.search import Json

SEXES = ("female", "male", "other")
_ID = "told"
_OLDEST = 120


def told(values: Mapping[str, str], fields: Sequence[Field], today: date) -> Chart:
    """The chart of what was filled in; what could not be used of it is said with the chart."""
    patient: Json = {"resourceType": "Patient", "id": _ID}
    unused = []
    age, sex = values.get("age", "").strip(), values.get("sex", "")
    if age.isascii() and age.isdigit() and int(age[:4]) <= _OLDEST:
        patient["birthDate"] = f"{today.year - int(age[:4]) - 1:04}-12-31"
    elif age:
        unused.append("The age was not used, since it is no whole number of years")
    if sex in SEXES:
        patient["gender"] = sex
    named = [
        f"{field.id}|{values.get(field.id, '').replace('|', ' ')}|{values.get(f'on-{field.id}', '')}"
        for field in fields
    ]
    facts, left_out = facts_of(named, fields, today)
    bundle: Json = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
    return Chart(changed(bundle, added_by(facts, _ID, bundle)), _ID, (*unused, *left_out))
