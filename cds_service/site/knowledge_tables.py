"""Readers of the tables that change the knowledge: thresholds, codes, catalogue, cards, hooks, links, override reasons.

Decides what a value in each looks like. Whether an id, code set, topic or hook exists is left to the knowledge package
that is built with the site.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cds_service.cards import Coding
from cds_service.codes import Code
from cds_service.site.report import Report

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s,|$&#%{}\\+\"<>]+")
_CODE = re.compile(r"[^\s,|$&#%{}\\+\"<>]+")
"""A local code enters search URLs as it is, so it has none of the characters that mean something there."""
_LONGEST = 250
_MOST_DIGITS = 12
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_REASON = re.compile(r"[A-Za-z0-9]{1,64}")

_CODE_WORDS = "a table with `system` (a URI), `code` and, if wished, `display`"


def _time_zone(report: Report, sent: object) -> tzinfo:
    try:
        return ZoneInfo(sent) if isinstance(sent, str) and sent else _no_zone(report, sent)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _no_zone(report, sent)


def _no_zone(report: Report, sent: object) -> tzinfo:
    report.add("", "time_zone", f"{sent!r} is no time zone here", 'an IANA name, such as "Europe/Zurich"')
    return UTC


def _thresholds(report: Report, sent: object) -> Mapping[str, Decimal]:
    made = {}
    for key, value in _flat(report.table("thresholds", sent)):
        if _is_number(value):
            made[key] = Decimal(f"{Decimal(str(value)):f}")
        else:
            report.add("thresholds", key, f"{value!r} is no number", "a number within the bounds of the threshold")
    return made


def _is_number(value: object) -> bool:
    """A finite number of a size that clinical numbers have."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and abs(Decimal(value).adjusted()) < _MOST_DIGITS


def _flat(sent: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys with and without quotation marks mean the same: TOML reads the latter as tables in tables."""
    for key, value in sent.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _codes(report: Report, sent: object) -> Mapping[str, tuple[Code, ...]]:
    made = {}
    for name, rows in report.table("codes", sent).items():
        if not isinstance(rows, list) or not rows:
            report.add("codes", name, "it is no list of codes", f"a list; each member {_CODE_WORDS}")
            continue
        codings = [_coding(report, "codes", name, row) for row in rows]
        codes = [(coding.system, coding.code) for coding in codings if coding is not None]
        if len(set(codes)) != len(codes):
            report.add("codes", name, "a code stands there twice", "each code once")
        made[name] = tuple(dict.fromkeys(codes))
    return made


def _catalogue(report: Report, sent: object) -> Mapping[str, Coding]:
    made = {name: _coding(report, "catalogue", name, row) for name, row in report.table("catalogue", sent).items()}
    return {name: coding for name, coding in made.items() if coding is not None}


def _coding(report: Report, table: str, key: str, row: object) -> Coding | None:
    if not isinstance(row, dict) or not {"system", "code"} <= row.keys() <= {"system", "code", "display"}:
        report.add(table, key, f"{row!r} is no code", _CODE_WORDS)
        return None
    if not all(isinstance(value, str) and len(value) <= _LONGEST for value in row.values()):
        report.add(table, key, f"{row!r} has members that are no texts", f"texts of at most {_LONGEST} characters")
        return None
    if not _URI.fullmatch(row["system"]):
        allowed = "a URI, such as urn:oid:1.2.3 or https://example.org/codes, without blanks and , | $ & # % { } \\ +"
        report.add(table, key, f"{row['system']!r} is no code system", allowed)
        return None
    if not _CODE.fullmatch(row["code"]):
        report.add(table, key, f"{row['code']!r} is no code", "no blanks and none of , | $ & # % { } \\ + in a code")
        return None
    return Coding(row["system"], row["code"], row.get("display", "").strip())


def _switches(table: str) -> Callable[[Report, object], Mapping[str, bool]]:
    def read(report: Report, sent: object) -> Mapping[str, bool]:
        made = {}
        for key, value in report.table(table, sent).items():
            if isinstance(value, bool):
                made[key] = value
            else:
                report.add(table, key, f"{value!r} is no switch", "true or false")
        return made

    return read


DETAILS = ("short", "full")


@dataclass(frozen=True, slots=True)
class CardsTable:
    """`[cards]`: which kinds of card are on, and how much each says."""

    topics: Mapping[str, bool] = field(default_factory=dict)
    detail: Literal["short", "full"] = "short"


def _cards(report: Report, sent: object) -> CardsTable:
    table = dict(report.table("cards", sent))
    detail = table.pop("detail", "short")
    if detail not in DETAILS:
        report.add("cards", "detail", f"{detail!r} may not stand there", " or ".join(f'"{one}"' for one in DETAILS))
        detail = "short"
    return CardsTable(_switches("cards")(report, table), detail)


def _links(report: Report, sent: object) -> frozenset[str] | None:
    table = report.table("links", sent)
    for key in table:
        if key != "hosts":
            report.add("links", key, "there is no such key", "hosts")
    hosts = table.get("hosts")
    if hosts is None:
        return None
    if not isinstance(hosts, list) or not hosts:
        report.add(
            "links", "hosts", "it is no list of hosts", 'a list such as ["doi.org"]; without the key, every host'
        )
        return None
    for host in hosts:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            report.add("links", "hosts", f"{host!r} is no host", "a name in lower case, without scheme, port and path")
    return frozenset(host for host in hosts if isinstance(host, str))


def _override_reasons(report: Report, sent: object) -> tuple[tuple[str, str], ...]:
    table = report.table("override_reasons", sent)
    if not table:
        report.add("override_reasons", "", "it has no reason", "at least one; without the table, the service's own")
    for code, display in table.items():
        if not _REASON.fullmatch(code):
            report.add("override_reasons", code, "it is no code of a reason", "letters and digits, at most 64")
        if not isinstance(display, str) or not display.strip() or len(display) > _LONGEST:
            allowed = f"a text of at most {_LONGEST} characters that a clinician chooses by"
            report.add("override_reasons", code, f"{display!r} is no display", allowed)
    return tuple((code, str(display).strip()) for code, display in table.items())


READERS: Mapping[str, Callable[[Report, object], object]] = {
    "time_zone": _time_zone,
    "thresholds": _thresholds,
    "codes": _codes,
    "catalogue": _catalogue,
    "cards": _cards,
    "hooks": _switches("hooks"),
    "links": _links,
    "override_reasons": _override_reasons,
}
