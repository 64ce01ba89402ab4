"""The names of code sets, as the picture and the cards write them: checked where they are written, as a module loads.

A misspelt name, or results that no prefetch template brings, stop the service from starting, and a bare text is refused
by the type check. What the sets hold is data (`codes.toml`).
"""

from __future__ import annotations

from cds_service.codes import ResultSet, SetName
from cds_service.knowledge.contract import KnowledgeBroken
from hooks.anti_mag.knowledge_data import CODES, INVESTIGATIONS

_RESULTS = frozenset(name for test in INVESTIGATIONS.values() for name in test.read)
ASKED_FOR: set[SetName] = set()
"""Every set that a module named."""


def code_set(name: str) -> SetName:
    """The name of one set of ours."""
    try:
        known = CODES.named(name)
    except KeyError as error:
        raise KnowledgeBroken(str(error.args[0])) from error
    ASKED_FOR.add(known)
    return known


def code_sets(*names: str) -> tuple[SetName, ...]:
    """The names of several sets."""
    return tuple(code_set(name) for name in names)


def result_set(name: str) -> ResultSet:
    """The name of a set of results that a prefetch template brings."""
    known = code_set(name)
    if known not in _RESULTS:
        raise KnowledgeBroken(f"results of {name} are asked for, and no row of tests.toml has them fetched")
    return ResultSet(known)


def result_sets(*names: str) -> tuple[ResultSet, ...]:
    """The names of several sets of results."""
    return tuple(result_set(name) for name in names)


def own_orders(test: str) -> SetName:
    """The set of a site's own orders of a test of tests.toml; it exists where the site's catalogue has one."""
    return SetName(f"order_{INVESTIGATIONS[test].id}")
