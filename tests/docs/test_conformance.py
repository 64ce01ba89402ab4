"""The table of requirements says what the tests' marks say, and names its gaps."""

from __future__ import annotations

from docs.conformance import CONFORMANCE, marked, reasons, requirements, table


def test_the_table_is_up_to_date() -> None:
    assert CONFORMANCE.read_text(encoding="utf-8") == table(), "make docs"


def test_marks_and_reasons_name_requirements_that_exist() -> None:
    known = {row["id"] for row in requirements()}
    assert set(marked()) <= known
    assert set(reasons()) <= known
    assert not set(reasons()) & set(marked())


def test_every_requirement_stands_once_and_in_words() -> None:
    ids = [row["id"] for row in requirements()]
    assert sorted(set(ids)) == sorted(ids)
    assert all(row["requirement"].strip() and row["level"] and row["versions"] for row in requirements())
