"""What a process remembers of used tokens, by itself: the store is away."""

from __future__ import annotations

import pytest

from cds_service.store import Database, Store
from cds_service.trust import replays
from cds_service.trust.replays import Replays

LIFE = 300.0


class Remembering:
    """A memory without a store, and its clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lost = 0
        away = Store(Database("sqlite:////nowhere/at/all.db"))
        self.replays = Replays(away, self._note, lambda: self.now)

    def _note(self, _: Exception) -> None:
        self.lost += 1

    def uses(self, name: str) -> bool:
        return self.replays.first_use("https://ehr.example.org", name, self.now + LIFE)


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> Remembering:
    monkeypatch.setattr(replays, "MOST", 5_000)
    return Remembering()


def test_a_token_is_good_once_in_this_process_and_the_store_is_missed(remembering: Remembering) -> None:
    assert remembering.uses("a")
    assert not remembering.uses("a")
    assert remembering.uses("b")
    assert remembering.lost == 2


def test_expired_tokens_are_forgotten_long_before_there_is_no_room(remembering: Remembering) -> None:
    for number in range(4_000):
        remembering.now = number * 1.0
        assert remembering.uses(str(number))
    assert len(remembering.replays) <= 1_000 + LIFE
    assert not remembering.uses("3999")
    assert not remembering.uses(str(int(3_999 - LIFE)))


def test_of_too_many_that_live_the_older_half_is_forgotten(remembering: Remembering) -> None:
    for number in range(5_001):
        assert remembering.uses(str(number))
    assert len(remembering.replays) == 2_501
    assert not remembering.uses("2500")
    assert remembering.uses("2499")
