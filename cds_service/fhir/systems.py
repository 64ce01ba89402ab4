"""Code systems under all their names and codes in all their spellings: every (system, code) that a coding stands for.

The names are `data/systems.toml`. A coding stands for itself as sent, and for the same code under the endorsed URI in
the endorsed spelling: ICD codes with their dot, capitals where the system has capitals, no blanks. A code of a
national ICD-10 is also a code of WHO's, cut to its four characters. A code without a system is a LOINC code where its
check digit says so. Which codes mean something is left to the disease package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

from cds_service.codes import Code
from cds_service.fhir.tables import data_of
from cds_service.knowledge.rows import Row

_LOINC = "http://loinc.org"
_FORMS = ("plain", "loinc", "upper", "icd-10", "icd-10 national", "icd-9", "none")
_LONGEST = 256
"""A longer text names no code system, and is no code."""


class _System(NamedTuple):
    uris: tuple[str, ...]
    form: str


def _systems(table: Row) -> tuple[dict[str, _System], dict[str, _System]]:
    """Every system by each of its names; and those that a part of an address names, by that part."""
    named: dict[str, _System] = {}
    containing: dict[str, _System] = {}
    for row in table.rows().values():
        system = _System(row.texts("uris"), row.one_of("form", _FORMS))
        for name in row.texts("names"):
            if named.setdefault(_key(name), system) is not system:
                row.fault("names", f"{name!r} is a name of another system too")
        if row.has("containing"):
            containing[row.text("containing")] = system
        row.finish()
    return named, containing


_PREFIX = re.compile(r"(?:https?:/*)?(?:www\.)?(?:urn:oid:|oid:)?")
_FILLERS = str.maketrans("", "", " -_")


def _key(system: str) -> str:
    """What is left of a system's name when all that varies without meaning is gone."""
    lower = system.strip().lower()
    prefix = _PREFIX.match(lower)
    bare = (lower if prefix is None else lower[prefix.end() :]).partition("|")[0].strip().rstrip("/")
    return bare if "." in bare or "/" in bare else bare.translate(_FILLERS)


_NAMED, _CONTAINING = _systems(data_of("systems.toml"))


def spellings(system: str, code: str) -> tuple[Code, ...]:
    """Every (system, code) that a coding stands for, as sent first; nothing for an empty code."""
    if len(system) > _LONGEST or len(code) > _LONGEST:
        return ((system.strip(), code.strip()),)
    return _spellings(system, code)


@lru_cache(maxsize=8192)
def _spellings(system: str, code: str) -> tuple[Code, ...]:
    sent = (system.strip(), code.strip())
    if not sent[1]:
        return ()
    return tuple(dict.fromkeys((sent, *_endorsed(*sent))))


def _endorsed(system: str, code: str) -> Iterator[Code]:
    known = _system(system)
    if known is None:
        yield system.rstrip("/"), code
        return
    if known.form == "none":
        if _is_loinc(code):
            yield _LOINC, code
        return
    spelled = _SPELLED[known.form](code) if known.form in _SPELLED else code
    for place, uri in enumerate(known.uris):
        is_divided = known.form == "icd-10 national" and place > 0
        yield uri, _who_category(spelled) if is_divided else spelled


def _system(system: str) -> _System | None:
    key = _key(system)
    found = _NAMED.get(key)
    if found is not None:
        return found
    return next((known for part, known in _CONTAINING.items() if part in key), None)


_ICD_10 = re.compile(r"([A-Z]\d[0-9A-Z])\.?([0-9A-Z]{0,4}(?:\.?-)?)[*+†!]?", re.ASCII)
_ICD_9 = re.compile(r"(V\d\d|\d{3}|E\d{3})\.?(\d{0,2})", re.ASCII)
_LOINC_CODE = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
_BLANKS = re.compile(r"\s+")
_WHO = re.compile(r"[A-Z]\d\d(?:\.\d)?", re.ASCII)


def _upper(code: str) -> str:
    return _BLANKS.sub("", code).upper()


def _dotted(pattern: re.Pattern[str], code: str) -> str:
    """ "g629" as "G62.9", "07032" as "070.32", "V222" as "V22.2", without dagger, asterisk and exclamation mark;
    anything else in capitals."""
    plain = _upper(code)
    found = pattern.fullmatch(plain)
    if found is None:
        return plain
    return f"{found[1]}.{found[2]}" if found[2] else found[1]


def _who_category(code: str) -> str:
    found = _WHO.match(code)
    return found[0] if found else code


def _is_loinc(code: str) -> bool:
    """Whether the code has LOINC's shape and its check digit (modulus 10, every other digit doubled) is right."""
    found = _LOINC_CODE.fullmatch(code)
    if found is None:
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(found[1]))]
    return (sum(number // 10 + number % 10 for number in doubled) + int(found[2])) % 10 == 0


_SPELLED: Mapping[str, Callable[[str], str]] = {
    "loinc": _upper,
    "upper": _upper,
    "icd-10": partial(_dotted, _ICD_10),
    "icd-10 national": partial(_dotted, _ICD_10),
    "icd-9": partial(_dotted, _ICD_9),
}
