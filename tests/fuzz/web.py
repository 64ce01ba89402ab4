"""Fuzzes the routes: `python -m tests.fuzz.web [SECONDS]`. Never a 500, never an answer that is no JSON, never a hang.

Most of the time calls are made by us: pieces of examples, changed bodies, odd headers, methods and paths, and a FHIR
server whose pages are changed as well. A quarter is schemathesis', by the service's own /openapi.json; that is some ten
calls a second, since it takes long to think of one.
"""

import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from cds_service.app import create_app
from cds_service.main import NAMESPACE, for_site
from cds_service.parts import parts_of
from cds_service.settings import Settings
from hooks.anti_mag import KNOWLEDGE
from tests.engine.service.around import serving, site_of
from tests.fuzz import charts
from tests.fuzz.mutation import WORDS, mutated
from tests.fuzz.targets import OFFERS, TARGETS

FINDINGS = Path(__file__).parents[2] / ".fuzz" / "findings"
STATUSES = frozenset({200, 204, 400, 401, 404, 405, 412, 413, 415})
LONGEST_SECONDS = 5.0
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder with a random name in it
"""Where the store is: how fast the disk writes is not the question."""
BATCH = 10
TYPES = ("application/json", "application/json; charset=utf-8", "application/fhir+json", "text/plain", "", "\u0661")
METHODS = ("GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
PATHS = (
    "/",
    "/cds-services",
    "/cds-services/",
    "/cds-services/x/feedback",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/%00",
)
HEADERS = ("Authorization", "Origin", "Accept", "Content-Encoding", "Access-Control-Request-Method", "X-Forwarded-For")
NOT_JSON = ("/metrics", "/knowledge", "/admin", "/manual", "/rules")
"""Where pages for people are, or counts; their errors are JSON too."""


@dataclass
class Told:
    """How many calls were made, and the kinds of answers there were."""

    until: float
    calls: int = 0
    kinds: set[tuple[str, ...]] = field(default_factory=set)
    due: float = 0.0

    def tell(self) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + 10
            print(f"#{self.calls} HTTP cov: {len(self.kinds)} ft: 0 corp: 0", file=sys.stderr, flush=True)


def main(seconds: int) -> None:
    """Raises at the first finding, which it keeps."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, serving(lambda _: (200, {}, b"{}")) as fhir:
        os.chdir(folder)
        client = _client()
        told = Told(time.monotonic() + seconds * 3 / 4)
        chance = random.Random()
        fhir.answer = _pages(chance)
        while time.monotonic() < told.until:
            _checked(told, client, _call(chance, fhir.base))
        told.until = time.monotonic() + seconds / 4
        _by_document(told, client)
        told.due = 0
        told.tell()


def _client() -> FlaskClient:
    site = site_of("[audit]\npath = 'audit.jsonl'\n[limits]\nbody_bytes = 2000000\nfhir_seconds = 1.0\n")
    app = create_app(for_site(Settings("sandbox", NAMESPACE), site), [KNOWLEDGE], parts=parts_of(site, "sandbox"))
    return app.test_client()


def _pages(chance: random.Random) -> Callable[[str], tuple[int, dict[str, str], bytes]]:
    pages = list(TARGETS["paging"].seeds())

    def answer(_: str) -> tuple[int, dict[str, str], bytes]:
        page = chance.choice(pages)
        kind = chance.choice(("application/fhir+json", "application/json", "application/json; x", "text/html", "\x00"))
        return chance.choice((200, 200, 200, 404, 500, 301)), {"Content-Type": kind}, mutated(page, chance) or page

    return answer


def _call(chance: random.Random, fhir: str) -> dict[str, Any]:
    """Arguments for a test client."""
    offer, body = charts.call_of(chance.randbytes(chance.choice((2, 8, 30, 80))), OFFERS)
    path = f"/cds-services/{offer.service.id}"
    match chance.randrange(12):
        case 0 | 1:
            path, body = f"{path}/feedback", chance.choice(_FEEDBACK)
            body = mutated(body, chance) or body
        case 2 | 3:
            body = mutated(body, chance) or body
        case 4:
            asked = {
                **json.loads(chance.choice(_REQUESTS)),
                "hook": offer.hook.name,
                "prefetch": {},
                "fhirServer": fhir,
            }
            body = mutated(json.dumps(asked).encode(), chance) or body
        case 5:
            place = chance.randrange(len(body))
            body = body[:place] + chance.randbytes(chance.randrange(4)) + body[place + chance.randrange(9) :]
        case 6:
            path = chance.choice((*PATHS, f"{path}/{chance.choice(WORDS)[:20]}", f"{path}/", f"/{path}//feedback"))
        case _:
            pass
    options: dict[str, Any] = {"method": "POST", "path": path, "data": body, "content_type": TYPES[0]}
    if chance.random() < 0.1:
        options["content_type"] = chance.choice(TYPES)
    if chance.random() < 0.1:
        options["method"] = chance.choice(METHODS)
    if chance.random() < 0.1:
        options["headers"] = {chance.choice(HEADERS): _header(chance)}
    return options


def _header(chance: random.Random) -> str:
    text = chance.choice((*WORDS, "Bearer x.y.z", "Basic eDp5", "gzip", "https://a.test", "POST"))
    return "".join(letter for letter in text if letter.isprintable() and letter.isascii())


_FEEDBACK, _REQUESTS = list(TARGETS["feedback"].seeds()), [*TARGETS["request"].seeds()][1:]


def _checked(told: Told, client: FlaskClient, options: dict[str, Any]) -> None:
    started = time.monotonic()
    answer = client.open(**options)
    seconds = time.monotonic() - started
    body = answer.get_data()
    told.calls += 1
    told.tell()
    reasons = list(_faults(options["method"], options["path"], answer.status_code, answer.mimetype, body, seconds))
    told.kinds.add((options["path"], str(answer.status_code), *_numbers(body)))
    if reasons:
        _keep({**options, "data": options["data"].decode("latin-1"), "reasons": reasons})


def _faults(method: str, path: str, status: int, kind: str, body: bytes, seconds: float) -> Iterator[str]:
    if status not in STATUSES:
        yield f"status {status}"
    if seconds > LONGEST_SECONDS:
        yield f"{seconds:.1f} seconds"
    is_page = status == 200 and path.startswith(NOT_JSON)
    if method == "HEAD" or status == 204 or is_page:
        return
    if kind != "application/json":
        yield f"content type {kind}"
    try:
        json.loads(body, parse_constant=_refuse)
    except ValueError as error:
        yield f"no JSON: {error}"


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _numbers(body: bytes) -> list[str]:
    """The numbers of the errors in an answer."""
    try:
        outcome = json.loads(body)
        return sorted({issue["details"]["coding"][0]["code"] for issue in outcome["issue"]})
    except (ValueError, KeyError, TypeError):
        return []


def _keep(finding: dict[str, Any]) -> None:
    FINDINGS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(finding, indent=1, default=str)
    path = FINDINGS / f"http-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path.write_text(text, encoding="utf-8")
    raise AssertionError(f"{finding['reasons']}: kept in {path}")


def _by_document(told: Told, client: FlaskClient) -> None:
    """Calls that the service's own description allows, and such that it does not."""
    document = schemathesis.openapi.from_wsgi("/openapi.json", client.application)
    operations = [found.ok() for found in document.get_all_operations()]
    with suppress(_Over):
        while True:
            random.shuffle(operations)
            for operation in operations:
                for mode in GenerationMode:
                    _batch(told, operation, mode)


class _Over(Exception):
    """The time is."""


def _batch(told: Told, operation: Any, mode: GenerationMode) -> None:
    @seed(random.randrange(2**32))
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if time.monotonic() >= told.until:
            raise _Over
        started = time.monotonic()
        answer = case.call()
        seconds = time.monotonic() - started
        told.calls += 1
        told.tell()
        kind = (answer.headers.get("content-type") or [""])[0].partition(";")[0]
        reasons = list(_faults(case.method, case.formatted_path, answer.status_code, kind, answer.content, seconds))
        told.kinds.add((operation.label, str(answer.status_code), *_numbers(answer.content)))
        if reasons:
            _keep({"method": case.method, "path": case.formatted_path, "data": case.body, "reasons": reasons})

    try:
        run()
    except Unsatisfiable:  # There is no call of that kind: one without a parameter or a body cannot be wrong.
        return


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
