"""Composition root: the one module of the engine that knows which knowledge it serves."""

from __future__ import annotations

import logging
import os
import sys

from flask import Flask

from cds_service.app import create_app
from cds_service.errors import StartUpError
from cds_service.settings import Settings
from hooks.anti_mag import KNOWLEDGE

NAMESPACE = "anti-mag-cds"
"""Names our URNs; fixed for ever, since clients store them."""


def application() -> Flask:
    """The application for a WSGI server: `gunicorn 'cds_service.main:application()'`. Ends the process with one
    sentence where it must not start."""
    _log_to_standard_output()
    try:
        return create_app(Settings.from_environment(os.environ, NAMESPACE), [KNOWLEDGE])
    except StartUpError as error:
        sys.exit(str(error))


def _log_to_standard_output() -> None:
    """The engine's lines are JSON already: one a call, no decoration."""
    log = logging.getLogger("cds_service")
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stdout))
        log.setLevel(logging.INFO)
        log.propagate = False
