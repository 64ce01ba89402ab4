"""A property that is worked out when first asked for and then kept, for what belongs to one call and so to one thread.

`functools.cached_property` does the same, but takes a lock at every first use up to Python 3.11, and a chart has
thousands of first uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Kept = TypeVar("Kept")


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
