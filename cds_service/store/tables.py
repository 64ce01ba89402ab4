"""The tables of the store, for the queries of this package. `migrations` makes them in a database, step by step."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

cards = Table(
    "cards",
    metadata,
    Column("uuid", String(36), primary_key=True),
    Column("shown", Float, nullable=False),  # seconds since 1970
    Column("service", String(128), nullable=False),
    Column("hook", String(64), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("indicator", String(16), nullable=False),
    Column("rules", Text, nullable=False),  # ids of the decision logic, with spaces between
    Column("version", String(32), nullable=False),
    Column("issuer", String(512), nullable=False),
    Column("suggestions", Text, nullable=False),  # their uuids, with spaces between
    Column("patient", String(64), nullable=False),  # a keyed hash, "" unless a site turned them on
    Column("likeness", String(64), nullable=False),  # a keyed hash of what repeats are told by, "" where none are
    Index("cards_by_time", "shown"),
    Index("cards_by_likeness", "likeness", "shown"),
)
"""Every card that was sent. No value, no text and no identifier of a patient."""

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card", String(256), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("happened", String(40), nullable=False),  # RFC 3339 in UTC
    Column("received", Float, nullable=False),
    Column("service", String(128), nullable=False),
    Column("issuer", String(512), nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("reason_system", String(512), nullable=False),
    Column("reason_code", String(256), nullable=False),
    Column("reason_display", String(512), nullable=False),
    Column("comment", Text, nullable=False),
    Column("is_issued", Boolean, nullable=False),  # the card is one of ours
    UniqueConstraint("card", "outcome", "happened", name="feedback_once"),
)
"""What users did with cards. A comment is free text of a user."""

tokens = Table(
    "tokens",
    metadata,
    Column("issuer", String(512), primary_key=True),
    Column("jti", String(64), primary_key=True),  # its SHA-256
    Column("until", Float, nullable=False),
    Index("tokens_by_end", "until"),
)
"""Client tokens that were used, until they would expire."""
