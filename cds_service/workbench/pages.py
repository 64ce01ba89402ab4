"""The pages of the workbench: what each of them shows. How it looks is the templates' matter, and `static`'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.knowledge.numbers import amount, unit_in_words
from cds_service.knowledge.printed import MARKS, change, number
from cds_service.protocol.response import ranked
from cds_service.store.report import NO_RULE
from cds_service.web.problems import error_system, outcome_of
from cds_service.workbench.addresses import here
from cds_service.workbench.bench import Workbench
from cds_service.workbench.case import Outcome
from cds_service.workbench.comparing import compared
from cds_service.workbench.drawing import LEFT, RIGHT, WIDTH, Drawing, drawn
from cds_service.workbench.gaps import gaps_of
from cds_service.workbench.index import Wish, found, rules_in
from cds_service.workbench.markdown import as_html
from cds_service.workbench.objection import objection_to
from cds_service.workbench.orders import PERIODS, SYSTEMS, UNITS
from cds_service.workbench.patient import WIDTHS, Patient
from cds_service.workbench.search import Json
from cds_service.workbench.server import FIELD, KeyRead
from cds_service.workbench.telling import SEXES
from cds_service.workbench.users import USERS, kind_of
from cds_service.workbench.why import Why, why_of
from cds_service.workbench.wire import Wire, wire_of

if TYPE_CHECKING:
    from cds_service.workbench.feedback import Sent

VIEWS = {"": "Cards", "why": "Why, and why not", "compare": "Two sites", "wire": "The wire"}
"""What is shown of a patient, by the end of the address; from them an objection leads on."""


def patients(
    bench: Workbench,
    wish: Wish,
    fault: str = "",
    values: Mapping[str, str] = MappingProxyType({}),
    read: Sequence[KeyRead] = (),
) -> str:
    """The list of patients, and the forms for one that somebody brings. `fault` says what was wrong with one, `values`
    are what was typed, `read` what was read of a server in vain."""
    shown, rules = found(bench.listed, wish), rules_in(bench.listed)
    return _page(
        "patients.html", bench, wish=wish, shown=shown, rules=rules, fault=fault, values=values, read=read, field=FIELD
    )


def key(bench: Workbench, read: Sequence[KeyRead]) -> str:
    """How one key of a server was read, as lines of a list."""
    return _page("key.html", bench, read=read, field=FIELD)


def patient(shown: Patient, view: str) -> str:
    """One patient: cards, reasons or the wire."""
    outcome = shown.outcome()
    problem, status = outcome_of(outcome.error, error_system(shown.bench.settings)) if outcome.error else ({}, 200)
    course = course_of(outcome, shown.before) if view == "" else None
    return _page(
        f"{view or 'cards'}.html",
        shown.bench,
        at=shown,
        view=view,
        views={end: label for end, label in VIEWS.items() if end != "compare" or shown.bench.build is not None},
        widths=WIDTHS,
        units=UNITS,
        periods=PERIODS,
        systems=SYSTEMS,
        users=USERS,
        user=kind_of(outcome.case.context),
        field=FIELD,
        outcome=outcome,
        answer=problem or outcome.answer,
        status=status,
        why=_why(outcome) if view == "why" else None,
        comparison=compared(shown, outcome) if view == "compare" else None,
        course=course,
        gaps=gaps_of(outcome, shown.drafts, course.rows if course else ()) if view == "" else (),
        objection=objection_to(shown, outcome) if view == "objection" else None,
        left=LEFT,
        right=RIGHT,
        drawing_width=WIDTH,
        wire=_wire(shown, outcome, problem or outcome.answer, status) if view == "wire" else None,
    )


def record(bench: Workbench, sent: Sent | None, records: Sequence[Mapping[str, object]], back: str) -> str:
    """What the store holds of a card, and with `sent` the call that put it there."""
    return _page(
        "record.html",
        bench,
        sent=sent,
        records=records,
        back=back,
        has_store=bench.parts.store is not None,
        is_closed=bench.parts.trust is not None,
        has_report=bool(bench.parts.site.admin.name),
        no_rule=NO_RULE,
    )


def form(bench: Workbench, values: Mapping[str, str], shown: Patient | None = None) -> str:
    """The form in which a patient is described; with `shown`, the cards that it got."""
    return _page(
        "form.html",
        bench,
        values=values,
        day=shown.day if shown else bench.today,
        sexes=SEXES,
        units=UNITS,
        at=shown,
        outcome=shown.outcome() if shown else None,
    )


def _wire(shown: Patient, outcome: Outcome, answer: Json, status: int) -> Wire:
    asks_for_token = shown.bench.parts.trust is not None
    return wire_of(outcome, shown.bench.address, answer, status, asks_for_token=asks_for_token)


def _why(outcome: Outcome) -> Why | None:
    """What every rule concluded; None where none was asked, or the package publishes nothing."""
    knowledge = outcome.case.offer.knowledge
    if knowledge.manual is None or outcome.call is None or outcome.error is not None:
        return None
    trace = knowledge.manual.trace(outcome.call)
    return why_of(knowledge.manual, trace, ranked(trace.cards, knowledge.topics))


def course_of(outcome: Outcome, before: Outcome | None = None) -> Drawing | None:
    """The patient's course, drawn; None where the package draws none, or was not asked. What was not in it `before`
    is marked."""
    manual = outcome.case.offer.knowledge.manual
    if manual is None or manual.timeline is None or outcome.call is None:
        return None
    was = manual.timeline(before.call) if before is not None and before.call is not None else None
    return drawn(manual.timeline(outcome.call), was)


def _page(name: str, bench: Workbench, **values: object) -> str:
    return environment().get_template(name).render(bench=bench, **values) + "\n"


def resource_of(reference: str, resources: Mapping[str, Json]) -> Json | None:
    """The resource that a reference leads to; of one that is contained in another, that other."""
    return resources.get(reference.partition("#")[0])


def pretty(value: object) -> str:
    """JSON as people read it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


@cache
def environment() -> Environment:
    """The templates, and what they may call."""
    made = Environment(
        loader=PackageLoader("cds_service.workbench"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "here": here,
        "markdown": as_html,
        "pretty": pretty,
        "amount": amount,
        "number": number,
        "change": change,
        "unit": unit_in_words,
        "meaning": MARKS.__getitem__,
        "resource_of": resource_of,
    }
    return made
