"""What the service remembers: cards shown, feedback on them, tokens used. Everything in one database.

What counts as feedback is decided in `protocol.feedback`, which cards are repeats in `cds_service.repeats`. Feedback
and tokens are kept when a method returns; cards shown a moment later (`later`), which nobody waits for.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any

from sqlalchemy import Column, Delete, Table, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from cds_service.errors import StoreUnavailable
from cds_service.per_process import PerProcess
from cds_service.store.database import Database
from cds_service.store.later import Later
from cds_service.store.tables import cards, feedback, tokens

__all__ = ["Database", "FeedbackItem", "FeedbackRow", "Shown", "Store", "StoreUnavailable"]

_TIDY_UP = 0.01
"""Share of token uses after which some of those that have expired are removed."""
_PIECE = 1000
"""Rows that are deleted at a time: others who write wait for no more than that."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that was sent, without anything of the patient."""

    uuid: str
    shown: float
    service: str
    hook: str
    topic: str
    indicator: str
    rules: str
    version: str
    issuer: str = ""
    suggestions: str = ""
    patient: str = ""
    likeness: str = ""


_SHOWN = tuple(field.name for field in fields(Shown))


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """What a user did with a card. `happened` is RFC 3339 in UTC."""

    card: str
    outcome: str
    happened: str
    suggestions: str = ""
    reason_system: str = ""
    reason_code: str = ""
    reason_display: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """A feedback with what was known of its card; empty texts for a card that was never issued."""

    item: FeedbackItem
    service: str
    issuer: str
    is_issued: bool
    topic: str
    indicator: str
    rules: str
    version: str


class Store:
    """All of it. A method that asks or keeps raises `StoreUnavailable` where the database does not answer; `lost` is
    told of cards shown that could not be kept."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], float] = time.time,
        lost: Callable[[StoreUnavailable], None] = lambda _: None,
    ) -> None:
        self.database = database
        self._now = now
        self._later = PerProcess(lambda: Later(self.keep_shown, lost))

    def remember_shown(self, shown: Iterable[Shown]) -> None:
        """Keep cards within a second. Never waits, and never fails."""
        self._later.get().add(shown)

    def keep_shown(self, shown: Iterable[Shown]) -> None:
        """Keep cards now. Feedback that another process heard before is on a card that was issued after all."""
        rows = [{name: getattr(card, name) for name in _SHOWN} for card in shown]
        if not rows:
            return
        early = update(feedback).where(feedback.c.card.in_([row["uuid"] for row in rows])).values(is_issued=True)
        with self.database.writing() as connection:
            connection.execute(cards.insert(), rows)
            connection.execute(early)

    def keep_feedback(self, items: Sequence[FeedbackItem], service: str, issuer: str) -> None:
        """Keep what is new of a batch, all or nothing; the same card, outcome and time are kept once."""
        self._later.get().flush()
        with self.database.writing() as connection:
            named = {item.card for item in items}
            issued = set(connection.execute(select(cards.c.uuid).where(cards.c.uuid.in_(named))).scalars())
            more = {"service": service, "issuer": issuer, "received": self._now()}
            # In one order always: two batches of the same cards would wait for each other.
            ordered = sorted(items, key=lambda item: (item.card, item.outcome, item.happened))
            rows = [{**asdict(item), **more, "is_issued": item.card in issued} for item in ordered]
            if rows:
                connection.execute(_insert_once(connection.dialect.name, feedback), rows)

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        """True for a token id of an issuer that is new; it is remembered `until` then."""
        row = {"issuer": issuer, "jti": _digest(jti), "until": until}
        with self.database.writing() as connection:
            if random.random() < _TIDY_UP:  # noqa: S311 - no secret
                connection.execute(_piece(tokens, [tokens.c.issuer, tokens.c.jti], tokens.c.until, self._now()))
            return connection.execute(_insert_token(connection.dialect.name), row).first() is not None

    def is_used(self, issuer: str, jti: str) -> bool:
        """Whether this token id of the issuer was used before; asked without a trace, for an administrator."""
        wanted = select(tokens.c.jti).where(tokens.c.issuer == issuer, tokens.c.jti == _digest(jti))
        with self.database.transaction() as connection:
            return connection.execute(wanted).first() is not None

    def likenesses_since(self, likenesses: Iterable[str], since: float) -> frozenset[str]:
        """Those of `likenesses` that a card shown since then has; of other processes, as far as they have kept it."""
        asked = frozenset(likenesses)
        own = {card.likeness for card in self._later.get().waiting() if card.shown >= since and card.likeness in asked}
        wanted = select(cards.c.likeness).where(cards.c.likeness.in_(asked), cards.c.shown >= since)
        with self.database.transaction() as connection:
            return frozenset(connection.execute(wanted).scalars()) | own

    def put_aside(self, likenesses: Iterable[str]) -> frozenset[str]:
        """Those of `likenesses` of which a card was overridden with a reason."""
        said = (feedback.c.reason_code != "") | (feedback.c.reason_display != "") | (feedback.c.comment != "")
        wanted = (
            select(cards.c.likeness)
            .join(feedback, feedback.c.card == cards.c.uuid)
            .where(cards.c.likeness.in_(list(likenesses)), feedback.c.outcome == "overridden", said)
        )
        with self.database.transaction() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def feedback(self, card: str = "") -> Iterator[FeedbackRow]:
        """Every feedback, or all of one card, in the order of its arrival."""
        self._later.get().flush()
        wanted = select(feedback, cards.c.topic, cards.c.indicator, cards.c.rules, cards.c.version).select_from(
            feedback.outerjoin(cards, feedback.c.card == cards.c.uuid)
        )
        if card:
            wanted = wanted.where(feedback.c.card == card)
        with self.database.transaction() as connection:
            for row in connection.execute(wanted.order_by(feedback.c.id)).mappings():
                item = FeedbackItem(**{name: row[name] for name in FeedbackItem.__dataclass_fields__})
                known = {name: row[name] or "" for name in ("topic", "indicator", "rules", "version")}
                yield FeedbackRow(item, row["service"], row["issuer"], row["is_issued"], **known)

    def shown_counts(self) -> dict[tuple[str, str, str], int]:
        """How many cards were sent, by month ("2026-11"), topic and rules."""
        self._later.get().flush()
        wanted = select(cards.c.shown, cards.c.topic, cards.c.rules)
        counts: dict[tuple[str, str, str], int] = {}
        with self.database.transaction() as connection:
            for row in connection.execute(wanted).mappings():
                key = (time.strftime("%Y-%m", time.gmtime(row["shown"])), row["topic"], row["rules"])
                counts[key] = counts.get(key, 0) + 1
        return counts

    def delete_before(self, moment: float) -> int:
        """Delete cards shown, and feedback received, before then, piece by piece; how many rows went."""
        self._later.get().flush()
        wanted = [
            _piece(feedback, [feedback.c.id], feedback.c.received, moment),
            _piece(cards, [cards.c.uuid], cards.c.shown, moment),
        ]
        return sum(self._delete(piece) for piece in wanted)

    def _delete(self, piece: Delete) -> int:
        gone, last = 0, _PIECE
        while last == _PIECE:
            with self.database.writing() as connection:
                last = connection.execute(piece).rowcount
            gone += last
        return gone


def _piece(table: Table, key: Sequence[Column[Any]], time_of: Column[Any], moment: float) -> Delete:
    """Deletes some of the rows whose time is before that."""
    some = select(*key).where(time_of < moment).limit(_PIECE)
    return delete(table).where(tuple_(*key).in_(some))


def _digest(jti: str) -> str:
    return hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _insert_token(dialect: str) -> ReturningInsert[tuple[str]]:
    """Made once: each call with a token waits for it."""
    return _insert_once(dialect, tokens).returning(tokens.c.jti)


def _insert_once(dialect: str, table: object) -> sqlite.Insert | postgresql.Insert:
    """An insert that passes over a row that is there."""
    made = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return made(table).on_conflict_do_nothing()  # type: ignore[arg-type]
