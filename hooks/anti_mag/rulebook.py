"""The one rulebook of anti-MAG neuropathy, and the data its rules rest on.

Rules register here with `@book.rule(...)` from the modules of `hooks.anti_mag.rules`; numbers, codes and citations come
from `hooks/anti_mag/data/*.toml`, read once and checked when this module loads.
"""

from __future__ import annotations

from cds_service.knowledge.contract import RuleBook
from hooks.anti_mag.hooks import EVERYWHERE
from hooks.anti_mag.knowledge_data import EVIDENCE, PLANS, THERAPIES, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.topics import TOPICS

book: RuleBook[ClinicalPicture] = RuleBook(EVIDENCE, THRESHOLDS, TOPICS, EVERYWHERE, PLANS, THERAPIES.drugs())
