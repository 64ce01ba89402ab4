"""What is wrong with a site's file, collected so that all of it is told at once."""

from __future__ import annotations

from typing import Any, NamedTuple


class SiteFault(NamedTuple):
    """One thing wrong with a site file: where, what, and what may stand there. `table` is "" at the top level."""

    table: str
    key: str
    what: str
    allowed: str

    @property
    def place(self) -> str:
        """ "[table] key: ", or less where it is about less."""
        parts = [f"[{self.table}]" if self.table else "", self.key]
        return " ".join(part for part in parts if part) + ": " if any(parts) else ""

    def __str__(self) -> str:
        return f"{self.place}{self.what}. Allowed: {self.allowed}."


class SiteBroken(Exception):
    """The site asks for what the knowledge cannot give; `faults` has at least one."""

    def __init__(self, faults: tuple[SiteFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Report:
    """The faults found so far."""

    def __init__(self) -> None:
        self.faults: list[SiteFault] = []

    def add(self, table: str, key: str, what: str, allowed: str) -> None:
        self.faults.append(SiteFault(table, key, what, allowed))

    def table(self, name: str, sent: object) -> dict[str, Any]:
        """The table itself; an empty one, with a fault, where something else was sent."""
        if isinstance(sent, dict):
            return sent
        self.add(name, "", "it is no table", f"a table that begins with [{name}]")
        return {}
