"""`docs/performance.md` and its chart, from what one run measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.chart import Bar, chart
from bench.contenders import BODIES, FLOOR, OURS, WORKERS, Comparison
from bench.load import Load, generator

DOCS = Path(__file__).parent.parent / "docs"
PAGE, CHART = DOCS / "performance.md", DOCS / "performance.svg"
_VERSIONS = ("flask", "gunicorn", "msgspec", "orjson", "pyjwt", "cryptography")


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: the load, and the server's processor time in milliseconds a request."""

    load: Load
    cpu: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A comparison with the rounds of each entry, by its name."""

    comparison: Comparison
    rounds: Mapping[str, Sequence[Round]]
    kilobytes: float

    def rate(self, name: str) -> float:
        """Requests a second: the median of the rounds."""
        return median(round.load.rate for round in self.rounds[name])

    def cpu(self, name: str) -> float | None:
        """Milliseconds of processor time a request: the median of the rounds."""
        known = [round.cpu for round in self.rounds[name] if round.cpu is not None]
        return median(known) if known else None

    def floor_of(self, name: str) -> str | None:
        """The entry that `name` is compared with: the floor that verifies the same kind of token."""
        wanted = name.replace(OURS, FLOOR) if name.startswith(OURS) else FLOOR
        return wanted if wanted in self.rounds else None

    def ratio(self, name: str) -> float | None:
        """Requests a second over those of its floor."""
        floor = self.floor_of(name)
        return self.rate(name) / self.rate(floor) if floor else None


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of all processes of a server in MB, and the processor time that its start took in seconds."""

    name: str
    ready: float
    start: float
    readings: Sequence[tuple[int, float]]
    """Requests that it had had, and its memory then."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found."""

    measured: Sequence[Measured]
    stages: Mapping[str, Mapping[str, float]]
    """Microseconds a call of each stage, by the size of the bodies."""
    memory: Sequence[Memory]
    rounds: int
    seconds: int
    left_out: Sequence[str]


def write(run: Run) -> None:
    """Write the page and its chart."""
    PAGE.write_text(page(run), encoding="utf-8")
    CHART.write_text(_chart(run), encoding="utf-8")


def page(run: Run) -> str:
    """The page."""
    day = datetime.now(UTC).date()
    versions = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    parts = [
        "# Performance",
        f"Written by `make bench` on {day}: {_machine()}, which the load shares. {platform.python_implementation()} "
        f"{platform.python_version()}, {versions}. {WORKERS} workers each, load by {generator()}, {run.rounds} rounds "
        f"of {run.seconds} s in turns; medians, with the range of the rounds in brackets.",
        f"There are {' and '.join(map(str, BODIES.values()))} different bodies, small and large, which differ in "
        "patient, values and days; no answer, picture or parsed body is kept from one call for another. The floor is "
        "a Flask route on gunicorn (`sync`) that parses the same body with orjson and applies one rule; in the "
        "production profile it verifies the same token. The service reads all that its prefetch asks for, answers with "
        "three cards, and remembers what it showed; in the production profile it records the token's `jti` and writes "
        "an audit record too.",
        _between("summary", _summary(run)),
        "![Requests a second over those of the floor](performance.svg)",
        *(_table(measured) for measured in run.measured),
        _stages(run.stages),
        _memory(run.memory),
    ]
    if run.left_out:
        parts.append("Left out: " + "; ".join(run.left_out) + ".")
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.machine()
    return f"{os.cpu_count()} cores ({model})"


def _between(name: str, content: str) -> str:
    return f"<!-- {name}:begin -->\n\n{content}\n\n<!-- {name}:end -->"


def _summary(run: Run) -> str:
    """What the README quotes."""
    lines = ["| request | this service | CPU a request | over the floor |", "| --- | --- | --- | --- |"]
    for measured in run.measured:
        name = measured.comparison.entries[0].name
        ratio = measured.ratio(name)
        if ratio is not None:
            title = f"{measured.comparison.title}, {measured.kilobytes:,.0f} kB"
            lines.append(
                f"| {title} | {measured.rate(name):,.0f} a second | {_ms(measured.cpu(name))} | {ratio:.2f} x |"
            )
    return "\n".join(lines)


def _table(measured: Measured) -> str:
    lines = [
        f"## {measured.comparison.title}, {measured.kilobytes:,.0f} kB",
        "",
        "| server | requests a second | p50 ms | p99 ms | CPU ms a request | over the floor |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, rounds in measured.rounds.items():
        rates = [round.load.rate for round in rounds]
        cpus = [round.cpu for round in rounds if round.cpu is not None]
        ratio = measured.ratio(name)
        cells = (
            name,
            f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})",
            f"{median(round.load.p50 for round in rounds):.1f}",
            f"{median(round.load.p99 for round in rounds):.1f}",
            f"{median(cpus):.2f} ({min(cpus):.2f} to {max(cpus):.2f})" if cpus else "-",
            "-" if ratio is None else f"{ratio:.2f} x",
        )
        lines.append("| " + " | ".join(cells) + " |")
    first, *_, last = measured.rounds
    more, less = measured.cpu(first), measured.cpu(last)
    if measured.floor_of(first) is None and more is not None and less is not None:
        lines += ["", f"The facts cost {more - less:.2f} ms of processor time."]
    return "\n".join(lines)


def _stages(stages: Mapping[str, Mapping[str, float]]) -> str:
    sizes = list(stages)
    lines = [
        "## Where the time goes",
        "",
        "One call in the sandbox profile, in one process without a network; microseconds, and the share.",
        "",
        "| stage | " + " | ".join(sizes) + " |",
        "| --- |" + " --- |" * len(sizes),
    ]
    for stage in stages[sizes[0]]:
        told = [(stages[size][stage], sum(stages[size].values())) for size in sizes]
        if any(spent for spent, _ in told):
            lines.append(
                f"| {stage} | " + " | ".join(f"{spent:,.0f} ({spent / all:.0%})" for spent, all in told) + " |"
            )
    return "\n".join(lines)


def _memory(memory: Sequence[Memory]) -> str:
    if not memory:
        return ""
    lines = ["## Memory and start", "", "All processes of a server, what they share counted once (PSS).", ""]
    lines += ["| server | ready | after | requests |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.name} | {one.ready:.0f} MB | {after:.0f} MB | {requests:,} |"
        for one in memory
        for requests, after in one.readings
    ]
    starts = " and ".join(f"{one.start:.2f} s ({one.name.rpartition(', ')[2]})" for one in memory)
    return "\n".join([*lines, "", f"Processor time from start to ready: {starts}."])


def _chart(run: Run) -> str:
    groups = [
        (
            measured.comparison.title,
            [
                Bar(name, ratio, name.startswith(OURS))
                for name in measured.rounds
                if (ratio := measured.ratio(name)) is not None
            ],
        )
        for measured in run.measured
    ]
    return chart("Requests a second over those of the floor", [group for group in groups if group[1]])


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} ms"
