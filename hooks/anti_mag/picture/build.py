"""Puts the clinical picture together from a hook call: each part by its builder, once, when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cds_service.cards import Coding
from cds_service.codes import CodeSets
from cds_service.kept import kept
from cds_service.knowledge.contract import HookCall, Thresholds
from hooks.anti_mag.layout import Layout
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.aftercare import Aftercare, aftercare_of
from hooks.anti_mag.picture.body import Body, body_of
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.comorbidity import Comorbidity, comorbidity_of
from hooks.anti_mag.picture.contraindications import Contraindications, contraindications_of
from hooks.anti_mag.picture.counts import Counts, counts_of
from hooks.anti_mag.picture.diagnosis import Diagnosis, diagnosis_of
from hooks.anti_mag.picture.disability import Disability, disability_of
from hooks.anti_mag.picture.drafts import Drafts, drafts_of
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, hepatitis_b_of
from hooks.anti_mag.picture.hyperviscosity import Hyperviscosity, hyperviscosity_of
from hooks.anti_mag.picture.immunoglobulin import Igm, igm_of
from hooks.anti_mag.picture.infection import Infection, infection_of
from hooks.anti_mag.picture.new_entries import NewEntries, new_entries_of
from hooks.anti_mag.picture.palliative_care import palliative_care_of
from hooks.anti_mag.picture.red_flags import RedFlags, red_flags_of
from hooks.anti_mag.picture.response import Response, response_of
from hooks.anti_mag.picture.state import State, state_of
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.supportive_care import SupportiveCare, supportive_care_of
from hooks.anti_mag.picture.tests_on_record import RecordedTests
from hooks.anti_mag.picture.treatment import RituximabHistory, rituximab_history_of
from hooks.anti_mag.picture.unreadable import unreadable_of
from hooks.anti_mag.picture.vaccines import Vaccination, vaccination_of
from hooks.anti_mag.picture.work_up import WorkUp, work_up_of

NOTHING: Mapping[str, Coding] = MappingProxyType({})
DEFAULT_LAYOUT = Layout()


def picture_of(
    call: HookCall,
    codes: CodeSets,
    thresholds: Thresholds,
    catalogue: Mapping[str, Coding] = NOTHING,
    layout: Layout = DEFAULT_LAYOUT,
) -> ClinicalPicture:
    """The clinical picture at the moment of the call. Pure: the same call gives the same picture."""
    return PictureOfCall(call, codes, thresholds, catalogue, layout)


class PictureOfCall(ClinicalPicture):
    """A picture whose parts are made when a rule first asks for them, and kept: most rules ask for few."""

    def __init__(
        self,
        call: HookCall,
        codes: CodeSets,
        thresholds: Thresholds,
        catalogue: Mapping[str, Coding],
        layout: Layout,
    ) -> None:
        """What is known at once. The class is frozen to those who read it: these go past that."""
        patient, chart = call.record.patient, Chart(call.record, codes, call.today)
        known: dict[str, object] = {
            "today": call.today,
            "hook": call.hook,
            "patient_id": patient.id,
            "age": patient.age_on(call.today),
            "thresholds": thresholds,
            "catalogue": catalogue,
            "layout": layout,
            "visit": chart.visit,
            "_chart": chart,
        }
        for name, value in known.items():
            object.__setattr__(self, name, value)

    if TYPE_CHECKING:
        _chart: Chart

    @kept
    def state(self) -> State:
        return state_of(self)

    @kept
    def diagnosis(self) -> Diagnosis:
        return diagnosis_of(self._chart, self.thresholds)

    @kept
    def disability(self) -> Disability:
        return disability_of(self._chart, self.thresholds)

    @kept
    def igm(self) -> Igm:
        return igm_of(self._chart, self.thresholds)

    @kept
    def hyperviscosity(self) -> Hyperviscosity:
        return hyperviscosity_of(self._chart, self.igm, self.thresholds)

    @kept
    def rituximab(self) -> RituximabHistory:
        return rituximab_history_of(self._chart, self.thresholds)

    @kept
    def response(self) -> Response:
        return response_of(self.igm, self.disability, self.rituximab, self.today, self.thresholds)

    @kept
    def hepatitis_b(self) -> HepatitisB:
        return hepatitis_b_of(self._chart, self.thresholds)

    @kept
    def contraindications(self) -> Contraindications:
        return contraindications_of(self._chart, self.thresholds)

    @kept
    def infection(self) -> Infection:
        return infection_of(self._chart, self.thresholds)

    @kept
    def vaccination(self) -> Vaccination:
        return vaccination_of(self._chart)

    @kept
    def counts(self) -> Counts:
        return counts_of(self._chart, self.thresholds)

    @kept
    def comorbidity(self) -> Comorbidity:
        return comorbidity_of(self._chart)

    @kept
    def drafts(self) -> Drafts:
        return drafts_of(self._chart, self.thresholds)

    @kept
    def work_up(self) -> WorkUp:
        return work_up_of(self._chart, self.diagnosis, self.disability, self.igm, self.hepatitis_b, self.thresholds)

    @kept
    def tests(self) -> RecordedTests:
        return RecordedTests(self._chart)

    @kept
    def supportive_care(self) -> SupportiveCare:
        return supportive_care_of(self._chart, self.disability, self.thresholds)

    @kept
    def body(self) -> Body:
        return body_of(self._chart, self.thresholds)

    @kept
    def red_flags(self) -> RedFlags:
        return red_flags_of(self._chart, self.disability, self.thresholds)

    @kept
    def palliative_care(self) -> Statement:
        return palliative_care_of(self._chart, self.thresholds)

    @kept
    def aftercare(self) -> Aftercare:
        return aftercare_of(self._chart, self.thresholds)

    @kept
    def new_entries(self) -> NewEntries:
        return new_entries_of(self._chart)

    @kept
    def unreadable(self) -> tuple[str, ...]:
        return unreadable_of(self._chart)
