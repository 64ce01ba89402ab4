"""Reads what clients report of cards (CDS Hooks 2.0, "Feedback"): each item is taken or rejected by itself.

Clients differ: a reason without display, a reason never offered, another spelling of the member, its members one level
higher, suggestions as bare ids, an accepted card without its suggestion. All of that is kept; only what cannot be told
apart or placed in time is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cds_service.errors import Fault, FeedbackUnusable
from cds_service.protocol.opening import members_of
from cds_service.store import FeedbackItem

OUTCOMES = frozenset({"accepted", "overridden"})
LONGEST_COMMENT = 4000
MOST_ITEMS = 10_000
"""Of one batch; those after them are rejected, so that a batch is answered in a second or two."""
_LONGEST_CARD, _LONGEST_SYSTEM, _LONGEST_CODE = 256, 512, 256
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_TITLE = re.compile(r"reasonTitle$")
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Feedback:
    """What of a batch is usable, and how many items are not."""

    items: tuple[FeedbackItem, ...]
    rejected: int


def read_feedback(body: bytes) -> Feedback:
    """Raises `BodyUnreadable` for what is no JSON object, `FeedbackUnusable` where no item of it is usable."""
    raw = members_of(body).get("feedback")
    try:
        sent = _LIST.decode(raw or b"null")
    except msgspec.ValidationError:
        raise FeedbackUnusable(_fault('"feedback" is missing, or no list.', "feedback")) from None
    items = [item for one in sent[:MOST_ITEMS] if (item := _item(_value(one))) is not None]
    if not items:
        text = 'No item has a "card", an "outcome" (accepted or overridden) and an "outcomeTimestamp" of RFC 3339.'
        raise FeedbackUnusable(_fault(text, "feedback"))
    return Feedback(tuple(items), len(sent) - len(items))


def _fault(text: str, expression: str) -> Fault:
    return Fault("CDS-602", "invalid", text, "Send what CDS Hooks 2.0 describes under Feedback.", expression)


def _value(raw: msgspec.Raw) -> object:
    """None for what holds a number that no computer holds (1e999), which is JSON all the same."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return None


def _item(sent: object) -> FeedbackItem | None:
    if not isinstance(sent, dict):
        return None
    card, outcome, happened = (sent.get(name) for name in ("card", "outcome", "outcomeTimestamp"))
    moment = utc(happened) if isinstance(happened, str) else None
    named = _text(card, _LONGEST_CARD)
    if not isinstance(card, str) or not named or len(card) > _LONGEST_CARD or moment is None:
        return None
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        return None
    override = _told(sent.get("overrideReason")) or _told(sent.get("overrideReasons"))
    reason = _told(override.get("reason")) or override
    return FeedbackItem(
        card=named,
        outcome=outcome,
        happened=moment,
        suggestions=" ".join(_suggestions(sent.get("acceptedSuggestions"))),
        reason_system=_text(reason.get("system"), _LONGEST_SYSTEM),
        reason_code=_text(reason.get("code"), _LONGEST_CODE),
        reason_display=_text(reason.get("display"), _LONGEST_SYSTEM) or _title(override),
        comment=_text(override.get("userComment"), LONGEST_COMMENT),
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _told(value: object) -> Mapping[str, Any]:
    """A reason, or what holds one; a bare text is its display."""
    return {"display": value} if isinstance(value, str) else _object(value)


def _suggestions(sent: object) -> list[str]:
    """The ids of suggestions, sent as `{"id": …}`, as `{"uuid": …}` or bare."""
    items = sent if isinstance(sent, list) else [sent]
    named = [item.get("id") or item.get("uuid") if isinstance(item, dict) else item for item in items]
    return [id for item in named if (id := _text(item, _LONGEST_CARD))]


def _title(override: Mapping[str, Any]) -> str:
    """A reason that stands in an extension alone, as one EHR sends it."""
    extension = _object(override.get("extension"))
    return next((_text(value, _LONGEST_SYSTEM) for name, value in extension.items() if _TITLE.search(name)), "")


def _text(value: object, longest: int) -> str:
    """A text as far as a database takes it: no NUL, no half character, not longer than its column."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode().replace("\x00", "").strip()[:longest]


def utc(text: str) -> str | None:
    """An RFC 3339 time (section 5.6) in UTC, to the microsecond; a leap second keeps its 60. None for other text."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = (found[7] or "").rstrip("0").rstrip(".")[:7]
    offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    if offset >= timedelta(days=1) or int(found[10] or 0) > 59:
        return None
    try:
        # Leap years repeat after four centuries: a time at either end of the calendar is reckoned in the middle of it.
        local = datetime(2000 + year % 400, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    moment = local - offset if found[8] != "-" else local + offset
    if second > 60 or (second == 60 and (moment.hour, moment.minute) != (23, 59)):
        return None
    utc_year = year + moment.year - local.year
    if not 0 <= utc_year <= 9999:
        return text.strip().upper()
    return f"{utc_year:04d}-{moment:%m-%dT%H:%M}:{second:02d}{fraction}Z"
