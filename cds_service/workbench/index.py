"""The example patients to choose from, found by what they show: a rule, a kind of card, a hook, a word of the story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cds_service.workbench.cast import Cast


@dataclass(frozen=True, slots=True)
class CallShown:
    """One call of an example, and what it must give."""

    name: str
    hook: str
    day: date
    topics: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One example patient in the list."""

    name: str
    title: str
    calls: tuple[CallShown, ...]
    words: str
    """Everything that a search looks through, in lower case."""

    @property
    def topics(self) -> tuple[str, ...]:
        """Kinds of card that it shows, each once."""
        return tuple(dict.fromkeys(topic for call in self.calls for topic in call.topics))

    @property
    def hooks(self) -> tuple[str, ...]:
        """Hooks that it is called at, each once."""
        return tuple(dict.fromkeys(call.hook for call in self.calls))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for; "" for whatever."""

    words: str = ""
    hook: str = ""
    topic: str = ""
    rule: str = ""


def entries(cast: Cast, titles: Mapping[str, str]) -> tuple[Entry, ...]:
    """Every example; `titles` are those of the topics."""
    return tuple(_entry(name, cast, titles) for name in cast.names)


def _entry(name: str, cast: Cast, titles: Mapping[str, str]) -> Entry:
    patient = cast.find(name)
    assert patient is not None
    calls = []
    for call in patient.calls:
        cards = patient.expected(call)
        rules = dict.fromkeys(rule["logic"] for card in cards for rule in card.get("rules", ()))
        calls.append(CallShown(call.name, call.hook, call.as_of, tuple(card["topic"] for card in cards), tuple(rules)))
    shown = [word for call in calls for word in (call.name, call.hook, *call.topics, *call.rules)]
    shown += [titles.get(topic, "") for call in calls for topic in call.topics]
    return Entry(name, patient.title, tuple(calls), " ".join([name, patient.title, patient.story, *shown]).lower())


def found(listed: Iterable[Entry], wish: Wish) -> list[Entry]:
    """The entries of which one call shows all that is asked for."""
    words = wish.words.lower().split()
    return [
        entry
        for entry in listed
        if all(word in entry.words for word in words) and any(_shows(call, wish) for call in entry.calls)
    ]


def _shows(call: CallShown, wish: Wish) -> bool:
    return (
        wish.hook in ("", call.hook)
        and (not wish.topic or wish.topic in call.topics)
        and (not wish.rule or wish.rule in call.rules)
    )


def rules_in(listed: Sequence[Entry]) -> list[str]:
    """Every rule that some example shows."""
    return sorted({rule for entry in listed for call in entry.calls for rule in call.rules})
