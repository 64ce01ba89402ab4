"""Reads a hook call into a `HookRequest`: only the envelope is built.

The prefetched resources, the drafts and what is being entered stay the bytes that came, for `cds_service.fhir` to read
once, leniently. How they are come by is left to `protocol.opening`, what is wrong with the envelope to
`protocol.envelope`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from cds_service.fhir.entries import Prefetched, SentBundle
from cds_service.fhir.read import DraftSource
from cds_service.protocol.envelope import Envelope
from cds_service.protocol.hooks import DraftField, Hook
from cds_service.protocol.opening import Opened, Opener, first_byte, is_null, opened_value, prefetch_of

_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)

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
    prefetch: Mapping[str, Prefetched]
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
    body: bytes = b""

    @property
    def raw_prefetch(self) -> Mapping[str, msgspec.Raw | None]:
        """Every value of the prefetch as the bytes that came, for those who join more to it."""
        kept = {key: value for key, value in self.prefetch.items() if not isinstance(value, SentBundle)}
        return kept if len(kept) == len(self.prefetch) else prefetch_of(self.body)


def read_request(body: bytes, hook: Hook, envelope: Envelope, opener: Opener) -> HookRequest:
    """Raises `BodyUnreadable` for what is no JSON object, `EnvelopeInvalid` for what breaks the hook's definition."""
    members, prefetch = opener.open(body)
    context = _members(members.get("context"))
    outline = {name: _outline(value) for name, value in members.items()}
    if context:
        outline["context"] = {name: _outline_of(raw) for name, raw in context.items()}
    envelope.check(outline)
    user_type, user = _user_of(_text(context.get("userId")))
    return HookRequest(
        patient_id=_TEXT.decode(context["patientId"]).strip().removeprefix("Patient/"),
        user_type=user_type,
        prefetch=prefetch,
        body=body,
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
    return _TEXT.decode(raw).strip() if raw is not None and first_byte(raw) == b'"' else ""


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


def _outline_of(raw: msgspec.Raw) -> Outline:
    """Of a member that is still bytes: drafts are not looked through to learn that they are an object."""
    match first_byte(raw):
        case b"{":
            return {}
        case b"[":
            return []
        case _:
            return _outline(opened_value(raw))


def _user_of(text: str) -> tuple[str, str]:
    """Type and reference: both of "Practitioner/1", which may be absolute and may name a version; no type in "1"."""
    if found := _USER.fullmatch(re.split("[?#]", text, maxsplit=1)[0]):
        return found["type"], f"{found['type']}/{found['id']}"
    return (["", *text.split("/")])[-2], text


def _drafts(context: Mapping[str, msgspec.Raw], where: DraftField | None) -> tuple[DraftSource, ...]:
    if where is None:
        return ()
    orders = context.get(where.orders)
    bundle = None if orders is None or is_null(orders) else orders
    selections = None if where.selections is None else _references(context.get(where.selections))
    return (DraftSource(bundle=bundle, selections=selections),)


def _entered(context: Mapping[str, msgspec.Raw], name: str | None) -> Mapping[str, msgspec.Raw]:
    raw = context.get(name) if name is not None else None
    return {name: raw} if name is not None and raw is not None and first_byte(raw) == b"{" else {}


def _dispatched(context: Mapping[str, msgspec.Raw], hook: Hook) -> frozenset[str]:
    named: frozenset[str] = frozenset().union(*(_references(context.get(name)) for name in hook.dispatched))
    alone = context.get(hook.dispatched_alone) if hook.dispatched_alone else None
    return named | {_TEXT.decode(alone)} if alone is not None and first_byte(alone) == b'"' else named


def _references(raw: msgspec.Raw | None) -> frozenset[str]:
    if raw is None or first_byte(raw) != b"[":
        return frozenset()
    return frozenset(map(_reference, _LIST.decode(raw))) - {""}


def _reference(item: msgspec.Raw) -> str:
    """A reference as its text, or as the object that FHIR has for one."""
    if first_byte(item) == b"{":
        return _text(_members(opened_value(item)).get("reference"))
    return _TEXT.decode(item) if first_byte(item) == b'"' else ""
