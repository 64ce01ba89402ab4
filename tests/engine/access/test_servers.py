"""Only a server that its client lists is read, with a token for this patient; the sandbox also reads its own host."""

from __future__ import annotations

import pytest

from cds_service.access.servers import Servers, expanded
from cds_service.protocol.caller import ANYONE, Caller
from cds_service.protocol.request import FhirAccess, HookRequest
from cds_service.site import Client

BASE = "https://fhir.hospital.test/r4"
CLIENT = Client("https://ehr.test", fhir_servers=("https://other.test/fhir", BASE))
STRANGER = Client("https://stranger.test", fhir_servers=("https://stranger.test/fhir",))
PRODUCTION = Servers(is_sandbox=False, clients=(CLIENT, STRANGER))
SANDBOX = Servers(is_sandbox=True, clients=(CLIENT,))


def call(server: str = BASE, grant: str = "t", patient: str = "", is_expired: bool = False) -> HookRequest:
    return HookRequest("pt-1", "Practitioner", {}, (), fhir=FhirAccess(server, grant, patient, is_expired))


def base(request: HookRequest, servers: Servers = PRODUCTION, caller: Caller | None = None) -> str:
    return servers.readable(request, caller or (Caller(CLIENT) if servers is PRODUCTION else ANYONE))


@pytest.mark.parametrize("server", [BASE, f"{BASE}/", f"{BASE}//", "https://other.test/fhir"])
def test_a_listed_server_is_read_at_its_base_without_a_slash(server: str) -> None:
    assert base(call(server)) == server.rstrip("/")


@pytest.mark.parametrize("server", ["HTTPS://FHIR.hospital.test/r4", "https://fhir.hospital.test:443/r4"])
def test_a_listed_server_may_be_spelt_in_other_ways(server: str) -> None:
    assert base(call(server)) == server


@pytest.mark.parametrize(
    "server",
    [
        "",
        "https://fhir.hospital.test",
        f"{BASE}/more",
        f"{BASE}x",
        f"{BASE}?x=1",
        f"{BASE}?",
        f"{BASE}#x",
        f"{BASE}#",
        "https://fhir.hospital.test/R4",
        "https://fhir.hospital.test:8443/r4",
        "http://fhir.hospital.test/r4",
        "https://a:b@fhir.hospital.test/r4",
        "https://@fhir.hospital.test/r4",
        "https://fhir.hospital.test@evil.test/r4",
        "https://evil.test\\@fhir.hospital.test/r4",
        "https://fhir.hospital.test.evil.test/r4",
        "https://stranger.test/fhir",
        "http://127.0.0.1:8080/fhir",
        "https://[::1",
        "file:///r4",
        "no address",
    ],
)
def test_any_other_server_counts_as_absent(server: str) -> None:
    assert base(call(server)) == ""


def test_a_client_without_a_list_has_no_server() -> None:
    assert base(call(), caller=Caller(Client("https://ehr.test"))) == ""


def test_in_production_nobody_reads_without_being_known() -> None:
    assert base(call(), caller=ANYONE) == ""


@pytest.mark.parametrize("server", ["http://127.0.0.1:8080/fhir", "http://localhost/fhir", "http://[::1]:81", BASE])
def test_the_sandbox_reads_its_own_host_and_the_servers_of_all_its_clients(server: str) -> None:
    assert base(call(server), SANDBOX) == server
    assert base(call(server, grant=""), SANDBOX) == server


@pytest.mark.parametrize(
    "server",
    [
        "http://10.0.0.1/fhir",
        "http://169.254.169.254/latest",
        "https://fhir.unlisted.test",
        "http://localhost.evil.test/",
        "http://localhost@evil.test/",
        "http://x@localhost/",
        "http://127.0.0.1/fhir?x=",
        "ftp://127.0.0.1/fhir",
        "http://2130706433/fhir",
    ],
)
def test_the_sandbox_reads_no_other_server(server: str) -> None:
    assert base(call(server), SANDBOX) == ""


def test_outside_the_sandbox_a_token_is_needed() -> None:
    assert base(call(grant="")) == ""


@pytest.mark.parametrize("servers", [PRODUCTION, SANDBOX])
def test_an_expired_token_is_not_used(servers: Servers) -> None:
    assert base(call(is_expired=True), servers) == ""


@pytest.mark.parametrize("servers", [PRODUCTION, SANDBOX])
def test_a_token_for_another_patient_is_not_used(servers: Servers) -> None:
    assert base(call(patient="pt-2"), servers) == ""
    assert base(call(patient="pt-1"), servers) == BASE


@pytest.mark.parametrize("grant", ["a b", "a\r\nX: y", "ä", "a\0", "\x7f", "a\t"])
def test_a_token_that_cannot_stand_in_a_header_is_not_used(grant: str) -> None:
    assert base(call(grant=grant)) == ""
    assert base(call(grant=grant), SANDBOX) == ""


@pytest.mark.parametrize("grant", ["eyJ.a-b_c.~+/==", "!#$%&'*|"])
def test_a_token_of_visible_characters_is_used(grant: str) -> None:
    assert base(call(grant=grant)) == BASE


# Templates


def query(template: str, **context: str) -> str | None:
    return expanded(template, HookRequest("pt-1", "", {}, (), context=context))


def test_the_patient_and_the_texts_of_the_context_are_filled_in() -> None:
    assert query("Patient/{{context.patientId}}") == "Patient/pt-1"
    template = "Encounter/{{context.encounterId}}?patient={{context.patientId}}&x={{context.encounterId}}"
    assert query(template, encounterId="e1") == "Encounter/e1?patient=pt-1&x=e1"
    assert query("A?b={{ context.encounterId }}", encounterId="e1") == "A?b=e1"
    assert query("Metadata") == "Metadata"


def test_the_patient_id_is_the_one_that_was_understood() -> None:
    assert query("Patient/{{context.patientId}}", patientId="Patient/pt-1") == "Patient/pt-1"


def test_a_template_that_needs_what_the_call_lacks_is_no_query() -> None:
    assert query("Encounter/{{context.encounterId}}") is None


@pytest.mark.parametrize("sent", ["a/../b", "a&b=c", "a?b", "a#b", "a%2Fb", "a b", "ä", "{{context.patientId}}"])
def test_what_is_filled_in_cannot_change_the_query(sent: str) -> None:
    made = query("Encounter/{{context.encounterId}}", encounterId=sent)
    assert made is not None
    assert made.startswith("Encounter/")
    assert not set("/?#& {}").intersection(made.removeprefix("Encounter/"))


@pytest.mark.parametrize("sent", ["", ".", ".."])
def test_a_value_that_would_make_another_query_is_no_query(sent: str) -> None:
    assert query("Encounter/{{context.encounterId}}", encounterId=sent) is None
    assert expanded("Patient/{{context.patientId}}", HookRequest(sent, "", {}, ())) is None
