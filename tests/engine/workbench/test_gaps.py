"""What could not be read is shown with its reason, what was received, and its resource."""

from __future__ import annotations

from datetime import UTC, date
from html import unescape
from typing import Any

import pytest

from cds_service.protocol.offer import offers_of
from cds_service.workbench.case import Case, asked
from cds_service.workbench.gaps import LONGEST, gaps_of
from cds_service.workbench.users import PLAIN
from tests.engine.calls import PATIENT, bundle, draft, haemoglobin, orders, required
from tests.engine.workbench.pages import bring, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE
from tests.toy_disease import KNOWLEDGE

QUANTITY = {"value": 9, "unit": "buckets", "system": "http://unitsofmeasure.org", "code": "buckets"}


def listed(chart: dict[str, Any], **values: str) -> str:
    """The list of what could not be read, as a reader sees it."""
    response = bring(client_of(HOSTILE), chart, **values)
    read = page(response)
    assert "<script>alert" not in read.html
    return unescape(read.html.partition('id="gaps"')[2].partition("</section>")[0])


@pytest.mark.parametrize(
    ("member", "value", "reason", "received"),
    [
        ("effectiveDateTime", "soon", "the date could not be read", '{"effectiveDateTime":"soon"}'),
        ("effectiveDateTime", EVIL, "the date could not be read", "<script>alert"),
        ("effectiveDateTime", "9" * 900, "the date could not be read", "9…"),
        ("effectiveDateTime", "2026-03-01", "the date is in the future", '{"effectiveDateTime":"2026-03-01"}'),
        ("valueQuantity", QUANTITY, "the unit is not in the unit table", '"unit":"buckets"'),
        ("valueQuantity", {"value": EVIL}, "the value could not be read", "<script>alert"),
    ],
)
def test_a_gap_shows_what_was_received_and_its_resource(member: str, value: Any, reason: str, received: str) -> None:
    said = listed(bundle(PATIENT, haemoglobin() | {member: value}))
    assert reason in said
    assert received in said
    assert "<summary>Observation/hb-1</summary>" in said
    assert '"id": "hb-1"' in said


def test_a_draft_that_could_not_be_read_leads_to_the_draft() -> None:
    spoilt = draft("tea") | {"authoredOn": "soon"}
    case = _case("order-sign", orders(spoilt))
    (gap,) = [one for one in gaps_of(asked(case, UTC), [spoilt]) if one.where == "MedicationRequest/request-123"]
    assert gap.resource == spoilt
    assert gap.received == '{"authoredOn":"soon"}'


def test_a_key_that_failed_shows_what_came_in_its_place_and_one_that_was_not_sent_that_nothing_did() -> None:
    shown = gaps_of(asked(_case("patient-view", {}, known=("patient",), failing=("laboratory",)), UTC), ())
    received = {gap.where: gap.received for gap in shown}
    assert received["laboratory"].startswith('{"resourceType":"OperationOutcome"')
    assert received["conditions"] == "nothing"
    assert all(len(text) <= LONGEST + 1 for text in received.values())


def _case(hook: str, context: dict[str, Any], **keys: tuple[str, ...]) -> Case:
    offer = offers_of([KNOWLEDGE])[f"hiccups-{hook}"]
    chart = bundle(PATIENT, haemoglobin())
    return Case(offer, chart, required(hook) | {"userId": PLAIN} | context, date(2026, 1, 10), **keys)
