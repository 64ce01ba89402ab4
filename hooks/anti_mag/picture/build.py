"""Puts the clinical picture together from a hook call: each part's builder once, in the order of their needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cds_service.cards import Coding
from cds_service.codes import CodeSets
from cds_service.knowledge.contract import HookCall, Thresholds
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.aftercare import aftercare_of
from hooks.anti_mag.picture.body import body_of
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.comorbidity import comorbidity_of
from hooks.anti_mag.picture.contraindications import contraindications_of
from hooks.anti_mag.picture.counts import counts_of
from hooks.anti_mag.picture.diagnosis import diagnosis_of
from hooks.anti_mag.picture.disability import disability_of
from hooks.anti_mag.picture.drafts import drafts_of
from hooks.anti_mag.picture.hepatitis_b import hepatitis_b_of
from hooks.anti_mag.picture.hyperviscosity import hyperviscosity_of
from hooks.anti_mag.picture.immunoglobulin import igm_of
from hooks.anti_mag.picture.infection import infection_of
from hooks.anti_mag.picture.new_entries import new_entries_of
from hooks.anti_mag.picture.palliative_care import palliative_care_of
from hooks.anti_mag.picture.red_flags import red_flags_of
from hooks.anti_mag.picture.response import response_of
from hooks.anti_mag.picture.state import state_of
from hooks.anti_mag.picture.supportive_care import supportive_care_of
from hooks.anti_mag.picture.tests_on_record import RecordedTests
from hooks.anti_mag.picture.treatment import rituximab_history_of
from hooks.anti_mag.picture.unreadable import unreadable_of
from hooks.anti_mag.picture.vaccines import vaccination_of
from hooks.anti_mag.picture.work_up import work_up_of


def picture_of(
    call: HookCall, codes: CodeSets, thresholds: Thresholds, catalogue: Mapping[str, Coding] | None = None
) -> ClinicalPicture:
    """The clinical picture at the moment of the call. Pure: the same call gives the same picture."""
    chart = Chart(call.record, codes, call.today)
    diagnosis = diagnosis_of(chart, thresholds)
    disability = disability_of(chart, thresholds)
    igm = igm_of(chart, thresholds)
    rituximab = rituximab_history_of(chart, thresholds)
    hepatitis_b = hepatitis_b_of(chart, thresholds)
    picture = ClinicalPicture(
        today=call.today,
        hook=call.hook,
        patient_id=call.record.patient.id,
        age=call.record.patient.age_on(call.today),
        diagnosis=diagnosis,
        disability=disability,
        igm=igm,
        hyperviscosity=hyperviscosity_of(chart, igm, thresholds),
        rituximab=rituximab,
        response=response_of(igm, disability, rituximab, call.today, thresholds),
        hepatitis_b=hepatitis_b,
        contraindications=contraindications_of(chart, thresholds),
        infection=infection_of(chart, thresholds),
        vaccination=vaccination_of(chart),
        counts=counts_of(chart, thresholds),
        comorbidity=comorbidity_of(chart),
        drafts=drafts_of(chart, thresholds),
        work_up=work_up_of(chart, diagnosis, disability, igm, hepatitis_b, thresholds),
        tests=RecordedTests(chart),
        supportive_care=supportive_care_of(chart, disability, thresholds),
        body=body_of(chart, thresholds),
        red_flags=red_flags_of(chart, disability, thresholds),
        palliative_care=palliative_care_of(chart, thresholds),
        aftercare=aftercare_of(chart, thresholds),
        new_entries=new_entries_of(chart),
        unreadable=unreadable_of(chart),
        visit=chart.visit,
        thresholds=thresholds,
        catalogue=catalogue or {},
    )
    return replace(picture, state=state_of(picture))
