"""The kinds of card, one row each: code, title, the modules that write it, and whether a site may do without it.

The order is that of ranking: of cards equally urgent the earlier stands first, the emergency before all (ruling 33).
Codes are stable for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of card."""

    code: str
    title: str
    modules: tuple[str, ...]
    """Modules of `hooks.anti_mag.cards` that write it, at most one of them in a call."""
    is_never_off: bool = False
    """It stands between a patient and harm: no site switches it off."""


TOPICS: Mapping[str, Topic] = {
    topic.code: topic
    for topic in (
        Topic("hyperviscosity", "Hyperviscosity", ("hyperviscosity",), is_never_off=True),
        Topic("rituximab", "Rituximab as first choice", ("rituximab",)),
        Topic("rituximabRetreatment", "Another rituximab course", ("rituximab_retreatment",)),
        Topic(
            "rituximabSafety",
            "Safety checks for rituximab",
            ("rituximab_safety", "rituximab_reaction"),
            is_never_off=True,
        ),
        Topic("rituximabAftercare", "Care after rituximab", ("rituximab_aftercare",)),
        Topic("plasmaExchangeFlare", "IgM flare after rituximab", ("plasma_exchange_flare",)),
        Topic("worseningAfterRituximab", "Worsening after rituximab", ("worsening_after_rituximab",)),
        Topic("igmMonitoring", "IgM checks after rituximab", ("igm_monitoring",)),
        Topic("followUpAssessment", "Follow-up assessment", ("follow_up_assessment",)),
        Topic("alternativeTherapy", "Therapy after rituximab failed", ("alternative_therapy",)),
        Topic("therapyEvidence", "Evidence for the therapy ordered", ("therapy_evidence",)),
        Topic("neurotoxicDrug", "Neurotoxic drug", ("neurotoxic_drug",)),
        Topic("diagnosticWorkUp", "Diagnostic work-up", ("diagnostic_work_up",)),
        Topic("redFlag", "Red flag", ("red_flag",)),
        Topic("dataUnavailable", "Safety data not available", ("data_unavailable",), is_never_off=True),
        Topic("supportiveCare", "Supportive care", ("supportive_care",)),
    )
}
