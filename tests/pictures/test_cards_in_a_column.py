"""Every card of every example as a browser shows it in a column of 260, 360 and 620 pixels: nothing overflows sideways,
and the first button is soon there."""

from __future__ import annotations

from docs.card_page import page
from fhir_examples.build import every_call
from fhir_examples.example import Json, load
from tests.pictures.conftest import Asked

WIDTHS = (260, 360, 620)
FIRST_BUTTON_WITHIN = 700
"""Pixels from the top of the first card to the first suggestion of `first_line_rituximab`."""

OVERFLOWING = """
[...document.querySelectorAll(".column")].flatMap(column => {
  const edge = column.getBoundingClientRect().right;
  return [...column.querySelectorAll("*")]
    .filter(item => item.getBoundingClientRect().right > edge || item.scrollWidth > item.clientWidth + 1
      && getComputedStyle(item).display !== "inline")
    .map(item => `${column.style.width}: ${item.tagName}: ${item.textContent.slice(0, 60)}`);
})
"""
FIRST_BUTTON = """
document.querySelector("button").getBoundingClientRect().bottom - document.body.getBoundingClientRect().top
"""


def cards() -> list[Json]:
    return [card for example, call in every_call() for card in example.cards(call)]


def test_nothing_overflows_sideways_at_any_width(asked: Asked) -> None:
    assert asked(page(cards(), WIDTHS), OVERFLOWING) == []


def test_a_word_that_does_not_fit_is_noticed(asked: Asked) -> None:
    card = cards()[0]
    assert asked(page([card | {"detail": "x" * 60}], WIDTHS), OVERFLOWING) != []


def test_the_first_button_of_the_first_choice_is_on_the_first_screen(asked: Asked) -> None:
    example = load("first_line_rituximab")
    made = example.cards(example.calls[0])
    assert 0 < asked(page(made, (620,)), FIRST_BUTTON) <= FIRST_BUTTON_WITHIN


def test_the_page_shows_markdown_and_never_the_markup_of_a_chart() -> None:
    (card, *_) = cards()
    shown = page([card | {"summary": "a <b> & c", "detail": "**bold** and \\<i\\> <u>\n\n- one\n- two"}])
    assert "<h2>a &lt;b&gt; &amp; c</h2>" in shown
    assert "<strong>bold</strong> and &lt;i&gt; &lt;u&gt;" in shown
    assert shown.count("<li>") == 2
