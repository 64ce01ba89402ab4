"""What those who run the service ask it: is it alive, is it ready, what has it counted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from flask import Flask, Response

from cds_service import metrics
from cds_service.knowledge.contract import Knowledge
from cds_service.parts import Parts


def serve_operations(app: Flask, knowledge: Sequence[Knowledge], parts: Parts) -> None:
    """Register `/healthz`, `/readyz` and `/metrics`. None of them holds patient data or needs a token."""
    loaded = {package.id: package.version for package in knowledge}

    @app.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "ok"}, 200)

    @app.get("/readyz")
    def readyz() -> Response:
        """Ready is who can answer hooks. A lost store or audit file costs no card, so they are told apart."""
        store = parts.store.database.state() if parts.store else "none"
        audit = parts.audit.state() if parts.audit else "none"
        checks = {"knowledge": "ok" if loaded else "none", "store": store, "audit": audit}
        body = {"status": "ok" if loaded else "not ready", "checks": checks, "knowledge": loaded}
        return _json(body, 200 if loaded else 503)

    @app.get("/metrics")
    def counted() -> Response:
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _json(body: object, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")
