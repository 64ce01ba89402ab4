"""The referrals that cards offer: what each is called, how one that is there already is known, what its draft says.

One row a referral. Only some have a code that everybody may carry; the others are text. When one is offered is left to
the cards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.codes import SetName
from hooks.anti_mag.code_sets import code_set


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral."""

    text: str
    asks: str
    """What the draft's note asks for."""
    called: re.Pattern[str]
    """Names of it on an order, in lower case."""
    code_set: SetName | None = None
    """The set whose code is written; None where the draft is text alone."""
    means: str = ""
    """What the draft's description says in brackets."""

    @property
    def sets(self) -> tuple[SetName, ...]:
        return () if self.code_set is None else (self.code_set,)


def _referral_to(specialty: str) -> re.Pattern[str]:
    """A specialty names many orders; one of referral or consultation alone is meant."""
    asks = r"(referral|refer|consult\w*)"
    return re.compile(rf"\b{asks}\b.{{0,60}}\b({specialty})\b|\b({specialty})\b.{{0,60}}\b{asks}\b")


REFERRALS: Mapping[str, Referral] = {
    "neurology_referral": Referral(
        "Referral to neurology",
        "Assessment of the neuropathy with disability scores, and advice on treatment.",
        _referral_to("neurology"),
        code_set("neurology_referral"),
    ),
    "haematology_referral": Referral(
        "Referral to haematology", "Assessment of the IgM gammopathy.", _referral_to("ha?ematology")
    ),
    "hepatology_referral": Referral(
        "Referral to hepatology",
        "Hepatitis B and treatment that depletes B cells: antiviral treatment, and its monitoring.",
        _referral_to("hepatology|liver (clinic|service|unit)"),
    ),
    "obstetrics_referral": Referral(
        "Referral to obstetrics",
        "Pregnancy on record, rituximab considered: it can harm the fetus.",
        _referral_to(r"obstetrics?( (and|&) gyna?ecology)?|ob[-/ ]?gyn|maternal[- ]fetal medicine"),
    ),
    "physical_therapy_referral": Referral(
        "Referral to physical therapy",
        "Strength and balance training, prevention of falls, walking aids.",
        re.compile(r"physical therap|physiotherap|balance training"),
        code_set("physiotherapy_referral"),
        "strength and balance training, falls, walking aids",
    ),
    "occupational_therapy_referral": Referral(
        "Referral to occupational therapy",
        "Hands and daily living, aids and orthoses.",
        re.compile(r"occupational therap|\bergotherap"),
        means="hands and daily living, aids and orthoses",
    ),
}
"""By the name under which a site gives its catalogue code."""


def own_referrals(name: str) -> SetName:
    """The set of a site's own orders of a referral that has no set of ours; it exists where the site's catalogue has
    one."""
    return SetName(f"order_{name}")
