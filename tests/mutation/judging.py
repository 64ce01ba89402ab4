"""A pytest plugin that judges mutants: for each, a fork of a session that has imported and collected everything.

mutmut's own runner starts pytest anew for each mutant and begins with the fastest tests, which takes hours here. A fork
starts at once, and begins with the tests that noticed other mutants of the same function or module, then those of the
boundaries of the module's rules, then those that call the fewest other functions: most mutants fall to the first. What
does not reach the mutant is not run.

Reads the names of the mutants, one a line, from the file that MUTANTS names; writes `NAME<tab>TEST` into the file that
VERDICTS names: the first test that failed, or nothing for a survivor.
"""

import gc
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mutmut.state import state

from hooks.anti_mag.rules import BY_LOGIC

UNDER_TEST = "MUTANT_UNDER_TEST"
"""mutmut's switch: a name calls that mutant, "stats" notes which functions are called."""
LIMIT = 120
"""Seconds of work after which a mutant that goes on counts as noticed. All tests together take a fraction of it."""


class Reached(NamedTuple):
    """The tests that call each function; of each test, how many functions it calls and whose boundaries it shows."""

    tests: dict[str, list[pytest.Item]]
    breadth: dict[pytest.Item, int]
    bounded: dict[pytest.Item, set[str]]


class _Failures:
    """The first test that failed."""

    def __init__(self) -> None:
        self.first = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.first:
            self.first = report.nodeid


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    failures = _Failures()
    session.config.pluginmanager.register(failures)
    reached = _reached(session.items)
    if failures.first:
        raise pytest.Failed(f"{failures.first} fails without a mutant")
    mutants = Path(os.environ["MUTANTS"]).read_text().split()
    with Path(os.environ["VERDICTS"]).open("w", buffering=1) as verdicts:
        for name, test in _judged(mutants, reached, failures):
            verdicts.write(f"{name}\t{test}\n")
    return True


def _reached(items: list[pytest.Item]) -> Reached:
    """Every test is run once without a mutant."""
    tests, breadth = defaultdict(list), {}
    os.environ[UNDER_TEST] = "stats"
    for item, after in pairwise([*items, None]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        breadth[item] = len(state()._stats)
        for function in state()._stats:
            tests[function].append(item)
        state()._stats.clear()
    bounded = {item: {BY_LOGIC[rule].function.__module__ for rule in _rules(item)} for item in items}
    return Reached(tests, breadth, bounded)


def _rules(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("boundaries"):
        yield from marker.args


def _judged(mutants: list[str], reached: Reached, failures: _Failures) -> Iterator[tuple[str, str]]:
    """Each mutant with the test that noticed it, as they are judged."""
    noticed: dict[str, Counter[str]] = defaultdict(Counter)
    running: dict[int, tuple[str, int]] = {}

    def ended() -> tuple[str, str]:
        pid, status = os.wait()
        name, pipe = running.pop(pid)
        if status != 0:
            raise pytest.Failed(f"the process that judges {name} ended without a verdict")
        with os.fdopen(pipe) as answer:
            test = answer.read()
        for part in _parts(name):
            noticed[part][test] += 1
        return name, test

    gc.freeze()  # the forks share what there is by now, and collect only what is theirs
    for name in mutants:
        if len(running) >= (os.cpu_count() or 1):
            yield ended()
        function, module = _parts(name)
        tests = sorted(
            reached.tests[function],
            key=lambda test: (
                -noticed[function][test.nodeid],
                -noticed[module][test.nodeid],
                module not in reached.bounded[test],
                reached.breadth[test],
            ),
        )
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.environ[UNDER_TEST] = name
                os.write(theirs, _first_failure(tests, failures).encode())
                os._exit(0)
            finally:  # whatever happens in a fork, it never goes on as its parent
                os._exit(1)
        os.close(theirs)
        running[pid] = name, ours
    while running:
        yield ended()


def _parts(name: str) -> tuple[str, str]:
    """The function of a mutant and its module."""
    function = name.partition("__mutmut_")[0]
    return function, function.rpartition(".")[0]


def _first_failure(tests: list[pytest.Item], failures: _Failures) -> str:
    """Run in a fork, which writes to nobody and which a test that does not end fails."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    for item, after in pairwise([*tests, None]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if failures.first:
            break
    return failures.first


def _too_long(*_: Any) -> None:
    raise TimeoutError(f"more than {LIMIT} seconds")
