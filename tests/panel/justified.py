"""People like those of the panel on whom a card is right, with the row of the decision logic that asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.panel.profile import (
    Profile,
    conduction,
    hepatitis_b_negative,
    igm,
    immunofixation,
    ordered,
    problem,
    result,
)


@dataclass(frozen=True)
class Justified:
    """A person, and the one card that each call named here brings: (call, topic, indicator, row). Other calls bring
    none."""

    profile: Profile
    why: str
    cards: tuple[tuple[str, str, str, str], ...]


JUSTIFIED = (
    Justified(
        Profile(
            "cold_agglutinins_and_an_order_without_indication",
            "Cold agglutinin disease with an IgM paraprotein, rituximab ordered without a reason, IgM never measured",
            "male",
            "1952-03-16",
            "US",
            (
                problem("Cold agglutinin disease", "2025-01-14"),
                problem("IgM monoclonal gammopathy", "2025-01-28", "icd10cm|D47.2"),
                *hepatitis_b_negative("2026-02-16"),
            ),
            (ordered("Rituximab 700 mg IV", "rxnorm|1657867"),),
        ),
        "C4: the indication is missing and an IgM gammopathy is on record, so all gates run (ruling 4)",
        (
            ("order-select-1", "rituximabSafety", "warning", "G4b"),
            ("order-sign-1", "rituximabSafety", "warning", "G4b"),
        ),
    ),
    Justified(
        Profile(
            "arthritis_and_hepatitis_b_unknown",
            "Rheumatoid arthritis, rituximab for it, hepatitis B never tested",
            "female",
            "1964-04-12",
            "US",
            (problem("Rheumatoid arthritis", "2012-08-15"),),
            (ordered("Rituximab 1000 mg IV", "rxnorm|1657867", reason="Rheumatoid arthritis"),),
        ),
        "C4: G1 runs for every indication; C6.9 safety gates only",
        (
            ("order-select-1", "rituximabSafety", "warning", "G1"),
            ("order-sign-1", "rituximabSafety", "critical", "G1"),
        ),
    ),
    Justified(
        Profile(
            "canomad_never_tested_for_anti_mag",
            "CANOMAD with an IgM paraprotein in whom nobody has tested anti-MAG",
            "male",
            "1961-05-29",
            "DE",
            (
                problem("CANOMAD-Syndrom", "2025-03-22", "orpha|71279"),
                immunofixation("2025-10-14", "Monoklonales IgM kappa"),
                igm("2026-02-17", 5.2, "g/L"),
                conduction("2025-02-15", "mixed", "Gemischt axonal-demyelinisierend"),
            ),
            (ordered("Octagam 10% 80 g i.v.", reason="CANOMAD", reason_codes=("orpha|71279",)),),
        ),
        "C3 DX-1: a neuropathy with an IgM paraprotein and no anti-MAG ever",
        (("patient-view", "diagnosticWorkUp", "info", "DX-1"),),
    ),
    Justified(
        Profile(
            "stroke_and_igm_unknown",
            "Stroke in a woman with Waldenström disease whose IgM has not been measured for a year",
            "female",
            "1949-08-23",
            "GB",
            (
                problem("Waldenström macroglobulinaemia", "2019-02-05", "sct|190818004"),
                problem("Ischaemic stroke", "2026-03-07", "sct|432504007"),
                igm("2025-02-18", 24, "g/L"),
            ),
            (ordered("Clopidogrel 75 mg tablets"),),
        ),
        "Ruling 22: a stroke counts as a sign of hyperviscosity where there is no IgM of the last 30 days",
        (
            ("patient-view", "hyperviscosity", "critical", "HV-1"),
            ("order-select-1", "hyperviscosity", "critical", "HV-1"),
            ("order-sign-1", "hyperviscosity", "critical", "HV-1"),
        ),
    ),
    Justified(
        Profile(
            "waldenstrom_igm_3600",
            "Waldenström disease without symptoms, IgM 3600 mg/dL, viscosity never measured",
            "male",
            "1956-09-04",
            "IT",
            (
                problem("Macroglobulinemia di Waldenström", "2023-11-07", "sct|190818004"),
                igm("2026-02-25", 36, "g/L"),
            ),
            (ordered("Allopurinolo 300 mg"),),
        ),
        "C3 WU-5: IgM of 3000 mg/dL or more without a viscosity",
        (("patient-view", "hyperviscosity", "warning", "WU-5"),),
    ),
    Justified(
        Profile(
            "gammopathy_with_unexplained_neuropathy",
            "IgM gammopathy and an unexplained neuropathy, vincristine ordered for a lymphoma",
            "female",
            "1958-01-31",
            "US",
            (
                problem("Monoclonal gammopathy, IgM kappa", "2022-01-18", "icd10cm|D47.2"),
                problem("Polyneuropathy, unspecified", "2025-06-10", "icd10cm|G62.9"),
                problem("Diffuse large B-cell lymphoma", "2026-02-10"),
                result("Anti-MAG IgM antibodies", "2025-07-01", 600, "< BTU", "loinc|39087-2", high=1500),
                immunofixation("2025-07-01", "Monoclonal IgM kappa"),
                igm("2026-02-17", 640),
                conduction("2025-07-15", "axonal", "Axonal sensorimotor"),
            ),
            (ordered("Vincristine 2 mg IV", "rxnorm|11202", reason="Diffuse large B-cell lymphoma"),),
        ),
        "C3 TX-3: a neurotoxic drug in a neuropathy with an IgM paraprotein, whatever it is for; WU-2: axonal with IgM",
        (
            ("patient-view", "redFlag", "warning", "WU-2"),
            ("order-select-1", "neurotoxicDrug", "warning", "TX-3"),
            ("order-sign-1", "neurotoxicDrug", "warning", "TX-3"),
        ),
    ),
)
