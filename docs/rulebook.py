"""Writes what the rulebook says of itself: `python -m docs.rulebook` (make docs).

First `exercises.toml`: which example patients exercise which rule, from their stored cards, which the tests of the
examples compare with what the service gives; then RULES.md, which names these patients, and its rulings and glossary as
pages of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from cds_service.commands.explaining import call_of, traced
from cds_service.knowledge.book import book_of
from cds_service.knowledge.printed import glossary, markdown, rulings
from cds_service.protocol.offer import offers_of
from docs.conformance import marked
from docs.recording import readings
from fhir_examples.example import Call, Example, load, names
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.rules import BY_LOGIC

ROOT = Path(__file__).parent.parent
RULES = ROOT / "RULES.md"
GLOSSARY = ROOT / "GLOSSARY.md"
RULINGS = ROOT / "docs" / "reference" / "rulings.md"
EXERCISES = ROOT / "hooks" / "anti_mag" / "generated" / "exercises.toml"
PICTURE_FOLDER = "hooks/anti_mag/picture"
OFFERS = offers_of([KNOWLEDGE])
BOOK = book_of(KNOWLEDGE)
ABOUT_RULINGS = """\
What was decided where the sources leave room, or where they differ. Code, data, examples and pages cite a ruling by its
number. The rules themselves, with their numbers and evidence, are in [RULES.md](../../RULES.md); words are explained in
the [glossary](../../GLOSSARY.md). "D" is a default of this service that a site may change within bounds."""
WORDS = "Words such as *a patient of ours* and *before treatment* are explained in the [glossary](GLOSSARY.md)."
NOTE = "Written by `make docs` from the code, the data files and the example patients; not to be edited by hand."


def rules_page() -> str:
    """RULES.md as it should be."""
    title, rest = markdown(BOOK).split("\n", 1)
    return f"{title}\n\n{NOTE} {WORDS}\n{rest}"


def glossary_page() -> str:
    """GLOSSARY.md as it should be."""
    return f"# Glossary\n\nOne word for one thing, in cards, code and documents.\n\n{NOTE}\n\n{glossary(BOOK, '##')}\n"


def rulings_page() -> str:
    """The page of the rulings as it should be."""
    return f"# Rulings\n\n{ABOUT_RULINGS}\n\n{NOTE}\n\n{rulings(BOOK)}\n"


def exercises() -> str:
    """exercises.toml as it should be."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"yes": set(), "unknown": set(), "states": set()})
    titles = {}
    for example, call in _calls():
        for logic, truth, state in _findings(example, call):
            titles[example.name] = example.title
            found[logic][truth.lower()].add(f"{example.name} {call.name}")
            if truth == "YES":
                found[logic]["states"].add(state)
    parts = [
        "# Which example patients exercise which rule, by their stored cards; `states` are theirs where it holds.",
        "# `reads` are files of the picture that a rule reads, as recorded; `tests` those marked with its boundaries.",
        f"# {NOTE}",
        "",
        "[patients]",
        *(f"{name} = {_quoted(titles[name])}" for name in sorted(titles)),
    ]
    reads, tests = _reads(), marked("boundaries")
    for logic in sorted(BY_LOGIC):
        parts += ["", f"[rules.{_quoted(logic)}]"]
        parts += [f"{field} = [{_items(values)}]" for field, values in found[logic].items()]
        parts += [f"reads = [{_items(reads[logic])}]", f"tests = [{_items(tests.get(logic, ()))}]"]
    return "\n".join(parts) + "\n"


def _reads() -> dict[str, set[str]]:
    """The files of the picture that each rule reads, over all examples."""
    found: dict[str, set[str]] = defaultdict(set)
    for example, call in _calls():
        heard = call_of(OFFERS, example.request(call), call.as_of)
        for logic, reading in readings(heard).items() if heard else ():
            found[logic] |= {f"{PICTURE_FOLDER}/{module}.py" for module in reading.modules}
    return found


def _calls() -> Iterator[tuple[Example, Call]]:
    for name in names():
        example = load(name)
        yield from ((example, call) for call in example.calls)


def _findings(example: Example, call: Call) -> Iterator[tuple[str, str, str]]:
    """Logic id, truth and the patient's state, for each finding behind the stored cards that is not NO."""
    cards = example.cards(call)
    if not cards:
        return
    state = _state(example, call)
    for card in cards:
        for note in card["extension"][KNOWLEDGE.extension]["findings"]:
            if note["truth"] != "NO":
                yield note["logic"], note["truth"], state


def _state(example: Example, call: Call) -> str:
    trace = traced(OFFERS, example.request(call), call.as_of)
    return trace.state.split(",")[0] if trace else ""


def _items(values: Iterable[str]) -> str:
    ordered = sorted(values, key=lambda text: (len(text) if text[:1] == "S" else 0, text))
    return ", ".join(_quoted(value) for value in ordered)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Write exercises.toml, then RULES.md in a process that reads it afresh."""
    if sys.argv[1:] == ["--rules"]:
        for path, page in ((RULES, rules_page()), (GLOSSARY, glossary_page()), (RULINGS, rulings_page())):
            path.write_text(page, encoding="utf-8")
        return
    EXERCISES.write_text(exercises(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "docs.rulebook", "--rules"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
