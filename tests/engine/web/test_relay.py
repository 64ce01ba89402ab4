"""Who has the door: the one that answers keeps it while that is quick, and leaves it when it takes long or waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from cds_service.web.overload import Loads, Room
from cds_service.web.relay import NAP, Relay


class Work:
    """Calls for a relay, each a function that is run by whoever has the door; and a watch that looks on."""

    def __init__(self, *calls: Callable[[Relay], None]) -> None:
        self.calls = list(calls)
        self.leaders: list[int] = []
        self.ended: list[bool] = []
        self.woken = 0
        self.relay = Relay(self._lead, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def _lead(self) -> None:
        while self.calls:
            call = self.calls.pop(0)
            self.leaders.append(threading.get_ident())
            self.relay.begin()
            call(self.relay)
            self.ended.append(self.relay.end())
            if not self.ended[-1]:
                return

    def run(self, seconds: float) -> None:
        self.relay.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(NAP)
            self.relay.look()


def quick(_: Relay) -> None:
    return


def waiting(_: Relay) -> None:
    time.sleep(0.5)


def told(relay: Relay) -> None:
    relay.step_aside()
    time.sleep(0.1)


def computing(_: Relay) -> None:
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        pass


def test_quick_calls_are_answered_by_one_thread() -> None:
    work = Work(*[quick] * 50)
    work.run(0.1)
    assert len(set(work.leaders)) == 1
    assert work.ended == [True] * 50
    assert work.woken == 1


def test_a_call_that_waits_without_saying_so_leaves_the_door_soon() -> None:
    work = Work(*[waiting] * 8)
    work.run(0.4)
    assert len(set(work.leaders)) == 8
    assert work.ended == []
    time.sleep(0.5)
    assert len(work.ended) == 8


def test_a_call_that_says_so_leaves_it_at_once() -> None:
    work = Work(*[told] * 5, quick)
    work.relay.start()
    time.sleep(0.08)
    assert len(work.leaders) == 6
    time.sleep(0.2)
    assert sorted(work.ended) == [False] * 5 + [True]


def test_calls_that_compute_take_turns_less_and_less() -> None:
    work = Work(*[computing] * 12)
    work.run(0.35)
    assert 2 <= len(work.leaders) < 9


def test_saying_that_one_waits_again_changes_nothing() -> None:
    def twice(relay: Relay) -> None:
        relay.step_aside()
        relay.step_aside()

    work = Work(twice, quick, quick)
    work.run(0.1)
    assert work.ended.count(False) == 1
    assert len(work.leaders) == 3


# Room and loads


def test_room_is_taken_and_given_back_by_bytes() -> None:
    room = Room(10)
    assert room.take(11)  # The first is always let in.
    assert not room.take(1)
    room.give_back(11)
    assert room.take(4)
    assert room.take(6)
    assert not room.take(1)


def test_a_worker_knows_how_many_more_connections_it_has_than_another() -> None:
    loads = Loads()
    loads.set(1, 3)
    assert loads.excess(1) == 0
    loads.set(2, 5)
    assert (loads.excess(1), loads.excess(2)) == (0, 2)
    loads.leave(1)
    assert loads.excess(2) == 0
