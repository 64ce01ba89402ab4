from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "conformance(*rows): rows of the CDS Hooks conformance checklist under test")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine, for every test that shows a page; one process can drive one."""
    from docs.chromium import FOUND, MISSING, opened

    if FOUND is None:
        pytest.skip(MISSING)
    with opened() as browser:
        yield browser
