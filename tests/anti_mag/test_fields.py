"""Every field that a clinician can fill in is read back by the service as what was meant."""

from __future__ import annotations

import json
from datetime import UTC, date
from typing import Any

import pytest

from cds_service.knowledge.contract import HookCall
from cds_service.knowledge.fields import Field
from cds_service.protocol.offer import offers_of
from cds_service.workbench.case import Case, asked, plain_context
from cds_service.workbench.entered import added_by, changed, facts_of
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.fields import FIELDS, ORDERS
from hooks.anti_mag.knowledge_data import CODES, THERAPIES, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of

DAY = date(2026, 3, 1)
OFFER = next(offer for offer in offers_of([KNOWLEDGE]).values() if offer.hook.name == "patient-view")
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1986-01-01"}
READ_AS: dict[str, Any] = {
    "neuropathy": lambda p: p.diagnosis.neuropathy.holds,
    "igm": lambda p: p.igm.newest.mg_dl == 5,
    "anti-mag": lambda p: p.diagnosis.anti_mag.btu == 5,
    "incat": lambda p: [score.value for score in p.disability.scores] == [5],
    "rituximab": lambda p: p.rituximab.latest.day_zero == DAY,
    "hbsag": lambda p: p.hepatitis_b.surface_antigen.state in ("negative", "positive"),
    "anti-hbc": lambda p: p.hepatitis_b.core_antibody.state in ("negative", "positive"),
    "course": lambda p: [word.on for word in p.disability.words] == [DAY],
}


def call_with(*named: str) -> HookCall:
    facts, unused = facts_of(named, FIELDS, DAY)
    assert (len(facts), unused) == (len(named), [])
    chart = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}
    bundle = changed(chart, added_by(facts, "p", chart))
    made = asked(Case(OFFER, bundle, plain_context("p"), DAY), UTC)
    assert made.error is None, made.error
    assert made.call is not None
    return made.call


def picture_with(*named: str) -> ClinicalPicture:
    return picture_of(call_with(*named), CODES, THRESHOLDS)


def names_of(field: Field) -> list[str]:
    return [f"{field.id}|{value}|{DAY.isoformat()}" for value in dict(field.options or (("5", ""),))]


@pytest.mark.parametrize("name", [name for field in FIELDS for name in names_of(field)])
def test_a_field_leaves_no_gap_and_changes_the_picture(name: str) -> None:
    assert call_with(name).record.gaps == ()
    made = picture_with(name)
    assert made != picture_with()
    assert READ_AS.get(name.partition("|")[0], lambda _: True)(made)


def test_what_a_clinician_tells_is_enough_for_the_first_choice() -> None:
    told = (
        *("neuropathy|yes", "igm-mgus|yes", "conduction|demyelinating", "immunofixation|Monoclonal IgM kappa"),
        *("igm|815", "anti-mag|48200", "incat|3"),
    )
    assert "rituximab" in [card.topic for card in KNOWLEDGE.advise(call_with(*told)).cards]


def test_the_fields_have_ids_of_their_own_and_the_resources_are_json() -> None:
    assert len({field.id for field in FIELDS}) == len(FIELDS)
    for field in FIELDS:
        assert field.use
        value = field.options[0][0] if field.options else "5"
        json.dumps(field.write(value, DAY, "Patient/p"), default=str)


@pytest.mark.parametrize("name", [name for name, _ in ORDERS])
def test_an_order_that_is_offered_is_known_by_its_name(name: str) -> None:
    import re

    assert any(therapy.called and re.search(rf"\b({therapy.called})\b", name.lower()) for therapy in THERAPIES.values())
