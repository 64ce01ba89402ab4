"""The toy service for a real server."""

from flask import Flask

from cds_service.app import create_app
from cds_service.settings import Settings
from tests.toy_disease import KNOWLEDGE


def application() -> Flask:
    return create_app(Settings(profile="sandbox", namespace="hiccups", allow_origins=("*",)), [KNOWLEDGE])
