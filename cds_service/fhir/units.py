"""The closed unit table: which spellings are understood, and which units convert into which.

The table is `data/units.toml`. A unit is known by its UCUM spelling, by a spelling of the table, or (arbitrary units of
an assay) by an alias that the disease package lends. Blanks, superscripts, the word "per", and the annotations and
remarks that the table names change nothing. Conversion stays inside one dimension; an arbitrary unit converts into
nothing. What is not in the table is unknown, whatever it looks like. Which of `code` and `unit` of a FHIR Quantity
decides is left to `values`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache

from cds_service.fhir.tables import data_of
from cds_service.knowledge.rows import Row
from cds_service.values import Quantity


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its UCUM spelling, its dimension, and its size in the dimension's base unit."""

    ucum: str
    dimension: str
    factor: Decimal = Decimal(1)


def _units(table: Row) -> dict[str, Unit]:
    sized = {
        ucum: Unit(ucum, dimension, Decimal(size))
        for dimension, sizes in table.row("sizes").rows().items()
        for ucum, size in sizes.all_pairs().items()
    }
    arbitrary = (ucum for group in table.row("arbitrary").lists().values() for ucum in group)
    return sized | {ucum: Unit(ucum, f"arbitrary {ucum}") for ucum in arbitrary}


def _spellings(table: Row, units: Mapping[str, Unit]) -> tuple[dict[str, Unit], dict[str, Unit]]:
    """Spellings in this case alone (of a quotient's denominator in lower case), and those in any case, lower case."""
    exact, any_case = dict(units), dict[str, Unit]()
    for ucum, spelling in _spelled(table, "exact", units):
        _enter(table, exact, spelling, units[ucum])
    for ucum, spelling in _spelled(table, "any_case", units):
        _enter(table, any_case, spelling.lower(), units[ucum])
    quotients = table.row("quotients")
    below = quotients.row("denominators").lists()
    above_exact, above = (quotients.row("numerators").row(name).lists() for name in ("exact", "any_case"))
    for ucum, unit in units.items():
        numerator, slash, denominator = ucum.partition("/")
        for lower in below.get(denominator, ()) if slash else ():
            for upper in above_exact.get(numerator, ()):
                _enter(table, exact, f"{upper}/{lower}", unit)
            for upper in (*above.get(numerator, ()), *_powers(table.row("powers"), numerator)):
                _enter(table, any_case, f"{upper}/{lower}", unit)
    return exact, any_case


def _spelled(table: Row, group: str, units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    for ucum, spellings in table.row(group).lists().items():
        if ucum not in units:
            table.fault(f"{group}.{ucum}", "no such unit")
        for spelling in spellings:
            yield ucum, spelling


def _enter(table: Row, spellings: dict[str, Unit], spelling: str, unit: Unit) -> None:
    if spellings.setdefault(spelling, unit).ucum != unit.ucum:
        table.fault(spelling, f"it spells both {spellings[spelling].ucum} and {unit.ucum}")


def _powers(table: Row, numerator: str) -> Iterator[str]:
    """Every form of "10*3"; none of what is no power of ten."""
    base, star, power = numerator.partition("*")
    if base != "10" or not star:
        return
    forms, after_x = table.texts("forms"), table.texts("forms_after_x")
    for form in forms:
        yield form.format(n=power)
    for times in table.texts("x"):
        for form in (*forms, *after_x):
            yield times + form.format(n=power)


_LONGEST = 64
"""A longer text is no unit."""
_TABLE = data_of("units.toml")
_UNITS = _units(_TABLE)
_EXACT, _ANY_CASE = _spellings(_TABLE, _UNITS)
_REFUSED = frozenset(_TABLE.row("refused").all_pairs())
_ANNOTATIONS = frozenset(_TABLE.row("dropped").texts("annotations"))
GENERIC = frozenset(_TABLE.row("arbitrary").texts("generic"))
"""Units that say only "a number" or "this assay's own units": a text beside them may name the unit more closely."""

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_POWER_OF_TEN = re.compile(rf"(?<=10)[{_SUPERSCRIPTS}]")
_SPACES = re.compile(r"\s+")
_PER = re.compile(r"(?:^| )per ", re.IGNORECASE)
_AROUND = re.compile(r" ?([/^%·*]) ?")
_ANNOTATION = re.compile(r" ?\{([^{}]*)\}")
_REMARK = re.compile(
    rf" ?[(\[]? ?(?<![^ (\[])(?:{'|'.join(map(re.escape, _TABLE.row('dropped').texts('remarks')))}) ?[)\]]?\Z",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"(?<=[\d)]) ?(?:{'|'.join(_TABLE.row('dropped').texts('counted'))})(?=/)", re.IGNORECASE)
_INVERSE = re.compile(r"[ .]([A-Za-z]+)\^?-1\Z")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_LETTERS = str.maketrans(
    {"−": "-", "μ": "u", "µ": "u", "×": "x", "·": ".", "⋅": ".", "•": ".", "∙": ".", "⁄": "/", "∕": "/"}
)


def unit_of(text: str, aliases: Mapping[str, str]) -> Unit | None:
    """The unit that `text` spells, or None where the table does not know it.

    `aliases` are the disease package's spellings, lower case, of arbitrary units (`Vocabulary.unit_aliases`).
    """
    if len(text) > _LONGEST:
        return None
    known, spelling = _in_table(text)
    arbitrary = aliases.get(spelling)
    if known is not None or arbitrary is None:
        return known
    return _UNITS.get(arbitrary) or Unit(arbitrary, f"arbitrary {arbitrary}")


@lru_cache(maxsize=1024)
def _in_table(text: str) -> tuple[Unit | None, str]:
    """What the table says of `text`, and the spelling that a disease package may know it by; "" where it is refused."""
    spelling = _plainly(text)
    if spelling in _REFUSED:
        return None, ""
    return _known(spelling) or _known(_tightly(spelling)), spelling.lower()


def _known(spelling: str) -> Unit | None:
    if spelling in _REFUSED:
        return None
    numerator, slash, denominator = spelling.partition("/")
    return (
        _EXACT.get(spelling) or _EXACT.get(numerator + slash + denominator.lower()) or _ANY_CASE.get(spelling.lower())
    )


def _plainly(text: str) -> str:
    """Without doubled blanks, superscripts and other shapes of the same letters."""
    with_powers = _POWER_OF_TEN.sub(lambda found: "^" + found[0], text)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", with_powers).translate(_LETTERS)).strip()


def _tightly(spelling: str) -> str:
    """Without what means nothing: "per", blanks around a sign, brackets around all of it, remarks, annotations that the
    table names. "g.L-1" is UCUM's other way to write "g/L"."""
    inside = _BRACKETS.fullmatch(spelling)
    spelling = _INVERSE.sub(r"/\1", inside[1].strip() if inside else spelling)
    bare = _ANNOTATION.sub(lambda found: "" if found[1].strip().lower() in _ANNOTATIONS else found[0], spelling)
    return _COUNTED.sub("", _REMARK.sub("", _AROUND.sub(r"\1", _PER.sub("/", bare)))).strip()


def convert(quantity: Quantity, unit: str) -> Decimal | None:
    """The number of `quantity` in `unit` (a UCUM spelling of the table), or None across dimensions and without unit.

    The comparator is not looked at: a bound stays a bound, and the caller has to treat it as one.
    """
    if quantity.unit is None:
        return None
    if quantity.unit == unit:
        return quantity.value
    sent, wanted = _UNITS.get(quantity.unit), _UNITS.get(unit)
    if sent is None or wanted is None or sent.dimension != wanted.dimension:
        return None
    with localcontext() as context:
        context.prec = 50
        return _plain(quantity.value * sent.factor / wanted.factor)


def _plain(number: Decimal) -> Decimal:
    """Without exponent and trailing zeros, so that 38 g/L prints as 3800 mg/dL and not as 3.8E+3."""
    with localcontext() as context:
        context.prec = 28
        shortest = number.normalize()
    return Decimal(format(shortest, "f")) if -30 < shortest.adjusted() < 30 else shortest
