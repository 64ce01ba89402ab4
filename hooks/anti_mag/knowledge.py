"""What this package hands to the engine: services, vocabulary, topics and the function that answers a call.

Importing this module loads all data, rules and cards and checks them; a fault stops the service from starting.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Knowledge, Vocabulary
from hooks.anti_mag.advice import advise
from hooks.anti_mag.cards.card import TOPICS
from hooks.anti_mag.prefetch import result_codes
from hooks.anti_mag.services import SERVICES

VERSION = "2026.11"
"""Raised with every change of a rule, number, code or wording."""

BTU_SPELLINGS = (
    "btu",
    "{btu}",
    "[btu]",
    "btu/ml",
    "{btu}/ml",
    "bühlmann titre units",
    "bühlmann titer units",
    "buhlmann titre units",
    "buhlmann titer units",
)
"""Ways laboratories write the unit of the Bühlmann anti-MAG test, lower case. UCUM's [Btu], the unit of heat, is
refused by the reader before it looks here."""

KNOWLEDGE = Knowledge(
    id="anti-mag",
    title="Anti-MAG neuropathy",
    version=VERSION,
    services=SERVICES,
    vocabulary=Vocabulary(result_codes(), dict.fromkeys(BTU_SPELLINGS, "{BTU}")),
    topics=tuple(TOPICS),
    extension="org.anti-mag-cds.explanation",
    advise=advise,
)
