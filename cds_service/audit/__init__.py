"""The audit record of decisions: who asked about whom, what every rule answered, what was shown (`Audit.record`).

One JSON object a line. Each process that writes is a writer with a chain of its own: every record carries the keyed
hash of the one before, and where the chain ends stands beside the file, so that `audit.chain` finds what was changed or
taken away. It holds no name, no value and no identifier of a patient: patients are keyed hashes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cds_service.audit.chain import FIRST, hash_with, head_line, heads_of, key_of, sealed
from cds_service.per_process import PerProcess

__all__ = ["Audit", "AuditUnavailable"]


class AuditUnavailable(Exception):
    """The record could not be written."""


@dataclass(slots=True)
class _Writer:
    """The chain of this process."""

    name: str
    at: int
    """Where its line stands in the file of heads."""
    number: int = 0
    last: str = FIRST
    is_line_open: bool = False
    """The record before was not written whole."""


class Audit:
    """The file at `path`, to which records are only ever appended."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._key = key_of(self._path)
        self._writer = PerProcess(self._new_writer)
        self._lock = threading.Lock()

    def hash_of(self, identifier: str) -> str:
        """The keyed hash that stands for a patient: the same for the same patient, and nothing else."""
        return hash_with(self._key, identifier)

    def record(self, entry: Mapping[str, Any]) -> None:
        """Append one record; raises `AuditUnavailable` where it cannot be written whole."""
        with self._lock:
            try:
                writer = self._writer.get()
                line, digest = sealed(self._key, entry, writer.name, writer.number + 1, writer.last)
                self._append(writer, line)
                writer.number, writer.last = writer.number + 1, digest
                self._note_head(writer)
            except OSError as error:
                raise AuditUnavailable from error

    def _append(self, writer: _Writer, line: bytes) -> None:
        whole = b"\n" * writer.is_line_open + line
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            writer.is_line_open = True
            if os.write(descriptor, whole) != len(whole):
                raise OSError("the record was not written whole")
            writer.is_line_open = False
        finally:
            os.close(descriptor)

    def _new_writer(self) -> _Writer:
        name = uuid4().hex
        descriptor = os.open(heads_of(self._path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            line = head_line(name, 0, FIRST)
            os.write(descriptor, line)
            return _Writer(name, os.lseek(descriptor, 0, os.SEEK_CUR) - len(line))
        finally:
            os.close(descriptor)

    def _note_head(self, writer: _Writer) -> None:
        descriptor = os.open(heads_of(self._path), os.O_WRONLY)
        try:
            os.pwrite(descriptor, head_line(writer.name, writer.number, writer.last), writer.at)
        finally:
            os.close(descriptor)
