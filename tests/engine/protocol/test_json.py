"""The body is judged whole by the rules of JSON, though most of it is never built."""

import msgspec
import pytest

from cds_service.errors import BodyUnreadable, EnvelopeInvalid
from cds_service.fhir.entries import SentBundle
from cds_service.protocol.envelope import Envelope
from cds_service.protocol.hooks import HOOKS
from cds_service.protocol.opening import Opener
from cds_service.protocol.request import HookRequest, read_request
from tests.engine.calls import required

ENVELOPE = Envelope("patient-view")
OPENER = Opener({"p": "Patient/{{context.patientId}}", "k": "Condition?patient={{context.patientId}}"})
CALL = b'{"hook":"patient-view","hookInstance":"1","context":{"userId":"u","patientId":"1"},"prefetch":{"k":%s}}'


def read(value: bytes) -> HookRequest:
    """A request that holds `value` deep in a prefetched resource."""
    context = b'"hook":"patient-view","hookInstance":"1","context":{"userId":"Practitioner/1","patientId":"1"}'
    return read_request(
        b"{" + context + b',"prefetch":{"k":{"a":[' + value + b"]}}}", HOOKS["patient-view"], ENVELOPE, OPENER
    )


@pytest.mark.parametrize(
    "value",
    [
        *(b"NaN", b"Infinity", b"-Infinity", b"-", b"+1", b"01", b"1.", b".5", b"1e", b"0x1", b"tru", b"None"),
        *(rb'"\x"', rb'"\u12"', b'"\x01"', b'"\n"', b"'a'", b'"a', b"1,", b"[1,]", b'{"a":1,}', b"{b:1}", b'{"b" 1}'),
        *(b"/* */ 1", b"1 // x", b"\x0b1", b'"\xff"', b'"\xc3("', b'"\xed\xa0\x80"', b"\xef\xbb\xbf1", b"]"),
    ],
)
@pytest.mark.conformance("JS-06", "JS-08")
def test_what_is_not_json_anywhere_in_the_body_is_refused(value: bytes) -> None:
    with pytest.raises(BodyUnreadable, match="CDS-201"):
        read(value)


@pytest.mark.parametrize("value", [b"1e999", b"1E+2", b"-0", rb'"\ud83c\udf75"', '"é"'.encode(), b"{}", b""])
def test_what_is_json_is_kept_as_it_came(value: bytes) -> None:
    raw = read(value).prefetch["k"]
    assert isinstance(raw, msgspec.Raw)
    assert bytes(raw) == b'{"a":[' + value + b"]}"


@pytest.mark.parametrize(
    ("value", "mended"),
    [
        (rb'"\ud83c"', rb'"\ufffd"'),
        (rb'"\udf75 x"', rb'"\ufffd x"'),
        (rb'"\ud83c\u0041"', rb'"\ufffd\u0041"'),
        (rb'"\ud83c\ud83c\udf75"', rb'"\ufffd\ud83c\udf75"'),
        (rb'"\\ud83c \ud83c"', rb'"\\ud83c \ufffd"'),
    ],
)
def test_half_a_surrogate_pair_is_replaced_and_nothing_else(value: bytes, mended: bytes) -> None:
    raw = read(value).prefetch["k"]
    assert isinstance(raw, msgspec.Raw)
    assert bytes(raw) == b'{"a":[' + mended + b"]}"


def test_a_prefetch_value_of_null_is_told_from_an_absent_one() -> None:
    body = (
        b'{"hook":"patient-view","hookInstance":"1","context":{"userId":"u","patientId":"1"},"prefetch":{"p": null }}'
    )
    prefetch = read_request(body, HOOKS["patient-view"], ENVELOPE, OPENER).prefetch
    assert prefetch["p"] is None
    assert "q" not in prefetch


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_the_schema_of_a_hook_takes_the_names_that_the_hook_understands(hook: str) -> None:
    envelope = Envelope(hook)
    for name in HOOKS[hook].drafts or {hook}:
        envelope.check({"hook": name, "hookInstance": "1", "context": required(hook)})
    with pytest.raises(EnvelopeInvalid, match="CDS-206"):
        envelope.check({"hook": "x", "hookInstance": "1", "context": required(hook)})


def test_a_bundle_is_open_and_its_bytes_can_be_had_all_the_same() -> None:
    bundle = b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","id":"c-1"}}]}'
    request = read_request(CALL % (bundle + b',"p":{}'), HOOKS["patient-view"], ENVELOPE, OPENER)
    assert isinstance(request.prefetch["k"], SentBundle)
    assert {key: bytes(raw or b"") for key, raw in request.raw_prefetch.items()} == {"k": bundle, "p": b"{}"}


@pytest.mark.parametrize(
    "value", [b'{"resourceType":"Condition"}', b'"x"', b"[]", b"7", b"true", b'{"resourceType":" Bundle"}']
)
def test_what_stands_in_a_bundles_place_is_kept_as_it_came(value: bytes) -> None:
    sent = read_request(CALL % value, HOOKS["patient-view"], ENVELOPE, OPENER).prefetch["k"]
    assert isinstance(sent, msgspec.Raw)
    assert bytes(sent) == value
