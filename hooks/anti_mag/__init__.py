"""Anti-MAG neuropathy: what the engine needs to know to advise on it. `KNOWLEDGE` is the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.knowledge.contract import Knowledge
    from hooks.anti_mag.knowledge import KNOWLEDGE

__all__ = ["KNOWLEDGE"]


def __getattr__(name: str) -> Knowledge:
    """`KNOWLEDGE` on demand: it imports the modules of this package, which must be importable before it is."""
    if name != "KNOWLEDGE":
        raise AttributeError(name)
    from hooks.anti_mag.knowledge import KNOWLEDGE

    return KNOWLEDGE
