"""The only wiring of the engine: settings and knowledge in, a WSGI application out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flask import Flask

from cds_service.knowledge.contract import Knowledge
from cds_service.parts import Parts
from cds_service.settings import Settings
from cds_service.web.admin import serve_admin
from cds_service.web.guard import guard
from cds_service.web.manual import serve_manual
from cds_service.web.operations import serve_operations
from cds_service.web.problems import answer_problems
from cds_service.web.services import serve
from cds_service.workbench.cast import Cast
from cds_service.workbench.rule_patients import serve_patients
from cds_service.workbench.second import Build
from cds_service.workbench.views import serve_workbench


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    knowledge: Sequence[Knowledge],
    now: Callable[[], datetime] = _now,
    parts: Parts | None = None,
    cast: Cast | None = None,
    build: Build | None = None,
) -> Flask:
    """The service for `knowledge`. Raises `StartUpError` where a package offers what cannot be served.

    Without `parts` it trusts everyone, reads no FHIR server and remembers nothing. `cast` are the example patients of
    the workbench, and with `build` it makes the knowledge of another site.
    """
    app = Flask("cds_service", static_folder=None)
    answer_problems(app, settings)
    parts = parts or Parts()
    app.extensions["cds_service.limits"] = parts.site.limits  # Those of the door are kept by the server.
    serve(app, settings, knowledge, now, parts)
    serve_operations(app, knowledge, parts)
    serve_manual(app, knowledge)
    serve_admin(app, parts)
    serve_patients(app, settings, knowledge, now, parts, cast or Cast())
    serve_workbench(app, settings, knowledge, now, parts, cast or Cast(), build)
    guard(app, settings)
    return app
