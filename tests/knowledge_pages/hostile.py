"""A toy package whose every text tries to break out of the form that it is printed in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any

from cds_service.knowledge.contract import Evidence, Finding, HookCall, RuleBook, Series, Threshold, Thresholds
from cds_service.knowledge.fields import Field
from cds_service.knowledge.manual import (
    Assessment,
    Conflict,
    Drug,
    DrugKind,
    Exercise,
    Exercises,
    Manual,
    Ruling,
    SourceAttribute,
    Term,
    Trace,
    Verdict,
)
from cds_service.knowledge.timeline import Axis, Band, Event, Lane, Limit, Point, Quality, Timeline
from tests.engine.calls import haemoglobin
from tests.toy_disease import KNOWLEDGE

EVIL = '<script>alert("1")</script> a|b **c** [d](http://e) `f` & "g"'
EVIDENCE = {"BOOK": Evidence("BOOK", EVIL, "2020", EVIL, "https://example.org/book", EVIL, EVIL)}
THRESHOLDS = Thresholds(
    {
        "water.glasses": Threshold(
            "water.glasses",
            Decimal("2.50"),
            "mg/dL",
            "≥",
            date(2020, 1, 1),
            "D",
            (),
            EVIL,
            True,
            (Decimal(1), Decimal(9)),
        ),
        "water.days": Threshold("water.days", Decimal(30), "d", "<", date(2020, 1, 1), "V", ("BOOK",), "age of water"),
    }
)


def is_low(picture: int) -> Finding:
    return Finding.yes() if picture < THRESHOLDS["water.glasses"] else Finding.no()


is_low.__doc__ = f"""={EVIL}

    First {EVIL}
    goes on.

    YES when there are fewer
    than {{water.glasses}}: {EVIL}

    NO when there are as many: {EVIL}

    UNKNOWN never: {EVIL}

    Second paragraph (rulings 1 and 9).
    """
PLANS = {"sips": Series("sips", (1, 2, 4), "wk", "D", ("BOOK",), EVIL)}
DRUGS = {"syrup": DrugKind("syrup", EVIL, (Drug(EVIL, ("BOOK",)), Drug("sugar", ())))}
BOOK: RuleBook[int] = RuleBook(EVIDENCE, THRESHOLDS, {"water", "stop"}, {"patient-view", "order-sign"}, PLANS, DRUGS)
RULE = BOOK.rule(
    "water.is_low",
    logic="W-1",
    cards=("water",),
    hooks=("patient-view",),
    cites=("BOOK",),
    thresholds=("water.glasses", "water.days"),
    schedule=("sips",),
    drugs=("syrup",),
)(is_low)


def trace(call: HookCall) -> Trace:
    return Trace(
        "T1, thirsty", (Verdict(RULE, Finding.no(), call.hook == "patient-view"),), KNOWLEDGE.advise(call).cards
    )


def haemoglobin_of(value: str, day: date, patient: str) -> dict[str, Any]:
    made = haemoglobin(value) | {"subject": {"reference": patient}, "effectiveDateTime": day.isoformat()}
    return {name: member for name, member in made.items() if name != "id"}


def course(call: HookCall) -> Timeline:
    """Every result, in the order in which it came, each with another quality."""
    points = tuple(
        Point(result.when.end if result.when else None, result.received, result.source, quality, value, EVIL)
        for result, (quality, value) in zip(call.record.results, cycle(_QUALITIES))
    )
    events = (Event(call.today, EVIL, is_due=True), Event(None, EVIL, EVIL), Event(date(1950, 1, 1), "long ago", "X/1"))
    return Timeline(
        call.today,
        (Axis(EVIL, EVIL, points, (Limit(Decimal(12), EVIL), Limit(Decimal(13), "enough"))),),
        (Lane(EVIL, events),),
        (Band(EVIL, date(2026, 1, 1), date(2026, 2, 1)), Band("long ago", date(1950, 1, 1), date(1950, 2, 1))),
    )


_QUALITIES: tuple[tuple[Quality, Decimal | None], ...] = (
    ("good", Decimal("9.5")),
    ("censored", Decimal(9)),
    ("preliminary", Decimal(11)),
    ("unitless", None),
    ("unread", None),
    ("refused", None),
)

MANUAL = Manual(
    rules=(RULE,),
    thresholds=THRESHOLDS,
    evidence=EVIDENCE,
    hooks=("patient-view", "order-sign"),
    topics={"stop": "Stop", "water": EVIL, "sip": "Sip"},
    trace=trace,
    states={"T1": EVIL},
    conflicts=(Conflict("howMuch", EVIL, (EVIL, "less"), EVIL, ("BOOK",), ("W-1", "W-9")),),
    source_attributes=(SourceAttribute("race", EVIL, EVIL),),
    assessment_system="urn:hiccups-cds:assessment",
    assessments=(
        Assessment(("urn:hiccups-cds:assessment", "count"), EVIL, "integer", highest=9),
        Assessment(("urn:hiccups-cds:assessment", "mood"), "Mood", "choice", options=(("wet", EVIL),)),
        Assessment(("urn:hiccups-cds:assessment", "height"), "Height", "quantity", unit="cm"),
        Assessment(("http://loinc.org", "718-7"), "Haemoglobin", "decimal"),
    ),
    schedule=PLANS,
    drugs=DRUGS,
    rulings=(Ruling(1, EVIL), Ruling(2, "As ruling 1.")),
    glossary=(Term("low, L-W", EVIL, EVIL, ("BOOK",)), Term(EVIL, "Words", "at least {water.glasses}")),
    timeline=course,
    fields=(
        Field("haemoglobin", EVIL, EVIL, haemoglobin_of, "g/dL"),
        Field("mood", "Mood", EVIL, haemoglobin_of, options=(("9", EVIL), ("15", "wet"))),
    ),
    orders=(("espresso", "MedicationRequest"), ("Water", "ServiceRequest"), (EVIL, "MedicationRequest")),
    exercises={"W-1": Exercises((Exercise("jane", "patient-view", EVIL, "YES"),), ("T1",))},
)
HOSTILE = replace(KNOWLEDGE, title=EVIL, manual=MANUAL)
