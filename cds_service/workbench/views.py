"""The routes of the workbench: a list of patients, and for one of them cards, reasons and the wire.

An example is named in the address; a chart that somebody brings comes with each form and is gone with the answer. What
the values mean is decided by `bench`, what a page shows by `pages`; reading a FHIR server is left to `reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask, Response, request
from werkzeug.datastructures import MultiDict

from cds_service.errors import PathUnknown
from cds_service.knowledge.contract import Knowledge
from cds_service.parts import Parts
from cds_service.settings import Settings
from cds_service.web.manual import FRONT
from cds_service.web.pages import style
from cds_service.workbench import pages
from cds_service.workbench.bench import BASE, Workbench
from cds_service.workbench.cast import Cast
from cds_service.workbench.door import html, static
from cds_service.workbench.feedback import serve_feedback
from cds_service.workbench.index import Wish
from cds_service.workbench.intake import Chart, ChartUnusable, chart_of, chart_read
from cds_service.workbench.patient import Patient
from cds_service.workbench.reading import serve_reading
from cds_service.workbench.saving import FOLDER, saved
from cds_service.workbench.second import Build
from cds_service.workbench.server import carried
from cds_service.workbench.telling import told


def is_on(settings: Settings, parts: Parts) -> bool:
    """Whether this process serves the workbench."""
    wanted = parts.site.workbench.enabled
    return settings.profile == "sandbox" if wanted is None else wanted


def serve_workbench(
    app: Flask,
    settings: Settings,
    knowledge: Sequence[Knowledge],
    now: Callable[[], datetime],
    parts: Parts,
    cast: Cast,
    build: Build | None = None,
) -> None:
    """Register the routes, where this process serves them."""
    if not is_on(settings, parts):
        return
    app.extensions[FRONT] = BASE
    bench = Workbench(settings, parts, tuple(knowledge), cast, now, build)
    sheet, module = f"{style()}\n{static('workbench.css')}".encode(), static("workbench.js").encode()

    @app.get(BASE)
    def choose() -> Response:
        args = request.args
        wish = Wish(*(args.get(name, "").strip()[:200] for name in ("q", "hook", "topic", "rule")))
        return html(pages.patients(bench, wish))

    @app.get(f"{BASE}/examples/<name>", defaults={"view": ""}, endpoint="workbench example")
    @app.get(
        f"{BASE}/examples/<name>/<any(why, wire, compare, save, objection):view>", endpoint="workbench example view"
    )
    def example(name: str, view: str) -> Response:
        return _shown(_example(bench, name, request.args), view)

    @app.post(f"{BASE}/examples/<name>/<any(compare):view>", endpoint="workbench example with a site file")
    def example_at_another_site(name: str, view: str) -> Response:
        request.max_form_memory_size = settings.body_limit
        return _shown(_example(bench, name, request.form), view)

    @app.post(f"{BASE}/chart", defaults={"view": ""}, endpoint="workbench chart")
    @app.post(f"{BASE}/chart/<any(why, wire, compare, save, objection):view>", endpoint="workbench chart view")
    def chart(view: str) -> Response:
        request.max_form_memory_size = settings.body_limit
        made = _brought(bench)
        if isinstance(made, ChartUnusable):
            return html(pages.patients(bench, Wish(), made.reason, request.form))
        return _shown(Patient(bench, request.form, chart=made), view)

    @app.get(f"{BASE}/chart", endpoint="workbench no chart")
    def no_chart() -> Response:
        """Whoever was sent this address has no chart with it."""
        return html(pages.patients(bench, Wish()))

    serve_reading(app, bench)

    @app.get(f"{BASE}/form")
    def describe() -> Response:
        return html(pages.form(bench, {}))

    @app.post(f"{BASE}/form", endpoint="workbench described")
    def described() -> Response:
        values = request.form
        day = Patient(bench, values).day
        call = "order-sign" if values.get("order_name", "").strip() else "patient-view"
        chart = told(values, bench.fields, day)
        return html(
            pages.form(bench, values, Patient(bench, MultiDict([*values.items(), ("call", call)]), chart=chart))
        )

    serve_feedback(app, bench)

    @app.get(f"{BASE}/style.css", endpoint="workbench style")
    def styled() -> Response:
        return _file(sheet, "text/css")

    @app.get(f"{BASE}/workbench.js", endpoint="workbench script")
    def script() -> Response:
        return _file(module, "text/javascript")


def _brought(bench: Workbench) -> Chart | ChartUnusable:
    """The chart in the form: pasted, dropped, or read of a FHIR server before."""
    read = list(carried(request.form.items(), request.form.getlist("read"), bench.keys))
    if any(one.value is not None for one in read):
        return chart_read(read)
    dropped = [file.read().decode("utf-8", "replace") for file in request.files.getlist("files")]
    return chart_of([request.form.get("chart", ""), *dropped])


def _example(bench: Workbench, name: str, values: MultiDict[str, str]) -> Patient:
    patient = bench.cast.find(name)
    if patient is None or not bench.offers:
        raise PathUnknown
    return Patient(bench, values, example=patient)


def _shown(patient: Patient, view: str) -> Response:
    if view == "compare" and patient.bench.build is None:
        raise PathUnknown
    if view != "save":
        return html(pages.patient(patient, view))
    response = Response(saved(patient), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{FOLDER}.zip"'
    return response


def _file(body: bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
