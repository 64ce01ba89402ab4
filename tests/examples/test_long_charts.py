"""The two charts of decades: told by a generator, stored as it tells them, small enough to keep, and read whole."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from fhir_examples.example import FOLDER, Example, load, names
from fhir_examples.long_charts import CHARTS, stored
from hooks.anti_mag.prefetch import PAGE

MEGABYTE = 1_000_000
LONG = [load(name) for name in CHARTS]


@pytest.mark.parametrize("name", CHARTS)
def test_the_stored_chart_is_what_the_generator_tells(name: str) -> None:
    assert (FOLDER / name / "bundle.json").read_text(encoding="utf-8") == stored(CHARTS[name]())


def test_they_are_the_only_long_ones_and_span_decades() -> None:
    assert {name for name in names() if load(name).is_long} == set(CHARTS)
    for example in LONG:
        days = [
            entry["resource"]["effectiveDateTime"][:4]
            for entry in example.bundle["entry"]
            if "effectiveDateTime" in entry["resource"]
        ]
        assert len(example.bundle["entry"]) > 1000
        assert int(max(days)) - int(min(days)) >= 20


def test_they_take_less_than_three_megabytes() -> None:
    files = [path for name in CHARTS for path in (FOLDER / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 3 * MEGABYTE


@pytest.mark.parametrize("example", LONG, ids=lambda example: example.name)
def test_every_key_fits_on_the_page_that_is_asked_for(example: Example) -> None:
    for call in example.calls:
        prefetch = json.loads((FOLDER / example.name / f"{call.name}.json").read_text(encoding="utf-8"))["prefetch"]
        sizes = Counter({key: len(bundle.get("entry", ())) for key, bundle in prefetch.items()})
        assert max(sizes.values()) <= PAGE, sizes.most_common(3)
