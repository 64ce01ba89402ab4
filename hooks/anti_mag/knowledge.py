"""What this package hands to the engine: services, vocabulary, topics and the function that answers a call.

Importing this module loads all data, rules and cards and checks them; a fault stops the service from starting.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from cds_service.knowledge.contract import Knowledge, Vocabulary
from cds_service.site import Site
from hooks.anti_mag.advice import advise
from hooks.anti_mag.knowledge_data import REPORTED
from hooks.anti_mag.manual import manual_of
from hooks.anti_mag.prefetch import result_codes, with_site_codes
from hooks.anti_mag.services import SERVICES
from hooks.anti_mag.site import configured
from hooks.anti_mag.topics import TOPICS

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

RESULT_NAMES = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in REPORTED.values()))


def build(site: Site | None = None) -> Knowledge:
    """The knowledge as a site wants it; without a site as it ships. Raises `SiteBroken` with all faults at once."""
    site = site or Site()
    configuration = configured(site)
    services = [service for service in SERVICES if site.hooks.get(service.hook, True)]
    return Knowledge(
        id="anti-mag",
        title="Anti-MAG neuropathy",
        version=VERSION,
        services=tuple(
            replace(service, prefetch=with_site_codes(service.prefetch, configuration.codes)) for service in services
        ),
        vocabulary=Vocabulary(result_codes(configuration.codes), dict.fromkeys(BTU_SPELLINGS, "{BTU}"), RESULT_NAMES),
        topics=tuple(topic for topic in TOPICS if topic not in configuration.topics_off),
        extension="org.anti-mag-cds.explanation",
        advise=partial(advise, configuration=configuration),
        manual=manual_of(configuration, {service.hook for service in services}),
    )


KNOWLEDGE = build()
