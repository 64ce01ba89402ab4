"""Tables as CSV for a spreadsheet: the one place that writes it, and keeps text from being taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Iterable[str], rows: Iterable[Mapping[str, object]], line_end: str = "\r\n") -> str:
    """A header and one line a row; a cell that would begin a formula gets an apostrophe, since people fill some."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator=line_end)
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def plain(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and value.lstrip(" \n").startswith(_FORMULA)
    return f"'{value}" if is_formula else value
