"""The knowledge as a site wants it: its numbers, codes, orders, cards, hooks, links and reasons, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.cards import Coding, Indicator
from cds_service.codes import Concept
from cds_service.knowledge.contract import HookCall
from cds_service.record import Order, Patient, PatientRecord, Result
from cds_service.values import Quantity, Text, Titre, Value, When
from fhir_examples.build import every_call
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import OVERRIDE_SYSTEM
from hooks.anti_mag.configuration import DEFAULT, Configuration
from hooks.anti_mag.knowledge import KNOWLEDGE, build
from hooks.anti_mag.knowledge_data import CODES, EVIDENCE, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.anti_mag import anti_mag_of
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.drafts import drafts_of
from hooks.anti_mag.prefetch import OBSERVATION_SETS, continuations, result_codes, templates
from hooks.anti_mag.referrals import REFERRALS
from hooks.anti_mag.site import ASCENDING, configured, order_faults
from hooks.anti_mag.topics import TOPICS
from tests.anti_mag.reading import plain
from tests.site.sites import cards, knowledge, recoded, refused, site, topics

LAB = "urn:oid:1.2.3"
KIT = f'[codes]\nbuhlmann_codes = [{{ system = "{LAB}", code = "MAG" }}]'
TODAY = date(2026, 3, 10)
CHANGEABLE = [key for key in THRESHOLDS if THRESHOLDS.row(key).site_may_change]


def escaped(template: str) -> int:
    """Characters of a query in which everything is escaped, with a long patient id."""
    return len(quote(template.replace("{{context.patientId}}", "x" * 64), safe=""))


def many_codes(count: int, code_set: str = "igm_serum") -> str:
    rows = ", ".join(f'{{ system = "{LAB}", code = "IGM-{number:04}" }}' for number in range(count))
    return f"[codes]\n{code_set} = [{rows}]"


# Without a file


def test_without_a_site_the_knowledge_is_as_it_ships() -> None:
    built = build()
    assert built.services == KNOWLEDGE.services
    assert built.vocabulary == KNOWLEDGE.vocabulary
    assert built.topics == tuple(TOPICS)
    assert configured(site("")) == DEFAULT


def test_one_site_leaves_the_next_and_the_shipped_data_alone() -> None:
    before = cards(KNOWLEDGE, "first_line_rituximab")
    knowledge('[thresholds]\n"igm.fresh" = 7\n' + KIT + "\n[cards]\nsupportiveCare = false")
    assert THRESHOLDS["igm.fresh"] == 30
    assert not CODES["buhlmann_codes"].codes
    assert cards(build(), "first_line_rituximab") == before
    assert templates() == templates(DEFAULT.codes)


# Thresholds


@pytest.mark.parametrize("key", CHANGEABLE)
def test_a_number_may_lie_on_either_bound_and_not_beyond(key: str) -> None:
    low, high = THRESHOLDS.row(key).bounds or (0, 0)
    for value in (low, high):
        assert not any("outside" in fault.what for fault in refused(f'[thresholds]\n"{key}" = {value}'))
    for value in (low - 1, high + 1):
        (fault,) = refused(f'[thresholds]\n"{key}" = {value}')
        assert (fault.table, fault.key) == ("thresholds", key)
        assert fault.allowed.startswith(f"{low} to {high}")


def test_a_number_that_rests_on_a_source_cannot_be_changed() -> None:
    (fault,) = refused('[thresholds]\n"igm.gate.critical" = 4500')
    assert fault.what == "a site may not change this number"
    assert "4000 mg/dL" in fault.allowed


def test_an_id_that_is_none_of_ours_is_refused_with_those_most_alike() -> None:
    (fault,) = refused('[thresholds]\n"igm.frehs" = 21')
    assert "igm.fresh" in fault.allowed


def test_days_are_whole() -> None:
    (fault,) = refused('[thresholds]\n"igm.fresh" = 20.5')
    assert "no whole number" in fault.what
    assert refused('[thresholds]\n"dose.tolerance.warning" = 7.5') == []


def test_numbers_that_belong_together_must_fit() -> None:
    (fault,) = refused('[thresholds]\n"igm.fresh" = 60\n"igm.max_age" = 30')
    assert "contradicts igm.max_age" in fault.what
    (fault,) = refused('[thresholds]\n"score.max_age" = 180\n"score.reminder" = 365')
    assert "contradicts" in fault.what
    assert refused('[thresholds]\n"igm.fresh" = 30\n"igm.max_age" = 30') == []


def test_the_shipped_numbers_fit_and_every_pair_exists() -> None:
    assert list(order_faults(THRESHOLDS)) == []
    assert {key for pair in ASCENDING for key in pair} <= set(THRESHOLDS)


def test_a_number_of_the_site_decides_and_the_card_says_whose_it_is() -> None:
    strict = knowledge('[thresholds]\n"body.weight_age" = 14\n"anti_mag.btu.positive" = 5000')
    (card, *_) = cards(strict, "first_line_rituximab")
    assert "positive ≥ 5000 BTU (set by this site)" in card.detail
    assert "disabling ≥ 3 (service default)" in card.detail
    origins = {note.id: note.origin for note in card.explanation.thresholds}
    assert (origins["anti_mag.btu.positive"], origins["disability.leg"]) == ("site", "default")
    assert origins["igm.gate.critical"] == "source"


def test_the_titre_that_counts_as_positive_moves_the_verdict() -> None:
    for limit, verdict in ((6000, "positive"), (6001, "weak")):
        thresholds = configured(site(f'[thresholds]\n"anti_mag.btu.positive" = {limit}')).thresholds
        assert anti_mag_of(chart(Quantity(Decimal(6000), "{BTU}")), thresholds).verdict == verdict


def test_the_dose_that_is_offered_and_told_is_the_sites() -> None:
    smaller = knowledge('[thresholds]\n"dose.fixed" = 500')
    (card, *_) = cards(smaller, "first_line_rituximab")
    assert card.suggestions[1].label == "Rituximab 500 mg, 2 doses 14 days apart (no trial here)"
    assert "1000 mg" not in str(card)


# Codes


def test_a_local_code_is_asked_for_and_read() -> None:
    patient = recoded("first_line_rituximab", "2472-9", LAB, "IGM-0000")
    assert cards(KNOWLEDGE, patient) != cards(KNOWLEDGE, "first_line_rituximab")
    local = knowledge(many_codes(1))
    assert f"{LAB}|IGM-0000" in local.services[0].prefetch["laboratory"]
    assert topics(cards(local, patient)) == topics(cards(KNOWLEDGE, "first_line_rituximab"))


@pytest.mark.parametrize("count", [1, 40, 250])
@pytest.mark.parametrize("code_set", ["igm_serum", "m_protein", "hbsag", "assessment_incat"])
def test_everything_asked_for_is_read_and_no_template_is_too_long(count: int, code_set: str) -> None:
    text = many_codes(count, code_set)
    codes = configured(site(text)).codes
    made = templates(codes)
    asked = {
        tuple(code.split("|"))
        for template in made.values()
        for code in re.sub(r".*&code=([^&]*).*|.*", r"\1", template).split(",")
        if code
    }
    assert asked <= result_codes(codes)
    assert {(LAB, f"IGM-{number:04}") for number in range(count)} <= asked
    assert max(map(escaped, made.values())) <= 1800


def test_a_published_key_keeps_its_codes_when_a_site_adds_some() -> None:
    ours = templates()["laboratory"].split("&_sort")[0]
    few, many = (configured(site(many_codes(count))).codes for count in (100, 101))
    assert templates(few)["laboratory"].startswith(ours)
    assert templates(few)["laboratory"] == templates(many)["laboratory"]
    assert list(templates(few)) == list(templates(few))


def test_a_long_list_goes_on_in_keys_of_its_own_at_every_service() -> None:
    built = knowledge(many_codes(200))
    more = continuations(configured(site(many_codes(200))).codes)
    assert more["laboratory"][0] == "laboratory2"
    for service in built.services:
        for key in set(service.prefetch) & set(more):
            assert set(more[key]) <= set(service.prefetch)


def test_a_key_is_known_only_when_its_continuation_was_sent_too() -> None:
    configuration = Configuration(continuations={"laboratory": ("laboratory2",)})
    for keys, is_known in (({"laboratory"}, False), ({"laboratory", "laboratory2"}, True), ({"laboratory2"}, False)):
        record = PatientRecord(Patient("p"), known_keys=frozenset(keys))
        joined = configuration.joined(HookCall("patient-view", record, TODAY))
        assert joined.record.knows("laboratory") is is_known


def test_a_set_that_is_none_of_ours_is_refused() -> None:
    (fault,) = refused(f'[codes]\nigm_serom = [{{ system = "{LAB}", code = "1" }}]')
    assert "igm_serum" in fault.allowed


def test_a_result_means_one_thing() -> None:
    code = f'{{ system = "{LAB}", code = "1" }}'
    (fault,) = refused(f"[codes]\nhbsag = [{code}]\nanti_hbs = [{code}]")
    assert (fault.key, "hbsag" in fault.what) == ("anti_hbs", True)
    (fault,) = refused('[codes]\nhbsag = [{ system = "http://loinc.org", code = "2472-9" }]')
    assert "also in igm_serum" in fault.what


def test_a_code_that_only_looks_right_is_refused() -> None:
    name = next(name for name in OBSERVATION_SETS["laboratory"] if CODES[name].excluded)
    system, code = min(CODES[name].excluded)
    (fault,) = refused(f'[codes]\n{name} = [{{ system = "{system}", code = "{code}" }}]')
    assert "is another thing" in fault.what


# The Bühlmann kit


def chart(value: Value, code: tuple[str, str] = ("http://loinc.org", "39087-2"), codes: str = "") -> Chart:
    result = Result("Observation/1", Concept(frozenset({code})), "final", When.on(date(2026, 1, 5)), value)
    record = PatientRecord(Patient("p"), results=(result,))
    return Chart(record, configured(site(codes)).codes, TODAY)


@pytest.mark.parametrize(
    ("value", "verdict", "btu"),
    [
        (Quantity(Decimal(9200), None), "positive", 9200),
        (Quantity(Decimal(9200), "{TU}"), "positive", 9200),
        (Quantity(Decimal(9200), "U/mL"), "positive", 9200),
        (Quantity(Decimal(6999), None), "weak", 6999),
        (Quantity(Decimal(999), None), "negative", 999),
        (Titre(Decimal(9200), "", "9200 titer"), "positive", 9200),
        (Titre(Decimal(9200), "", "1:9200"), "unclear", None),
        (Quantity(Decimal(9200), "mg/dL"), "unclear", None),
        (Text("9200 units of ours"), "unclear", None),
    ],
)
def test_numbers_of_the_kit_are_btu(value: Value, verdict: str, btu: int | None) -> None:
    found = anti_mag_of(chart(value, (LAB, "MAG"), KIT), THRESHOLDS)
    assert (found.verdict, found.btu, found.is_igm) == (verdict, btu, True)


def test_the_same_number_of_another_test_needs_the_laboratorys_word() -> None:
    assert anti_mag_of(chart(Quantity(Decimal(9200), "{TU}")), THRESHOLDS).verdict == "unclear"


def test_a_shipped_code_can_be_the_kit_too() -> None:
    text = '[codes]\nbuhlmann_codes = [{ system = "http://loinc.org", code = "39087-2" }]'
    assert anti_mag_of(chart(Quantity(Decimal(9200), None), codes=text), THRESHOLDS).verdict == "positive"


def test_the_kits_test_is_asked_for() -> None:
    assert f"{LAB}|MAG" in knowledge(KIT).services[0].prefetch["laboratory"]


# The order catalogue


def every_draft(picture: ClinicalPicture) -> dict[str, object]:
    made = {name: proposals.test(picture, name) for name in proposals.DRAFTS}
    made["rituximab"] = proposals.rituximab_weekly(picture)
    made |= {name: proposals.referral(picture, name) for name in REFERRALS}
    others = set(proposals.ORDERS) - set(made)
    return {**made, **{name: getattr(proposals, name)(picture) for name in others}}


@pytest.mark.parametrize("name", proposals.ORDERS)
def test_a_draft_carries_the_catalogue_code_beside_the_standard_one(name: str) -> None:
    ours = Coding("https://example.org/orders", "X-1", "Our own")
    plain = ClinicalPicture(today=TODAY, patient_id="p")
    bare, listed = (every_draft(one)[name] for one in (plain, replace(plain, catalogue={name: ours})))
    was, now = (draft.actions[0].resource for draft in (bare, listed))  # type: ignore[attr-defined]
    member = "medicationCodeableConcept" if name == "rituximab" else "code"
    assert now[member]["coding"] == [
        *was[member].get("coding", ()),
        {"system": ours.system, "code": ours.code, "display": ours.display},
    ]
    assert now[member]["text"] == was[member]["text"]
    get_fhir_model_class(now["resourceType"]).model_validate(now)


def test_a_catalogue_code_goes_from_the_file_to_the_card() -> None:
    text = '[catalogue]\nrituximab = { system = "https://example.org/m", code = "M-1" }'
    (card, *_) = cards(knowledge(text), "first_line_rituximab")
    for suggestion in card.suggestions:
        resource = suggestion.actions[0].resource or {}
        added = {"system": "https://example.org/m", "code": "M-1", "display": "rituximab"}
        assert resource["medicationCodeableConcept"]["coding"][-1] == added


def test_a_catalogued_therapy_is_read_as_that_therapy_and_a_laboratory_order_is_no_result() -> None:
    text = '[catalogue]\nrituximab = { system = "urn:x:y", code = "M-1" }\nigm = { system = "urn:x:y", code = "LAB-1" }'
    codes = configured(site(text)).codes
    assert codes["rituximab"].holds(Concept(frozenset({("urn:x:y", "M-1")})))
    assert ("urn:x:y", "LAB-1") not in result_codes(codes)


def test_a_code_that_stands_in_the_catalogue_and_among_the_codes_counts_once() -> None:
    code = '{ system = "urn:x:y", code = "M-1" }'
    codes = configured(site(f"[codes]\nrituximab = [{code}]\n[catalogue]\nrituximab = {code}")).codes
    assert codes["rituximab"].local == (("urn:x:y", "M-1"),)


def test_a_test_ordered_under_its_catalogue_code_alone_counts_as_ordered() -> None:
    code = Concept(frozenset({("urn:x:y", "LAB-1")}))
    record = PatientRecord(Patient("p"), orders=(Order("ServiceRequest/1", "ServiceRequest", code, "active"),))
    for text, ordered in (("", set()), ('[catalogue]\nigm = { system = "urn:x:y", code = "LAB-1" }', {"igm"})):
        chart_of_orders = Chart(record, configured(site(text)).codes, TODAY)
        assert drafts_of(chart_of_orders, THRESHOLDS).tests_ordered == ordered


def test_an_order_that_we_never_suggest_is_refused() -> None:
    (fault,) = refused('[catalogue]\nbone_scan = { system = "urn:x:y", code = "1" }')
    assert "rituximab" in fault.allowed


# Cards, hooks, links, reasons


def test_a_topic_that_is_off_is_on_no_card_and_the_others_stay() -> None:
    off = knowledge("[cards]\nsupportiveCare = false")
    expected = [topic for topic in topics(cards(KNOWLEDGE, "first_line_rituximab")) if topic != "supportiveCare"]
    assert topics(cards(off, "first_line_rituximab")) == expected
    assert "supportiveCare" not in off.topics


def test_an_overlap_told_on_a_card_that_is_off_stays_on_the_safety_card() -> None:
    shipped = cards(knowledge(), "new_course_too_soon", "order-sign")
    assert "rituximabRetreatment" in topics(shipped)
    off = cards(knowledge("[cards]\nrituximabRetreatment = false"), "new_course_too_soon", "order-sign")
    assert "rituximabRetreatment" not in topics(off)
    (safety,) = [card for card in off if card.topic == "rituximabSafety"]
    assert "G11" in {note.logic for note in safety.explanation.findings}


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_only_safety_cards_cannot_be_switched_off(topic: str) -> None:
    faults = refused(f"[cards]\n{topic} = false")
    assert [fault.key for fault in faults] == ([topic] if TOPICS[topic].is_never_off else [])
    assert refused(f"[cards]\n{topic} = true") == []


def test_a_topic_that_is_none_of_ours_is_refused() -> None:
    (fault,) = refused("[cards]\nsupportivecare = false")
    assert "supportiveCare" in fault.allowed


def test_a_hook_that_is_off_is_not_offered() -> None:
    built = knowledge("[hooks]\norder-select = false")
    assert [service.hook for service in built.services] == [
        service.hook for service in KNOWLEDGE.services if service.hook != "order-select"
    ]


def test_one_hook_stays_on_and_hooks_that_we_do_not_serve_are_refused() -> None:
    lines = "\n".join(f"{service.hook} = false" for service in KNOWLEDGE.services)
    (fault,) = refused(f"[hooks]\n{lines}")
    assert "every hook" in fault.what
    (fault,) = refused("[hooks]\norder-review = true")
    assert "patient-view" in fault.allowed


HOSTS = sorted({source.url.split("/")[2] for source in EVIDENCE.values() if source.url})


def test_all_our_hosts_together_are_enough() -> None:
    assert refused(f"[links]\nhosts = {HOSTS}".replace("'", '"')) == []


def test_a_list_that_leaves_a_rule_without_link_names_rule_and_hosts() -> None:
    faults = refused('[links]\nhosts = ["example.org"]')
    assert any("(TX-1)" in fault.what and "doi.org" in fault.allowed for fault in faults)


FEWER = ["air.unimi.it", "ashpublications.org", "dailymed.nlm.nih.gov", "doi.org", "jnccn.org"]
FEWER += ["pmc.ncbi.nlm.nih.gov", "pubmed.ncbi.nlm.nih.gov"]
OTHER_REASONS = '[override_reasons]\nboard = "Decided at the board"\ndataWrong = "The data are wrong"'


def test_links_to_other_hosts_are_left_out_of_every_card_of_every_example() -> None:
    built = knowledge(f"[links]\nhosts = {FEWER}".replace("'", '"'))
    shown = [card for example, call in every_call() for card in cards(built, example, call.name)]
    assert shown
    for card in shown:
        assert {url.split("/")[2] for url in (card.source.url, *(link.url for link in card.links))} <= set(FEWER)


def test_a_source_on_another_host_gives_way_to_the_first_that_is_allowed() -> None:
    (card, *_) = cards(KNOWLEDGE, "first_line_rituximab")
    assert "[4]" in card.detail
    allowed = next(link for link in card.links if link.url.split("/")[2] not in card.source.url)
    (kept, *_) = cards(knowledge(f"[links]\nhosts = {FEWER}".replace("'", '"')), "first_line_rituximab")
    assert kept.source.topic == card.source.topic
    assert allowed.url.split("/")[2] in FEWER
    assert kept.source.url.split("/")[2] in FEWER
    assert [label_number(link.label) for link in kept.links] == [str(place + 1) for place in range(len(kept.links))]
    assert set(re.findall(r"\[(\d)\]", kept.detail)) == {label_number(link.label) for link in kept.links}


def label_number(label: str) -> str:
    return label.split(".")[0]


FULL = '[cards]\ndetail = "full"'


def test_full_detail_adds_all_data_in_three_columns_and_the_ids_of_the_rules() -> None:
    (short, *_) = cards(KNOWLEDGE, "first_line_rituximab")
    (full, *_) = cards(knowledge(FULL), "first_line_rituximab")
    assert "**Data used**" not in short.detail
    table = [line for line in full.detail.splitlines() if line.startswith("|")]
    assert table[0] == "| What | Value | Date |"
    assert len(table) == 2 + len(full.explanation.facts)
    assert plain(full.detail).endswith("Rules: TX-1 (rituximab.is_the_first_choice).")
    assert "Observation/" not in full.detail


def test_full_detail_changes_nothing_but_the_detail() -> None:
    built = knowledge(FULL)
    for example, call in every_call():
        for ours, theirs in zip(cards(KNOWLEDGE, example, call.name), cards(built, example, call.name), strict=True):
            assert replace(theirs, detail=ours.detail) == ours
            assert theirs.detail != ours.detail


def test_reasons_of_the_site_replace_ours_where_reasons_are_offered() -> None:
    built = knowledge(OTHER_REASONS)
    (card, *_) = cards(built, "order_without_hepatitis_b", "order-sign")
    assert card.indicator > Indicator.INFO
    assert card.override_reasons == (
        Coding(OVERRIDE_SYSTEM, "board", "Decided at the board"),
        Coding(OVERRIDE_SYSTEM, "dataWrong", "The data are wrong"),
    )
    (info, *_) = cards(built, "first_line_rituximab")
    assert info.override_reasons == ()


def test_a_site_changes_no_card_beyond_what_it_asks_for() -> None:
    built = knowledge(OTHER_REASONS)
    for example, call in every_call():
        for ours, theirs in zip(cards(KNOWLEDGE, example, call.name), cards(built, example, call.name), strict=True):
            assert replace(theirs, override_reasons=ours.override_reasons) == ours


def test_all_that_the_package_refuses_is_told_at_once() -> None:
    faults = refused(
        '[thresholds]\n"igm.fresh" = 900\nno = 1\n[codes]\nno = [{ system = "urn:x:y", code = "1" }]\n'
        "[cards]\nhyperviscosity = false\n[hooks]\nno = true"
    )
    assert sorted((fault.table, fault.key) for fault in faults) == [
        ("cards", "hyperviscosity"),
        ("codes", "no"),
        ("hooks", "no"),
        ("thresholds", "igm.fresh"),
        ("thresholds", "no"),
    ]


def test_a_card_of_a_topic_that_is_off_is_not_wanted() -> None:
    card = cards(knowledge(""), "first_line_rituximab")[0]
    off = Configuration(topics_off=frozenset({card.topic}))
    assert off.wanted(card) is None
    assert Configuration().wanted(card) is not None
