"""The example patients as the workbench wants them. Who they are is decided by whoever hands them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol


class ExampleCall(Protocol):
    """One hook call for an example patient, as of a fixed day."""

    @property
    def name(self) -> str: ...
    @property
    def hook(self) -> str: ...
    @property
    def as_of(self) -> date: ...
    @property
    def context(self) -> Mapping[str, Any]: ...
    @property
    def known(self) -> frozenset[str] | None: ...
    @property
    def failing(self) -> frozenset[str]: ...


class ExamplePatient(Protocol):
    """One patient with a story."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def story(self) -> str:
        """Markdown, without the title."""

    @property
    def bundle(self) -> Mapping[str, Any]: ...
    @property
    def calls(self) -> Sequence[ExampleCall]: ...
    def expected(self, call: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401 - one of its own calls
        """What a call must give: `{topic, rules: [{logic}]}` a card."""


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them; `load` reads one of `names`."""

    names: tuple[str, ...] = ()
    load: Callable[[str], ExamplePatient] | None = None

    def find(self, name: str) -> ExamplePatient | None:
        """None for a name that is none of ours."""
        return self.load(name) if self.load is not None and name in self.names else None
