"""The routes by which a patient is read from a FHIR server: all keys for one page, or one for a browser with script.

Asked for from a page of another site nothing is read: it could learn what a server says that only this machine reaches.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, request

from cds_service.access import Access
from cds_service.errors import PathUnknown
from cds_service.protocol.prefetch import PATIENT
from cds_service.protocol.request import HookRequest
from cds_service.workbench import pages
from cds_service.workbench.bench import BASE, Workbench
from cds_service.workbench.door import html
from cds_service.workbench.index import Wish
from cds_service.workbench.intake import ChartUnusable, chart_read
from cds_service.workbench.patient import Patient
from cds_service.workbench.server import KeyRead, call_for, read

_FOREIGN = "This was asked for from another site, and nothing was read. Open the workbench and ask here."
_NO_PATIENT = "The patient could not be read, and nothing is asked without one. Below is what was read of each key."


def serve_reading(app: Flask, bench: Workbench) -> None:
    """Register the routes, where this process reads FHIR servers and offers services."""
    access = bench.access
    if access is None or not bench.offers:
        return

    @app.post(f"{BASE}/server", endpoint="workbench server")
    def server() -> Response:
        call = _call(bench, access)
        values = request.form
        if isinstance(call, str):
            return html(pages.patients(bench, Wish(), call, values))
        came = _read(bench, call, bench.keys, access)
        had = {one.key for one in came if one.value is not None}
        chart = chart_read(came) if PATIENT in had else ChartUnusable(_NO_PATIENT)
        if isinstance(chart, ChartUnusable):
            return html(pages.patients(bench, Wish(), chart.reason, values, came))
        return html(pages.patient(Patient(bench, values, chart=chart), ""))

    @app.post(f"{BASE}/server/<name>", endpoint="workbench key")
    def key(name: str) -> Response:
        call = _call(bench, access)
        if name not in bench.keys:
            raise PathUnknown
        came = () if isinstance(call, str) else _read(bench, call, {name: bench.keys[name]}, access)
        return html(pages.key(bench, came))

    @app.get(f"{BASE}/server", endpoint="workbench no server")
    def no_server() -> Response:
        return html(pages.patients(bench, Wish()))


def _call(bench: Workbench, access: Access) -> HookRequest | str:
    request.max_form_memory_size = bench.settings.body_limit
    values = request.form
    if not _is_from_here():
        return _FOREIGN
    return call_for(values.get("server", ""), values.get("patient", ""), access)


def _read(bench: Workbench, call: HookRequest, keys: Mapping[str, str], access: Access) -> tuple[KeyRead, ...]:
    service = next(iter(bench.offers.values())).service
    return read(call, service, keys, access)


def _is_from_here() -> bool:
    """The form that was sent stands on a page of this service, as far as the browser says. Not every browser names the
    site on every connection; then the origin decides."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "")
    return not origin or origin.partition("://")[2] == request.host
