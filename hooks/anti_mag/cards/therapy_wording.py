"""What is known of each immunotherapy in anti-MAG neuropathy, in the words of a card, with its sources (TX-4, RF-1).

Where nothing but reports or experience elsewhere was seen, that is what it says, and no number.
"""

from __future__ import annotations

from collections.abc import Mapping

from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.therapies import Kind

IVIG = (
    "**Immunoglobulin (IVIG)**: AANEM does not recommend it in IgM paraproteinaemic neuropathy, on Class I evidence "
    "(AANEMIVIG). One trial of 22 patients found a short-term benefit (COMI2002), one of 11 no significant one "
    "(DALAKAS1996); Australian criteria allow a trial only after other treatment failed (NBA-AU)."
)
EXCHANGE = (
    "**Plasma exchange for the chronic disease**: ASFA category III, grade 1C, case by case (ASFA2023). AAN 2011: "
    "probably not effective in IgM neuropathy (AAN2011PLEX); in the trial patients with IgM benefited less than those "
    "with IgG or IgA (DYCK1991). An IgM flare after rituximab or hyperviscosity is another matter: there it has its "
    "place."
)
STEROID = (
    "**Corticosteroid alone**: no trial supports it in anti-MAG neuropathy; a published patient did not respond to a "
    "steroid pulse and immunoglobulin before the diagnosis was made (MOTOYAMA2011)."
)
ALKYLATOR = (
    "**Alkylator**: in a cohort treated before rituximab 10 of 19 treated patients had severe adverse events, with "
    "three deaths possibly related (NOBILE2000). Rituximab with chlorambucil or cyclophosphamide is cohort "
    "evidence: 7 of 10 improved at two years (AAN2025)."
)
CYCLOPHOSPHAMIDE = (
    "Pulses of cyclophosphamide with prednisone made no functional difference at 6 months in a randomised trial "
    "(PMC3002632)."
)
NO_TRIAL = "no trial in anti-MAG neuropathy is known to this service"
BENDAMUSTINE = (
    "**Bendamustine**: with rituximab it is an option in a review's algorithm (KHWAJA2022), on cohort evidence; alone "
    f"it helped one reported patient with Waldenström disease (BNS2018); {NO_TRIAL}."
)
INTERFERON = "**Interferon alfa**: no benefit in the randomised trials of a review's table (PMC3002632)."
ANTI_CD20 = (
    f"**Another anti-CD20 antibody**: {NO_TRIAL}; what is known here is known of rituximab. Hepatitis B serology comes "
    "before it as before rituximab (ASCO2020)."
)
FCRN_BLOCKER = (
    "**FcRn blocker**: it lowers IgG alone, other immunoglobulins stay as they are (seen of efgartigimod) (EFG2018); "
    f"the antibody here is IgM, and {NO_TRIAL}."
)
COMPLEMENT_INHIBITOR = (
    f"**Complement inhibitor**: {NO_TRIAL}; in the laboratory complement activation went with the anti-MAG titre, not "
    "with the clinical picture (COMPLEMENT)."
)
ANOTHER_REASON = (
    "If it is for another disease, a lymphoma or Waldenström disease too, put it on the order, and this is not shown."
)
ANTI_MAG_FIRST = (
    "**Test anti-MAG IgM first.** With an IgM paraprotein a CIDP may be an anti-MAG neuropathy, in which AANEM advises "
    "against immunoglobulin (AANEMIVIG) and other treatment comes first."
)
SEROLOGY_FIRST = (
    "**Draw hepatitis B serology before immunoglobulin** (HBsAg, anti-HBc): it is needed before any later anti-CD20 "
    "treatment (ASCO2020), and donor antibodies can make it misleading."
)
_BY_KIND: Mapping[Kind, str] = {
    "steroid": STEROID,
    "alkylator": ALKYLATOR,
    "other_anti_cd20": ANTI_CD20,
    "fcrn_blocker": FCRN_BLOCKER,
    "complement_inhibitor": COMPLEMENT_INHIBITOR,
}
_BY_THERAPY = {
    "immunoglobulin_iv": IVIG,
    "plasma_exchange": EXCHANGE,
    "bendamustine": BENDAMUSTINE,
    "interferon_alfa": INTERFERON,
}
_KNOWN_HERE = frozenset({IVIG, EXCHANGE, STEROID, ALKYLATOR})
"""Given for the neuropathy often enough that an order without a reason is taken to be for it without asking."""


def evidence_of(draft: DraftOrder) -> list[str]:
    """Paragraphs on the therapy that a draft is."""
    therapy = THERAPIES[draft.therapy]
    told = _BY_THERAPY.get(draft.therapy) or next(
        (text for kind, text in _BY_KIND.items() if kind in therapy.kinds),
        f"**{therapy.name[:1].upper()}{therapy.name[1:]}**: {NO_TRIAL}.",
    )
    if draft.therapy == "cyclophosphamide":
        return [told, CYCLOPHOSPHAMIDE]
    return [told] if told in _KNOWN_HERE else [told, ANOTHER_REASON]


def cited_for(draft: DraftOrder) -> tuple[str, ...]:
    """Evidence keys of those paragraphs: the citations of the therapy's row."""
    return THERAPIES[draft.therapy].cites.get("immunotherapy", ())
