"""The service starts as it was told to, or says in one sentence why it does not."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.errors import StartUpError
from cds_service.knowledge.contract import Service
from cds_service.settings import Settings
from tests.toy_disease import KNOWLEDGE


def test_the_sandbox_profile_lets_every_browser_in_and_listens_at_its_port() -> None:
    settings = Settings.from_environment({"CDS_PROFILE": "sandbox", "PORT": "5000"}, "hiccups")
    assert settings.port == 5000
    assert settings.allow_origins == ("*",)
    assert Settings.from_environment({"CDS_PROFILE": "sandbox", "PORT": ""}, "hiccups").port == 8080


@pytest.mark.parametrize(
    ("environment", "number", "word"),
    [
        ({}, "CDS-001", "CDS_PROFILE"),
        ({"CDS_PROFILE": ""}, "CDS-001", "CDS_PROFILE"),
        ({"CDS_PROFILE": "test"}, "CDS-002", "CDS_PROFILE"),
        ({"CDS_PROFILE": "production"}, "CDS-003", "clients to trust"),
        ({"CDS_PROFILE": "sandbox", "PORT": "http"}, "CDS-004", "PORT"),
        ({"CDS_PROFILE": "sandbox", "PORT": "0"}, "CDS-004", "PORT"),
        ({"CDS_PROFILE": "sandbox", "PORT": "65536"}, "CDS-004", "PORT"),
        ({"CDS_PROFILE": "sandbox", "PORT": "²"}, "CDS-004", "PORT"),
    ],
)
def test_a_wrong_environment_is_refused_by_name(environment: dict[str, str], number: str, word: str) -> None:
    with pytest.raises(StartUpError, match=word) as refused:
        Settings.from_environment(environment, "hiccups")
    assert refused.value.faults[0].number == number


def test_serve_refuses_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDS_PROFILE", raising=False)
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: CDS-001: The environment variable CDS_PROFILE is not set.")
    assert len(result.output.splitlines()) == 1


def test_the_command_line_lists_its_commands() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "serve" in result.output
    assert "try" in result.output


def service(**changes: object) -> Service:
    return replace(KNOWLEDGE.services[0], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("services", "fault"),
    [
        ((service(), service()), "hiccups-patient-view is offered twice"),
        ((service(hook="order-eat"),), "the hook order-eat"),
        ((service(id="a/b"),), "'a/b' does not fit into a path"),
        ((service(prefetch={"laboratory": "Observation"}),), 'does not prefetch "patient"'),
        ((service(prefetch={"patient": "Patient/{{context.draftOrders}}"}),), "the token draftOrders in patient"),
    ],
)
@pytest.mark.conformance("DI-07", "DI-19", "PT-05")
def test_knowledge_that_cannot_be_served_is_refused(services: tuple[Service, ...], fault: str) -> None:
    with pytest.raises(StartUpError, match=fault):
        create_app(Settings(profile="sandbox", namespace="hiccups"), [replace(KNOWLEDGE, services=services)])
