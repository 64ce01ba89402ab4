"""The dashboard shows what is counted, all of it, and asks for nothing that is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.docs.counted import labels_by_series
from tests.docs.repository import text

PANELS: list[dict[str, Any]] = json.loads(text("deploy/grafana/cds-service.json"))["panels"]
QUERIES = [(target["expr"], target["legendFormat"]) for panel in PANELS for target in panel.get("targets", ())]
OF_PROMETHEUS = {"job", "instance"}


@pytest.mark.parametrize(("query", "legend"), QUERIES, ids=[query for query, _ in QUERIES])
def test_a_query_asks_for_a_metric_and_labels_that_are_counted(query: str, legend: str) -> None:
    counted = labels_by_series() | {"up": set()}
    (metric, matchers) = re.findall(r"\b(cds_[a-z_]+|up)\{([^}]*)\}", query)[0]
    assert metric in counted
    assert set(re.findall(r"(\w+)=", matchers)) <= counted[metric] | OF_PROMETHEUS
    grouped = {label for labels in re.findall(r"by \(([^)]*)\)", query) for label in labels.split(", ")}
    assert grouped <= counted[metric] | OF_PROMETHEUS
    left = grouped if grouped else OF_PROMETHEUS
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= left


def test_every_metric_is_shown() -> None:
    shown = {metric for query, _ in QUERIES for metric in re.findall(r"\bcds_[a-z_]+", query)}
    assert shown == set(labels_by_series())


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool (Debian: prometheus)")
def test_prometheus_reads_every_query(tmp_path: Path) -> None:
    asked = [query.replace("$__rate_interval", "5m").replace("$instance", ".*") for query, _ in QUERIES]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(asked)]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    ended = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_panels_have_a_title_a_unit_and_a_place_of_their_own() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel["title"]
        assert panel["type"] == "row" or panel["fieldConfig"]["defaults"]["unit"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in PANELS], 2):
        is_apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert is_apart or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
