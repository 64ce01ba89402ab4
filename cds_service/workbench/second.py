"""A second site: the running one with other numbers, or a site's file that somebody pastes. It is read and built as
every site is; what is wrong with it is told in the same words.

Of a pasted file only what changes the knowledge counts. What connects a service (clients, store, audit) is looked at
for its form alone: nothing of this host is opened for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal

from cds_service.knowledge.contract import Knowledge, KnowledgeBroken
from cds_service.knowledge.rows import DataFile
from cds_service.site import Site, SiteFault, knowledge_for

Build = Callable[[Site], Knowledge]
"""Makes the knowledge of a site; raises `SiteBroken`."""
_MOST_FAULTS = 40
_MOST_NUMBERS = 40
_LONGEST_FAULT = 400
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Second:
    """What was asked for, and the knowledge of it; None where there are faults."""

    numbers: Mapping[str, str]
    """The numbers that were changed on the page, by their ids, as they were written."""
    text: str
    """The file that was pasted, "" for none."""
    knowledge: Knowledge | None
    zone: tzinfo
    faults: tuple[str, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Something was changed at all."""
        return bool(self.numbers or self.text)


def second_of(site: Site, build: Build, named: Sequence[str], text: str) -> Second:
    """The site with the numbers `named` ("glasses.least|3") in place of its own; with a `text` the site of that file,
    and the numbers in place of those of the file."""
    numbers = dict(_pair(name) for name in named[:_MOST_NUMBERS] if all(_pair(name)))
    told = {key: Decimal(value) for key, value in numbers.items() if _NUMBER.fullmatch(value)}
    unread = [
        SiteFault("thresholds", key, f"{value!r} is no number", "a number within the bounds of the threshold")
        for key, value in numbers.items()
        if key not in told
    ]

    def built(read: Site) -> Knowledge:
        asked = read if text else site
        return build(replace(asked, thresholds={**asked.thresholds, **told}))

    try:
        read, knowledge, faults = knowledge_for(DataFile("the second file", text), built)
    except (KnowledgeBroken, RecursionError) as error:
        read, knowledge, faults = site, None, (SiteFault("", "", f"nothing can be built of it ({error})", "less"),)
    told_faults = tuple(_in_words([*unread, *faults]))
    return Second(
        numbers, text, None if told_faults else knowledge, read.time_zone if text else site.time_zone, told_faults
    )


def _pair(name: str) -> tuple[str, str]:
    key, _, value = name.partition("|")
    return key.strip()[:100], value.strip().replace(",", ".", 1)[:30]


def _in_words(faults: Sequence[SiteFault]) -> Iterator[str]:
    """As `cds-service check` tells them; of very many the first."""
    for fault in faults[:_MOST_FAULTS]:
        said = str(fault)
        yield said if len(said) <= _LONGEST_FAULT else f"{said[:_LONGEST_FAULT]} …"
    if len(faults) > _MOST_FAULTS:
        yield f"and {len(faults) - _MOST_FAULTS} more"
