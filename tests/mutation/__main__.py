"""Runs mutmut over `hooks/anti_mag/rules` and holds its survivors against `survivors.toml`.

mutmut leaves decorated functions alone, and every rule is decorated with its registration. So it works on a copy in
which a rule is registered by a call after its definition, which is the same to Python. The copy stays in `.mutation`,
where `mutmut show NAME` prints a mutant. Fails when fewer than 95 of 100 mutants are killed, when a survivor is not
explained in the list, and when a line of the list fits no survivor any more.
"""

import ast
import contextlib
import os
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mutmut.__main__ import create_mutants
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

ROOT = Path(__file__).parents[2]
COPY = ROOT / ".mutation"
COPIED = ("cds_service", "hooks", "fhir_examples", "tests", "pyproject.toml", "README.md", "RULES.md")
RULES = Path("hooks/anti_mag/rules")
LEAST_KILLED = 95


class Change(NamedTuple):
    """One mutant: the function, the lines as they are, and as the mutant has them, both without indentation."""

    function: str
    was: str
    becomes: str


def main() -> int:
    """Mutate, run the tests of the rules on each mutant, and say what survived. The exit code is 1 on a fault."""
    _copy()
    _mutate()
    _judge()
    verdicts = dict(line.split("\t") for line in (COPY / "verdicts.tsv").read_text().splitlines())
    with ThreadPoolExecutor() as pool:
        survived = list(pool.map(_change, [name for name, test in verdicts.items() if not test]))
    return _verdict(len(verdicts), survived)


def _mutate() -> None:
    """mutmut writes every mutant beside its function, in a further copy; their names are listed."""
    with contextlib.chdir(COPY):
        Path("mutants").mkdir()
        copy_src_dir()
        copy_also_copy_files()
        create_mutants(os.cpu_count() or 1)
    names = (line.split(":")[0].strip() for line in _mutmut("results", "--all", "true").splitlines())
    (COPY / "names.txt").write_text("\n".join(names))


def _judge() -> None:
    """The session of tests that judges the mutants, with what it takes from pyproject."""
    settings = tomllib.loads((COPY / "pyproject.toml").read_text())["tool"]["mutmut"]
    arguments = settings["pytest_add_cli_args"] + settings["pytest_add_cli_args_test_selection"]
    names = {"MUTANTS": str(COPY / "names.txt"), "VERDICTS": str(COPY / "verdicts.tsv")}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.mutation.judging", "--capture=no", *arguments],
        cwd=COPY / "mutants",
        env=os.environ | names,
        check=True,
    )


def _mutmut(*arguments: str) -> str:
    command = [Path(sys.executable).with_name("mutmut"), *arguments]
    return subprocess.run(command, cwd=COPY, check=True, capture_output=True, text=True).stdout


def _copy() -> None:
    """The tree with each rule registered by a call; bytecode and an earlier run's verdicts stay behind."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, COPY / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, COPY / name)
    for module in (COPY / RULES).glob("*.py"):
        module.write_text(registered_by_calls(module.read_text()))


def registered_by_calls(source: str) -> str:
    """The module with `@register(...)` above each function turned into `name = register(...)(name)` below it."""
    lines = source.splitlines()
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for node in reversed(functions):
        first, end = node.decorator_list[0].lineno - 1, node.end_lineno
        calls = [ast.unparse(decorator) for decorator in reversed(node.decorator_list)]
        lines[first:end] = [
            *lines[node.lineno - 1 : end],
            *(f"{node.name} = {call}({node.name})" for call in calls),
        ]
    return "\n".join(lines) + "\n"


def _change(name: str) -> Change:
    lines = [line for line in _mutmut("show", name).splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    module, _, mutant = name.removeprefix(".".join(RULES.parts) + ".").partition(".x_")
    return Change(f"{module}.{mutant.rpartition('__mutmut_')[0]}", was, becomes)


def _verdict(total: int, survived: list[Change]) -> int:
    rows = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text())["survivors"]
    explained = {Change(row["function"], row["was"], row["becomes"]) for row in rows if row["why"]}
    killed = 100 * (total - len(survived)) / total if total else 0.0
    faults = [f"not explained: {change}" for change in survived if change not in explained]
    faults += [f"explained, but no survivor: {change}" for change in explained.difference(survived)]
    if killed < LEAST_KILLED:
        faults.append(f"fewer than {LEAST_KILLED} of 100 mutants were killed")
    print(f"{total} mutants, {total - len(survived)} killed ({killed:.1f} %), {len(survived)} survived")
    print("\n".join(faults) or "every survivor is explained")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
