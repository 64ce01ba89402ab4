"""What is worked out when first asked for and then kept: a property, the items of a list. For what belongs to one call
and so to one thread.

`functools.cached_property` does the same for properties, but takes a lock at every first use up to Python 3.11, and a
chart has thousands of first uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

Kept = TypeVar("Kept")
Item = TypeVar("Item")


class kept(Generic[Kept]):  # noqa: N801 - used as a decorator
    """The value lies in the instance's `__dict__` afterwards, where it is found before this is asked again."""

    def __init__(self, make: Callable[[Any], Kept]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> kept[Kept]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Kept: ...

    def __get__(self, instance: object | None, owner: type) -> kept[Kept] | Kept:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


class KeptItems(Sequence[Item]):
    """A list whose items are made as far as somebody asks: who wants the first that serves has no others made."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._made: list[Item] = []
        self._rest = iter(items)

    def __iter__(self) -> Iterator[Item]:
        place = 0
        while self._has(place):
            yield self._made[place]
            place += 1

    def __bool__(self) -> bool:
        return self._has(0)

    def __len__(self) -> int:
        self._made += self._rest
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return repr(list(self))

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        last = place.stop if isinstance(place, slice) else place
        if last is None or last < 0 or not self._has(last):
            self._made += self._rest
        return self._made[place]

    def _has(self, place: int) -> bool:
        while len(self._made) <= place:
            try:
                self._made.append(next(self._rest))
            except StopIteration:
                return False
        return True
