"""`make bench-guard` tells what became slower beside the floor, and only that."""

import json
from pathlib import Path

import pytest

from bench import guard
from bench.contenders import FLOOR, OURS, Comparison, Entry
from bench.load import Load
from bench.report import Measured, Round

TITLE = "Sandbox, small: 20 resources"


def measured(ours: float | None, floor: float | None) -> Measured:
    """Processor time a request, in milliseconds, of the service and of the floor."""
    entries = (Entry(OURS, "sandbox", "/", "small", "x"), Entry(FLOOR, "floor", "/", "small", "x"))
    load = Load(100, 1.0, 1.0, 1.0, 0)
    return Measured(Comparison(TITLE, entries), {OURS: [Round(load, ours)], FLOOR: [Round(load, floor)]}, 20)


@pytest.fixture(autouse=True)
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guard, "MEASURED", tmp_path / "measured.json")
    guard.keep([measured(4.0, 0.4)])
    return guard.MEASURED


def test_the_floors_processor_time_over_ours_is_kept(before: Path) -> None:
    assert json.loads(before.read_text()) == {TITLE: 0.1}


@pytest.mark.parametrize(
    ("ours", "floor", "is_slower"), [(4.0, 0.4, False), (5.9, 0.4, False), (6.1, 0.4, True), (9, 0.8, False)]
)
def test_a_third_may_be_lost_to_chance_and_no_more(ours: float, floor: float, is_slower: bool) -> None:
    assert bool(list(guard.faults([measured(ours, floor)]))) is is_slower


def test_what_could_not_be_measured_is_no_pass() -> None:
    assert list(guard.faults([measured(None, 0.4)])) == [f"{TITLE}: nothing to compare"]
