"""Changes JSON as JSON: one to three nodes of a document replaced, removed, repeated, renamed or moved.

Bytes are changed by the fuzzer itself; what it cannot do is to put a list where a name was and keep the braces right.
"""

import random
from collections.abc import Iterator
from typing import Any

import msgspec

WORDS = (
    *("Bundle", "Observation", "Patient", "MedicationRequest", "Condition", "OperationOutcome", "Medication", "pt-1"),
    *(
        "Patient/pt-1",
        "#m",
        "final",
        "active",
        "draft",
        "entered-in-error",
        "718-7",
        "http://loinc.org",
        "g/dL",
        "order",
    ),
    *("2026-01-05", "2026-02-30", "2026", "0000-01-01", "9999-12-31T23:59:60Z", "2026-01-05T00:00:00-14:00", "1:6400"),
    *(
        "http://unitsofmeasure.org",
        "[btu]",
        "%",
        "<",
        "accepted",
        "overridden",
        "next",
        "",
        " ",
        "\0",
        "\ufeff",
        "\u0661",
    ),
    *("\ud7ff\u202e", "javascript:alert(1)", "=cmd|' /C calc'!A0", "NaN", "1e400", "-0", "½", "x" * 300, "../..", "//"),
    *(
        "https://fhir.example.org:99999/",
        "http://[::1",
        "https://fhir.example.org/r4/x?_page=2",
        "{{context.patientId}}",
    ),
)
NUMBERS = (0, 1, -1, 13, 0.5, -0.0, 1e-9, 1e300, 2**31, 2**53 + 1, 2**64, -(2**63), 1.7976931348623157e308)
RAW = (b"1e999", b"-1E-999", b"1" * 400, b"0.1e+0000001", b'"\\ud800"', b'"\\ud83d\\ude00"', b'{"id":1,"id":2}')
DEEP = (b"[" * 200 + b"]" * 200, b'{"a":' * 700 + b"1" + b"}" * 700, b"[" * 2000 + b"]" * 2000)
PLAIN = (None, True, False, [], {}, [None], [[]], [{}], {"": None}, *NUMBERS, *WORDS)
VALUES = (*PLAIN, *(msgspec.Raw(raw) for raw in (*RAW, *DEEP)))
"""The last of them as they are written, since no value of Python comes out like that."""

Path = tuple[Any, ...]


def paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """Where each node of a document is, itself first."""
    yield before
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from paths(part, (*before, name))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, path: Path, new: Any) -> Any:
    """The document with `new` in one place; the rest is shared with the old one."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def removed(value: Any, path: Path) -> Any:
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) > 1:
        copy[path[0]] = removed(value[path[0]], path[1:])
    else:
        del copy[path[0]]
    return copy


def changed(document: Any, chance: random.Random) -> Any:
    """The document with one node changed in a way that `chance` decides."""
    places = list(paths(document))
    path = chance.choice(places)
    node = at(document, path)
    match chance.randrange(8):
        case 0 if path:
            return removed(document, path)
        case 1:
            return replaced(document, path, at(document, chance.choice(places)))
        case 2 if isinstance(node, list) and node:
            return replaced(document, path, [*node, chance.choice(node)] * chance.choice((1, 1, 2)))
        case 3 if isinstance(node, dict) and node:
            renamed = chance.choice(list(node))
            return replaced(document, path, {**removed(node, (renamed,)), chance.choice(WORDS): node[renamed]})
        case 4:
            return replaced(document, path, chance.choice(([node], {"value": node}, [[node]])))
        case 5 if isinstance(node, str) and node:
            place = chance.randrange(len(node) + 1)
            return replaced(document, path, node[:place] + chance.choice(WORDS) + node[place + chance.randrange(3) :])
        case 6 if isinstance(node, int | float):
            return replaced(document, path, chance.choice((str(node), -node, node * 10, node + 1)))
        case _:
            return replaced(document, path, chance.choice(VALUES))


def mutated(data: bytes, chance: random.Random) -> bytes | None:
    """JSON bytes with one to three changes; None for what is no JSON, or would not be after the change."""
    try:
        document = msgspec.json.decode(data)
        for _ in range(chance.choice((1, 1, 2, 3))):
            document = changed(document, chance)
        return msgspec.json.encode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        return None
