"""Traces are off unless asked for, and then hold nothing of a request but route, method and status."""

from __future__ import annotations

import sys

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from cds_service.app import create_app
from cds_service.errors import StartUpError
from cds_service.settings import Settings
from cds_service.telemetry import ENDPOINT, trace_calls
from tests.engine.calls import call
from tests.toy_disease import KNOWLEDGE


def test_without_an_endpoint_nothing_is_traced() -> None:
    assert not trace_calls(create_app(Settings("sandbox", "hiccups"), [KNOWLEDGE]), {})


def test_a_span_holds_route_method_and_status_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from opentelemetry.exporter.otlp.proto.http import trace_exporter
    from opentelemetry.sdk.trace import export

    spans: list[ReadableSpan] = []

    def keep(_: object, batch: list[ReadableSpan]) -> SpanExportResult:
        spans.extend(batch)
        return SpanExportResult.SUCCESS

    monkeypatch.setattr(trace_exporter.OTLPSpanExporter, "export", keep)
    monkeypatch.setattr(export, "BatchSpanProcessor", export.SimpleSpanProcessor)
    app = create_app(Settings("sandbox", "hiccups"), [KNOWLEDGE])
    assert trace_calls(app, {ENDPOINT: "http://127.0.0.1:9"})
    headers = {"Authorization": "Bearer marker-token", "X-Marker": "marker-header"}
    app.test_client().post("/cds-services/hiccups-patient-view", json=call(), headers=headers)
    (span,) = spans
    assert span.name == "POST /cds-services/hiccups-patient-view"
    assert "marker" not in span.to_json()
    assert "pt-1" not in span.to_json()


def test_without_the_packages_the_service_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.flask", None)
    with pytest.raises(StartUpError, match="CDS-007"):
        trace_calls(create_app(Settings("sandbox", "hiccups"), [KNOWLEDGE]), {ENDPOINT: "http://127.0.0.1:9"})
