"""The first look at the bytes of a call: its members, and of each list that was prefetched the entries, still unread.

JSON is checked whole, and every byte is looked at once. Members that are there twice count as sent last. What must be
there is decided by `protocol.envelope`, what it means by `protocol.request` and `cds_service.fhir`.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from cds_service.errors import BodyUnreadable
from cds_service.fhir.entries import RAW_ABSENT, SENT, Prefetched, SentBundle

Opened = dict[str, msgspec.Raw] | list[msgspec.Raw] | str | int | float | None
"""A JSON value whose members are not read yet."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_MEMBERS = ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization")

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair of surrogates: one character
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"  # half a pair
    rb"|\\."
)
_HALF_A_PAIR = 6


class Call(NamedTuple):
    """The members of a call that the protocol knows, and the values of its prefetch by key."""

    members: Mapping[str, Opened]
    prefetch: Mapping[str, Prefetched]


class Opener:
    """Opens the calls of one service, by its templates: what is asked for by a search comes as a Bundle."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._keys = {f"key_{at}": key for at, key in enumerate(templates)}
        values: list[tuple[str, Any, Any]] = [
            (name, SENT | msgspec.UnsetType, msgspec.UNSET)
            if "?" in templates[key]
            else (name, msgspec.Raw, RAW_ABSENT)
            for name, key in self._keys.items()
        ]
        self._prefetch: Any = msgspec.defstruct("Prefetch", values, rename=self._keys)
        members: list[tuple[str, Any, Any]] = [
            *((name, Opened | msgspec.UnsetType, msgspec.UNSET) for name in _MEMBERS),
            ("prefetch", self._prefetch | list[Any] | str | int | float | msgspec.UnsetType | None, msgspec.UNSET),
        ]
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Call", members))

    def open(self, body: bytes) -> Call:
        """Raises `BodyUnreadable` for what is no JSON object."""
        try:
            body.decode("utf-8")
            sent: Any = self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _with_bytes(body)  # What is wrong is said there, or can be done with.
        members = {name: value for name in _MEMBERS if (value := getattr(sent, name)) is not msgspec.UNSET}
        if not isinstance(sent.prefetch, self._prefetch):
            return Call(members if sent.prefetch is msgspec.UNSET else members | {"prefetch": sent.prefetch}, {})
        found = {key: getattr(sent.prefetch, name) for name, key in self._keys.items()}
        there = {key: value for key, value in found.items() if value not in (msgspec.UNSET, RAW_ABSENT)}
        if not all(map(_is_open, there.values())):
            return _with_bytes(body)
        return Call(members | {"prefetch": {}}, {key: _or_null(value) for key, value in there.items()})


def prefetch_of(body: bytes) -> dict[str, msgspec.Raw | None]:
    """The values of a call's prefetch as the bytes that came. Raises `BodyUnreadable` for what is no JSON object."""
    sent = members_of(body).get("prefetch")
    values = _OBJECT.decode(sent) if sent is not None and first_byte(sent) == b"{" else {}
    return {key: None if is_null(raw) else raw for key, raw in values.items()}


def opened_value(raw: msgspec.Raw) -> Opened:
    """A member that was left unread; any number as 0."""
    match first_byte(raw):
        case b"{":
            return _OBJECT.decode(raw)
        case b"[":
            return _LIST.decode(raw)
        case b'"':
            return _TEXT.decode(raw)
        case b"n":
            return None
        case b"t" | b"f" as letter:
            return letter == b"t"
        case _:
            return 0


def members_of(body: bytes) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, unread. Raises `BodyUnreadable`.

    A byte order mark before the body, which some HTTP libraries write, is passed over (RFC 8259, section 8.1).
    """
    body = body.removeprefix(BOM_UTF8)
    try:
        body.decode("utf-8")
        try:
            return _OBJECT.decode(body)
        except msgspec.DecodeError:
            return _OBJECT.decode(_mended(body))
    except msgspec.ValidationError:
        raise BodyUnreadable.not_an_object() from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BodyUnreadable.not_json() from None
    except RecursionError:
        raise BodyUnreadable.too_deep() from None


def first_byte(raw: msgspec.Raw) -> bytes:
    """By which a JSON value shows its type; b"" of what is not there."""
    return bytes(memoryview(raw)[:1])


def is_null(raw: msgspec.Raw) -> bool:
    """True for JSON's null."""
    return first_byte(raw) == b"n"


def _mended(body: bytes) -> bytes:
    """The body with half surrogate pairs as U+FFFD: the grammar of JSON allows them, and a client that cuts a text
    within a character sends them; one such name must not cost the patient every card."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if len(found[0]) == _HALF_A_PAIR else found[0], body)


def _is_open(value: object) -> bool:
    """False for what stands in a Bundle's place and is to be read from its bytes."""
    if isinstance(value, SentBundle):
        return value.resource_type in ("Bundle", "OperationOutcome")
    return value is None or isinstance(value, msgspec.Raw)


def _or_null(value: Prefetched) -> Prefetched:
    return None if isinstance(value, msgspec.Raw) and is_null(value) else value


def _with_bytes(body: bytes) -> Call:
    return Call({name: opened_value(raw) for name, raw in members_of(body).items()}, prefetch_of(body))
