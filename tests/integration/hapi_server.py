"""HAPI FHIR, a server that nobody here wrote: built by Maven, in memory, on a loopback port of its choice.

Every chart of the examples uses the same plain ids ("igm-1"), so a chart is loaded with a mark before its ids. `plain`
takes the mark away again from what the service answers.
"""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from fhir_examples.example import Example, Json, resources

SOURCES = Path(__file__).parent / "hapi"
BUILT = Path(__file__).parents[2] / ".integration"
TO_READY = 180
FHIR = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}
_MARK = re.compile(r"chart\d+(?:\\u200b)?\.(?:\\u200b)?")
"""On a card there are unseen blanks in it, which keep it from looking like an address."""


class HapiServer:
    """One server; `base` is its address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._marks: dict[str, str] = {}

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[HapiServer]:
        class_path = _class_path()
        options = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m")
        with (
            (BUILT / "hapi.log").open("w") as log,
            subprocess.Popen(
                ["java", *options, "-cp", class_path, "HapiForTests"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={name: os.environ[name] for name in ("PATH", "JAVA_HOME", "HOME") if name in os.environ},
                text=True,
            ) as process,
        ):
            assert process.stdin is not None
            try:
                yield cls(_base_of(process))
            finally:
                process.stdin.close()  # It ends with its input.
                process.wait(30)

    def load(self, example: Example) -> None:
        """Put the chart there, if it is not there yet."""
        if example.name in self._marks:
            return
        self._marks[example.name] = f"chart{len(self._marks)}."
        entries = [
            {"resource": item, "request": {"method": "PUT", "url": f"{item['resourceType']}/{item['id']}"}}
            for item in self.marked(example, resources(example.bundle))
        ]
        self.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})

    def marked(self, example: Example, value: Any) -> Any:
        """JSON with the marks of the chart's resources wherever one stands or is pointed to."""
        charted = {f"{item['resourceType']}/{item['id']}" for item in resources(example.bundle)}
        return _marked(value, charted - {f"Patient/{example.patient['id']}"}, self._marks[example.name])

    def get(self, query: str) -> Json | None:
        """A read or the first page of a search; None where nothing is there."""
        address = query if query.startswith(self.base) else f"{self.base}/{query}"
        answer = self._session.get(address, headers=FHIR, timeout=60)
        if answer.status_code in (404, 410):
            return None
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def whole(self, query: str) -> Json | None:
        """As `get`, and all further pages in the same Bundle."""
        found = self.get(query)
        page = found
        while found is not None and page is not None and (address := next_link(page)):
            page = self.get(address)
            assert page is not None
            found["entry"] += page.get("entry", [])
        if found is not None:
            found.pop("link", None)
        return found

    def post(self, path: str, resource: Mapping[str, Any]) -> Json:
        answer = self._session.post(f"{self.base}/{path}".rstrip("/"), json=resource, headers=FHIR, timeout=120)
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def faults(self, resource: Mapping[str, Any]) -> list[str]:
        """What HAPI's validator calls an error in a resource."""
        answer = self._session.post(
            f"{self.base}/{resource['resourceType']}/$validate", json=resource, headers=FHIR, timeout=300
        )
        outcome = answer.json()
        assert outcome["resourceType"] == "OperationOutcome", outcome
        return [
            f"{' '.join(issue.get('expression') or issue.get('location') or ['?'])}: {issue.get('diagnostics')}"
            for issue in outcome["issue"]
            if issue["severity"] in ("error", "fatal")
        ]


def next_link(page: Mapping[str, Any]) -> str | None:
    """The address of the next page."""
    return next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None)


def plain(value: object) -> Any:
    """JSON without the marks."""
    return json.loads(_MARK.sub("", json.dumps(value)))


def _marked(value: Any, named: Set[str], mark: str) -> Any:
    if isinstance(value, list):
        return [_marked(item, named, mark) for item in value]
    if isinstance(value, str):
        return value.replace("/", f"/{mark}") if value in named else value
    if not isinstance(value, dict):
        return value
    made = {key: _marked(item, named, mark) for key, item in value.items()}
    if f"{value.get('resourceType')}/{value.get('id')}" in named:
        made["id"] = f"{mark}{value['id']}"
    return made


def _class_path() -> str:
    """The launcher and what it needs, built where its sources are newer or the folder was moved."""
    listed = BUILT / "hapi" / "class-path"
    newest = max(path.stat().st_mtime for path in SOURCES.rglob("*") if path.is_file())
    is_fresh = listed.is_file() and listed.stat().st_mtime >= newest
    if not is_fresh or str(BUILT / "repository") not in listed.read_text():
        BUILT.mkdir(exist_ok=True)
        done = subprocess.run(
            [
                *("mvn", "--batch-mode", "--quiet", "--file", str(SOURCES / "pom.xml")),
                *(f"-Dmaven.repo.local={BUILT / 'repository'}", f"-Dbuilt.into={BUILT / 'hapi'}", "compile"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"Maven could not build the FHIR server: {done.stdout}{done.stderr}")
        listed.touch()
    return f"{BUILT / 'hapi' / 'classes'}:{listed.read_text()}"


def _base_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], TO_READY)
    said = process.stdout.readline() if ready else ""
    if not said.startswith("ready "):
        process.kill()
        raise RuntimeError(f"the FHIR server did not start; see {BUILT / 'hapi.log'}")
    return said.removeprefix("ready ").strip()
