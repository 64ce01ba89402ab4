"""Every page of the rulebook, and the one on feedback, as a browser shows it on a phone, 390 pixels wide, and in wider
windows: nothing is cut or scrolls sideways."""

from __future__ import annotations

import html
from collections import Counter

import pytest

from cds_service.knowledge.book import book_of
from cds_service.store.report import Line
from cds_service.web.admin import feedback_page
from cds_service.web.pages import pages
from hooks.anti_mag import KNOWLEDGE
from tests.pictures.conftest import Asked

PHONE, TABLET, WINDOW = 390, 800, 1280
CUT = """
[...document.querySelectorAll("iframe")].flatMap(frame => {
  const page = frame.contentDocument, edge = page.documentElement.clientWidth;
  const isSeen = item => !item.closest(".skip, .unseen, thead, .page caption");
  const beyond = [...page.querySelectorAll("body *")]
    .filter(item => isSeen(item) && (item.getBoundingClientRect().right > edge + 1
      || item.scrollWidth > item.clientWidth + 1 && getComputedStyle(item).overflowX !== "visible"))
    .map(item => `${frame.title}: ${item.tagName}: ${item.textContent.slice(0, 60)}`);
  return page.documentElement.scrollWidth > edge ? [`${frame.title}: scrolls`, ...beyond] : beyond;
})
"""
BLOCKS = """
[...document.querySelectorAll("iframe")].flatMap(frame => [...frame.contentDocument.querySelectorAll("td")])
  .map(cell => getComputedStyle(cell).display).filter(display => display === "table-cell").length
"""


def every_page() -> dict[str, str]:
    reasons = Counter({"patient declined, and wants to think it over until the next visit": 2})
    line = Line(shown=12, accepted=5, overridden=2, reasons=reasons)
    lines = {("rituximab_safety.hepatitis_b_serology_is_not_settled", "2026-11"): line}
    return pages(book_of(KNOWLEDGE), "/knowledge") | {"/admin/feedback": feedback_page(lines)}


def framed(shown: dict[str, str], width: int) -> str:
    """The pages in frames of that width: each takes it for the whole window."""
    frames = (
        f'<iframe title="{path}" width="{width}" height="800" srcdoc="{html.escape(page)}"></iframe>'
        for path, page in shown.items()
    )
    return f"<!doctype html><style>iframe{{border:0}}</style><body>{''.join(frames)}</body>"


@pytest.mark.parametrize("width", [PHONE, WINDOW])
def test_no_page_is_cut_or_scrolls_sideways(asked: Asked, width: int) -> None:
    assert asked(framed(every_page(), width), CUT) == []


def test_on_a_tablet_a_wide_table_scrolls_within_itself_and_never_the_page(asked: Asked) -> None:
    cut = asked(framed(every_page(), TABLET), CUT)
    assert [one for one in cut if one.endswith(": scrolls")] == []


def test_a_word_that_does_not_fit_is_noticed(asked: Asked) -> None:
    page = every_page()["/knowledge"].replace("<h1>", f"<pre>{'x' * 90}</pre><h1>")
    assert asked(framed({"/knowledge": page}, PHONE), CUT) != []


def test_tables_become_blocks_on_a_phone_alone(asked: Asked) -> None:
    assert asked(framed(every_page(), PHONE), BLOCKS) == 0
    assert asked(framed(every_page(), WINDOW), BLOCKS) > 0
