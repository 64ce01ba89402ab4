"""`cds-service rules` and `cds-service explain`, as they are typed."""

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cds_service.cards import Indicator
from cds_service.cli import main
from cds_service.commands.explaining import traced
from cds_service.knowledge.conditions import reasons_for_no
from cds_service.knowledge.contract import Finding, Truth
from cds_service.knowledge.manual import GivesWay, Trace, Verdict
from cds_service.knowledge.numbers import filled
from cds_service.knowledge.silences import conditions_failed, silences
from cds_service.protocol.offer import offers_of
from cds_service.protocol.response import ranked
from fhir_examples.example import FOLDER, Call, Example, load
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.test_every_rule import ALSO, OFFERS, PROOFS, requests_of
from tests.anti_mag.test_invariants import every_example_call
from tests.engine.calls import call
from tests.knowledge_pages.hostile import HOSTILE, MANUAL, RULE
from tests.toy_disease import KNOWLEDGE, card_about

DAY = date(2026, 3, 1)

IN_ITS_PLACE = ": another card stands in its place"


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


def test_explain_says_in_words_when_a_rule_answers_what_it_does():
    lines = run("explain", "first_line_rituximab").output.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("YES     TX-1"))
    assert lines[at + 1].strip() == f"YES {filled(BY_LOGIC['TX-1'].yes_when, THRESHOLDS)}"
    told = [line.strip() for line in lines if line.strip().startswith(("YES when", "NO when", "UNKNOWN when"))]
    assert len([line for line in lines if line.startswith(("YES ", "UNKNOWN "))]) <= len(told) < len(BY_LOGIC)


def test_explain_says_for_a_no_which_condition_failed():
    lines = run("explain", "anti_mag_awaited").output.splitlines()

    def after(logic: str) -> list[str]:
        at = next(number for number, line in enumerate(lines) if line[8:].startswith(f"{logic} "))
        following = [line.strip() for line in lines[at + 1 : at + 4]]
        return [line.removeprefix("no, since ") for line in following if line.startswith("no, since ")]

    assert after("MO-1")[0] == "state is not state mild stable (S2): yes"
    assert after("WU-4")[0] == "diagnosis paraprotein holds: yes"
    assert after("TX-1")[0] == "diagnosis tier >= tier probable (1): no", "read off the function that it asks"
    assert after("DX-1")[:2] == ["work up lacks('anti mag'): no", "work up lacks('nerve conduction'): no"]
    assert after("WU-6")[:1] != ["state in before treatment (S2): no"], "a YES has no such line of its own"


def without_reason(trace: Trace | None) -> list[str]:
    """The rules that say NO of a patient, and no word of why."""
    verdicts = trace.verdicts if trace is not None else ()
    said_no = [verdict for verdict in verdicts if verdict.finding.truth is Truth.NO]
    return [verdict.rule.logic for verdict in said_no if trace and not conditions_failed(verdict, trace.picture)]


@every_example_call()
def test_a_no_has_its_reason_in_every_example(example: Example, call: Call):
    assert without_reason(traced(OFFERS, example.request(call), call.as_of)) == []


@pytest.mark.parametrize("case", [*PROOFS, *ALSO])
def test_a_no_has_its_reason_for_every_rules_patients(case: str):
    for request, day in requests_of(case):
        assert without_reason(traced(OFFERS, request, day)) == []


def test_the_reason_is_what_failed_and_not_what_chooses_between_no_and_unknown():
    signing = load("active_hepatitis_b").calls[1]
    trace = traced(OFFERS, load("active_hepatitis_b").request(signing), signing.as_of)
    assert trace is not None
    told = {verdict.rule.logic: conditions_failed(verdict, trace.picture) for verdict in trace.verdicts}
    assert told["G8"] == ["contraindications pregnancy: no"], "read off the statement whose truth it passes on"
    assert told["G14"] == ["contraindications leukoencephalopathy: no"]
    assert told["WU-5"] == ["current mg dl >= limit (680 against 3000): no"], "both sides of a comparison"
    assert told["G12"] == ["counts low: no"]
    assert told["G8b"] == ["due holds: no"]
    assert told["SA-1"] == ["course is none: yes", "bool(history undated): no"], "the function that it asks, too"


def test_the_reason_may_be_the_outcome_that_it_is_not():
    flare = load("discharged_after_the_first_dose")
    trace = traced(OFFERS, flare.request(flare.calls[0]), flare.calls[0].as_of)
    assert trace is not None
    told = {verdict.rule.logic: conditions_failed(verdict, trace.picture) for verdict in trace.verdicts}
    assert told["RT-1"] == ["outcome of == outcome relapsed (no verdict): no"]


def test_a_condition_is_told_by_the_part_that_decided():
    assert reasons_for_no(turns_away, 5) == ["number > 3 (5): yes"]
    assert reasons_for_no(turns_away, -1) == ["number < 0 (-1): yes"]
    assert reasons_for_no(turns_away, 2) == ["number == 3 (2): no", "number == 1 (2): no"]
    assert reasons_for_no(turns_away, 3) == ["is lucky(number): no"]


def turns_away(number: int) -> Finding:
    is_small = number < 0
    if is_small or number > 3:
        return Finding.no()
    if number == 3:
        return Finding.yes() if is_lucky(number) else Finding.no()
    if number == 1:
        return Finding.yes()
    return Finding.no()


def is_lucky(number: int) -> bool:
    return bool(number - 3)


def test_what_has_no_text_has_no_reasons():
    made: dict[str, Any] = {}
    exec("def nothing(it):\n    return None\n", made)  # noqa: S102 -- a function without a file
    assert reasons_for_no(made["nothing"], 1) == []


def folder(tmp_path: Path, *examples: str) -> Path:
    for name in examples:
        shutil.copytree(FOLDER / name, tmp_path / "ours" / name)
    return tmp_path / "ours"


def test_explain_takes_any_folder_of_patients(tmp_path: Path):
    ours = folder(tmp_path, "mild_stable", "unrelated_patient")
    (ours / "mild_stable" / "patient-view.json").unlink()
    assert run("explain", str(ours / "mild_stable")).output.startswith("Mild and stable\n")
    both = run("explain", str(ours), "--call", "patient-view").output
    assert "Mild and stable" in both
    assert "An unrelated patient" in both


@pytest.mark.parametrize("command", ["explain", "try"])
def test_what_is_missing_in_a_folder_is_one_sentence(command: str, tmp_path: Path):
    ours = folder(tmp_path, "mild_stable")
    (ours / "mild_stable" / "calls.json").unlink()
    assert run(command, str(ours)).output == "Error: mild_stable: there is no calls.json\n"
    empty = run(command, str(tmp_path / "ours" / "mild_stable" / "nothing"))
    assert "there is no such folder" in empty.output
    (ours / "mild_stable" / "bundle.json").unlink()
    assert "holds no patients: a patient is a folder with a bundle.json" in run(command, str(ours)).output


def test_explain_says_what_a_chart_cannot_be_asked(tmp_path: Path):
    ours = folder(tmp_path, "mild_stable")
    calls = (ours / "mild_stable" / "calls.json").read_text(encoding="utf-8")
    (ours / "mild_stable" / "calls.json").write_text(calls.replace('"patient-view"', '"order-review"', 2))
    assert run("explain", str(ours)).output.endswith("the hook order-review is not served here.\n")


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


@pytest.mark.parametrize(
    ("row", "is_said"),
    [
        (GivesWay("water", ("W-1",), ("W-2",), "sips come first"), True),
        (GivesWay("sip", ("W-1",), ("W-2",), "sips come first"), False),
        (GivesWay("water", ("W-3",), ("W-2",), "sips come first"), False),
        (GivesWay("water", ("W-1",), ("W-3",), "sips come first"), False),
        (GivesWay("water", ("W-1",), ("W-1",), "sips come first"), False),
    ],
    ids=["its own", "of another card", "of another rule", "to one that is not said", "to itself"],
)
def test_a_rule_that_gives_way_says_to_what(row: GivesWay, is_said: bool):
    other = replace(RULE, id="water.sips", logic="W-2", cards=("sip",))
    verdicts = (Verdict(RULE, Finding.yes(), True), Verdict(other, Finding.yes(), True))
    said = dict(silences(replace(MANUAL, gives_way=(row,)), Trace("T1", verdicts, ()), ()))["water"]
    assert said == ("W-1 holds and gives way to W-2: sips come first" if is_said else f"W-1 holds{IN_ITS_PLACE}")


def test_a_card_that_was_cut_says_so():
    cards = tuple(card_about("stop", f"Stop {number}", Indicator.WARNING) for number in range(3))
    trace = Trace("T1", (), (*cards, card_about("sip", "Sip", Indicator.INFO)))
    shown = ranked(trace.cards, KNOWLEDGE.topics)
    assert dict(silences(replace(MANUAL), trace, shown))["sip"] == "cut: the cards above come first"


def test_the_rules_are_those_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    site = tmp_path / "site.toml"
    site.write_text('[thresholds]\n"igm.fresh" = 20\n')
    monkeypatch.setenv("CDS_CONFIG", str(site))
    assert "≤ 20 days, set by this site; 30 as shipped (`igm.fresh`)" in run("rules").output
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
    assert "set by this site" not in plain.output
    assert "≤ 60 days, set by this site; 90 as shipped" in with_site.output
    broken = run("explain", "flare_below_4000", "--config", str(tmp_path / "none.toml"))
    assert broken.exit_code == 1
    assert "cannot be read" in broken.output
