"""The pages that are looked at: each kind once, and of the workbench every view."""

from __future__ import annotations

from cds_service.web.pages import SECTIONS
from tests.browser.conftest import PASSWORD

WORKBENCH = (
    "/workbench",
    "/workbench?rule=G10",
    "/workbench/form",
    "/workbench/examples/first_line_rituximab",
    "/workbench/examples/first_line_rituximab?fact=igm|6500|2026-03-10&accept=patient-view:rituximab:0",
    "/workbench/examples/several_gates_at_once?call=order-sign",
    "/workbench/examples/igm_without_unit",
    "/workbench/examples/unrelated_patient",
    "/workbench/examples/first_line_rituximab/why",
    "/workbench/examples/first_line_rituximab/wire",
    "/workbench/examples/first_line_rituximab/objection?about=TX-1",
    "/workbench/examples/first_line_rituximab/compare?number=anti_mag.btu.positive|7500&number=dose.fixed|500",
    "/workbench/feedback?card=none",
)
KNOWLEDGE = (
    *(f"/knowledge/{path}".rstrip("/") for path, _, _ in SECTIONS),
    "/knowledge/rules/TX-1",
    "/knowledge/rules/TX-1/examples",
)
ADMIN = "/admin/feedback"
EVERY = (*WORKBENCH, *KNOWLEDGE, ADMIN)

NAMED = {"username": "cds-admin", "password": PASSWORD}
"""Who may open the pages for administrators."""
