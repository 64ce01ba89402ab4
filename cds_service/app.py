"""The only wiring of the engine: settings and knowledge in, a WSGI application out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flask import Flask

from cds_service.knowledge.contract import Knowledge
from cds_service.settings import Settings
from cds_service.web.guard import guard
from cds_service.web.manual import serve_manual
from cds_service.web.problems import answer_problems
from cds_service.web.services import serve


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, knowledge: Sequence[Knowledge], now: Callable[[], datetime] = _now) -> Flask:
    """The service for `knowledge`. Raises `StartUpError` where a package offers what cannot be served."""
    app = Flask("cds_service", static_folder=None)
    answer_problems(app, settings)
    serve(app, settings, knowledge, now)
    serve_manual(app, knowledge)
    guard(app, settings)
    return app
