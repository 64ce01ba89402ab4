"""What is let through at a glance is what the schema of the hook lets through."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cds_service.protocol.envelope import schema, sound
from cds_service.protocol.hooks import HOOKS

OTHERS = {"envelope.json": schema("envelope")}
SHARED: Registry[Any] = Registry().with_resource("envelope.json", DRAFT202012.create_resource(schema("envelope")))
AT_A_GLANCE = {hook: sound(schema(hook), OTHERS) for hook in HOOKS}
WHOLE = {hook: Draft202012Validator(schema(hook), registry=SHARED) for hook in HOOKS}

values = st.one_of(st.none(), st.booleans(), st.just(0), st.sampled_from(["", " ", "/", "a/", "a/1 "]), st.text())
contexts = st.dictionaries(
    st.sampled_from(["userId", "patientId", "encounterId", "performer", "dispatchedOrders"]),
    st.one_of(values, st.just("1"), st.just([]), st.just({})),
)
outlines = st.fixed_dictionaries(
    {},
    optional={
        "hook": st.one_of(values, st.sampled_from([*HOOKS, "order-review"])),
        "hookInstance": st.one_of(values, st.just("1")),
        "context": st.one_of(values, st.just([]), contexts),
        "prefetch": st.one_of(values, st.just([]), st.just({})),
    },
)


@given(st.sampled_from(sorted(HOOKS)), outlines)
def test_a_glance_says_what_the_schema_says(hook: str, outline: Mapping[str, Any]) -> None:
    assert AT_A_GLANCE[hook](outline) == WHOLE[hook].is_valid(outline)


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_sound_call_is_seen_at_a_glance(hook: str) -> None:
    context = dict.fromkeys(("userId", "patientId", "encounterId", "performer"), "1")
    call = {"hook": hook, "hookInstance": "1", "context": {**context, "dispatchedOrders": ["1"]}, "prefetch": {}}
    assert AT_A_GLANCE[hook](call)
    assert not AT_A_GLANCE[hook](call | {"context": {}})


def test_a_keyword_that_is_not_known_stops_the_start() -> None:
    with pytest.raises(KeyError):
        sound({"maxProperties": 3}, {})
