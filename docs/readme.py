"""Fills the parts of README.md that follow from the service: `python -m docs.readme` (make docs).

The answer comes from an example patient's stored cards, which the tests of the examples compare with what the service
gives; the hosts come from the evidence table, the figures from what `make bench` wrote.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fhir_examples.example import load
from hooks.anti_mag.knowledge_data import EVIDENCE

README = Path(__file__).parent.parent / "README.md"
PERFORMANCE = Path(__file__).parent / "performance.md"
EXAMPLE = "first_line_rituximab"


def filled(readme: str) -> str:
    """The README with its written parts as they should be."""
    written = {"answer": _answer(), "hosts": _hosts(), "performance": _performance()}
    for name, content in written.items():
        readme = _between(readme, name, content)
    return readme


def _between(text: str, name: str, content: str) -> str:
    part = re.compile(rf"(<!-- {name}:begin[^\n]*-->\n).*?(<!-- {name}:end -->)", re.DOTALL)
    if not part.search(text):
        raise SystemExit(f"README.md has no place for {name}")
    return part.sub(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text)


def _answer() -> str:
    example = load(EXAMPLE)
    call = example.calls[0]
    first, *others = example.cards(call)
    cards = f"{1 + len(others)} cards" if others else "one card"
    parts = [
        f"To `{call.hook}` for *{example.title}*, on {call.as_of}, the service gives {cards}. The first:",
        "\n".join(_quoted(line) for line in _card(first).splitlines()),
    ]
    if others:
        parts += ["The others:", "\n".join(f"- **{card['indicator']}** {card['summary']}" for card in others)]
    return "\n\n".join(parts)


def _quoted(line: str) -> str:
    """The two blanks of a line break as a backslash, which editors and reviewers see."""
    return f"> {line.rstrip()}\\" if line.endswith("  ") else f"> {line}".rstrip()


def _card(card: dict[str, Any]) -> str:
    """A card as a client shows it: summary, detail, drafts to take over, links."""
    parts = [f"**{card['indicator']}: {card['summary']}**", card["detail"]]
    parts += [_list("Drafts to take over", [item["label"] for item in card.get("suggestions", ())])]
    parts += [_list("Links", [f"[{link['label']}]({link['url']})" for link in card.get("links", ())])]
    return "\n\n".join(part for part in parts if part)


def _list(heading: str, items: list[str]) -> str:
    return f"{heading}:\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _performance() -> str:
    """The summary of what `make bench` measured last."""
    found = re.search(r"<!-- summary:begin -->\n\n(.*?)\n\n<!-- summary:end -->", PERFORMANCE.read_text(), re.DOTALL)
    if found is None:
        raise SystemExit(f"{PERFORMANCE} has no summary")
    return found[1]


def _hosts() -> str:
    return "\n".join(f"- `{host}`" for host in sorted({urlsplit(item.url).netloc for item in EVIDENCE.values()} - {""}))


def main() -> None:
    """Write README.md."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
