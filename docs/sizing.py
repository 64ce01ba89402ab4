"""Writes the figures of docs/how-to/size.md: `python -m docs.sizing` (make docs).

They come from what `make bench` measured last; the sum is the one that the page shows. How busy the busiest hour is,
and how full a core may be, are assumptions of ours, which the page names.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from docs.readme import PERFORMANCE, between

SIZE = Path(__file__).parent / "how-to" / "size.md"
CALLS = (1_000, 10_000, 100_000, 1_000_000)
"""Calls a day that the table has a row for."""
BUSIEST = Decimal("0.15")
"""Share of a day's calls in its busiest hour."""
FULL = Decimal("0.5")
"""Share of a core that may be in use then."""


def filled(page: str) -> str:
    """The page with its figures as they should be."""
    return between(between(page, "table", _table()), "memory", _memory())


def milliseconds(measured: str) -> dict[str, Decimal]:
    """Processor time of a call in the production profile, by the size of its chart, out of performance.md."""
    rows = re.findall(r"^\| Production, (\w+): .*? \| .*? \| ([\d.]+) ms \|", measured, re.MULTILINE)
    return {size: Decimal(time) for size, time in rows}


def cores(calls: int, time: Decimal) -> Decimal:
    """Cores for so many calls a day that take so many milliseconds each."""
    return calls * BUSIEST / 3600 * time / 1000 / FULL


def _table() -> str:
    times = milliseconds(PERFORMANCE.read_text(encoding="utf-8"))
    lines = [
        f"| calls a day | calls a second, busiest hour | cores, small charts ({times['small']} ms) | "
        f"cores, large charts ({times['large']} ms) |",
        "| --- | --- | --- | --- |",
    ]
    for calls in CALLS:
        small, large = (cores(calls, times[size]) for size in ("small", "large"))
        lines.append(f"| {calls:,} | {calls * BUSIEST / 3600:.2f} | {small:.3f} | {large:.3f} |")
    return "\n".join(lines)


def _memory() -> str:
    rows = re.findall(
        r"^\| this service, production \| (\d+ MB) \| (\d+ MB) \| ([\d,]+) \|", PERFORMANCE.read_text(), re.MULTILINE
    )
    workers = re.search(r"(\d+) workers each", PERFORMANCE.read_text())
    if not rows or workers is None:
        raise SystemExit(f"{PERFORMANCE} does not say what memory is used")
    ready, after, requests = rows[-1]
    used = f"{ready} when ready and {after} after {requests} requests"
    return f"{used}, with {workers[1]} workers, all processes together."


def main() -> None:
    """Write size.md."""
    SIZE.write_text(filled(SIZE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
