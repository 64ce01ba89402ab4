"""`cds-service rules` and `cds-service explain`, as they are typed."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service.cards import Indicator
from cds_service.cli import main
from cds_service.commands.explaining import silences, traced
from cds_service.knowledge.contract import Finding
from cds_service.knowledge.manual import Trace, Verdict
from cds_service.knowledge.numbers import filled
from cds_service.protocol.offer import offers_of
from cds_service.protocol.response import ranked
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.rules import BY_LOGIC
from tests.engine.calls import call
from tests.knowledge_pages.hostile import HOSTILE, MANUAL, RULE
from tests.toy_disease import KNOWLEDGE, card_about

DAY = date(2026, 3, 1)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1), result.output
    return result


def test_the_rules_are_printed_as_markdown_unless_said():
    assert run("rules").output.startswith("# Rulebook: Anti-MAG neuropathy")
    assert run("rules").output == run("rules", "--as", "md").output


def test_the_rules_are_printed_as_one_page_of_html():
    printed = run("rules", "--as", "html").output
    assert printed.startswith("<!doctype html>")
    assert printed.count("<article") == len(BY_LOGIC)


def test_the_rules_are_printed_as_json():
    whole = json.loads(run("rules", "--as", "json").output)
    assert {rule["logic"] for rule in whole["rules"]} == set(BY_LOGIC)
    assert whole["thresholds"][0]["value"] == 4000


def test_the_rules_are_printed_as_csv():
    rows = list(csv.DictReader(io.StringIO(run("rules", "--as", "csv").output)))
    assert {row["logic"] for row in rows} == set(BY_LOGIC)


def test_explain_shows_every_rule_with_facts_and_missing_data():
    shown = run("explain", "first_line_rituximab").output
    lines = shown.splitlines()
    assert lines[0] == "First-line rituximab"
    assert "== patient-view on 2026-03-10" in lines
    assert "State: S5, disabling or progressive" in lines
    for logic, rule in BY_LOGIC.items():
        assert any(line[8:].startswith(f"{logic} ") and filled(rule.says, THRESHOLDS) in line for line in lines)
    assert any(line.startswith("YES     TX-1") for line in lines)
    assert "fact: " in shown
    assert "  rituximab: [INFO] " in shown


def test_explain_says_what_is_missing_and_why_a_card_is_silent():
    shown = run("explain", "first_line_rituximab", "--call", "patient-view").output
    assert "missing: " in shown
    assert "  rituximabRetreatment: silent, RT-1 does not hold" in shown
    assert "  therapyEvidence: silent, none of its rules is heard at this hook" in shown


def test_explain_refuses_what_there_is_not_in_one_line():
    assert run("explain", "nobody").output == "Error: There is no example 'nobody'; see cds-service try --list.\n"
    wrong = run("explain", "first_line_rituximab", "--call", "order-sign")
    assert wrong.output == "Error: first_line_rituximab has the calls patient-view only.\n"


def test_nothing_is_traced_where_no_rule_is_asked():
    offers = offers_of([HOSTILE])
    assert traced(offers, call(), DAY) is not None
    assert traced(offers, call(context={"userId": "Patient/pt-1"}), DAY) is None
    assert traced(offers_of([KNOWLEDGE]), call(), DAY) is None


@pytest.mark.parametrize(
    ("finding", "is_heard", "reason"),
    [
        (Finding.no(), True, "W-1 does not hold"),
        (Finding.unknown("a glass"), True, "W-1 cannot be decided"),
        (Finding.yes(), True, "W-1 holds: another card stands in its place"),
        (Finding.yes(), False, "none of its rules is heard at this hook"),
    ],
)
def test_a_silent_card_has_its_reason(finding: Finding, is_heard: bool, reason: str):
    trace = Trace("T1", (Verdict(RULE, finding, is_heard),), ())
    assert dict(silences(MANUAL, trace, ())) == {
        "stop": "no rule of it is there",
        "water": reason,
        "sip": "no rule of it is there",
    }


def test_a_rule_that_is_said_on_another_card_says_where():
    other = card_about("sip", "Sip", Indicator.INFO)
    trace = Trace("T1", (Verdict(RULE, Finding.yes(), True),), (other,))
    assert dict(silences(MANUAL, trace, (other,)))["water"] == "W-1 holds, said on sip"


def test_a_card_that_was_cut_says_so():
    cards = tuple(card_about("stop", f"Stop {number}", Indicator.WARNING) for number in range(3))
    trace = Trace("T1", (), (*cards, card_about("sip", "Sip", Indicator.INFO)))
    shown = ranked(trace.cards, KNOWLEDGE.topics)
    assert dict(silences(replace(MANUAL), trace, shown))["sip"] == "cut: the cards above come first"


def test_the_rules_are_those_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    site = tmp_path / "site.toml"
    site.write_text('[thresholds]\n"igm.fresh" = 20\n')
    monkeypatch.setenv("CDS_CONFIG", str(site))
    assert "≤ 20 days (`igm.fresh`)" in run("rules").output
    site.write_text("[nonsense]\n")
    assert run("rules").output.startswith("Error: CDS-006")


def test_explain_says_when_no_rule_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cds_service.commands.explaining.traced", lambda *_: None)
    assert "No rule is asked: the patient has died, or no clinician asks." in run("explain", "mild_stable").output


def test_explain_is_run_with_the_file_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[thresholds]\n"flare.baseline_age" = 60\n"vigilance.window" = 200\n')
    plain = run("explain", "flare_below_4000")
    monkeypatch.setenv("CDS_CONFIG", str(site))
    with_site = run("explain", "flare_below_4000")
    assert "within 180 days of rituximab" in plain.output
    assert "within 200 days of rituximab" in with_site.output
    broken = run("explain", "flare_below_4000", "--config", str(tmp_path / "none.toml"))
    assert broken.exit_code == 1
    assert "cannot be read" in broken.output
