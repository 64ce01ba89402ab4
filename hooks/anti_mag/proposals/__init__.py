"""Draft orders that cards offer as suggestions: one action each, valid FHIR R4, nothing placed by itself.

Decides what the draft says; when it is offered is left to the cards. Every draft has status "draft" and intent
"proposal": it comes from software without ordering authority, and becomes an order only when a clinician signs it.
"""

from collections.abc import Mapping

from hooks.anti_mag.code_sets import code_set
from hooks.anti_mag.proposals.corrected_dose import corrected_dose
from hooks.anti_mag.proposals.laboratory import DRAFTS, for_missing
from hooks.anti_mag.proposals.laboratory import laboratory_test as test
from hooks.anti_mag.proposals.procedures import nerve_conduction, plasma_exchange
from hooks.anti_mag.proposals.referrals import neurology_referral, referral
from hooks.anti_mag.proposals.rituximab import rituximab_two_doses, rituximab_weekly
from hooks.anti_mag.referrals import REFERRALS

ORDERS: Mapping[str, str] = {
    **{name: draft.code_set for name, draft in DRAFTS.items()},
    "rituximab": code_set("rituximab"),
    "plasma_exchange": code_set("plasma_exchange"),
    "nerve_conduction": code_set("nerve_conduction_study"),
    **{name: referral.code_set or "" for name, referral in REFERRALS.items()},
}
"""Every order that can be drafted, by the name under which a site gives its catalogue code, with the code set whose
code is written; "" where the draft has text alone."""

__all__ = [
    "DRAFTS",
    "ORDERS",
    "corrected_dose",
    "for_missing",
    "nerve_conduction",
    "neurology_referral",
    "plasma_exchange",
    "referral",
    "rituximab_two_doses",
    "rituximab_weekly",
    "test",
]
