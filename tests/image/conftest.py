"""Tests of the container image as it is built and run, and of an installation on Debian: `make image-test`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.image.buildah import Container, Service, container
from tests.image.machine import free_port

collect_ignore_glob = [] if os.environ.get("IMAGE") == "1" else ["test_*.py"]
"""`make test` needs none of the programs for it, and does not count what it leaves out."""

KEEPS = '[store]\nurl = "sqlite:///cds-service.db"\n[audit]\npath = "audit.jsonl"\n'


@pytest.fixture(scope="session")
def image() -> Iterator[Container]:
    with container() as made:
        yield made


@pytest.fixture(scope="session")
def service(image: Container) -> Iterator[Service]:
    """One that answers, with a store and an audit file."""
    written = image.run("sh", "-c", 'printf %s "$0" > /data/site.toml', KEEPS)
    assert written.returncode == 0, written.stderr
    with image.started(free_port(), CDS_PROFILE="sandbox", CDS_CONFIG="/data/site.toml") as started:
        yield started
