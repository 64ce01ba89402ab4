"""How records are sealed into chains, and how a file is verified: what was changed, and what is not there any more.

A record's seal is the keyed hash (HMAC-SHA256) of its text with the seal of the writer's record before. The key is that
of CDS_HASH_KEY, else of a file beside the records; whoever may read the key can forge them, so keep it elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FIRST = "0" * 64
"""The seal before a writer's first record."""
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


def head_line(writer: str, number: int, seal: str) -> bytes:
    """Always of the same length, since it is written over in place."""
    return f"{writer} {number:012d} {seal}\n".encode()


def sealed(key: bytes, entry: Mapping[str, Any], writer: str, number: int, before: str) -> tuple[bytes, str]:
    """The line of a record with its seal, and the seal."""
    body = {**entry, "writer": writer, "number": number, "before": before}
    seal = _seal(key, body)
    return json.dumps({**body, "seal": seal}, ensure_ascii=True, separators=(",", ":")).encode() + b"\n", seal


def _seal(key: bytes, body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def faults(path: Path, key: bytes) -> Iterator[str]:
    """Every fault of a file of records, in words; none where it is whole. Raises OSError."""
    ends: dict[str, list[str]] = {}
    with path.open("rb") as lines:
        for place, line in enumerate(lines, 1):
            if line.strip():
                yield from _faults_of_line(line, place, key, ends)
    yield from _faults_of_heads(path, ends)


def _faults_of_line(line: bytes, place: int, key: bytes, ends: dict[str, list[str]]) -> Iterator[str]:
    try:
        record = json.loads(line)
        seal, writer, number, before = (record.pop(name) for name in ("seal", "writer", "number", "before"))
    except (ValueError, AttributeError, KeyError, RecursionError):
        yield f"line {place}: it is no record"
        return
    chain = ends.setdefault(str(writer), [])
    body = {**record, "writer": writer, "number": number, "before": before}
    if seal != _seal(key, body):
        yield f"line {place}: record {number} of writer {writer} was changed"
    if number != len(chain) + 1:
        yield f"line {place}: record {number} of writer {writer} stands where record {len(chain) + 1} was expected"
    elif before != (chain[-1] if chain else FIRST):
        yield f"line {place}: record {number} of writer {writer} does not follow the one before it"
    chain.append(str(seal))


def _faults_of_heads(path: Path, ends: Mapping[str, list[str]]) -> Iterator[str]:
    """Records that are gone from the end of a chain. A crash may leave a head one record behind."""
    heads = heads_of(path)
    if not heads.is_file():
        yield f"{heads.name} is missing: it cannot be told whether records at the end were taken away"
        return
    noted = {}
    for line in heads.read_text(encoding="ascii", errors="replace").splitlines():
        writer, _, rest = line.partition(" ")
        digits, _, seal = rest.partition(" ")
        noted[writer] = (int(digits) if digits.isdigit() else -1, seal)
    for writer in sorted(set(ends) - set(noted)):
        yield f"writer {writer} is not in {heads.name}"
    for writer, (number, seal) in noted.items():
        chain = ends.get(writer, [])
        if number > len(chain):
            yield f"writer {writer}: {number - len(chain)} records at the end are missing"
        elif number < len(chain) - 1 or (number > 0 and chain[number - 1] != seal):
            yield f"writer {writer}: its end is not the one noted in {heads.name}"
