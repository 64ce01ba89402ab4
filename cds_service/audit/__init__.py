"""The audit record of decisions: who asked about whom, what every rule answered, what was shown (`Audit.record`).

One JSON object a line. Each process that writes is a writer with a chain of its own: every record carries the keyed
hash of the one before, and where the chain ends stands beside the file, so that `audit.verify` finds what was changed
or taken away. The file may be renamed at any time: it is opened for each record, and chains go on in the next file. It
holds no name, no value and no identifier of a patient: patients are keyed hashes.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cds_service.audit.chain import (
    FIRST,
    NO_FILE,
    Head,
    file_id,
    hash_with,
    heads_of,
    key_of,
    sealed,
)
from cds_service.per_process import PerProcess

__all__ = ["Audit", "AuditUnavailable"]

_PATIENCE = 0.5
"""Seconds to wait for other processes that write; each takes far less than a thousandth."""


class AuditUnavailable(Exception):
    """The record could not be written."""


@dataclass(slots=True)
class _Writer:
    """The chain of this process, and the file of its last record."""

    head: Head
    at: int | None = None
    """Where its line stands in the file of heads."""
    inode: tuple[int, int] = (0, 0)
    size: int = 0


class Audit:
    """The file at `path`, to which records are only ever appended."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._key = key_of(self._path)
        self._writer = PerProcess(lambda: _Writer(Head(uuid4().hex, 0, FIRST, NO_FILE)))
        self._lock = threading.Lock()
        self._is_failing = False

    def hash_of(self, identifier: str) -> str:
        """The keyed hash that stands for a patient: the same for the same patient, and nothing else."""
        return hash_with(self._key, identifier)

    def state(self) -> str:
        """How it is: ok, or unwritable, also where the last record of this process could not be written."""
        place = self._path if self._path.exists() else self._path.parent
        is_open = not self._path.is_dir() and os.access(place, os.W_OK)
        return "ok" if is_open and not self._is_failing else "unwritable"

    def record(self, entry: Mapping[str, Any]) -> None:
        """Append one record; raises `AuditUnavailable` where it cannot be written whole, and then nothing of it is."""
        with self._lock:
            try:
                self._append(self._writer.get(), entry)
            except OSError as error:
                self._is_failing = True
                raise AuditUnavailable from error
            self._is_failing = False

    def _append(self, writer: _Writer, entry: Mapping[str, Any]) -> None:
        with _locked(self._path) as descriptor:
            found = os.fstat(descriptor)
            inode, size = (found.st_dev, found.st_ino), found.st_size
            known = secrets.token_hex(8) if size == 0 else file_id(os.pread(descriptor, 64, 0))
            marks = self._marks(writer, known, inode, size)
            is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            marks |= {"mended": True} if is_cut else {}
            head, line = sealed(self._key, {**marks, **entry}, writer.head, known)
            whole = b"\n" * is_cut + line
            _write_whole(descriptor, whole, size)
            writer.head, writer.inode, writer.size = head, inode, size + len(whole)
            self._note_head(writer)  # Before another process looks whether there is a file of heads.

    def _marks(self, writer: _Writer, known: str, inode: tuple[int, int], size: int) -> dict[str, Any]:
        """What the record says of its file, sealed with it: that it is the first, that the chain comes from another
        file, that this one was cut short, that the file of heads was taken away."""
        marks: dict[str, Any] = {"opens": known} if size == 0 else {}
        is_other = known != writer.head.file
        if writer.head.number and inode == writer.inode and (is_other or size < writer.size):
            marks["shortened"] = True
        elif writer.head.number and is_other:
            marks["continues"] = True
        if self._are_heads_lost(writer, size):
            marks["headless"] = True
            writer.at = None
        return marks

    def _are_heads_lost(self, writer: _Writer, size: int) -> bool:
        heads = heads_of(self._path)
        if writer.at is None:
            return size > 0 and not heads.exists()
        name = writer.head.writer.encode()
        try:
            descriptor = os.open(heads, os.O_RDONLY)
        except FileNotFoundError:
            return True
        try:
            return os.pread(descriptor, len(name), writer.at) != name
        finally:
            os.close(descriptor)

    def _note_head(self, writer: _Writer) -> None:
        """Written over in place; a writer's first goes to the end."""
        line = writer.head.line()
        how = os.O_WRONLY if writer.at is not None else os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(heads_of(self._path), how, 0o600)
        try:
            if writer.at is not None:
                os.pwrite(descriptor, line, writer.at)
            elif os.write(descriptor, line) == len(line):
                writer.at = os.lseek(descriptor, 0, os.SEEK_CUR) - len(line)
        finally:
            os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, opened for this record alone and for this process alone."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.0005)
        yield descriptor
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, line: bytes, size: int) -> None:
    """All of the line or nothing: a piece that a full disk let in is taken back."""
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("the record was not written whole")
    except OSError:
        os.ftruncate(descriptor, size)
        raise
