"""Fuzzes every decoder and the routes for a number of seconds, one after the other, and goes on where it last stopped.

    python -m tests.fuzz [SECONDS] [NAME ...]     the decoders of `targets.py` by name, and "http"; all without a name
    python -m tests.fuzz keep [NAME ...]          write the committed corpus anew: some of all sizes

What was found so far is in `.fuzz/corpus`; `tests/fuzz/corpus` is the part of it that is committed. Each half minute a
line is added to `.fuzz/progress.csv`: time, target, executions of this run and of all runs, executions a second,
branches reached (edges, for `http` the operations called) and files of the corpus. An input that is a finding is kept
in `.fuzz/findings`, and the exit code is 1.
"""

import csv
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".fuzz"
PROGRESS, FINDINGS = FOLDER / "progress.csv", FOLDER / "findings"
COMMITTED = Path(__file__).with_name("corpus")
MOST_BYTES_OF_A_TARGET, MOST_FILES = 24_000, 60
SHARES = {"request": 2, "body": 3, "chart": 4, "token": 2, "keys": 2, "feedback": 2, "paging": 1, "http": 4}
"""Of the time. What is slow gets more of it."""
SECONDS, SECONDS_OF_A_LINE = 600, 30
LONGEST_SECONDS_OF_AN_INPUT = 10
_COLUMNS = ("time", "target", "executions", "executions of all runs", "a second", "branches", "corpus")
_STATE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: \d+ corp: (\d+)")
_COUNT = re.compile(r"(?:executions:|stat::number_of_executed_units:) +(\d+)")


@dataclass
class Run:
    """What one target has done so far."""

    name: str
    before: int
    started: float = field(default_factory=time.monotonic)
    executions: int = 0
    branches: int = 0
    corpus: int = 0

    def read(self, line: str) -> None:
        """Take in a line of the fuzzer."""
        if found := _STATE.search(line):
            self.executions, self.branches, self.corpus = (int(part) for part in found.groups())
        elif found := _COUNT.search(line):
            self.executions = max(self.executions, int(found[1]))

    def tell(self) -> None:
        """Print where it stands, and add it to the file."""
        rate = round(self.executions / max(time.monotonic() - self.started, 1))
        whole = self.before + self.executions
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        is_new = not PROGRESS.exists()
        with PROGRESS.open("a", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            if is_new:
                rows.writerow(_COLUMNS)
            rows.writerow((moment, self.name, self.executions, whole, rate, self.branches, self.corpus))
        print(
            f"{self.name:9} {self.executions:>10,} executions ({whole:,} in all runs), {rate:,} a second, "
            f"{self.branches:,} branches, {self.corpus:,} files",
            flush=True,
        )


def main(arguments: Sequence[str]) -> int:
    """The exit code is 1 where something was found."""
    seconds = next((int(argument) for argument in arguments if argument.isdigit()), SECONDS)
    names = [argument for argument in arguments if not argument.isdigit() and argument != "keep"] or list(SHARES)
    if unknown := set(names) - SHARES.keys():
        print(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(SHARES)}", file=sys.stderr)
        return 2
    if "keep" in arguments:
        keep(names)
        return 0
    if find_spec("atheris") is None:
        print("left out: the decoders (there is no package of atheris for this system)")
        names = [name for name in names if name == "http"]
    FINDINGS.mkdir(parents=True, exist_ok=True)
    whole = max(1, sum(SHARES[name] for name in names))
    failed = [name for name in names if not fuzz(name, max(1, seconds * SHARES[name] // whole))]
    print(f"found something: {', '.join(failed)}; see .fuzz/findings" if failed else "nothing found")
    return 1 if failed else 0


def fuzz(name: str, seconds: int) -> bool:
    """False where something was found, or the fuzzer could not run."""
    run = Run(name, before(name))
    told: list[str] = []
    with subprocess.Popen(
        _command(name, seconds), cwd=ROOT, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as child:
        assert child.stderr is not None
        for line in _lines(child.stderr, run):
            told = [*told, line][-60:]
    run.tell()
    if child.returncode:
        print("".join(line for line in told if not line.startswith(("#", "INFO:", "0x"))), file=sys.stderr)
    return child.returncode == 0


def _lines(stderr: IO[str], run: Run) -> Iterator[str]:
    due = time.monotonic() + SECONDS_OF_A_LINE
    for line in stderr:
        run.read(line)
        if time.monotonic() >= due:
            due += SECONDS_OF_A_LINE
            run.tell()
        yield line


def _command(name: str, seconds: int) -> list[str]:
    if name == "http":
        return [sys.executable, "-m", "tests.fuzz.web", str(seconds)]
    options = (
        f"-max_total_time={seconds}",
        f"-timeout={LONGEST_SECONDS_OF_AN_INPUT}",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        f"-artifact_prefix={FINDINGS / name}-",
    )
    return [sys.executable, "-m", "tests.fuzz.decoders", name, *options, *map(str, _folders(name))]


def _folders(name: str) -> tuple[Path, ...]:
    """The corpus that grows, the committed one, and that of seeds; all of them there."""
    folders = (FOLDER / "corpus" / name, COMMITTED / name, FOLDER / "seeds" / name)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return folders


def before(name: str) -> int:
    """Executions of all runs so far: those of each run's last line."""
    if not PROGRESS.exists():
        return 0
    with PROGRESS.open(newline="", encoding="utf-8") as file:
        counts = [int(row["executions of all runs"]) for row in csv.DictReader(file) if row["target"] == name]
    return max(counts, default=0)


def keep(names: Sequence[str]) -> None:
    """The committed corpus anew: small files and larger ones of what was found, within the limits."""
    for name in names:
        if name == "http":
            continue
        grown, committed, _ = _folders(name)
        shutil.rmtree(committed)
        committed.mkdir()
        files = sorted(grown.iterdir(), key=lambda path: (path.stat().st_size, path.name))
        left = MOST_BYTES_OF_A_TARGET
        for path in files[:: max(1, len(files) // MOST_FILES)]:
            left -= path.stat().st_size
            if left < 0:
                break
            shutil.copy(path, committed / f"{path.name[:12]}.bin")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
