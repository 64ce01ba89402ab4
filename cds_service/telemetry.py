"""Optional traces (OpenTelemetry): a span for each call, sent where OTEL_EXPORTER_OTLP_ENDPOINT says.

Off unless that variable is set; the packages come with the extra `otel`. A span has the route, the method and the
status: no header, no body, no query, and no path names a patient.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask

from cds_service.errors import Fault, StartUpError

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def trace_calls(app: Flask, environment: Mapping[str, str] = os.environ) -> bool:
    """Trace the calls of `app` where the environment asks for it; raise `StartUpError` (CDS-007) where it cannot be."""
    if not environment.get(ENDPOINT):
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        text = f"{ENDPOINT} is set, and the packages for traces are not installed."
        raise StartUpError(Fault("CDS-007", "invalid", text, "Install the extra `otel` of this package.")) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "cds-service"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    instrumentor = FlaskInstrumentor()
    instrumentor.instrument_app(app, tracer_provider=provider, excluded_urls="healthz,readyz,metrics")  # type: ignore[no-untyped-call]
    return True
