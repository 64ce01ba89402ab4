"""The wall between engine and knowledge, where an import contract cannot see it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE_TESTS = [ROOT / "tests" / "engine", ROOT / "tests" / "toy_disease"]
NEUROLOGY = re.compile(
    r"anti[-_ ]?mag\b|\bmag\b|neuropath|neurolog|rituximab|plasma[-_ ]?exchange|\bigm\b|gammopath|waldenstr|hyperviscos"
    r"|\bincat\b|\bonls\b|i[-_]rods|paraprotein",
    re.IGNORECASE,
)
NAMED_BY_DESIGN = {
    "cds_service/main.py": "anti-mag|anti_mag",  # the composition root names the knowledge and our URNs
}
CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files(ROOT / "cds_service", *ENGINE_TESTS), ids=relative)
def test_the_engine_and_its_tests_have_no_word_of_neurology(path: Path):
    allowed = NAMED_BY_DESIGN.get(relative(path), r"(?!)")
    said = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if NEUROLOGY.search(re.sub(allowed, "", line, flags=re.IGNORECASE)):
            said.append(f"{number}: {line.strip()}")
    assert said == []


@pytest.mark.parametrize("path", python_files(ROOT / "hooks"), ids=relative)
def test_the_knowledge_asks_no_clock(path: Path):
    """A call such as `date.today()` or `datetime.now()`; `picture.today`, an attribute that is read, is fine."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if _name(call.func) in CLOCKS] == []


@pytest.mark.parametrize("path", python_files(ROOT / "hooks" / "anti_mag" / "rules"), ids=relative)
def test_rules_take_only_the_picture(path: Path):
    functions = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if _is_rule(node)]
    assert [
        function.name for function in functions if [argument.arg for argument in function.args.args] != ["picture"]
    ] == []


@pytest.mark.parametrize("path", python_files(ROOT / "hooks"), ids=relative)
def test_the_knowledge_opens_no_file_and_no_connection_but_its_own_data(path: Path):
    if path.name == "knowledge_data.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported & {"os", "io", "socket", "subprocess", "pathlib", "random", "time", "urllib.request"} == set()


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_rule(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(mark, ast.Call) and ast.unparse(mark.func) == "book.rule" for mark in node.decorator_list
    )
