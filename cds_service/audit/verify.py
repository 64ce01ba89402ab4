"""Whether files of audit records are whole: what was changed, what is not there any more, and what only moved.

A fault is what nobody but a fault or a tamperer explains; it stays with its file, and the next file is whole again. A
remark is what the records themselves explain: a chain that goes on from or in a file that was not given, a line that a
crash cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cds_service.audit.chain import FIRST, NO_FILE, Head, head_in, seal_of


class Finding(NamedTuple):
    """One thing to say of the files."""

    is_fault: bool
    text: str


@dataclass(slots=True)
class _Chain:
    """One writer, as far as it was read."""

    last: int = 0
    seal: str = FIRST
    at_head: str = ""
    """The seal of the record that the file of heads notes as the last."""


@dataclass(slots=True)
class Verified:
    """What was read: count of records, chains, and what there is to say."""

    records: int = 0
    chains: dict[str, _Chain] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    is_last_empty: bool = False
    is_headless: bool = False

    def fault(self, text: str) -> None:
        self.findings.append(Finding(True, text))

    def remark(self, text: str) -> None:
        self.findings.append(Finding(False, text))


class _Record(NamedTuple):
    writer: str
    number: int
    before: str
    seal: str
    body: Mapping[str, Any]


def verified(paths: Sequence[Path], heads: Path, key: bytes) -> Verified:
    """All findings on files of one service, the oldest first, and on the file of heads. Raises OSError."""
    # The heads first: records that come in meanwhile are then more than noted, and never fewer.
    noted = _heads_in(heads)
    made = Verified()
    for place, path in enumerate(paths):
        if made.is_last_empty:
            made.fault(f"{paths[place - 1].name}: it holds no record")
        _read_file(made, path, key, noted or {})
    if noted is None:
        made.fault(f"{heads.name} is missing: whether records at the end were taken away cannot be told")
    else:
        _compare(made, noted, heads.name)
    return made


def _heads_in(path: Path) -> dict[str, Head] | None:
    if not path.is_file():
        return None
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    return {head.writer: head for line in lines if (head := head_in(line)) is not None}


def _read_file(made: Verified, path: Path, key: bytes, noted: Mapping[str, Head]) -> None:
    is_empty, unread = True, 0
    with path.open("rb") as lines:
        for place, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{path.name} line {place}"
            record = _record_in(line)
            if record is None:
                if unread:
                    made.fault(f"{path.name} line {unread}: it is no record")
                unread = place
                continue
            is_sealed = record.seal == seal_of(key, record.body)
            marks = record.body if is_sealed else {}
            if not is_sealed:
                made.fault(f"{where}: record {record.number} of writer {record.writer} was changed")
            _say_unread(made, path.name, unread, is_cut="mended" in marks)
            if is_empty:
                _open(made, where, marks)
            is_empty, unread = False, 0
            _follow(made, where, record, marks, noted)
    _say_unread(made, path.name, unread, is_cut=False)
    made.is_last_empty = is_empty


def _record_in(line: bytes) -> _Record | None:
    try:
        body = json.loads(line)
        seal = body.pop("seal")
        writer, number, before = (body[name] for name in ("writer", "number", "before"))
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None
    is_right = isinstance(number, int) and not isinstance(number, bool)
    return _Record(str(writer), number, str(before), str(seal), body) if is_right else None


def _say_unread(made: Verified, name: str, place: int, *, is_cut: bool) -> None:
    if place and is_cut:
        made.remark(f"{name} line {place}: a record was cut off by a full disk or a crash, as the one after it says")
    elif place:
        made.fault(f"{name} line {place}: it is no record")


def _open(made: Verified, where: str, marks: Mapping[str, Any]) -> None:
    """A file begins with the record that opened it."""
    made.files.add(str(marks.get("opens", NO_FILE)))
    if "opens" not in marks:
        made.fault(f"{where}: the beginning of the file is gone")


def _follow(made: Verified, where: str, record: _Record, marks: Mapping[str, Any], noted: Mapping[str, Head]) -> None:
    """Whether the record is the next of its writer; if not, whether it says why."""
    made.records += 1
    chain = made.chains.setdefault(record.writer, _Chain())
    expected, number = chain.last + 1, record.number
    gone = f"{expected} to {number - 1}" if number - 1 > expected else str(expected)
    if "headless" in marks and not made.is_headless:
        made.is_headless = True
        made.fault(f"{where}: the file of heads had been taken away; what is said below of ends holds from here on")
    if number < expected:
        made.fault(f"{where}: record {number} of writer {record.writer} stands where {expected} was expected")
    elif number > expected and "continues" in marks and not chain.last:
        made.remark(f"{where}: writer {record.writer} goes on; its records {gone} are in earlier files")
    elif number > expected and "continues" in marks:
        made.fault(f"{where}: records {gone} of writer {record.writer} are in a file between, which was not given")
    elif number > expected and "shortened" in marks:
        made.fault(f"{where}: the file had been cut short or emptied; records {gone} of {record.writer} are missing")
    elif number > expected:
        made.fault(f"{where}: records {gone} of writer {record.writer} are missing")
    elif record.before != chain.seal:
        made.fault(f"{where}: record {number} of writer {record.writer} does not follow the one before it")
    chain.last, chain.seal = number, record.seal
    head = noted.get(record.writer)
    if head is not None and head.number == number:
        chain.at_head = record.seal


def _compare(made: Verified, noted: Mapping[str, Head], name: str) -> None:
    """Records that are gone from the end of a chain. A crash may leave a head one record behind."""
    unknown = sorted(set(made.chains) - set(noted))
    if unknown and made.is_headless:
        made.remark(f"{name}: of writers that had ended before, it cannot be told whether records at the end are gone")
    for writer in () if made.is_headless else unknown:
        made.fault(f"writer {writer} is not in {name}")
    for head in noted.values():
        chain = made.chains.get(head.writer)
        last = chain.last if chain else 0
        is_here = head.file in made.files or made.is_last_empty
        if head.number > last and is_here:
            many = f"records {last + 1} to {head.number}" if head.number > last + 1 else f"record {head.number}"
            made.fault(f"writer {head.writer}: {many}, at the end, are missing")
        elif head.number > last and chain:
            made.remark(f"writer {head.writer} goes on after record {last} in a file that was not given")
        elif chain and head.number and chain.at_head != head.seal:
            made.fault(f"writer {head.writer}: its end is not the one noted in {name}")


def records_in(paths: Sequence[Path]) -> Iterator[Mapping[str, Any]]:
    """Every record that can be read, without a look at its seal."""
    for path in paths:
        with path.open("rb") as lines:
            for line in lines:
                record = _record_in(line)
                if record is not None:
                    yield {**record.body, "seal": record.seal}
