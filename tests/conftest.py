import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "conformance(*rows): rows of the CDS Hooks conformance checklist under test")
