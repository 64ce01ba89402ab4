"""Addresses of the workbench that lead back to what was on the screen; they hold no chart that somebody brought."""

from __future__ import annotations

from urllib.parse import urlencode

from cds_service.workbench.bench import BASE
from cds_service.workbench.patient import Patient

_EXAMPLES = f"{BASE}/examples/"


def here(shown: Patient) -> str:
    """The page of an example as it is; "" for a chart that somebody brought, which stands in no address."""
    if shown.example is None:
        return ""
    named = [(name, value) for name, value in shown.values.items(multi=True) if value]
    return f"{shown.address}?{urlencode(named)}" if named else shown.address


def way_back(address: str) -> str:
    """The address if it is a page of an example, else the list of patients."""
    return address if address.startswith(_EXAMPLES) else BASE
