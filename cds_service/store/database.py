"""The engine of the store's database: SQLite by default, PostgreSQL by its address; and its migrations.

Each process has an engine of its own, with a bounded number of connections. A database that fails again and again is
left alone for a few seconds, so that calls do not wait for it one after another.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from cds_service.errors import StoreUnavailable
from cds_service.per_process import PerProcess
from cds_service.store.silence import Silence

HEAD = "0001"
"""The newest migration."""
WAIT = 1.0
"""Seconds that a call waits for the database."""
SILENT = 1.5
"""Seconds after which a server that should have given up by itself is taken for gone."""
REST = 3.0
"""Seconds for which a database that failed is left alone."""
FAILURES = 3
"""Failures in a row after which it is: one alone may be a refusal that the next call does not meet."""
CONNECTIONS = 4
"""Connections of a process to PostgreSQL at most, unless a site says otherwise; a call needs one for milliseconds."""
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One database. `clock` counts seconds and never goes back; `connections` are those of a process to PostgreSQL."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic, connections: int = CONNECTIONS) -> None:
        self._url = full_url(url)
        self._clock = clock
        self._engine = PerProcess(lambda: _made(self._url, connections))
        self._failures = 0
        self._failed = 0.0
        """When it failed last."""
        file = sqlite_file(self._url)
        self._file = file.absolute() if file else None
        self._known: tuple[int, int] | None = None
        """Device and number of the file as it was first opened."""
        self._turn = threading.Lock() if self._url.startswith("sqlite") else None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end; raises `StoreUnavailable`, then nothing was kept."""
        if self._is_another_file() or self._is_resting():
            raise StoreUnavailable
        try:
            with self._engine.get().begin() as connection:
                self._note_file()
                yield connection
        except (OperationalError, InterfaceError, OSError) as error:
            is_silent = isinstance(getattr(error, "orig", None), Silence)
            self._failures, self._failed = FAILURES if is_silent else self._failures + 1, self._clock()
            raise StoreUnavailable from error
        except SQLAlchemyError as error:  # It answers, and does not take this; or all connections were in use.
            raise StoreUnavailable from error
        self._failures = 0

    def _is_resting(self) -> bool:
        return self._failures >= FAILURES and self._clock() - self._failed < REST

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes. SQLite has one writer at a time and lets the others try their luck, so that under
        load some would be told that it is locked; the threads of a process therefore take turns."""
        if self._turn is None:
            with self.transaction() as connection:
                yield connection
            return
        if not self._turn.acquire(timeout=WAIT):
            raise StoreUnavailable
        try:
            with self.transaction() as connection:
                yield connection
        finally:
            self._turn.release()

    @property
    def is_there(self) -> bool:
        """Whether there is anything to ask: opening an SQLite file that is not there would make it."""
        return self._file is None or self._file.exists()

    def state(self) -> str:
        """How it is: ok, unreachable, replaced (the file is gone or another), or with older or newer tables."""
        if self._is_another_file():
            return "replaced"
        try:
            with self.transaction() as connection:
                found = _version(connection)
        except StoreUnavailable:
            return "unreachable"
        return "ok" if found == HEAD else "newer tables" if found > HEAD else "older tables"

    def _note_file(self) -> None:
        if self._known is None:
            self._known = _file_id(self._file)

    def _is_another_file(self) -> bool:
        """What is written to a file that was deleted or replaced is gone at the restart, so nothing is."""
        return self._known is not None and _file_id(self._file) != self._known

    def migrate(self) -> None:
        """Bring its tables to the newest form; several processes may try at once. Raises `StoreUnavailable`."""
        for attempt in range(3):
            try:
                with self._engine.get().begin() as connection:
                    self._note_file()
                    if _version(connection) < HEAD:  # Newer ones are another version's, in a rolling upgrade.
                        _upgrade(connection)
                self._engine.get().dispose()  # This process may be the parent of those that serve, and needs none.
                return
            except (SQLAlchemyError, OSError) as error:
                if attempt == 2:
                    raise StoreUnavailable from error
                time.sleep(0.2)


def full_url(url: str) -> str:
    """The address with the driver that this service brings; ValueError for one that is none of SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("it is no database address") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise ValueError(f"{parsed.drivername} is neither sqlite nor postgresql")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise ValueError(f"there is no port {parsed.port}")
    return parsed.render_as_string(hide_password=False)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL, and where the address names none."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.drivername.startswith("sqlite") and parsed.database else None


def _file_id(file: Path | None) -> tuple[int, int] | None:
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _make_private(file: Path | None) -> None:
    """Nobody else may read a database that is made here; SQLite gives the files beside it the same mode."""
    if file is None or str(file) == ":memory:":
        return
    with suppress(OSError):  # It is there, or the database will say what is wrong.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _made(url: str, connections: int) -> Engine:
    if url.startswith("sqlite"):
        _make_private(sqlite_file(url))
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_timeout=WAIT,
            connect_args={"timeout": WAIT, "check_same_thread": False},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 2,
            "client_encoding": "utf8",  # A database of encoding SQL_ASCII would send bytes.
            "options": f"-c statement_timeout={int(WAIT * 1000)}",
        },
    )
    event.listen(engine, "do_connect", _connected)
    return engine


def _connected(dialect: object, record: object, arguments: object, options: dict[str, Any]) -> object:  # noqa: ARG001 - as SQLAlchemy calls it
    """psycopg is loaded where PostgreSQL is used."""
    from cds_service.store.postgres import connect

    return connect(options, SILENT)


def _set_up_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401, ARG001 - as SQLAlchemy calls it
    """Readers and one writer at a time, and no commit is lost when the process is killed."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _version(connection: Connection) -> str:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade(connection: Connection) -> None:
    """Imported here: alembic is needed once in a database's life."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(724117)"))
        if _version(connection) >= HEAD:
            return
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
