"""Would rituximab be the first choice for this patient now, and would plasma exchange come before it: the questions
behind TX-1, rulings 3, 5 and 9.

Decides only whether treatment would be recommended if nothing forbade it. What forbids it is left to
`contraindications`, what must be settled before an order to the gates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture


def would_be_indicated(picture: ClinicalPicture) -> bool:
    """True for an adult with confirmed or probable disease that is not mild and stable, who has no rituximab course
    on record, unless it treated something else (ruling 29), no rituximab ordered or drafted (rulings 2 and 3), no
    amyloidosis or POEMS syndrome, which is treated first (ruling 30), and no palliative care (ruling 34). Unknown
    severity counts, worded as conditional."""
    disease_fits = picture.diagnosis.tier >= Tier.PROBABLE and not picture.diagnosis.is_refuted
    comes_first = not (picture.red_flags.treated_first or picture.palliative_care.holds)
    history = picture.rituximab
    is_untreated = not (history.has_treated_neuropathy or history.orders or picture.drafts.has_any_rituximab)
    is_mild = picture.disability.severity is Severity.MILD_STABLE
    return picture.is_adult and disease_fits and comes_first and is_untreated and not is_mild


def exchange_comes_first(picture: ClinicalPicture) -> bool:
    """An IgM at the limit (ruling 5), or hyperviscosity: an order gate would stop rituximab now."""
    signs = picture.hyperviscosity
    return picture.igm.is_at_limit(picture.thresholds) or signs.symptoms.holds or signs.is_viscosity_raised.holds
