"""Feedback from the pages: sent through the service's own door as any client sends it, and read back from the store.

A browser with script calls the door itself and asks here only for what was stored; without script a form is turned into
the same call. Where clients must show a token, nothing is taken from here, since a page has none, and nothing is shown
of what they sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Flask, Response, current_app, request
from werkzeug.test import EnvironBuilder

from cds_service.errors import PathUnknown
from cds_service.store.report import entry_rows
from cds_service.web.services import DISCOVERY
from cds_service.workbench import pages
from cds_service.workbench.addresses import way_back
from cds_service.workbench.bench import BASE, Workbench
from cds_service.workbench.door import html
from cds_service.workbench.search import Json


@dataclass(frozen=True, slots=True)
class Sent:
    """A call of the feedback endpoint, and how it was answered."""

    body: Json
    status: int
    answer: Json


Record = Mapping[str, object]
"""A feedback as the report has it, by `ENTRY_COLUMNS`."""


def serve_feedback(app: Flask, bench: Workbench) -> None:
    """Register the routes."""

    @app.get(f"{BASE}/feedback", endpoint="workbench record")
    def record() -> Response:
        card = request.args.get("card", "")
        return html(pages.record(bench, None, stored(bench, card), ""))

    @app.post(f"{BASE}/feedback", endpoint="workbench feedback")
    def send() -> Response:
        values = request.form
        service = values.get("service", "")
        if service not in {offer.service.id for offer in bench.offers.values()}:
            raise PathUnknown
        sent = _sent(service, {"feedback": [item_of(values, bench.now().isoformat())]})
        records = stored(bench, values.get("card", "")) if sent.status == 200 else []
        return html(pages.record(bench, sent, records, way_back(values.get("back", ""))))


def item_of(values: Mapping[str, str], moment: str) -> Json:
    """One item of a feedback from the values of a form: a suggestion that was accepted, else a card overridden."""
    item: Json = {"card": values.get("card", ""), "outcomeTimestamp": moment}
    if suggestion := values.get("suggestion"):
        return item | {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]}
    code = values.get("reason", "")
    offered = _listed(values.get("reasons", ""))
    reason = next((one for one in offered if one.get("code") == code), {"code": code})
    override: Json = {"reason": reason} if code else {}
    if comment := values.get("comment", "").strip():
        override["userComment"] = comment
    return item | {"outcome": "overridden", "overrideReason": override}


def _listed(text: str) -> list[dict[str, Any]]:
    """The reasons that a card offered, as they travel in its form; none where it was tampered with."""
    try:
        return msgspec.json.decode(text or "[]", type=list[dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return []


def _sent(service: str, body: Json) -> Sent:
    """The call, made within this process by the application that answers it for everybody else."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    call = EnvironBuilder(f"{DISCOVERY}/{service}/feedback", method="POST", data=msgspec.json.encode(body))
    call.content_type = "application/json"
    with app.app_context(), app.request_context(call.get_environ()):  # A call of its own, which is logged as one.
        response: Response = app.full_dispatch_request()
    answer: Json = msgspec.json.decode(response.get_data())
    return Sent(body, response.status_code, answer)


def stored(bench: Workbench, card: str) -> list[Record]:
    """What the store holds of a card; nothing where there is no store, or where what it holds is for others. Raises
    `StoreUnavailable`."""
    store, named = bench.parts.store, card.replace("\0", "").strip()
    if store is None or bench.parts.trust is not None or not named:
        return []
    return list(entry_rows(store.feedback(named)))
