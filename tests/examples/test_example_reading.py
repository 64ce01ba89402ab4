"""The engine reads every chart whole: a gap would mean that an example does not say what its story says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from cds_service.app import create_app
from cds_service.knowledge.contract import Advice, HookCall
from cds_service.main import NAMESPACE
from cds_service.record import GapReason, PatientRecord
from cds_service.settings import Settings
from fhir_examples.build import every_call
from fhir_examples.example import Call, Example
from fhir_examples.replay import service_for
from hooks.anti_mag import KNOWLEDGE

CALLS = list(every_call())
IN_FUTURE_ON_PURPOSE = {("two_laboratories", "Observation/igm-serum-3")}


def record_of(example: Example, call: Call) -> PatientRecord:
    """What the disease package is given for a call."""
    given: list[PatientRecord] = []

    def look(hook_call: HookCall) -> Advice:
        given.append(hook_call.record)
        return Advice()

    noon = datetime.combine(call.as_of, time(12), UTC)
    listening = replace(KNOWLEDGE, advise=look)
    client = create_app(Settings("sandbox", NAMESPACE), [listening], now=lambda: noon).test_client()
    path = f"/cds-services/{service_for(call.hook, client)['id']}"
    assert client.post(path, json=example.request(call)).status_code == 200
    (record,) = given
    return record


@pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{ex.name}-{call.name}" for ex, call in CALLS])
def test_a_chart_has_no_gap_but_the_keys_that_its_ehr_did_not_answer(example: Example, call: Call) -> None:
    gaps = record_of(example, call).gaps
    unanswered = {gap.key for gap in gaps if gap.reason is GapReason.KEY_ABSENT}
    failed = {gap.key for gap in gaps if gap.reason is GapReason.KEY_FAILED}
    others = [gap for gap in gaps if gap.reason not in (GapReason.KEY_ABSENT, GapReason.KEY_FAILED)]
    meant = [source for name, source in IN_FUTURE_ON_PURPOSE if name == example.name]
    assert [(gap.reason, gap.source) for gap in others] == [(GapReason.IN_FUTURE, source) for source in meant]
    assert failed == call.failing
    assert unanswered.isdisjoint(example.request(call)["prefetch"])
    assert call.known is not None or not unanswered


@pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{ex.name}-{call.name}" for ex, call in CALLS])
def test_every_result_of_a_chart_has_a_day_and_a_value(example: Example, call: Call) -> None:
    assert [result for result in record_of(example, call).results if result.when is None or result.value is None] == []
