"""A PostgreSQL server of the tests' own: Debian's programs, a temporary folder, a Unix socket and no port.

PostgreSQL refuses to run as root; then the account `postgres` that comes with the package runs it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

PACKAGE = Path("/usr/lib/postgresql")
"""Where Debian's packages keep the programs, in a folder for each version, outside PATH."""


class PostgresServer:
    """One server; `database_url()` makes an empty database in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[PostgresServer]:
        folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        server = cls(folder)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        try:
            of_cluster = ("--username", "tests", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
            server._run("initdb", "--pgdata", f"{folder}/data", *of_cluster)
            server.start()
            try:
                yield server
            finally:
                server.stop("immediate")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c shared_buffers=32MB"
        self._run("pg_ctl", "start", "--wait", "-D", f"{self._folder}/data", "-l", f"{self._folder}/log", "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash: nothing is written that was not written already."""
        self._run("pg_ctl", "stop", "--wait", "-D", f"{self._folder}/data", "-m", mode)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile it takes what is sent and answers nothing, as on a host that hangs."""
        head = int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{head}/task/{head}/children").read_text().split()
        processes = [head, *map(int, children)]
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def database_url(self, options: str = "") -> str:
        name = f"cds{next(self._numbers)}"
        self.psql("postgres", f"CREATE DATABASE {name} {options}")
        return f"postgresql://tests@/{name}?host={quote(str(self._folder), safe='')}"

    def psql(self, database: str, statement: str) -> str:
        command = ("psql", "-X", "-A", "-t", "-q", "-h", str(self._folder), "-U", "tests", "-d", database)
        return self._run(*command, "-v", "ON_ERROR_STOP=1", "-c", statement)

    def _run(self, program: str, *arguments: str) -> str:
        account: dict[str, Any] = {}
        if os.getuid() == 0:
            account = {"user": "postgres", "group": "postgres", "extra_groups": []}
        # The server inherits what pg_ctl was given: a pipe would never end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [_path(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self._folder)},
                timeout=60,
                check=False,
                **account,
            )
            said.seek(0)
            text = said.read()
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {text}")
        return text


def _path(program: str) -> str:
    found = shutil.which(program)
    if found:
        return found
    newest = sorted(PACKAGE.glob(f"*/bin/{program}"), key=lambda path: int(path.parents[1].name))
    if not newest:
        raise RuntimeError(f"{program} is not on this machine: install PostgreSQL (Debian: postgresql)")
    return str(newest[-1])
