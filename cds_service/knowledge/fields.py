"""What a person can say of a patient in a word or a number, as the disease package declares it, for a form.

The package decides which fields there are, what each is used for and the FHIR resource that it becomes; asking and
checking are left to the workbench.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a choice where it has `options`, else a number in `unit`."""

    id: str
    title: str
    use: str
    """What it is used for, for whoever fills it in."""
    write: Callable[[str, date, str], Mapping[str, Any]]
    """Value, day and the patient's reference to a resource without id. Of a choice the value is one of `options`."""
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Value and words."""
