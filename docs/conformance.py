"""Writes docs/reference/conformance.csv: `python -m docs.conformance` (make docs).

Which tests show which requirement of CDS Hooks: `requirements.csv` lists the requirements, in words of our own,
`not_ours.csv` those that no test of the service can show, and tests are marked `@pytest.mark.conformance("RQ-01")`. The
tests are read, not run; that they pass is the test run's matter, and whether a mark is deserved is its author's.
"""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from cds_service.spreadsheet import as_csv

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
CONFORMANCE = REFERENCE / "conformance.csv"
COLUMNS = ("id", "requirement", "level", "versions", "status", "tests")


def requirements() -> list[dict[str, str]]:
    """Our own words for each requirement, in the order of the file."""
    return _rows("requirements.csv")


def reasons() -> dict[str, str]:
    """Why a requirement has nothing that a test of the service could show, by id."""
    return {row["id"]: row["reason"] for row in _rows("not_ours.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def marked(mark: str = "conformance") -> Mapping[str, list[str]]:
    """The tests, as "tests/folder/test_file.py::name", by what they are marked with: requirements, or rules."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for test in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for id in dict.fromkeys(_marks_of(test, mark)):
                found[id].append(f"{path.relative_to(ROOT).as_posix()}::{test.name}")
    return found


def _marks_of(test: ast.FunctionDef, mark: str) -> Iterator[str]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def table() -> str:
    """conformance.csv as it should be."""
    shown, why = marked(), reasons()
    rows = []
    for row in requirements():
        tests = shown.get(row["id"], [])
        rows.append({**row, "status": _status(tests, why.get(row["id"])), "tests": "; ".join(tests)})
    return as_csv(COLUMNS, rows, line_end="\n")


def _status(tests: list[str], reason: str | None) -> str:
    if tests:
        return "held"
    return f"not ours: {reason}" if reason else "gap"


def main() -> None:
    """Write conformance.csv."""
    CONFORMANCE.write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    main()
