"""The routes of CDS Hooks: discovery, one path a service, feedback, and the log line of each call.

Everything fixed is built at start-up. Who calls is decided here before a body is read; what is answered is
`cds_service.desk`'s, errors become answers in `cds_service.web.problems`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import msgspec
from flask import Flask, Response, g, request

from cds_service import metrics
from cds_service.desk import Desk
from cds_service.errors import KeysUnavailable, StoreUnavailable, TokenRefused
from cds_service.knowledge.contract import Knowledge
from cds_service.parts import Parts
from cds_service.protocol.caller import ANYONE, Caller
from cds_service.protocol.feedback import read_feedback
from cds_service.protocol.offer import Offer, discovery_body, offers_of
from cds_service.settings import Settings
from cds_service.web.guard import body_within
from cds_service.web.manual import FRONT, path_of
from cds_service.web.openapi import serve_openapi
from cds_service.web.overload import Places

DISCOVERY = "/cds-services"
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?", re.ASCII)
_log = logging.getLogger("cds_service.calls")


def serve(
    app: Flask, settings: Settings, knowledge: Sequence[Knowledge], now: Callable[[], datetime], parts: Parts
) -> None:
    """Register every route. `now` gives the current time with a zone; the day is taken in the site's."""
    offers = offers_of(knowledge)
    discovery = discovery_body(offers.values(), parts.site.service.specification_version)
    desk = Desk(settings, parts, now)
    places = Places(parts.site.limits.requests_in_flight)

    @app.get("/")
    def root() -> Response:
        """Where programs find the services, and people the pages that a browser can show."""
        front = app.extensions.get(FRONT)
        if front and request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            return Response(status=302, headers={"Location": front, "Vary": "Accept"})
        return _json(msgspec.json.encode({"discovery": DISCOVERY}))

    @app.get(DISCOVERY)
    def services() -> Response:
        """Discovery: the services with their prefetch templates."""
        if parts.site.service.discovery_auth:
            _caller(parts, DISCOVERY)
        response = _json(discovery)
        response.headers["Cache-Control"] = "max-age=300"
        return response

    for id, offer in offers.items():
        path = f"{DISCOVERY}/{id}"
        rules = path_of(offer.knowledge, knowledge)
        app.add_url_rule(path, id, _call(offer, desk, places, f"{rules}/rules" if rules else ""), methods=["POST"])
        app.add_url_rule(f"{path}/feedback", f"{id} feedback", _feedback(offer, desk, places), methods=["POST"])

    serve_openapi(app, offers.values())
    app.after_request(_logged)


def _call(offer: Offer, desk: Desk, places: Places, rules: str) -> Callable[[], Response]:
    """`rules` is the path of the pages of the rules, "" where there are none."""
    path = f"{DISCOVERY}/{offer.service.id}"

    def answer() -> Response:
        """A hook is called and answered with cards."""
        _begin(offer)
        with places.taken():
            caller = _caller(desk.parts, path)
            base = address_of(desk.settings, desk.parts) if rules else ""
            rules_at = f"{base}{rules}" if base else ""
            answered = desk.answer(offer, body_within(desk.settings.body_limit), caller, rules_at)
        g.call |= {"topics": answered.topics, "reads": answered.reads}
        for topic in answered.topics or ["none"]:
            metrics.DECISIONS.labels(offer.service.id, topic).inc()
        return _json(answered.body)

    return answer


def _feedback(offer: Offer, desk: Desk, places: Places) -> Callable[[], Response]:
    path = f"{DISCOVERY}/{offer.service.id}"

    def take() -> Response:
        """What users did with the cards of this service."""
        _begin(offer)
        with places.taken():
            caller = _caller(desk.parts, f"{path}/feedback", path)
            feedback = read_feedback(body_within(desk.settings.body_limit))
            if desk.parts.store is None:
                raise StoreUnavailable
            desk.parts.store.keep_feedback(feedback.items, offer.service.id, caller.issuer)
        g.call["feedback"] = {"stored": len(feedback.items), "rejected": feedback.rejected}
        for item in feedback.items:
            metrics.FEEDBACK.labels(item.outcome).inc()
        return _json(msgspec.json.encode(g.call["feedback"]))

    return take


def address_of(settings: Settings, parts: Parts) -> str:
    """The address of this service as its callers write it: the site's, or in the sandbox what the call was sent to; ""
    where neither is known. A Host header is believed nowhere else."""
    named = parts.site.service.base_url.rstrip("/")
    if named or settings.profile != "sandbox":
        return named
    host = request.headers.get("Host", "")
    return f"{request.scheme}://{host}" if _HOST.fullmatch(host) else ""


def _begin(offer: Offer) -> None:
    g.call = {"service": offer.service.id, "hook": offer.hook.name}
    g.started = perf_counter()


def _caller(parts: Parts, *paths: str) -> Caller:
    """Who calls; raises `TokenRefused` where that cannot be told, and a token is asked for."""
    if parts.trust is None:
        return ANYONE
    base = parts.site.service.base_url.rstrip("/")
    try:
        return parts.trust.admit(request.headers.getlist("Authorization"), [f"{base}{path}" for path in paths])
    except (TokenRefused, KeysUnavailable) as refused:
        metrics.TRUST_FAILURES.labels(refused.why, refused.issuer).inc()
        g.setdefault("started", perf_counter())
        g.call = g.get("call", {"service": "discovery", "hook": ""}) | {
            "refused": refused.why,
            "issuer": refused.issuer,
        }
        raise


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")


def _logged(response: Response) -> Response:
    """One line a call. Only what is named here is ever logged: no id, no value, no text of the request."""
    call: dict[str, Any] | None = g.get("call")
    if call is not None:
        seconds = perf_counter() - g.started
        metrics.SECONDS.labels(call["service"], str(response.status_code)).observe(seconds)
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": call["service"],
            "hook": call["hook"],
            "status": response.status_code,
            "topics": call.get("topics", []),
            "milliseconds": round(seconds * 1000, 1),
        }
        line |= {name: call[name] for name in ("reads", "feedback", "refused", "issuer") if call.get(name)}
        _log.info("%s", msgspec.json.encode(line).decode())
    return response
