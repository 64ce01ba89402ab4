"""Of each rule a page below its own: a few of its example patients, with story, course and the cards that rest on it.

A page is made when somebody asks for it and then kept, like the rulebook around it: it shows examples alone, as of
their own days, and the knowledge that this process runs with. Where no example patients are installed there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask import Flask, Response
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from cds_service.errors import PathUnknown
from cds_service.knowledge.book import Book, RuleEntry, book_of
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.manual import Exercise
from cds_service.parts import Parts
from cds_service.settings import Settings
from cds_service.web.manual import FRONT, PATIENTS, Document, answered, path_of, policy_of
from cds_service.web.pages import page_around, style
from cds_service.workbench.bench import Workbench
from cds_service.workbench.case import asked
from cds_service.workbench.cast import Cast, ExamplePatient
from cds_service.workbench.door import static
from cds_service.workbench.drawing import LEFT, RIGHT, WIDTH, Drawing
from cds_service.workbench.pages import course_of, environment
from cds_service.workbench.patient import Patient
from cds_service.workbench.search import Json

MOST = 3
"""Patients of a rule that are shown; the page of the rule names them all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One example patient of a rule."""

    exercise: Exercise
    story: str
    hook: str
    day: str
    cards: tuple[Json, ...]
    """Those that rest on the rule."""
    others: tuple[str, ...]
    """What the others say."""
    course: Drawing | None


def serve_patients(
    app: Flask,
    settings: Settings,
    knowledge: Sequence[Knowledge],
    now: Callable[[], datetime],
    parts: Parts,
    cast: Cast,
) -> None:
    """Register the pages, where there are example patients."""
    if not cast.names:
        return
    app.extensions[PATIENTS] = frozenset(cast.names)
    sheet = static("workbench.css")
    policy = policy_of(style() + sheet)
    for package in knowledge:
        if base := path_of(package, knowledge):
            bench = Workbench(settings, parts, (package,), cast, now)
            view = _view(base, bench, sheet, policy, lambda: app.extensions.get(FRONT, ""))
            app.add_url_rule(f"{base}/rules/<logic>/examples", f"patients {base}", view, methods=["GET"])


def _view(
    base: str, bench: Workbench, sheet: str, policy: str, workbench: Callable[[], str]
) -> Callable[[str], Response]:
    @cache
    def book() -> Book:
        return book_of(bench.knowledge[0])

    @cache
    def document(logic: str) -> Document:
        rule = next((rule for rule in book().rules if rule.logic == logic), None)
        shown = list(_shown(rule, bench, f"{base}/rules")) if rule else []
        if rule is None or not shown:
            raise PathUnknown
        content = (
            environment()
            .get_template("rule_patients.html")
            .render(
                rule=rule,
                at=f"{base}/rules/{rule.logic}",
                shown=shown,
                workbench=workbench(),
                drawing_width=WIDTH,
                left=LEFT,
                right=RIGHT,
            )
        )
        heading = f"{rule.logic} on patients: {rule.subject}"
        made = Markup(content)  # noqa: S704 -- rendered with everything from data escaped
        return Document("text/html", page_around(book(), base, heading, made, sheet).encode())

    def patients(logic: str) -> Response:
        """Example patients of a rule, with the cards that rest on it."""
        return answered(document(logic), policy)

    return patients


def _shown(rule: RuleEntry, bench: Workbench, rules_at: str) -> Iterator[Shown]:
    for exercise in _chosen(rule.examples, bench.cast):
        found = bench.cast.find(exercise.example)
        if found is not None and (made := _patient(rule, exercise, found, bench, rules_at)):
            yield made


def _chosen(exercises: Sequence[Exercise], cast: Cast) -> list[Exercise]:
    """Each patient once, one of each answer first."""
    installed = {item.example: item for item in reversed(exercises) if item.example in cast.names}
    patients = sorted(installed.values(), key=exercises.index)
    firsts = {item.truth: item for item in reversed(patients)}
    return sorted(patients, key=lambda item: firsts[item.truth] is not item)[:MOST]


def _patient(
    rule: RuleEntry, exercise: Exercise, example: ExamplePatient, bench: Workbench, rules_at: str
) -> Shown | None:
    """None where the patient has no such call any more, or this site switched its hook off."""
    patient = Patient(bench, MultiDict({"call": exercise.call}), example=example)
    if patient.call != exercise.call:
        return None
    outcome = asked(patient.case(patient.call), bench.settings.zone, rules_at)
    resting = [card for card in outcome.cards if rule.logic in outcome.rules_of(card)]
    return Shown(
        exercise,
        example.story.partition("\n|")[0],
        outcome.case.offer.hook.name,
        outcome.case.day.isoformat(),
        tuple(resting),
        tuple(card["summary"] for card in outcome.cards if card not in resting),
        course_of(outcome),
    )
