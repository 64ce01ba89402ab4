"""The clinical picture: what a patient's record means for anti-MAG neuropathy.

`ClinicalPicture` is what rules read. Each part is a module of this package, with the type and the function that builds
it; `build.picture_of` puts the parts together. By hand, in a test: `ClinicalPicture(today=..., igm=Igm(...))`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cds_service.cards import Coding
from cds_service.knowledge.contract import Thresholds
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.layout import Layout
from hooks.anti_mag.picture.aftercare import Aftercare
from hooks.anti_mag.picture.body import Body
from hooks.anti_mag.picture.comorbidity import Comorbidity
from hooks.anti_mag.picture.contraindications import Contraindications
from hooks.anti_mag.picture.counts import Counts
from hooks.anti_mag.picture.diagnosis import Diagnosis
from hooks.anti_mag.picture.disability import Disability
from hooks.anti_mag.picture.drafts import Drafts
from hooks.anti_mag.picture.hepatitis_b import HepatitisB
from hooks.anti_mag.picture.hyperviscosity import Hyperviscosity
from hooks.anti_mag.picture.immunoglobulin import Igm
from hooks.anti_mag.picture.infection import Infection
from hooks.anti_mag.picture.new_entries import NewEntries
from hooks.anti_mag.picture.red_flags import RedFlags
from hooks.anti_mag.picture.response import Response
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.supportive_care import SupportiveCare
from hooks.anti_mag.picture.tests_on_record import RecordedTests
from hooks.anti_mag.picture.treatment import RituximabHistory
from hooks.anti_mag.picture.vaccines import Vaccination
from hooks.anti_mag.picture.work_up import WorkUp


@dataclass(frozen=True, slots=True)
class ClinicalPicture:
    """Everything that the rules may ask. Defaults describe an adult with nothing on record."""

    today: date
    thresholds: Thresholds = field(default_factory=lambda: THRESHOLDS)
    """The numbers that it was made with: those of this site."""
    hook: str = "patient-view"
    patient_id: str = "example"
    age: int | None = 60
    """None where the birth date is unknown: no recommendation then (C0.7)."""
    state: State = State.OUT_OF_SCOPE
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    disability: Disability = field(default_factory=Disability)
    igm: Igm = field(default_factory=Igm)
    hyperviscosity: Hyperviscosity = field(default_factory=Hyperviscosity)
    rituximab: RituximabHistory = field(default_factory=RituximabHistory)
    response: Response = field(default_factory=Response)
    hepatitis_b: HepatitisB = field(default_factory=HepatitisB)
    contraindications: Contraindications = field(default_factory=Contraindications)
    infection: Infection = field(default_factory=Infection)
    vaccination: Vaccination = field(default_factory=Vaccination)
    counts: Counts = field(default_factory=Counts)
    comorbidity: Comorbidity = field(default_factory=Comorbidity)
    drafts: Drafts = field(default_factory=Drafts)
    work_up: WorkUp = field(default_factory=WorkUp)
    tests: RecordedTests = field(default_factory=RecordedTests)
    supportive_care: SupportiveCare = field(default_factory=SupportiveCare)
    body: Body = field(default_factory=Body)
    red_flags: RedFlags = field(default_factory=RedFlags)
    palliative_care: Statement = field(default_factory=Statement)
    """Palliative care is on record: no treatment of the neuropathy is proposed (ruling 34)."""
    aftercare: Aftercare = field(default_factory=Aftercare)
    new_entries: NewEntries = field(default_factory=NewEntries)
    visit: date | None = None
    """The day of the visit being booked; None where none is."""
    unreadable: tuple[str, ...] = ()
    """What the EHR could not supply, in words for the reader ("hepatitis B results")."""
    catalogue: Mapping[str, Coding] = field(default_factory=dict)
    """The site's own order codes, by the names of `hooks.anti_mag.proposals.ORDERS`."""

    layout: Layout = field(default_factory=Layout)
    """How the site wants its cards; no rule asks for it."""

    @property
    def is_adult(self) -> bool:
        return self.age is not None and self.age >= 18

    @property
    def due_by(self) -> date:
        """The day by which a follow-up must be due to be named: that of the visit being booked, else today."""
        return self.visit or self.today
