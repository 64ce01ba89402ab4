"""Reads the bytes of a hook call into a `HookRequest`: JSON is checked whole, but only the envelope is built.

The prefetched resources, the drafts and what is being entered stay the bytes that came, for `cds_service.fhir` to read
once, leniently. What is wrong with the envelope is decided by `protocol.envelope`; members that are there twice count
as sent last.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from cds_service.errors import BodyUnreadable
from cds_service.fhir.read import DraftSource
from cds_service.protocol.envelope import Envelope
from cds_service.protocol.hooks import DraftField, Hook

Opened = dict[str, msgspec.Raw] | list[msgspec.Raw] | str | int | float | None
"""A JSON value whose members are not read yet."""

_CALL = msgspec.json.Decoder(dict[str, Opened])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair of surrogates: one character
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"  # half a pair
    rb"|\\."
)
_HALF_A_PAIR = 6
_USER = re.compile(r"(.*/)?(?P<type>[A-Z][A-Za-z]*)/(?P<id>(?!_history)[^/]+)(/_history(/[^/]+)?)?")
_NOT_POSITIVE = re.compile(rb'"?\s*(-.*|0+(\.0*)?)\s*"?')
"""A number of seconds that is zero or less; some clients send it as text."""


Outline = str | int | None | list[object] | dict[str, object]
"""A JSON value for checking its type: a scalar as it is (any number as 0), a list or an object without its contents."""


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """`fhirServer` and `fhirAuthorization` as sent; each "" where it was not, or was no text."""

    server: str = ""
    token: str = ""
    patient: str = ""
    """The patient that the token is limited to."""
    is_expired: bool = False
    is_open: bool = True
    """There was no `fhirAuthorization`."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call, its envelope checked. A prefetch value of None was sent as null."""

    patient_id: str
    user_type: str
    """Resource type of the user, "" where `userId` is a bare id."""
    prefetch: Mapping[str, msgspec.Raw | None]
    drafts: tuple[DraftSource, ...]
    dispatched: frozenset[str] = frozenset()
    """References of the orders on record that are being dispatched."""
    entered: Mapping[str, msgspec.Raw] = field(default_factory=dict)
    """What is being booked or put on record, by its member of `context`."""
    user: str = ""
    """`userId` as type and id, as sent where it is none."""
    context: Mapping[str, str] = field(default_factory=dict)
    """The members of `context` that are texts, for the tokens of templates."""
    fhir: FhirAccess = field(default_factory=FhirAccess)
    not_read: frozenset[str] = frozenset()
    """Prefetch keys that were asked for at the FHIR server, and not had."""
    medications: Mapping[str, msgspec.Raw] = field(default_factory=dict)
    """Bundles of the Medications that resources name by reference, looked up at the FHIR server, each under a key that
    is no template's: what they hold only supports what other resources say."""


def read_request(body: bytes, hook: Hook, envelope: Envelope) -> HookRequest:
    """Raises `BodyUnreadable` for what is no JSON object, `EnvelopeInvalid` for what breaks the hook's definition.

    A byte order mark before the body, which some HTTP libraries write, is passed over (RFC 8259, section 8.1).
    """
    members = _opened(body)
    context = _members(members.get("context"))
    outline = {name: _outline(value) for name, value in members.items()}
    if context:
        outline["context"] = {name: _outline(_value(raw)) for name, raw in context.items()}
    envelope.check(outline)
    prefetch = _members(members.get("prefetch"))
    user_type, user = _user_of(_text(context.get("userId")))
    return HookRequest(
        patient_id=_TEXT.decode(context["patientId"]).strip().removeprefix("Patient/"),
        user_type=user_type,
        prefetch={key: None if _is_null(raw) else raw for key, raw in prefetch.items()},
        drafts=_drafts(context, hook.drafts.get(str(members["hook"]))),
        dispatched=_dispatched(context, hook),
        entered=_entered(context, hook.entered),
        user=user,
        context={name: text for name, raw in context.items() if (text := _text(raw))},
        fhir=_fhir_access(members),
    )


def _fhir_access(members: Mapping[str, Opened]) -> FhirAccess:
    authorization, server = members.get("fhirAuthorization"), members.get("fhirServer")
    granted = _members(authorization)
    lasts = granted.get("expires_in")
    return FhirAccess(
        server=server.strip() if isinstance(server, str) else "",
        token=_text(granted.get("access_token")),
        patient=_text(granted.get("patient")).removeprefix("Patient/"),
        is_expired=lasts is not None and bool(_NOT_POSITIVE.fullmatch(bytes(lasts))),
        is_open=authorization is None,
    )


def _text(raw: msgspec.Raw | None) -> str:
    return _TEXT.decode(raw).strip() if raw is not None and _first(raw) == b'"' else ""


def _opened(body: bytes) -> dict[str, Opened]:
    """The members of the body, those of its objects unread: one look at every byte. Raises `BodyUnreadable`."""
    try:
        body.decode("utf-8")
        return _CALL.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # or a number that no computer holds (1e999)
        return {name: _value(raw) for name, raw in members_of(body).items()}


def _value(raw: msgspec.Raw) -> Opened:
    """A member that was left unread; any number as 0."""
    match _first(raw):
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
    """The members of a JSON object, unread. Raises `BodyUnreadable`."""
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


def _mended(body: bytes) -> bytes:
    """The body with half surrogate pairs as U+FFFD: the grammar of JSON allows them, and a client that cuts a text
    within a character sends them; one such name must not cost the patient every card."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if len(found[0]) == _HALF_A_PAIR else found[0], body)


def _members(value: Opened) -> dict[str, msgspec.Raw]:
    return value if isinstance(value, dict) else {}


def _outline(value: Opened) -> Outline:
    match value:
        case dict():
            return {}
        case list():
            return []
        case float():
            return 0
        case _:
            return value


def _is_null(raw: msgspec.Raw) -> bool:
    return _first(raw) == b"n"


def _first(raw: msgspec.Raw) -> bytes:
    return bytes(memoryview(raw)[:1])


def _user_of(text: str) -> tuple[str, str]:
    """Type and reference: both of "Practitioner/1", which may be absolute and may name a version; no type in "1"."""
    if found := _USER.fullmatch(re.split("[?#]", text, maxsplit=1)[0]):
        return found["type"], f"{found['type']}/{found['id']}"
    return (["", *text.split("/")])[-2], text


def _drafts(context: Mapping[str, msgspec.Raw], where: DraftField | None) -> tuple[DraftSource, ...]:
    if where is None:
        return ()
    orders = context.get(where.orders)
    bundle = None if orders is None or _is_null(orders) else orders
    selections = None if where.selections is None else _references(context.get(where.selections))
    return (DraftSource(bundle=bundle, selections=selections),)


def _entered(context: Mapping[str, msgspec.Raw], name: str | None) -> Mapping[str, msgspec.Raw]:
    raw = context.get(name) if name is not None else None
    return {name: raw} if name is not None and raw is not None and _first(raw) == b"{" else {}


def _dispatched(context: Mapping[str, msgspec.Raw], hook: Hook) -> frozenset[str]:
    named: frozenset[str] = frozenset().union(*(_references(context.get(name)) for name in hook.dispatched))
    alone = context.get(hook.dispatched_alone) if hook.dispatched_alone else None
    return named | {_TEXT.decode(alone)} if alone is not None and _first(alone) == b'"' else named


def _references(raw: msgspec.Raw | None) -> frozenset[str]:
    if raw is None or _first(raw) != b"[":
        return frozenset()
    return frozenset(_TEXT.decode(item) for item in _LIST.decode(raw) if _first(item) == b'"')
