"""Only clients of the site are answered in production, and they learn nothing from a refusal."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.cli import main
from cds_service.errors import StartUpError
from cds_service.main import configured
from cds_service.outbound import Outbound
from cds_service.site import Client
from cds_service.store import Database, Store
from cds_service.trust import KeySets, Trust
from cds_service.trust.keys import fetcher
from cds_service.trust.tokens import Refused
from tests.engine.calls import call
from tests.engine.service.around import BASE, ISSUER, VIEW, Key, Told, client_of, fhir, serving, silent, site_of

PATH = "/cds-services/hiccups-patient-view"


@pytest.fixture
def key() -> Key:
    return Key()


@pytest.fixture
def keys(key: Key) -> Iterator[Told]:
    with serving(lambda _: fhir({"keys": [key.jwk]})) as told:
        yield told


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def production(jwks_url: str, more: str = "", service: str = "") -> FlaskClient:
    text = f'[service]\nbase_url = "{BASE}"\n{service}\n'
    text += f'[[clients]]\nissuer = "{ISSUER}"\njwks_url = "{jwks_url}"\n{more}\n'
    return client_of(site_of(text), "production")


@pytest.fixture
def client(keys: Told) -> FlaskClient:
    return production(f"{keys.base}/jwks.json")


def sent(client: FlaskClient, token: str | None, path: str = PATH) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.post(path, json=call(), headers=headers)


@pytest.mark.conformance("SE-03", "SE-04", "SE-08", "SE-10", "SE-16")
def test_a_client_of_ours_gets_its_cards(client: FlaskClient, key: Key) -> None:
    answer = sent(client, key.token())
    assert answer.status_code == 200
    assert answer.get_json()["cards"]


@pytest.mark.conformance("SE-08")
def test_rs384_is_accepted_too() -> None:
    key = Key(algorithm="RS384")
    with serving(lambda _: fhir({"keys": [key.jwk]})) as keys:
        assert sent(production(keys.base), key.token()).status_code == 200


def refused(client: FlaskClient, key: Key) -> dict[str, TestResponse]:
    now = int(time.time())
    other = Key()
    shared = json.dumps(key.jwk)[1:]
    return {
        "no token": sent(client, None),
        "another key": sent(client, other.token()),
        "expired": sent(client, key.token(iat=now - 400, exp=now - 120)),
        "another audience": sent(client, key.token("https://cds.example.org/cds-services/another")),
        "the base alone": sent(client, key.token(BASE)),
        "another issuer": sent(client, key.token(iss="https://other.example.org")),
        "issued in an hour": sent(client, key.token(iat=now + 3600, exp=now + 3700)),
        "too long": sent(client, key.token(exp=now + 7300)),
        "no jti": sent(client, key.token(jti=None)),
        "no iat": sent(client, key.token(iat=None)),
        "no exp": sent(client, key.token(exp=None)),
        "an exp without end": sent(client, key.token(exp=10**400)),
        "no aud": sent(client, key.token(None)),
        "no kid": sent(client, key.token(header={"kid": None})),
        "another kid": sent(client, key.token(header={"kid": "k2"})),
        "no type": sent(client, key.token(header={"typ": None})),
        "an empty jku": sent(client, key.token(header={"jku": ""})),
        "another jku": sent(client, key.token(header={"jku": "https://evil.example.org/jwks.json"})),
        "unsigned": sent(client, jwt.encode({"iss": ISSUER, "aud": VIEW}, None, "none", {"kid": "k1"})),
        "a shared secret": sent(client, jwt.encode({"iss": ISSUER}, shared.encode(), "HS256", {"kid": "k1"})),
        "not a token": sent(client, "null"),
        "two headers": client.post(PATH, json=call(), headers=[("Authorization", f"Bearer {key.token()}")] * 2),
        "basic": client.post(PATH, json=call(), headers={"Authorization": "Basic eDp5"}),
    }


WHY = {
    "no token": "authorization",
    "two headers": "authorization",
    "basic": "authorization",
    "not a token": "token",
    "no kid": "header",
    "no type": "header",
    "an empty jku": "header",
    "another jku": "header",
    "unsigned": "algorithm",
    "a shared secret": "algorithm",
    "another issuer": "iss",
    "another kid": "kid",
    "another key": "signature",
    "no jti": "jti",
    "expired": "time",
    "issued in an hour": "time",
    "too long": "time",
    "no iat": "time",
    "no exp": "time",
    "an exp without end": "time",
    "another audience": "aud",
    "the base alone": "aud",
    "no aud": "aud",
}


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Service, reason and issuer of each line of a refused call."""
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "cds_service.calls"]
    return [(line["service"], line["refused"], line.get("issuer", "")) for line in lines if "refused" in line]


def counts(client: FlaskClient) -> dict[tuple[str, str], float]:
    """Refusals by issuer and reason."""
    found = re.findall(r'cds_trust_failures_total\{issuer="(.*)",reason="(.*)"\} (\S+)', client.get("/metrics").text)
    return {(issuer, why): float(count) for issuer, why, count in found}


def test_log_and_counts_say_why_a_token_was_refused_and_of_which_client(
    client: FlaskClient, key: Key, caplog: pytest.LogCaptureFixture
) -> None:
    before = counts(client)
    with caplog.at_level(logging.INFO, "cds_service"):
        names = list(refused(client, key))
    expected = [(WHY[name], "" if WHY[name] in ("authorization", "token", "iss") else ISSUER) for name in names]
    assert told(caplog) == [("hiccups-patient-view", *line) for line in expected]
    after = counts(client)
    assert {line: after[line] - before.get(line, 0) for line in after} == {
        (issuer, why): expected.count((why, issuer)) for why, issuer in expected
    }
    assert "other.example.org" not in caplog.text + client.get("/metrics").text


def test_a_replay_a_tenant_and_a_key_server_that_gives_nothing_are_reasons_too(
    keys: Told, key: Key, caplog: pytest.LogCaptureFixture
) -> None:
    client, token = production(keys.base, 'tenants = ["north"]'), key.token(tenant="north")
    with caplog.at_level(logging.INFO, "cds_service"):
        for one in (token, token, key.token(tenant="south")):
            sent(client, one)
        keys.answer = lambda _: (404, {}, b"")
        sent(production(keys.base), key.token())
        keys.answer = lambda _: (500, {}, b"")
        sent(production(keys.base), key.token())
        keys.answer = lambda _: fhir({"keys": [key.jwk | {"use": "enc"}]})
        sent(production(keys.base), key.token())
    assert [why for _, why, _ in told(caplog)] == ["replay", "tenant", "key set", "key set", "key"]
    assert {issuer for _, _, issuer in told(caplog)} == {ISSUER}


def test_a_refused_discovery_has_its_line_too(keys: Told, caplog: pytest.LogCaptureFixture) -> None:
    closed = production(keys.base, service="discovery_auth = true")
    with caplog.at_level(logging.INFO, "cds_service"):
        closed.get("/cds-services")
    assert told(caplog) == [("discovery", "authorization", "")]


def test_the_reason_of_a_refusal_can_be_printed_whatever_the_token_says(keys: Told, key: Key) -> None:
    client = Client(ISSUER, jwks_url=keys.base)
    trust = Trust({ISSUER: client}, KeySets(fetcher(Outbound())), replays=Store(Database("sqlite:///x.db")))
    with pytest.raises(Refused, match="the claim aud names ") as refused:
        trust.examine(key.token(["\ud800", "x"]), [VIEW])
    assert str(refused.value).encode()


WRONG_CLAIMS = {
    "aud": {"aud": "https://cds.example.org/cds-services/another"},
    "iss": {"iss": "https://other.example.org"},
    "exp": {"iat": 1_000_000_000, "exp": 1_000_000_300},
    "iat": {"iat": 4_000_000_000, "exp": 4_000_000_300},
    "nbf": {"nbf": 4_000_000_000},
    "jti": {"jti": None},
    "tenant": {"tenant": 5},
}


@pytest.mark.parametrize(("claim", "claims"), WRONG_CLAIMS.items())
def test_trust_check_names_the_claim_that_is_wrong(
    tmp_path: Path, key: Key, claim: str, claims: dict[str, object]
) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.jwk]}))
    text = f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "keys.json"\n'
    (tmp_path / "site.toml").write_text(text)
    for token, code, words in ((key.token(), 0, "accepted"), (key.token(VIEW, **claims), 1, f"the claim {claim} ")):
        arguments = ["trust", "check", token, "--audience", VIEW]
        result = CliRunner().invoke(main, arguments, env={"CDS_CONFIG": "site.toml"})
        assert result.exit_code == code
        assert words in result.output


@pytest.mark.conformance("SE-16")
@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_several_keys_of_one_kind_under_one_kid_any_may_have_signed(algorithm: str, place: int) -> None:
    several = [Key(algorithm=algorithm) for _ in range(3)]
    with serving(lambda _: fhir({"keys": [key.jwk for key in several]})) as keys:
        client = production(keys.base)
        assert sent(client, several[place].token()).status_code == 200
        assert sent(client, Key(algorithm=algorithm).token()).status_code == 401


@pytest.mark.parametrize("more", [{"key_ops": 5}, {"key_ops": None}, {"key_ops": "verify"}, {"use": []}, {"crv": 5}])
@pytest.mark.conformance("SE-19")
def test_a_key_that_is_none_is_passed_over(key: Key, more: dict[str, object]) -> None:
    with serving(lambda _: fhir({"keys": [key.jwk | more]})) as keys:
        assert sent(production(keys.base), key.token()).status_code == 401
    with serving(lambda _: fhir({"keys": [key.jwk | more, key.jwk]})) as keys:
        assert sent(production(keys.base), key.token()).status_code == 200


@pytest.mark.conformance(
    "SE-04", "SE-05", "SE-06", "SE-07", "SE-09", "SE-10", "SE-12", "SE-13", "SE-15", "SE-24", "ST-08"
)
def test_every_refusal_is_the_same_401(client: FlaskClient, key: Key) -> None:
    answers = refused(client, key)
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert len({answer.get_data() for answer in answers.values()}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {"Bearer"}


@pytest.mark.conformance("SE-14")
def test_a_token_is_good_once_also_after_a_restart(keys: Told, key: Key) -> None:
    token = key.token()
    assert sent(production(keys.base), token).status_code == 200
    assert sent(production(keys.base), token).status_code == 401


def test_a_site_may_let_a_client_use_tokens_again(keys: Told, key: Key) -> None:
    client, token = production(keys.base, 'replay = "allow"'), key.token()
    assert [sent(client, token).status_code for _ in range(2)] == [200, 200]


def test_a_refused_token_is_not_used_up(client: FlaskClient, key: Key) -> None:
    token = key.token()
    assert sent(client, token, f"{PATH.replace('patient-view', 'order-sign')}").status_code == 401
    assert sent(client, token).status_code == 200


def test_a_refusal_comes_before_the_body_is_looked_at(client: FlaskClient) -> None:
    assert client.post(PATH, data="{", content_type="text/plain").status_code == 401


@pytest.mark.parametrize(
    "audience", [f"{VIEW}/", VIEW.replace("cds.", "CDS."), VIEW.replace("org", "org:443"), ["x", VIEW]]
)
@pytest.mark.conformance("SE-10")
def test_spellings_of_one_address_are_one_audience(client: FlaskClient, key: Key, audience: object) -> None:
    assert sent(client, key.token(audience)).status_code == 200


@pytest.mark.conformance("SE-11")
def test_the_host_header_decides_nothing(client: FlaskClient, key: Key) -> None:
    token = key.token("https://evil.example.org/cds-services/hiccups-patient-view")
    headers = {"Authorization": f"Bearer {token}", "Host": "evil.example.org", "X-Forwarded-Host": "evil.example.org"}
    assert client.post(PATH, json=call(), headers=headers).status_code == 401


@pytest.mark.conformance("SE-20")
def test_a_tenant_must_be_on_the_list(keys: Told, key: Key) -> None:
    client = production(keys.base, 'tenants = ["north"]')
    assert sent(client, key.token(tenant="north")).status_code == 200
    assert sent(client, key.token(tenant="south")).status_code == 401
    assert sent(client, key.token()).status_code == 401


@pytest.mark.conformance("DI-13", "DI-14", "FB-14", "ST-03")
def test_feedback_takes_both_addresses_and_discovery_asks_only_if_told(keys: Told, key: Key) -> None:
    item = {"card": "c", "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    client = production(keys.base)
    for audience, status in ((VIEW, 200), (f"{VIEW}/feedback", 200), (f"{BASE}/cds-services", 401)):
        headers = {"Authorization": f"Bearer {key.token(audience)}"}
        answer = client.post(f"{PATH}/feedback", json={"feedback": [item]}, headers=headers)
        assert answer.status_code == status
    assert client.get("/cds-services").status_code == 200
    closed = production(keys.base, service="discovery_auth = true")
    assert closed.get("/cds-services").status_code == 401
    token = key.token(f"{BASE}/cds-services")
    assert closed.get("/cds-services", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_key_server_that_is_down_is_a_503_until_it_is_up(key: Key) -> None:
    with serving(lambda _: (500, {}, b"")) as keys:
        client = production(keys.base)
        answer = sent(client, key.token())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        keys.answer = lambda _: fhir({"keys": [key.jwk]})
        time.sleep(1.1)
        assert sent(client, key.token()).status_code == 200
        keys.answer = lambda _: (500, {}, b"")
        assert sent(client, key.token()).status_code == 200


@pytest.mark.conformance("SE-18")
def test_a_key_server_that_says_nothing_is_refused_in_time(key: Key) -> None:
    with silent() as base:
        started = time.monotonic()
        assert sent(production(base), key.token()).status_code == 401
        assert time.monotonic() - started < 6


@pytest.mark.conformance("SE-16", "SE-17")
def test_a_new_key_is_fetched_once_and_unknown_ones_do_not_hammer(keys: Told, key: Key) -> None:
    client = production(keys.base)
    assert sent(client, key.token()).status_code == 200
    new = Key("k2")
    keys.answer = lambda _: fhir({"keys": [key.jwk, new.jwk]})
    assert sent(client, new.token()).status_code == 200
    for number in range(20):
        assert sent(client, key.token(header={"kid": f"none-{number}"})).status_code == 401
    assert len(keys.asked) == 2


@pytest.mark.conformance("SE-15")
def test_an_issuer_that_is_no_client_causes_no_request(keys: Told, key: Key) -> None:
    assert sent(production(keys.base), key.token(iss="https://other.example.org")).status_code == 401
    assert keys.asked == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[service]\nbase_url = "https://a.example"\n', "[clients]"),
        ('[[clients]]\nissuer = "https://e.example"\njwks_url = "https://e.example/k"\n', "[service] base_url"),
        (
            '[service]\nbase_url = "https://a.example"\n[[clients]]\nissuer = "https://sandbox.cds-hooks.org"\n'
            'jwks_url = "https://e.example/k"\n',
            "test issuer",
        ),
        (
            '[service]\nbase_url = "https://a.example"\n[[clients]]\n'
            'issuer = "https://inferno.healthit.gov/suites/custom/crd_server_v2"\njwks_url = "https://e.example/k"\n',
            "test issuer",
        ),
        ('[service]\nbase_url = "http://a.example"\n', "[service] base_url"),
        ('[[clients]]\nissuer = "x"\njwks_file = "none.json"\n', "jwks_file"),
        ('[store]\nurl = "mysql://x/y"\n', "[store] url"),
        ('[[clients]]\nissuer = "x"\njwks_url = "https://e.example/k"\nalgorithms = []\n', "algorithms"),
        (
            '[service]\nbase_url = "https://a.example"\n[[clients]]\nissuer = "https://e.example"\n'
            'jwks_url = "https://sandbox.cds-hooks.org/.well-known/jwks.json"\n',
            "test issuer",
        ),
        ("[services]\n", "[services]"),
    ],
)
@pytest.mark.conformance("SE-23")
def test_production_does_not_start_without_what_it_needs(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    with pytest.raises(StartUpError) as refusal:
        configured(str(file), "production")
    assert place in str(refusal.value)
    assert "site.toml" in str(refusal.value)


def test_with_the_store_down_clients_are_answered_and_a_worker_still_knows_its_tokens(keys: Told, key: Key) -> None:
    text = f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_url = "{keys.base}"\n'
    client = client_of(site_of(text + '[store]\nurl = "sqlite:///none/x.db"\n'), "production")
    token = key.token()
    assert [sent(client, token).status_code for _ in range(2)] == [200, 401]


@pytest.mark.conformance("SE-24", "FA-06", "SE-21")
def test_an_access_token_is_no_client_token_and_the_other_way_round(client: FlaskClient, key: Key) -> None:
    body = call() | {"fhirServer": "https://ehr.example.org", "fhirAuthorization": {"access_token": key.token()}}
    assert client.post(PATH, json=body, headers={"Authorization": "Bearer access"}).status_code == 401
    assert client.post(PATH, json=body).status_code == 401


@pytest.mark.parametrize("audience", [f"{VIEW}//", f"{VIEW}#x", VIEW.replace("https://", "https://u@")])
def test_other_spellings_are_other_audiences(client: FlaskClient, key: Key, audience: str) -> None:
    assert sent(client, key.token(audience)).status_code == 401
