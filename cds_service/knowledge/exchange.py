"""The rulebook as FHIR R4 resources, for exchange: scores to load into an EHR, and the rules as documentation.

CodeSystem, ValueSets and Questionnaire may be loaded as they are. PlanDefinition and Library say what the rules are and
what they rest on; they carry no logic, and running them does nothing. Canonical addresses are URNs of the package.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds_service.knowledge.book import Book, RuleEntry
from cds_service.knowledge.contract import Evidence
from cds_service.knowledge.manual import Assessment
from cds_service.knowledge.printed import markdown, number

Resource = dict[str, Any]

_UCUM = "http://unitsofmeasure.org"
_PLAN_TYPE = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
_LIBRARY_TYPE = "http://terminology.hl7.org/CodeSystem/library-type"
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition"


def exchange_bundle(book: Book) -> Resource:
    """All resources of the book as a collection Bundle. The same book gives the same bytes."""
    names = _Names(book)
    own = [item for item in book.assessments if item.code[0] == book.assessment_system]
    resources = [
        *([_code_system(names, own), *_value_sets(names, own), _questionnaire(names)] if own else []),
        _library(names),
        _plan(names),
    ]
    entries = [{"fullUrl": _full_url(resource), "resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


class _Names:
    """The canonical addresses and names of a book's resources."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def head(self, resource_type: str, id: str, title: str, *, is_experimental: bool, url: str = "") -> Resource:
        """What every conformance resource begins with."""
        return {
            "resourceType": resource_type,
            "id": id,
            "url": url or self.url(id),
            "version": self.book.version,
            "name": "".join(part.capitalize() for part in f"{self.book.id}-{id}".split("-")),
            "title": f"{self.book.title}: {title}",
            "status": "draft" if is_experimental else "active",
            "experimental": is_experimental,
        }

    def url(self, id: str) -> str:
        return f"urn:{self.book.id}-cds:{id}"


def _full_url(resource: Resource) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, resource['resourceType'] + ' ' + resource['url'])}"


def _code_system(names: _Names, own: Sequence[Assessment]) -> Resource:
    concepts = [{"code": item.code[1], "display": item.display} for item in own]
    concepts += [{"code": code, "display": display} for code, display in _options(own)]
    head = names.head(
        "CodeSystem", "assessment", "scores and findings", is_experimental=False, url=names.book.assessment_system
    )
    described = {"caseSensitive": True, "content": "complete", "count": len(concepts), "concept": concepts}
    return head | {"valueSet": names.url("value-set-all")} | described


def _options(own: Sequence[Assessment]) -> Iterator[tuple[str, str]]:
    """Every value code once."""
    return iter(dict.fromkeys(option for item in own for option in item.options))


def _value_sets(names: _Names, own: Sequence[Assessment]) -> Iterator[Resource]:
    """The whole code system, its scores and findings, and the values of each finding."""
    system = names.book.assessment_system
    head = names.head("ValueSet", "value-set-all", "all codes", is_experimental=False)
    yield head | {"compose": {"include": [{"system": system}]}}
    scores = [(item.code[1], item.display) for item in own]
    yield _value_set(names, "value-set-assessments", "scores and findings", scores)
    for item in own:
        if item.options:
            yield _value_set(names, f"value-set-{item.code[1]}", item.display, item.options)


def _value_set(names: _Names, id: str, title: str, codes: Sequence[tuple[str, str]]) -> Resource:
    concepts = [{"code": code, "display": display} for code, display in codes]
    include = [{"system": names.book.assessment_system, "concept": concepts}]
    return names.head("ValueSet", id, title, is_experimental=False) | {"compose": {"include": include}}


def _questionnaire(names: _Names) -> Resource:
    head = names.head("Questionnaire", "assessment-form", "scores and findings", is_experimental=False)
    items = [_item(names, item) for item in names.book.assessments]
    return head | {"subjectType": ["Patient"], "item": items}


def _item(names: _Names, item: Assessment) -> Resource:
    system, code = item.code
    made: Resource = {
        "linkId": code,
        "code": [{"system": system, "code": code, "display": item.display}],
        "text": item.display,
        "type": item.kind,
    }
    if item.kind == "choice":
        return made | {"answerValueSet": names.url(f"value-set-{code}")}
    return {"extension": _limits(item)} | made


def _limits(item: Assessment) -> list[Resource]:
    """A quantity has one unit to choose; of a number, the lowest is zero, and the highest where there is one."""
    if item.kind == "quantity":
        unit = {"system": _UCUM, "code": item.unit, "display": item.unit}
        return [{"url": f"{_EXTENSIONS}/questionnaire-unitOption", "valueCoding": unit}]
    value = "valueInteger" if item.kind == "integer" else "valueDecimal"
    bounds = [("minValue", 0), *([("maxValue", item.highest)] if item.highest is not None else [])]
    return [{"url": f"{_EXTENSIONS}/{name}", value: bound} for name, bound in bounds]


def _library(names: _Names) -> Resource:
    book = names.book
    head = names.head("Library", "rulebook", "the rulebook", is_experimental=True)
    text = b64encode(markdown(book).encode()).decode()
    return head | {
        "type": {"coding": [{"system": _LIBRARY_TYPE, "code": "asset-collection"}]},
        "description": "Documentation of the rules; nothing in it can be executed.",
        "relatedArtifact": [_citation(item) for item in book.evidence],
        "content": [{"contentType": "text/markdown", "data": text, "title": "RULES.md"}],
    }


def _citation(item: Evidence) -> Resource:
    made = {"type": "citation", "label": item.key, "display": item.label, "citation": f"{item.citation} ({item.kind})"}
    return made | ({"url": item.url} if item.url else {})


def _plan(names: _Names) -> Resource:
    head = names.head("PlanDefinition", "rules", "the rules", is_experimental=True)
    return head | {
        "type": {"coding": [{"system": _PLAN_TYPE, "code": "eca-rule"}]},
        "description": "One action a rule: where it is heard and what it rests on. Documentation, without its logic.",
        "library": [names.url("rulebook")],
        "action": [_action(rule, names.book) for rule in names.book.rules],
    }


def _action(rule: RuleEntry, book: Book) -> Resource:
    numbers = [f"{row.why}: {number(row)}" for row in rule.thresholds]
    answers = [f"{answer} {when}" for answer, when in rule.answers]
    triggers = [{"type": "named-event", "name": hook} for hook in rule.hooks]
    made: Mapping[str, Any] = {
        "prefix": rule.logic,
        "title": rule.id,
        "description": rule.sentence,
        "textEquivalent": "\n\n".join(part for part in (rule.reasoning, *answers, "; ".join(numbers)) if part),
        "code": [
            {"coding": [{"system": f"urn:{book.id}-cds:topic", "code": t.code, "display": t.title}]}
            for t in rule.topics
        ],
        "documentation": [_citation(item) for item in rule.evidence],
        "trigger": triggers,
    }
    return {name: value for name, value in made.items() if value}
