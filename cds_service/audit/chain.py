"""How records are sealed into chains, and what is noted beside them. `audit.verify` reads both again.

A record's seal is the keyed hash (HMAC-SHA256) of its text with the seal of the writer's record before. The key is that
of CDS_HASH_KEY, else of a file beside the records; whoever may read the key can forge them, so keep it elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

FIRST = "0" * 64
"""The seal before a writer's first record."""
NO_FILE = "0" * 16
"""The id of a file whose first record cannot be told."""
_OPENS = re.compile(rb'\{"opens":"([0-9a-f]{16})"')
_RANDOM_BYTES = 32
_LEAST_BYTES = 32
"""A shorter key file is a piece of one, or was made by hand."""


def key_of(path: Path) -> bytes:
    """The key of the records at `path`; made where there is none yet. Raises OSError, for one that is too short too."""
    try:
        return known_key_of(path)
    except FileNotFoundError:
        _make_key(_key_file(path))
    return known_key_of(path)


def known_key_of(path: Path) -> bytes:
    """The key of the records at `path`, never made here. Raises OSError, for one that is too short too."""
    said = os.environ.get("CDS_HASH_KEY", "")
    if said:
        return said.encode()
    beside = _key_file(path)
    key = beside.read_bytes().strip()
    if len(key) < _LEAST_BYTES:
        raise OSError(errno.EINVAL, f"its key has fewer than {_LEAST_BYTES} bytes", str(beside))
    return key


def _key_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.key")


def _make_key(beside: Path) -> None:
    """Written whole under a name of its own, then linked: a full disk leaves no piece of a key, and of processes that
    start at once the first one's key is everybody's."""
    made = beside.with_name(f"{beside.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(_RANDOM_BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, beside)
    finally:
        made.unlink(missing_ok=True)


def hash_with(key: bytes, identifier: str) -> str:
    """The keyed hash that stands for a patient: the same for the same patient, and nothing else."""
    return hmac.new(key, identifier.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def heads_of(path: Path) -> Path:
    """The file that holds where each chain ends."""
    return path.with_name(f"{path.name}.heads")


class Head(NamedTuple):
    """Where a writer's chain ends: its last record, and the file in which that stands."""

    writer: str
    number: int
    seal: str
    file: str

    def line(self) -> bytes:
        """Always of the same length, since it is written over in place."""
        return f"{self.writer} {self.number:012d} {self.seal} {self.file}\n".encode()


def head_in(line: str) -> Head | None:
    """The head that a line says; None for any other line."""
    parts = line.split(" ")
    if len(parts) != 4 or not (parts[1].isascii() and parts[1].isdigit()):
        return None
    return Head(parts[0], int(parts[1]), parts[2], parts[3])


def file_id(beginning: bytes) -> str:
    """The id that a file's first record gives it."""
    found = _OPENS.match(beginning)
    return found[1].decode() if found else NO_FILE


def sealed(key: bytes, entry: Mapping[str, Any], before: Head, file: str) -> tuple[Head, bytes]:
    """The head after a record, and its line. What opens a file stands first (`file_id`)."""
    number = before.number + 1
    body = {**entry, "writer": before.writer, "number": number, "before": before.seal}
    seal = seal_of(key, body)
    line = json.dumps({**body, "seal": seal}, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
    return Head(before.writer, number, seal, file), line


def seal_of(key: bytes, body: Mapping[str, Any]) -> str:
    """The keyed hash of a record without its seal."""
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
