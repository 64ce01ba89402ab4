"""Anti-MAG first in a CIDP with IgM (DX-3), and immunotherapies of other diseases ordered for the neuropathy (TX-4,
ruling 38)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.record import Dosage
from cds_service.values import When
from tests.anti_mag.gates.given import (
    NEUROPATHY,
    SAFE,
    TODAY,
    behind,
    cards,
    concept,
    draft,
    finding,
    given,
    on_record,
    problem,
    quantity,
    record,
    result,
    truth,
    without,
    words,
)

SELECT = "order-select"
CIDP = (problem("cidp"), problem("igm_mgus"))
IVIG = draft("immunoglobulin_iv")
DISABLING = result("assessment_incat", quantity("4", "{score}"), 20)


def card_of(chart):
    return cards(chart, SELECT).get("therapyEvidence")


# Anti-MAG first


@pytest.mark.parametrize("drug", ["immunoglobulin_iv", "prednisone", "dexamethasone"])
def test_a_cidp_with_igm_is_tested_first(drug):
    card = card_of(record(draft(drug), problems=CIDP))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"DX-3"})
    assert "anti-MAG never tested" in card.summary
    assert "Anti-MAG antibody" in card.suggestions[0].label


def test_serology_is_drawn_before_immunoglobulin_and_asked_for_where_open():
    open_serology = card_of(record(IVIG, results=without("hbsag", "anti_hbc_total"), problems=CIDP))
    assert open_serology is not None
    assert "Draw hepatitis B serology before immunoglobulin" in open_serology.detail
    assert len(open_serology.suggestions) == 3
    settled = card_of(record(IVIG, problems=CIDP))
    assert settled is not None
    assert len(settled.suggestions) == 1
    steroid = card_of(record(draft("prednisone"), results=without("hbsag"), problems=CIDP))
    assert steroid is not None
    assert len(steroid.suggestions) == 1


@pytest.mark.boundaries("DX-3")
@pytest.mark.parametrize("value", ["20000", "2000", "500"])
def test_a_test_on_record_settles_it(value):
    titre = result("anti_mag_igm_quantitative", quantity(value, "{BTU}"), 4000)
    assert truth("DX-3", record(IVIG, results=(*SAFE, titre), problems=CIDP), SELECT) == "NO"


def test_a_test_that_is_ordered_settles_it_too():
    ordered = on_record("anti_mag_igm_quantitative", name="lab", kind="ServiceRequest")
    assert truth("DX-3", record(IVIG, ordered, problems=CIDP), SELECT) == "NO"


@pytest.mark.boundaries("DX-3")
@pytest.mark.parametrize(
    "problems",
    [(problem("cidp"),), (problem("igm_mgus"),), (problem("polyneuropathy_generic"), problem("igm_mgus"))],
    ids=["no paraprotein", "no CIDP", "another neuropathy"],
)
def test_without_cidp_or_paraprotein_it_is_silent(problems):
    assert truth("DX-3", record(IVIG, problems=problems), SELECT) == "NO"


def test_a_diagnosis_that_is_coded_has_the_evidence_card_instead():
    card = card_of(record(IVIG, problems=(*CIDP, problem("anti_mag_neuropathy"))))
    assert behind(card) == {"TX-4"}


@pytest.mark.boundaries("DX-3")
@pytest.mark.parametrize("reason", [words("Immune thrombocytopenia"), words("Asthma")])
def test_another_indication_is_none_of_our_business(reason):
    assert truth("DX-3", record(draft("immunoglobulin_iv", reason=reason), problems=CIDP), SELECT) == "NO"


def test_the_cidp_as_indication_is():
    assert truth("DX-3", record(draft("immunoglobulin_iv", reason=concept("cidp")), problems=CIDP), SELECT) == "YES"


@pytest.mark.boundaries("DX-3")
@pytest.mark.parametrize("drug", ["cyclophosphamide", "ibrutinib"])
def test_other_therapies_are_left_out(drug):
    assert truth("DX-3", record(draft(drug), problems=CIDP), SELECT) == "NO"


def test_minors_are_not_told():
    assert truth("DX-3", record(IVIG, problems=CIDP, age=12), SELECT) == "NO"


def test_an_unread_laboratory_leaves_it_unknown():
    found = finding("DX-3", record(IVIG, problems=CIDP, unread=["laboratory"]), SELECT)
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("whether anti-MAG was tested",))


# Immunotherapies of other diseases


@pytest.mark.parametrize(
    ("drug", "said"),
    [
        *((name, name.capitalize()) for name in ("ibrutinib", "acalabrutinib", "zanubrutinib", "pirtobrutinib")),
        *((name, name.capitalize()) for name in ("azathioprine", "mycophenolate", "methotrexate", "leflunomide")),
        *((name, name.capitalize()) for name in ("lenalidomide", "daratumumab", "venetoclax")),
        *((name, "it lowers IgG alone") for name in ("efgartigimod", "rozanolixizumab", "nipocalimab")),
        *((name, "Complement inhibitor") for name in ("eculizumab", "ravulizumab", "sutimlimab")),
        *(
            (name, "Another anti-CD20 antibody")
            for name in ("obinutuzumab", "ofatumumab", "ocrelizumab", "ublituximab")
        ),
        ("bendamustine", "Bendamustine"),
        ("fludarabine", "Fludarabine"),
    ],
)
def test_each_says_honestly_that_no_trial_was_seen(drug, said):
    card = card_of(record(draft(drug), results=(*SAFE, DISABLING)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"TX-4"})
    assert said in card.detail
    assert "no trial in anti-MAG neuropathy is known to this service" in card.detail
    assert "put it on the order" in card.detail
    assert card.summary.startswith(f"Rituximab (off-label) is the first choice before {drug}")
    assert len(card.suggestions) == 2


@pytest.mark.parametrize("results", [(*SAFE, DISABLING), SAFE], ids=["disabling", "no score"])
def test_beside_a_red_flag_rituximab_is_the_first_choice_only_after_it(results):
    flag = replace(problem("poems"), verification_status="provisional")
    card = card_of(record(IVIG, results=results, problems=(NEUROPATHY, flag)))
    assert card is not None
    assert card.summary.startswith("After the red flag is settled, rituximab is the first choice before IVIG")
    assert card.detail.startswith("**Settle the red flag first** (suspected POEMS syndrome): look for amyloid")
    assert len(card.suggestions) == 2
    assert not any(item.is_recommended for item in card.suggestions)
    clean = card_of(record(IVIG, results=results))
    assert clean is not None
    assert "red flag" not in f"{clean.summary} {clean.detail}"


def test_on_top_of_another_anti_cd20_antibody_no_regimen_is_recommended():
    card = card_of(record(IVIG, results=(*SAFE, DISABLING), medicines=(given("ocrelizumab", 60),)))
    assert card is not None
    assert card.detail.startswith("**Not on top of ocrelizumab** (last on ")
    assert not any(item.is_recommended for item in card.suggestions)
    clean = card_of(record(IVIG, results=(*SAFE, DISABLING), medicines=(given("ocrelizumab", 400),)))
    assert clean is not None
    assert clean.suggestions[0].is_recommended


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ibrutinib 420 mg", "YES"),
        ("Imuran 50 mg tablet", "YES"),
        ("CellCept 500 mg", "YES"),
        ("Methotrexate 2.5 mg", "YES"),
        ("Darzalex Faspro", "YES"),
        ("Vyvgart 400 mg", "YES"),
        ("Rystiggo", "YES"),
        ("Ultomiris 300 mg", "YES"),
        ("peginterferon alfa-2a", "YES"),
        ("interferon beta-1a", "NO"),
        ("Methoxsalen 10 mg", "NO"),
    ],
)
def test_a_drug_known_by_its_name_alone_is_read(name, expected):
    assert truth("TX-4", record(draft(words(name))), SELECT) == expected


@pytest.mark.parametrize(
    "reason",
    [words("Myasthenia gravis"), words("Rheumatoid arthritis"), words("Kidney transplant"), concept("waldenstrom")],
)
@pytest.mark.parametrize("drug", ["efgartigimod", "azathioprine", "methotrexate", "eculizumab", "lenalidomide"])
def test_for_another_disease_it_is_silent(drug, reason):
    assert truth("TX-4", record(draft(drug, reason=reason)), SELECT) == "NO"


@pytest.mark.parametrize("drug", ["efgartigimod", "azathioprine"])
@pytest.mark.parametrize(
    ("problems", "unread"), [((problem("igm_mgus"),), ()), ((), ()), ((problem("cidp"),), ()), ((), ("conditions",))]
)
def test_without_a_known_anti_mag_neuropathy_it_is_silent(drug, problems, unread):
    assert truth("TX-4", record(draft(drug), problems=problems, unread=unread), SELECT) == "NO"


def test_what_was_seen_of_a_drug_is_cited():
    for drug, key in (
        ("efgartigimod", "EFG2018"),
        ("eculizumab", "COMPLEMENT"),
        ("interferon_alfa", "PMC3002632"),
        ("bendamustine", "KHWAJA2022"),
    ):
        card = card_of(record(draft(drug)))
        assert card is not None
        assert key in card.explanation.evidence
        assert key in card.explanation.evidence


def test_for_waldenstrom_disease_itself_it_is_silent():
    assert truth("TX-4", record(draft("zanubrutinib", reason=concept("waldenstrom"))), SELECT) == "NO"


def test_beside_rituximab_no_regimen_is_offered():
    chart = record(draft("bendamustine"), draft(name="rtx", selected=False), results=(*SAFE, DISABLING))
    card = card_of(chart)
    assert card is not None
    assert card.suggestions == ()


def test_after_a_course_of_rituximab_they_are_not_told_as_first_choice():
    chart = record(draft("ibrutinib"), results=(*SAFE, DISABLING), medicines=(given("rituximab", 300),))
    card = card_of(chart)
    assert card is not None
    assert "first choice" not in card.summary


# Short courses, and what worsens a neuropathy


@pytest.mark.boundaries("TX-4", "DX-3")
@pytest.mark.parametrize(
    ("dosage", "is_told"),
    [
        (Dosage(count=1), False),
        (Dosage(count=14, frequency=1, period=Decimal(1), period_unit="d"), False),
        (Dosage(count=15, frequency=1, period=Decimal(1), period_unit="d"), True),
        (Dosage(count=28, frequency=2, period=Decimal(1), period_unit="d"), False),
        (Dosage(count=2, frequency=1, period=Decimal(1), period_unit="wk"), False),
        (Dosage(count=3, frequency=1, period=Decimal(1), period_unit="wk"), True),
        (Dosage(count=2, frequency=1, period=Decimal(1), period_unit="mo"), True),
        (Dosage(frequency=1, period=Decimal(1), period_unit="d"), True),
        (Dosage(events=(When.on(TODAY), When.on(TODAY + timedelta(days=13)))), False),
        (Dosage(events=(When.on(TODAY), When.on(TODAY + timedelta(days=14)))), True),
        (Dosage(frequency=1, period=Decimal(1), period_unit="d", lasts=Decimal(14)), False),
        (Dosage(frequency=1, period=Decimal(1), period_unit="d", lasts=Decimal("14.5")), True),
        (Dosage(frequency=1, period=Decimal(1), period_unit="d", lasts=Decimal(0)), True),
        (Dosage(text="60 mg once daily for 14 days"), False),
        (Dosage(text="60 mg täglich für 14 Tage"), False),
        (Dosage(text="60 mg täglich für 15 Tage"), True),
        (Dosage(text="60 mg täglich für 2 Wochen"), False),
        (Dosage(text="60 mg täglich für 5 Tage, dann ausschleichen"), True),
        (Dosage(text="1000 mg i.v. für 3 Tage, monatlich wiederholen"), True),
        (Dosage(text="500 mg einmalig"), False),
        (Dosage(text="60 mg/j pendant 5 jours"), False),
        (Dosage(text="60 mg/j pendant 5 jours puis 30 mg"), True),
        (Dosage(text="60 mg durante 3 semanas"), True),
        (Dosage(text="60 mg durante 2 semanas"), False),
        (Dosage(text="60 mg once daily for 15 days"), True),
        (Dosage(text="40 mg every morning x 2 weeks"), False),
        (Dosage(text="40 mg every morning for 3 weeks"), True),
        (Dosage(text="1 g IV, single dose"), False),
        (Dosage(text="1 g IV daily for 3 days, repeat monthly"), True),
        (Dosage(text="60 mg for 7 days, then taper"), True),
        (Dosage(text="60 mg once daily"), True),
        (None, True),
    ],
)
def test_a_short_course_of_a_steroid_is_left_alone(dosage, is_told):
    steroid = replace(draft("prednisone"), dosages=(dosage,) if dosage else ())
    for problems in ((NEUROPATHY,), CIDP):
        assert (card_of(record(steroid, problems=problems)) is not None) is is_told


@pytest.mark.parametrize(("refills", "is_told"), [(0, False), (1, True), (None, True)])
def test_a_short_course_that_may_be_dispensed_again_is_none(refills, is_told):
    steroid = replace(draft("prednisone"), dosages=(Dosage(text="50 mg for 5 days"),), refills=refills)
    assert (card_of(record(steroid)) is not None) is is_told


def test_of_several_lines_the_longest_counts():
    lines = (Dosage(text="60 mg for 7 days"), Dosage(text="40 mg once daily"))
    assert card_of(record(replace(draft("prednisone"), dosages=lines))) is not None


def test_only_a_steroid_is_left_alone_for_being_short():
    short = (Dosage(count=1),)
    for drug in ("immunoglobulin_iv", "cyclophosphamide", "azathioprine"):
        assert card_of(record(replace(draft(drug), dosages=short))) is not None


@pytest.mark.parametrize(
    ("drug", "expected"), [("Macrobid 100 mg", "YES"), ("Nitrofurantoin", "YES"), ("Cefalexin", "NO")]
)
def test_nitrofurantoin_is_weighed_against_the_neuropathy(drug, expected):
    assert truth("TX-3", record(draft(words(drug))), SELECT) == expected
    assert truth("TX-3", record(draft(words(drug)), problems=()), SELECT) == "NO"


@pytest.mark.boundaries("TX-3")
@pytest.mark.parametrize(("beside", "expected"), [((), "NO"), ((problem("igm_mgus"),), "YES")])
def test_a_neuropathy_without_an_igm_is_none_of_its_business(beside, expected):
    chart = record(draft("vincristine"), problems=(problem("sensory_neuropathy"), *beside))
    assert truth("TX-3", chart, SELECT) == expected


def test_another_antibiotic_is_asked_for_and_the_source_of_each_drug_is_cited():
    one = cards(record(draft(words("Macrobid 100 mg"))), SELECT)["neurotoxicDrug"]
    assert one.detail.startswith("**Choose another antibiotic where one will do**")
    assert one.explanation.evidence == ("CIPN2020", "CIPN2014", "NFTSPC")
    two = cards(record(draft("vincristine"), draft(words("Macrobid"), name="draft-2")), SELECT)["neurotoxicDrug"]
    assert "Agree with neurology and haematology on the drug" in two.detail
    assert set(two.explanation.evidence) == {"CIPN2020", "CIPN2014", "VCRLABEL", "NFTSPC"}
