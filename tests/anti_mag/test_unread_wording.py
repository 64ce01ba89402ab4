"""A result that could not be read, as cards say it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.record import Fact
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.picture.unread import Unread
from tests.anti_mag.reading import plain


@pytest.mark.parametrize(
    ("day", "told"),
    [("2026-11-22", "22 Nov 2026"), ("2026-11", "Nov 2026"), ("2026", "2026")],
)
def test_a_day_and_a_month_are_told_in_words_and_any_other_date_as_it_was_sent(day: str, told: str) -> None:
    unread = Unread(Fact("Observation/1", "Serum IgM", "4,500 x", date=day))
    assert plain(unread_in_words(unread, "IgM")) == f'newest IgM ({told}) could not be read: "4,500 x"'


def test_of_a_result_without_a_day_that_is_told() -> None:
    unread = Unread(Fact("Observation/1", "Serum IgM", Decimal(4500), "mg/dL"))
    assert unread_in_words(unread, "IgM") == 'day of the IgM "4500 mg/dL" is not known'


def test_why_it_cannot_be_used_is_told_and_what_came_is_escaped() -> None:
    unread = Unread(Fact("Observation/1", "Serum IgM", "<b>", "g/L", "2026-11-22"), 'its status is "lost"')
    assert unread_in_words(unread, "IgM").endswith(r'"\<b\> g/L" (its status is "lost")')
