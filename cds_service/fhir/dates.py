"""FHIR dates and times as intervals of whole days in the site's time zone.

A partial date spans its year or month; an instant is the one day that it falls on at the site; a time without a zone
is taken for the site's own. Which of a resource's dates counts is left to the reader of that resource.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from cds_service.values import When

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?\s?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)

_LENGTH_OF_A_DAY = 10
_FIRST_CENTURY = "19"
"""An earlier date is what databases keep where there is none ("0001-01-01"): nobody alive was born then."""


class DateUnreadable(ValueError):
    """The value is no FHIR date, dateTime or instant, or no day of the calendar."""


def read_when(received: object, zone: tzinfo) -> When:
    """A FHIR date, dateTime or instant as a `When`; raises `DateUnreadable`."""
    plain = usual(received, zone)
    if plain is not None:
        return plain
    text = str(received).strip() if isinstance(received, str | int) and not isinstance(received, bool) else ""
    found = _DATE.fullmatch(text)
    if found is None:
        raise DateUnreadable("it is no FHIR date")
    if text < _FIRST_CENTURY:
        raise DateUnreadable("it stands for no date")
    try:
        if found["hour"] is not None:
            return _instant(found, zone)
        return _days(found)
    except (ValueError, OverflowError) as error:
        raise DateUnreadable("it is no day of the calendar") from error


def joined(start: When | None, end: When | None) -> When | None:
    """The interval from the first day of `start` to the last of `end`; what is open on one side is the other side.

    Raises `DateUnreadable` when it ends before it begins.
    """
    if start is None or end is None:
        return start or end
    if end.end < start.start:
        raise DateUnreadable("the period ends before it begins")
    return When(start.start, end.end, received=f"{start.received}/{end.received}")


def usual(text: object, zone: tzinfo) -> When | None:
    """A day, or a moment to the second with its offset, as nearly all dates are sent; None for any other spelling.

    The standard library reads these many times faster; of what else it takes for a date, nothing gets here.
    """
    if type(text) is not str or text[4:5] != "-" or text[7:8] != "-" or text < _FIRST_CENTURY:
        return None
    is_day = len(text) == _LENGTH_OF_A_DAY
    if not is_day and (text[10:11] != "T" or text[13:14] != ":" or text[16:17] != ":" or text[11:13] == "24"):
        return None
    try:
        if is_day:
            day = date.fromisoformat(text)
            return When(day, day, None, text)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        local = moment if moment.tzinfo is zone else moment.astimezone(zone)
        day = local.date()
        return When(day, day, local, text)
    except (ValueError, OverflowError):
        return None


def _days(found: re.Match[str]) -> When:
    year, month, day = int(found["year"]), found["month"], found["day"]
    if month is None:
        return When(date(year, 1, 1), date(year, 12, 31), received=found[0])
    if day is None:
        return When(
            date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1]), received=found[0]
        )
    exact = date(year, int(month), int(day))
    return When(exact, exact, received=found[0])


def _instant(found: re.Match[str], zone: tzinfo) -> When:
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    # A leap second (":60") is legal in FHIR and unknown to datetime.
    clock = int(hour), int(minute), 59 if second == "60" else int(second or 0), int((fraction or "0")[:6].ljust(6, "0"))
    moment = datetime(int(year), int(month), int(day), *clock, tzinfo=_offset(offset) or zone)
    local = moment.astimezone(zone)
    on = local.date()
    return When(on, on, local, found[0])


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
