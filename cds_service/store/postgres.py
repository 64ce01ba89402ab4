"""Connections to PostgreSQL that are given up where the server is silent: its host is frozen, or the network between
swallows what is sent. The server's own limit on statements helps only while it runs.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

from cds_service.store.silence import Silence


class Silent(psycopg.OperationalError, Silence):
    """The server said nothing for too long."""


class Bounded(psycopg.Connection[Any]):
    """A connection on which nothing takes longer than `longest` seconds."""

    longest = 0.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg waits. Closes the connection and raises `Silent` where an answer is still due at the end."""
        try:
            return super().wait(gen, interval, self.longest if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if self.info.transaction_status is not TransactionStatus.ACTIVE:
                raise
            self.close()
            raise Silent from error


def connect(options: dict[str, Any], longest: float) -> Bounded:
    """A new connection; raises `Silent` where the server does not take it in `connect_timeout`."""
    try:
        made = Bounded.connect(**options)
    except psycopg.errors.ConnectionTimeout as error:
        raise Silent from error
    made.longest = longest
    return made
