"""What is measured against what: servers, and for each comparison the path, bodies and tokens of each of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench import floor, tokens
from bench.patient import LARGE, SMALL, order_sign, patient_view
from bench.server import Contender

WORKERS = 2
VIEW, SIGN = "/cds-services/anti-mag-patient-view", "/cds-services/anti-mag-order-sign"
BODIES = {SMALL: 256, LARGE: 24}
"""How many different bodies there are of each size."""
OURS, FLOOR = "this service", "floor"
_PEER = "HealthChain"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a comparison. `algorithm` is that of its tokens, "" for none."""

    name: str
    server: str
    path: str
    bodies: str
    expects: str
    """A topic or summary that its answers must have."""
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Entries that take turns. The floor stands last where there is one."""

    title: str
    entries: tuple[Entry, ...]


def contenders(folder: Path, keys: Path, peer: Path | None) -> dict[str, Contender]:
    """Every server, by the name that entries call it by."""
    serve = (sys.executable, "-m", "cds_service.cli", "serve", "--workers", str(WORKERS))
    sandbox = folder / "sandbox.toml"
    sandbox.write_text(f'[store]\nurl = "sqlite:///{folder / "sandbox.db"}"\n')
    production = str(tokens.site_file(folder, keys))
    listen = ("--bind", "127.0.0.1:{port}", "--workers", str(WORKERS))
    gunicorn = (sys.executable, "-m", "gunicorn", "bench.floor:app", *listen)
    found = {
        "sandbox": Contender(OURS, serve, {"CDS_PROFILE": "sandbox", "CDS_CONFIG": str(sandbox)}),
        "production": Contender(OURS, serve, {"CDS_PROFILE": "production", "CDS_CONFIG": production}),
        "floor": Contender(FLOOR, gunicorn),
        "floor with tokens": Contender(FLOOR, gunicorn, {"BENCH_KEYS": str(keys)}),
    }
    if peer is not None:
        uvicorn = ("-m", "uvicorn", "bench.healthchain_service:app", "--port", "{port}", "--workers", str(WORKERS))
        found["peer"] = Contender(_PEER, (str(peer), *uvicorn, "--log-level", "warning"), {"PYTHONPATH": "."})
    return found


def comparisons(has_peer: bool) -> list[Comparison]:
    """All of them, in the order of the report."""
    made = []
    for size, label in ((SMALL, "small"), (LARGE, "large")):
        peers = (Entry(_PEER, "peer", "/cds/cds-services/igm", label, "IgM is raised"),) if has_peer else ()
        made.append(
            Comparison(
                f"Sandbox, {label}: {size} resources",
                (
                    Entry(OURS, "sandbox", VIEW, label, "rituximab"),
                    *peers,
                    Entry(FLOOR, "floor", "/floor", label, "IgM is raised"),
                ),
            )
        )
    for size, label in ((SMALL, "small"), (LARGE, "large")):
        verified = ("floor with tokens", "/floor", label, "IgM is raised")
        made.append(
            Comparison(
                f"Production, {label}: {size} resources",
                (
                    Entry(f"{OURS}, RS384", "production", VIEW, label, "rituximab", "RS384"),
                    Entry(f"{OURS}, ES384", "production", VIEW, label, "rituximab", "ES384"),
                    Entry(f"{FLOOR}, ES384", *verified, "ES384"),
                    Entry(f"{FLOOR}, RS384", *verified, "RS384"),
                ),
            )
        )
    sign = ("sandbox", SIGN)
    made.append(
        Comparison(
            "Order-sign: a draft of rituximab with 60 results",
            (
                Entry("60 that its gates look at", *sign, "relevant", "rituximabSafety"),
                Entry("60 that no rule knows", *sign, "irrelevant", "rituximabSafety"),
            ),
        )
    )
    return made


@dataclass(frozen=True, slots=True)
class Bodies:
    """A folder of bodies, and what one of them weighs."""

    folder: Path
    kilobytes: float = field(default=0.0)


def bodies(folder: Path, today: date) -> Mapping[str, Bodies]:
    """All bodies, by the name that entries call them by: each differs in patient, values and days."""
    makers: dict[str, tuple[int, Callable[[int], bytes]]] = {
        "small": (BODIES[SMALL], lambda number: patient_view(SMALL, number, today)),
        "large": (BODIES[LARGE], lambda number: patient_view(LARGE, number, today)),
        "relevant": (BODIES[SMALL], lambda number: order_sign(True, number, today)),
        "irrelevant": (BODIES[SMALL], lambda number: order_sign(False, number, today)),
    }
    return {name: _written(folder / name, count, make) for name, (count, make) in makers.items()}


def _written(folder: Path, count: int, make: Callable[[int], bytes]) -> Bodies:
    folder.mkdir()
    total = 0
    for number in range(1, count + 1):
        total += (folder / f"{number}.json").write_bytes(make(number))
    return Bodies(folder, total / count / 1000)


def fault_of(entry: Entry, answers: list[bytes]) -> str:
    """What is wrong with an entry's answers to two bodies; "" where nothing is."""
    cards: list[list[dict[str, Any]]] = [json.loads(answer).get("cards", []) for answer in answers]
    for each in cards:
        if entry.expects not in {text for card in each for text in (card["summary"], _topic(card))}:
            return f"it gives no card {entry.expects!r}"
    if entry.path in (VIEW, SIGN) and cards[0][0]["detail"] == cards[1][0]["detail"]:
        return "it says the same of two patients"
    return ""


def _topic(card: dict[str, Any]) -> str:
    return str(card["source"].get("topic", {}).get("code", ""))


def audience_path(entry: Entry) -> str:
    """The path that a token of the entry is for."""
    return floor.AUDIENCE.removeprefix(tokens.BASE) if entry.server == "floor with tokens" else entry.path
