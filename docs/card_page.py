"""Cards as an EHR shows them: one page of plain HTML, a column a width, from the JSON of an answer.

Decides the look alone (system font, Markdown as GitHub writes it, suggestions as buttons, links below). It knows
nothing of the disease and asks no service: whoever has cards can show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from cds_service.workbench.markdown import as_html

Json = dict[str, Any]

STYLE = """
body { margin: 0; background: #fff; color: #1d2329; font: 14px/1.4 system-ui, sans-serif; }
.column { box-sizing: border-box; padding: 8px; }
.card { border: 1px solid #c4cbd2; border-left: 4px solid #4a7ebb; border-radius: 4px; padding: 8px 10px; }
.card + .card { margin-top: 10px; }
.card.warning { border-left-color: #c77700; }
.card.critical { border-left-color: #b3261e; }
.card h2 { font-size: 15px; line-height: 1.3; margin: 0 0 6px; }
.card p, .card ul { margin: 0 0 6px; }
.card ul { padding-left: 18px; }
.card table { border-collapse: collapse; margin: 0 0 6px; }
.card td, .card th { border: 1px solid #c4cbd2; padding: 2px 6px; text-align: left; vertical-align: top; }
.card button { display: block; font: inherit; margin: 0 0 4px; padding: 4px 8px; text-align: left; }
.card .links a { display: block; }
.card .source { color: #59636e; font-size: 12px; margin: 0; }
"""


def page(cards: Sequence[Json], widths: Sequence[int] = (620,), title: str = "Cards") -> str:
    """The cards in a column for each width, in pixels, one column below the other."""
    columns = "\n".join(f'<div class="column" style="width: {width}px">{_column(cards)}</div>' for width in widths)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html>\n<html lang=en><head>{head}</head><body>\n{columns}\n</body></html>\n"


def _column(cards: Sequence[Json]) -> str:
    return "\n".join(_card(card) for card in cards)


def _card(card: Json) -> str:
    parts = [
        f"<h2>{escape(card['summary'])}</h2>",
        as_html(card.get("detail", "")),
        "".join(f"<button>{escape(item['label'])}</button>" for item in card.get("suggestions", ())),
        f'<p class="links">{"".join(_link(link) for link in card.get("links", ()))}</p>',
        f'<p class="source">{escape(card["source"]["label"])}</p>',
    ]
    return f'<section class="card {escape(card["indicator"])}">{"".join(parts)}</section>'


def _link(link: Json) -> str:
    return f'<a href="{escape(link["url"])}">{escape(link["label"])}</a>'
