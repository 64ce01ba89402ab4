"""The routes: discovery, one path a service, and the log line of each call. Everything fixed is built at start-up.

Reading a call and ranking its cards is `cds_service.protocol`'s; errors become answers in `cds_service.web.problems`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import msgspec
from flask import Flask, Response, g

from cds_service.errors import PathUnknown
from cds_service.knowledge.contract import Knowledge
from cds_service.protocol.offer import Offer, discovery_body, offers_of
from cds_service.protocol.response import response_body
from cds_service.settings import Settings
from cds_service.web.guard import body_within

DISCOVERY = "/cds-services"
_log = logging.getLogger("cds_service.calls")


def serve(app: Flask, settings: Settings, knowledge: Sequence[Knowledge], now: Callable[[], datetime]) -> None:
    """Register every route. `now` gives the current time with a zone; the day is taken in the site's."""
    offers = offers_of(knowledge)
    discovery = discovery_body(offers.values())

    @app.get("/")
    def root() -> Response:
        return _json(msgspec.json.encode({"discovery": DISCOVERY}))

    @app.get(DISCOVERY)
    def services() -> Response:
        response = _json(discovery)
        response.headers["Cache-Control"] = "max-age=300"
        return response

    for id, offer in offers.items():
        path = f"{DISCOVERY}/{id}"
        app.add_url_rule(path, id, _call(offer, settings, now), methods=["POST"])
        # Browsers ask for leave before they send feedback; nothing takes it yet.
        app.add_url_rule(f"{path}/feedback", f"{id} feedback", _no_feedback, methods=["GET", "POST"])

    app.after_request(_logged)


def _call(offer: Offer, settings: Settings, now: Callable[[], datetime]) -> Callable[[], Response]:
    def answer() -> Response:
        g.call = {"service": offer.service.id, "hook": offer.hook.name}
        g.started = perf_counter()
        today = now().astimezone(settings.zone).date()
        cards = offer.cards(body_within(settings.body_limit), today=today, zone=settings.zone)
        g.call["topics"] = [card.topic for card in cards]
        return _json(response_body(cards, offer.knowledge.extension))

    return answer


def _no_feedback() -> Response:
    raise PathUnknown


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")


def _logged(response: Response) -> Response:
    """One line a call. Only what is named here is ever logged: no id, no value, no text of the request."""
    call: dict[str, Any] | None = g.get("call")
    if call is not None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": call["service"],
            "hook": call["hook"],
            "status": response.status_code,
            "topics": call.get("topics", []),
            "milliseconds": round((perf_counter() - g.started) * 1000, 1),
        }
        _log.info("%s", msgspec.json.encode(line).decode())
    return response
