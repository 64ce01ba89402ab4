"""The blocks of the guides work in their order, and what the guides name exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, free_port, ran
from tests.docs.counted import labels_by_series
from tests.docs.repository import ROOT, text

RULES = "deploy/prometheus/alerts.yml"
TESTS = "deploy/prometheus/alerts.test.yml"
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the guide calls curl")
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool (Debian: prometheus)")


def _played(guide: str, folder: Path) -> str:
    port = free_port()
    script = "\n".join(blocks_of(guide)).replace("8080", port)
    ended = ran(
        script.replace("try first_line_rituximab", f"try first_line_rituximab --url http://127.0.0.1:{port}"), folder
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@needs_curl
def test_a_clients_key_is_changed_without_a_call_lost(tmp_path: Path) -> None:
    said = _played("docs/how-to/rotate-keys.md", tmp_path)
    for name in ("first", "old", "new", "after"):
        assert "rituximab is the first choice" in " ".join((tmp_path / f"{name}.txt").read_text().split())
    assert '"refused":"kid"' in said
    assert "Site file taken" in said


@needs_curl
def test_the_service_is_asked_how_it_is(tmp_path: Path) -> None:
    said = _played("docs/how-to/monitor.md", tmp_path)
    assert 'cds_decisions_total{service="anti-mag-patient-view"' in said
    assert "{'knowledge': 'ok', 'store': 'ok', 'audit': 'none'}" in said


@pytest.mark.parametrize("checked", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")])
@needs_promtool
def test_prometheus_takes_the_alerts_and_they_fire_when_they_should(checked: tuple[str, ...]) -> None:
    ended = subprocess.run(
        ["promtool", *checked], cwd=ROOT / "deploy" / "prometheus", capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_alerts_ask_for_metrics_and_labels_that_are_counted() -> None:
    labels = labels_by_series()
    for name in (RULES, TESTS, "docs/how-to/monitor.md"):
        for metric, matchers in re.findall(r"\b(cds_[a-z_]+)(?:\{([^}]*)\})?", text(name)):
            if name != "docs/how-to/monitor.md" or metric.endswith(("_total", "_count", "_bucket")):
                assert metric in labels, metric
                assert set(re.findall(r"(\w+)!?=", matchers)) <= labels[metric]


def test_every_alert_is_explained_and_tested() -> None:
    alerts = set(re.findall(r"alert: (\w+)", text(RULES)))
    assert alerts == set(re.findall(r"^\| `(\w+)` \|", text("docs/how-to/monitor.md"), re.MULTILINE)) - {"/healthz"}
    assert alerts == set(re.findall(r"alertname: (\w+)", text(TESTS)))
