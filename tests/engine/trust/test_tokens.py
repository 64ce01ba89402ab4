"""A token opens the door when all of it is right, and only then; one reason of every kind keeps it shut."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cds_service.errors import StoreUnavailable, TokenRefused
from cds_service.settings import LONGEST_TOKEN
from cds_service.trust import Trust
from cds_service.trust.tokens import Refused, read_token
from tests.engine.trust.signing import (
    CLIENT,
    ELLIPTIC,
    ISSUER,
    KEY_SET,
    NOW,
    RSA,
    VIEW,
    Memory,
    Server,
    admitted,
    fetched,
    jwk,
    signed,
    token,
    trust,
)


def reason(sent: str, audiences: tuple[str, ...] = (VIEW,), door: Any = None, **settings: Any) -> str:
    """Why the token is refused, as an administrator is told; the caller is told nothing of it."""
    door = door or trust(**settings)
    with pytest.raises(TokenRefused) as told:
        admitted(sent, door, audiences)
    with pytest.raises(Refused) as refused:
        door.examine(sent, audiences)
    assert str(refused.value) not in str(told.value)
    return str(refused.value)


def with_header(**header: object) -> str:
    return token(header=header)


def by_hand(header: dict[str, object], claims: object, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


CLAIMS = {"iss": ISSUER, "aud": VIEW, "iat": NOW, "exp": NOW + 300, "jti": "j1"}


def test_a_token_that_is_right_opens_the_door_for_its_client() -> None:
    caller = admitted(token())
    assert (caller.client, caller.issuer, caller.tenant) == (CLIENT, ISSUER, "")


def test_rs384_is_as_good_as_es384() -> None:
    assert admitted(token(RSA, "RS384"), trust(jwk(RSA))).issuer == ISSUER


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSA, "RS256"),
        (RSA, "PS384"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
    ],
)
def test_another_algorithm_is_good_only_where_the_client_has_it(key: Any, algorithm: str) -> None:
    sent = token(key, algorithm)
    assert admitted(sent, trust(jwk(key), algorithms=(algorithm,))).issuer == ISSUER
    assert "algorithm" in reason(sent, door=trust(jwk(key)))


@pytest.mark.parametrize("name", ["none", "None", "nOnE", ""])
def test_an_unsigned_token_is_refused(name: str) -> None:
    assert "algorithm" in reason(by_hand({"alg": name, "kid": "k1", "typ": "JWT"}, CLAIMS))


@pytest.mark.parametrize("encoding", [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), None])
def test_a_public_key_is_no_shared_secret(encoding: Any) -> None:
    secret = ELLIPTIC.public_key().public_bytes(*encoding) if encoding else json.dumps(jwk()).encode()
    hmac = jwt.get_algorithm_by_name("HS256")
    unsigned = by_hand({"alg": "HS256", "kid": "k1", "typ": "JWT"}, CLAIMS)[:-1]
    signature = base64.urlsafe_b64encode(hmac.sign(unsigned.encode(), secret)).rstrip(b"=").decode()
    assert "algorithm" in reason(f"{unsigned}.{signature}")


def test_a_token_signed_by_another_key_is_refused() -> None:
    assert "signature" in reason(token(ec.generate_private_key(ec.SECP384R1())))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_after_signing_is_refused(part: int) -> None:
    parts = token().split(".")
    other = token(header={"x": 1}, jti="j2").split(".")
    parts[part] = other[part]
    assert "signature" in reason(".".join(parts))


@pytest.mark.parametrize("name", ["kid", "typ"])
@pytest.mark.parametrize("value", [None, "", 5, ["k1"]])
def test_a_header_without_kid_or_type_is_refused(name: str, value: object) -> None:
    head = {"alg": "ES384", "kid": "k1", "typ": "JWT", name: value}
    sent = by_hand({key: item for key, item in head.items() if item is not None}, CLAIMS, b"x")
    assert any(word in reason(sent) for word in (name, "no signed JSON Web Token"))


def test_the_type_may_be_written_in_small_letters_and_may_be_no_other() -> None:
    assert admitted(with_header(typ="jwt")).issuer == ISSUER
    assert "typ" in reason(with_header(typ="at+jwt"))


@pytest.mark.parametrize("kid", ["a+b/c=", "äö", "k 1", "x" * 300])
def test_a_kid_may_be_any_text(kid: str) -> None:
    assert admitted(with_header(kid=kid), trust(jwk(kid=kid))).issuer == ISSUER


def test_a_header_that_asks_for_extensions_is_refused() -> None:
    sent = by_hand({"alg": "ES384", "kid": "k1", "typ": "JWT", "crit": ["exp"], "exp": 1}, CLAIMS, b"x")
    assert any(word in reason(sent) for word in ("crit", "no signed JSON Web Token"))


def test_a_key_within_the_header_is_not_believed() -> None:
    own = ec.generate_private_key(ec.SECP384R1())
    assert "signature" in reason(token(own, header={"jwk": jwk(own)}))


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
def test_every_claim_that_the_specification_asks_for_must_be_there(name: str) -> None:
    assert name in reason(token(**{name: None}))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1800000100", True, [], {}, 10**400, float("nan"), float("inf"), -(10**13)])
def test_a_time_must_be_a_number_of_seconds(name: str, value: object) -> None:
    assert name in reason(token(**{name: value}))


def test_a_time_may_have_fractions() -> None:
    assert admitted(token(iat=NOW - 0.5, exp=NOW + 10.25)).issuer == ISSUER


@pytest.mark.parametrize("value", [5, "", [], "x" * 1025])
def test_a_jti_must_be_a_text_of_sensible_length(value: object) -> None:
    assert "jti" in reason(token(jti=value))


def test_a_jti_may_be_as_long_as_1024_characters() -> None:
    assert admitted(token(jti="x" * 1024)).issuer == ISSUER


@pytest.mark.parametrize("value", [5, "", [ISSUER], "https://other.example.org", f"{ISSUER}/", ISSUER.upper()])
def test_an_issuer_must_be_a_client_letter_by_letter(value: object) -> None:
    assert "iss" in reason(token(iss=value))


def test_claims_that_nobody_asked_for_do_no_harm() -> None:
    assert admitted(token(sub=5, nbf=NOW, azp="x", extension={"a": 1})).issuer == ISSUER


# Audience


@pytest.mark.parametrize(
    "audience",
    [
        VIEW,
        f"{VIEW}/",
        VIEW.replace("https://cds", "HTTPS://CDS"),
        VIEW.replace(".org", ".org:443"),
        ["https://other.example.org", VIEW],
    ],
)
def test_spellings_of_the_address_called_are_the_audience(audience: object) -> None:
    assert admitted(token(aud=audience)).issuer == ISSUER


@pytest.mark.parametrize(
    "audience",
    [
        "https://cds.example.org",
        "https://cds.example.org/cds-services",
        VIEW[:-1],
        f"{VIEW}s",
        f"{VIEW}/feedback",
        VIEW.replace("https", "http"),
        VIEW.replace(".org", ".org:8443"),
        VIEW.replace("hiccups", "HICCUPS"),
        f"{VIEW}?x=1",
        "",
        [],
        ["https://other.example.org"],
        "http://[::1",
        "\ud800",
    ],
)
def test_any_other_address_is_not_the_audience(audience: object) -> None:
    assert "the claim aud names" in reason(token(aud=audience))


@pytest.mark.parametrize("audience", [5, {}, {VIEW: 1}, [VIEW, 5], [[VIEW]], True])
def test_an_audience_that_is_no_text_and_no_list_of_texts_is_refused(audience: object) -> None:
    assert "aud" in reason(token(aud=audience))


def test_a_client_may_have_further_audiences_of_its_own() -> None:
    sent = token(aud="urn:our-service")
    assert admitted(sent, trust(audiences=("urn:our-service",))).issuer == ISSUER
    assert "the claim aud names" in reason(sent)


def test_any_of_several_addresses_of_a_request_is_good() -> None:
    assert admitted(token(aud=VIEW), audiences=(f"{VIEW}/feedback", VIEW)).issuer == ISSUER


# Times


@pytest.mark.parametrize(("late", "is_good"), [(-1, True), (0, True), (30, True), (30.5, False), (120, False)])
def test_an_expired_token_is_good_within_the_leeway_and_no_longer(late: float, is_good: bool) -> None:
    sent, door = token(iat=NOW - 200, exp=NOW), trust(now=NOW + late)
    assert (admitted(sent, door).issuer == ISSUER) if is_good else ("expired" in reason(sent, door=door))


@pytest.mark.parametrize(("early", "is_good"), [(0, True), (30, True), (30.5, False), (3600, False)])
@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_of_the_future_is_good_within_the_leeway_and_no_earlier(
    claim: str, early: float, is_good: bool
) -> None:
    sent = token(**{claim: NOW + early, "exp": NOW + early + 60})
    assert (admitted(sent).issuer == ISSUER) if is_good else (reason(sent) != "")


def test_the_leeway_is_the_clients_own() -> None:
    late = trust(now=NOW + 305, leeway_seconds=5)
    assert admitted(token(), late).issuer == ISSUER
    assert "expired" in reason(token(), door=trust(now=NOW + 306, leeway_seconds=5))
    assert "future" in reason(token(iat=NOW + 1), leeway_seconds=0)


def test_a_life_may_be_as_long_as_the_client_may_have_and_no_second_longer() -> None:
    assert admitted(token(exp=NOW + 3600)).issuer == ISSUER
    assert "max_token_seconds" in reason(token(exp=NOW + 3601))
    assert admitted(token(exp=NOW + 86_400), trust(max_token_seconds=86_400)).issuer == ISSUER


# Tenant


def test_without_a_list_every_tenant_may_call_and_is_known() -> None:
    assert admitted(token(tenant="north")).tenant == "north"
    assert admitted(token()).tenant == ""


def test_with_a_list_only_its_tenants_may_call() -> None:
    assert admitted(token(tenant="north"), trust(tenants=("north", "south"))).tenant == "north"
    for tenant in ("west", "", "North", None):
        assert "tenant" in reason(token(tenant=tenant), tenants=("north", "south"))


@pytest.mark.parametrize("tenant", [5, ["north"], {}])
def test_a_tenant_must_be_a_text(tenant: object) -> None:
    assert "tenant" in reason(token(tenant=tenant))


# Where the key is


@pytest.mark.parametrize("address", [KEY_SET, f"{KEY_SET}/", KEY_SET.replace("ehr", "EHR")])
def test_a_header_may_name_the_key_set_that_the_client_has(address: str) -> None:
    assert admitted(with_header(jku=address)).issuer == ISSUER


@pytest.mark.parametrize(
    "address", ["https://evil.example.org/jwks.json", f"{KEY_SET}?x", "file:///etc/passwd", "", " ", 5]
)
def test_a_header_that_names_another_key_set_is_refused_and_nobody_is_asked(address: object) -> None:
    server = Server(fetched(jwk()))
    door = Trust({ISSUER: CLIENT}, server.key_sets(), Memory(), lambda: NOW)
    assert "jku" in reason(with_header(jku=address), door=door)
    assert server.asked == []


def test_a_client_with_a_file_of_keys_may_name_no_key_set(tmp_path: Any) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(fetched(jwk()).body)
    door = trust(jwks_url="", jwks_file=str(file))
    assert admitted(token(), door).issuer == ISSUER
    assert "jku" in reason(with_header(jku=KEY_SET), door=door)
    assert "jku" in reason(with_header(jku=""), door=door)


# Replay


def test_a_token_is_good_once() -> None:
    door = trust()
    assert admitted(token(), door).issuer == ISSUER
    with pytest.raises(TokenRefused):
        admitted(token(), door)
    assert admitted(token(jti="j2"), door).issuer == ISSUER


def test_a_client_whose_tokens_may_be_used_again_leaves_no_trace() -> None:
    memory = Memory()
    door = trust(memory=memory, replay="allow")
    assert [admitted(token(), door).issuer for _ in range(3)] == [ISSUER] * 3
    assert memory.used == {}


def test_a_used_token_is_remembered_as_long_as_it_would_be_good() -> None:
    memory = Memory()
    admitted(token(), trust(memory=memory))
    assert memory.used == {(ISSUER, "j1"): NOW + 300 + 30}


@pytest.mark.parametrize(
    "change", [{"aud": "https://x.example"}, {"exp": NOW - 60}, {"tenant": 5}, {"key": RSA, "algorithm": "RS384"}]
)
def test_a_refused_token_is_not_marked_as_used(change: dict[str, Any]) -> None:
    memory = Memory()
    reason(token(**change), door=trust(memory=memory))
    assert memory.used == {}


def test_a_token_that_is_only_examined_can_be_used_afterwards() -> None:
    door = trust()
    assert door.examine(token(), [VIEW])[1].jti == "j1"
    assert admitted(token(), door).issuer == ISSUER


def test_a_memory_that_is_down_is_not_taken_for_a_used_token() -> None:
    class Down(Memory):
        def first_use(self, *_: object) -> bool:
            raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        admitted(token(), trust(memory=Down()))


# The header of the request


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_written_as_one_likes(scheme: str) -> None:
    assert trust().admit([f"{scheme} {token()}"], [VIEW]).issuer == ISSUER


def test_exactly_one_header_with_one_token_is_read() -> None:
    sent = token()
    for headers in (
        [],
        [f"Bearer {sent}"] * 2,
        [f"Bearer {sent}, Bearer {sent}"],
        [f"Bearer {sent} {sent}"],
        [f"Basic {sent}"],
        [sent],
        ["Bearer"],
        ["Bearer "],
        [""],
        ["Bearer null"],
        ["null"],
    ):
        with pytest.raises(TokenRefused):
            trust().admit(headers, [VIEW])


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "a.b.c",
        "...",
        "a" * (LONGEST_TOKEN + 1),
        "é.é.é",
        "\ud800.x.y",
        by_hand({"alg": "ES384", "kid": "k1", "typ": "JWT"}, ["no", "object"], b"x"),
        by_hand({"alg": "ES384", "kid": "k1", "typ": "JWT"}, "text", b"x"),
        by_hand([], CLAIMS, b"x"),  # type: ignore[arg-type]
        by_hand({"alg": 5, "kid": "k1", "typ": "JWT"}, CLAIMS, b"x"),
        by_hand({"alg": "ES384", "kid": "k1", "typ": "JWT", "b64": False, "crit": ["b64"]}, CLAIMS, b"x"),
        signed(b"[" * 6000, ELLIPTIC, "ES384", {"kid": "k1", "typ": "JWT"}),
        signed(b'{"iss": 1' + b"0" * 5000 + b"}", ELLIPTIC, "ES384", {"kid": "k1", "typ": "JWT"}),
        signed(b"\xff\xfe", ELLIPTIC, "ES384", {"kid": "k1", "typ": "JWT"}),
    ],
)
def test_what_is_no_token_is_refused_like_any_other(sent: str) -> None:
    with pytest.raises(Refused):
        read_token(sent)
    with pytest.raises(TokenRefused):
        admitted(sent)


def test_the_longest_token_is_still_read() -> None:
    sent = token(filler="x")
    room = (LONGEST_TOKEN - len(sent)) * 3 // 4
    assert admitted(token(filler="x" * (room - 8))).issuer == ISSUER
    assert str(LONGEST_TOKEN) in reason(token(filler="x" * (room + 8)))


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_a_key_of_another_kind_than_the_algorithm_is_refused() -> None:
    assert "key" in reason(token(RSA, "RS384"))
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key is what is refused
    assert "key" in reason(token(small, "RS384"), door=trust(jwk(small)))
