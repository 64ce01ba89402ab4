"""Where the time of one call goes: the stages of our path, timed in one process without a network.

A stage's time is its own, without that of the stages inside it. Timing costs a little of what is timed, so the shares
tell more than the sum.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

PATH = "/cds-services/anti-mag-patient-view"
_CALLS_A_SET = 5

STAGES: dict[str, tuple[str, ...]] = {
    "server": ("cds_service.web.http1:read_head", "cds_service.web.answering:answered"),
    "door": ("cds_service.web.guard:PlainPaths.__call__",),
    "trust": ("cds_service.web.services:_caller",),
    "envelope": ("cds_service.protocol.offer:Offer.read",),
    "reading": (
        "cds_service.protocol.offer:Offer.call_of",
        "cds_service.fhir.results:value_of",
        "cds_service.fhir.results:range_of",
        "cds_service.fhir.results:concept_of",
    ),
    "picture": ("hooks.anti_mag.advice:picture_for",),
    "rules": ("hooks.anti_mag.advice:answers_for",),
    "cards": ("cds_service.desk:Desk.answer",),
    "rendering": ("cds_service.desk:issued", "cds_service.desk:response_body"),
    "store": ("cds_service.desk:Desk._remember",),
    "log": ("cds_service.desk:Desk._count", "cds_service.desk:Desk._write_down", "cds_service.web.services:_logged"),
}
"""The functions at which each stage begins. "door" is Flask with what stands around our routes, "cards" all of the desk
that has no stage of its own."""


class _Clock:
    """Adds up the time of each stage, without that of the stages that it calls."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._stack: list[str] = []
        self._since = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._turn()
        self._stack.append(name)
        try:
            yield
        finally:
            self._turn()
            self._stack.pop()

    def _turn(self) -> None:
        now = time.perf_counter_ns()
        if self._stack:
            self.spent[self._stack[-1]] += now - self._since
        self._since = now


def _timed(function: Callable[..., Any], name: str, clock: _Clock) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any function
        with clock.stage(name):
            return function(*args, **kwargs)

    return timed


def _instrument(clock: _Clock) -> None:
    for name, places in STAGES.items():
        for place in places:
            module, _, path = place.partition(":")
            *owners, last = path.split(".")
            owner: Any = functools.reduce(getattr, owners, import_module(module))
            setattr(owner, last, _timed(getattr(owner, last), name, clock))


def measured(folder: Path) -> dict[str, float]:
    """Microseconds a call of each stage, over the bodies of a folder."""
    clock = _Clock()
    _instrument(clock)
    from cds_service.main import application
    from cds_service.web import answering, http1

    app = application()
    (handler,) = logging.getLogger("cds_service").handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(Path(os.devnull).open("w"))  # noqa: SIM115 - to the end of the process

    def post(body: bytes) -> None:
        lines = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        head = http1.read_head(lines.encode())
        environ = answering.environ_of(head, body, len(body), ("127.0.0.1", 1), ("127.0.0.1", 2))
        answering.answered(app, environ, is_kept=True)

    bodies = [file.read_bytes() for file in sorted(folder.glob("*.json"))]
    for body in bodies:
        post(body)
    clock.spent.clear()
    for body in bodies * _CALLS_A_SET:
        post(body)
    return {name: clock.spent[name] / len(bodies) / _CALLS_A_SET / 1000 for name in STAGES}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
