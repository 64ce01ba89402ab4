from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.settings import Settings
from tests.toy_disease import KNOWLEDGE

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
SETTINGS = Settings(profile="sandbox", namespace="hiccups", allow_origins=("*",), body_limit=1_000_000)


@pytest.fixture(scope="session")
def client() -> FlaskClient:
    return create_app(SETTINGS, [KNOWLEDGE], now=lambda: NOW).test_client()
