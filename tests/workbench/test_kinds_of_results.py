"""Results of every kind in the picture of a course: each has its own mark and word, and leads to its resource."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE
from cds_service.settings import Settings
from hooks.anti_mag import KNOWLEDGE
from tests.engine.workbench.pages import Page, page

PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}
MG_DL = {"unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "good": ({"valueQuantity": {"value": 815, **MG_DL}}, "good"),
    "censored": ({"valueQuantity": {"value": 5000, "comparator": ">", **MG_DL}}, "a bound or a range"),
    "preliminary": ({"valueQuantity": {"value": 815, **MG_DL}, "status": "preliminary"}, "preliminary"),
    "unitless": ({"valueQuantity": {"value": 45}}, "without a unit"),
    "unread": ({"valueString": "4,500 x"}, "could not be read"),
    "refused": ({"valueQuantity": {"value": 815, **MG_DL}, "status": "cancelled"}, "not used"),
}


@pytest.fixture(scope="module")
def read() -> Page:
    """The page of a patient with one serum IgM of each kind."""
    made = [PATIENT, *(igm(kind, day) for day, kind in enumerate(KINDS, 1))]
    chart = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in made]}
    client: FlaskClient = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE]).test_client()
    return page(client.post("/workbench/chart", data={"chart": json.dumps(chart), "day": "2026-03-10"}))


def igm(kind: str, day: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": kind,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2472-9"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": f"2026-02-{day:02}",
        **KINDS[kind][0],
    }


def mark_of(read: Page, kind: str) -> tuple[str, str]:
    """The words of a kind's mark, and its form: filled or hollow, and drawn how, wherever it stands."""
    link = rf'<a href="#{row_of(read, kind)}" aria-label="([^"]*)">'
    pattern = link + r'.*?r="10"/>\s*<(\w+ class="[^"]*")[^>]*?( (?:d|r)="[^"]*")'
    found = re.search(pattern, read.html)
    assert found is not None, kind
    drawn = re.sub(r"-?[0-9.]+", "#", found[3])
    return unescape(found[1]), f"{found[2]}{drawn}"


def row_of(read: Page, kind: str) -> str:
    found = re.search(rf'<tr id="(row-\d+)"(?:(?!<tr).)*?Observation/{kind}\b', read.html, re.DOTALL)
    assert found is not None, kind
    return found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_said_in_the_picture_and_in_the_table_and_leads_to_its_resource(read: Page, kind: str) -> None:
    words, _ = mark_of(read, kind)
    assert KINDS[kind][1] in words
    row = read.html.partition(f'<tr id="{row_of(read, kind)}"')[2].partition("</tr>")[0]
    assert KINDS[kind][1] in row
    assert f'"id": "{kind}"' in unescape(row)


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_count_is_listed_with_reason_and_value_and_what_counts_is_not(read: Page, kind: str) -> None:
    listed = unescape(read.html.partition('id="gaps"')[2].partition("</section>")[0])
    is_listed = f"<summary>Observation/{kind}</summary>" in listed
    assert is_listed is (kind in ("unitless", "unread", "refused"))
    received = {"unitless": "45", "unread": "4,500 x", "refused": "815 mg/dL"}
    assert received.get(kind, "") in listed


def test_no_two_kinds_have_the_same_form(read: Page) -> None:
    forms = {kind: mark_of(read, kind)[1] for kind in KINDS}
    assert len(set(forms.values())) == len(KINDS), forms
