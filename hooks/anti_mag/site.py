"""A site's file against this package: what it names must exist, its numbers lie within their bounds, and no safety card
is switched off. `configured` gives what the knowledge is then run with, or every fault at once.

What a site file may look like is decided in `cds_service.site`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType

from cds_service.cards import Coding
from cds_service.codes import Code, CodeSet, CodeSets, Concept
from cds_service.knowledge.contract import Threshold, Thresholds
from cds_service.site import Site, SiteBroken, SiteFault
from hooks.anti_mag import rules
from hooks.anti_mag.cards.card import OVERRIDE_SYSTEM
from hooks.anti_mag.code_sets import own_orders
from hooks.anti_mag.configuration import Configuration
from hooks.anti_mag.knowledge_data import CODES, EVIDENCE, THRESHOLDS
from hooks.anti_mag.layout import Layout
from hooks.anti_mag.picture.anti_mag import ANTI_MAG_SETS, KIT
from hooks.anti_mag.prefetch import KEY_OF, continuations
from hooks.anti_mag.proposals import ORDERS
from hooks.anti_mag.referrals import REFERRALS, own_referrals
from hooks.anti_mag.services import SERVICES
from hooks.anti_mag.topics import TOPICS

ASCENDING = (
    ("igm.gate.caution", "igm.gate.critical"),
    ("igm.fresh", "igm.max_age"),
    ("anti_mag.btu.positive", "anti_mag.btu.strong"),
    ("flare.window", "vigilance.window"),
    ("dose.tolerance.warning", "dose.tolerance.critical"),
    ("response.earliest_months", "response.verdict_months"),
    ("score.reminder", "score.max_age"),
    ("pregnancy.age_min", "pregnancy.age_max"),
)
"""Pairs of numbers of which the first may not exceed the second."""

_SHORT = 30
"""Names that can be told in one fault."""

_WHOLE = frozenset({"d", "mo", "a", "h", "doses", "points", "measures", "centiles"})
"""Units that are counted."""


def configured(site: Site) -> Configuration:
    """What the site asks for, checked. Raises `SiteBroken` with all that it may not ask for."""
    faults = (
        *_threshold_faults(site.thresholds),
        *_code_faults(site.codes),
        *_unknown("catalogue", site.catalogue, ORDERS, "orders"),
        *_unknown("cards", site.cards.topics, TOPICS, "topics"),
        *_card_faults(site.cards.topics),
        *_hook_faults(site.hooks),
        *_link_faults(site.links),
    )
    if faults:
        raise SiteBroken(faults)
    codes = _codes_with(site.codes, site.catalogue)
    return Configuration(
        codes=codes,
        thresholds=THRESHOLDS.changed(site.thresholds),
        catalogue=MappingProxyType(dict(site.catalogue)),
        continuations=continuations(codes),
        topics_off=frozenset(topic for topic, is_on in site.cards.topics.items() if not is_on),
        layout=Layout(site.cards.detail, site.links),
        override_reasons=tuple(Coding(OVERRIDE_SYSTEM, code, display) for code, display in site.override_reasons),
    )


def _unknown(table: str, named: Collection[str], known: Collection[str], what: str) -> Iterator[SiteFault]:
    """Names that we do not have; short lists are told whole, of long ones the most alike."""
    for key in named:
        if key not in known:
            alike = known if len(known) <= _SHORT else get_close_matches(key, known, n=3, cutoff=0.4)
            allowed = f"one of {', '.join(alike)}" if alike else f"one of our {len(known)} {what}; see the guide"
            yield SiteFault(table, key, f"there is none of that name among the {what}", allowed)


def _threshold_faults(values: Mapping[str, Decimal]) -> Iterator[SiteFault]:
    yield from _unknown("thresholds", values, THRESHOLDS, "thresholds")
    ours = {key: value for key, value in values.items() if key in THRESHOLDS}
    sound = True
    for key, value in ours.items():
        row = THRESHOLDS.row(key)
        if row.bounds is None or not row.site_may_change:
            origin = ", ".join(row.cites)
            yield SiteFault("thresholds", key, "a site may not change this number", f"{_told(row)} ({origin})")
        elif not row.bounds[0] <= value <= row.bounds[1]:
            yield SiteFault("thresholds", key, f"{value} is outside the bounds", _bounds(row))
        elif row.unit in _WHOLE and value != value.to_integral_value():
            yield SiteFault("thresholds", key, f"{value} is no whole number", f"{_bounds(row)}, whole")
        else:
            continue
        sound = False
    if sound:
        yield from order_faults(THRESHOLDS.changed(ours))


def order_faults(thresholds: Thresholds) -> Iterator[SiteFault]:
    """Pairs of `ASCENDING` that stand the wrong way round."""
    for low, high in ASCENDING:
        if low in thresholds and high in thresholds and thresholds[low] > thresholds[high]:
            key, allowed = (low, "at most") if thresholds.row(low).is_site_value else (high, "at least")
            other = high if key == low else low
            what = f"{thresholds[key]} contradicts {other}, which is {thresholds[other]}"
            yield SiteFault("thresholds", key, what, f"{allowed} {thresholds[other]} {thresholds.row(other).unit}")


def _told(row: Threshold) -> str:
    return f"{row.value} {row.unit}".strip()


def _bounds(row: Threshold) -> str:
    low, high = row.bounds or (row.value, row.value)
    return f"{low} to {high} {row.unit}".strip()


def _code_faults(sent: Mapping[str, tuple[Code, ...]]) -> Iterator[SiteFault]:
    yield from _unknown("codes", sent, CODES, "code sets")
    placed: dict[Code, str] = {}
    for name, codes in sent.items():
        if name not in CODES:
            continue
        for code in codes:
            if code in CODES[name].excluded:
                what = f"{code[0]}|{code[1]} looks like this set and is another thing"
                yield SiteFault("codes", name, what, "a code that means what the set says")
            elif name in KEY_OF or name == KIT:
                elsewhere = placed.get(code) or _another_result(name, code)
                if elsewhere and not _is_same_test(name, elsewhere):
                    what = f"{code[0]}|{code[1]} is also in {elsewhere}"
                    yield SiteFault("codes", name, what, "a result's code in one code set, since it means one thing")
                placed.setdefault(code, name)


def _another_result(name: str, code: Code) -> str:
    """Another set of results that we ship with this code; "" where there is none."""
    holders = CODES.names_holding(frozenset({code}))
    return next((held for held in sorted(holders) if held in KEY_OF and held != name and name not in holders), "")


def _is_same_test(one: str, other: str) -> bool:
    """A test by the Bühlmann kit is an anti-MAG test."""
    return KIT in (one, other) and {one, other} <= {KIT, *ANTI_MAG_SETS}


def _codes_with(local: Mapping[str, tuple[Code, ...]], catalogue: Mapping[str, Coding]) -> CodeSets:
    """Our code sets with the site's codes: a kit's test is an anti-MAG test, a catalogued therapy is that therapy."""
    added: dict[str, list[Code]] = {name: list(codes) for name, codes in local.items()}
    for code in local.get(KIT, ()):
        if all(not CODES[name].holds(_concept(code)) and code not in added.get(name, ()) for name in ANTI_MAG_SETS):
            added.setdefault("anti_mag_igm_quantitative", []).append(code)
    orders: dict[str, CodeSet] = {}
    for order, coding in catalogue.items():
        code_set, code = ORDERS[order], (coding.system, coding.code)
        if code_set in KEY_OF:
            # The code of a laboratory order is not the code of its result.
            orders[own_orders(order)] = CodeSet(own_orders(order), frozenset({code}))
        elif order in REFERRALS and not code_set:
            orders[own_referrals(order)] = CodeSet(own_referrals(order), frozenset({code}))
        elif code_set and code not in added.get(code_set, ()):
            added.setdefault(code_set, []).append(code)
    ours = {name: _with(code_set, added.get(name, ())) for name, code_set in CODES.items()}
    return CodeSets({**ours, **orders})


def _with(code_set: CodeSet, codes: Collection[Code]) -> CodeSet:
    return code_set.with_local(tuple(codes)) if codes else code_set


def _concept(code: Code) -> Concept:
    return Concept(frozenset({code}))


def _card_faults(cards: Mapping[str, bool]) -> Iterator[SiteFault]:
    for topic, is_on in cards.items():
        if not is_on and topic in TOPICS and TOPICS[topic].is_never_off:
            yield SiteFault("cards", topic, "a safety card cannot be switched off", "true, or no such line")


def _hook_faults(hooks: Mapping[str, bool]) -> Iterator[SiteFault]:
    ours = [service.hook for service in SERVICES]
    yield from _unknown("hooks", hooks, ours, "hooks")
    if all(hooks.get(hook, True) is False for hook in ours):
        yield SiteFault("hooks", "", "every hook is switched off", "at least one hook that is on")


def _link_faults(hosts: frozenset[str] | None) -> Iterator[SiteFault]:
    """A card that cites nothing allowed links to the first allowed source of its rules: one a rule is one a card."""
    layout = Layout(link_hosts=hosts)
    for rule in rules.BY_LOGIC.values():
        urls = [EVIDENCE[key].url for key in rule.cites if EVIDENCE[key].url]
        if urls and not any(layout.may_link(url) for url in urls):
            needed = sorted({url.split("/")[2] for url in urls})
            what = f"the cards of rule {rule.id} ({rule.logic}) would have no link left"
            yield SiteFault("links", "hosts", what, f"with one of {', '.join(needed)}")
