"""The rulebook as Markdown and as CSV.

Decides the layout for people who read it in a repository or a spreadsheet. What stands in it is decided by
`cds_service.knowledge.book`; the pages are `cds_service.web.pages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cds_service import spreadsheet
from cds_service.knowledge.book import Book, RuleEntry
from cds_service.knowledge.contract import Evidence, Threshold
from cds_service.knowledge.manual import Conflict
from cds_service.knowledge.numbers import amount, shown
from cds_service.markdown import escaped_prose, table

MARKS = {
    "V": "seen in the source",
    "P": "source read in part, the number not seen",
    "K": "from general knowledge, source not read",
    "D": "a default of this service",
}
"""What a threshold's mark says."""


def number(row: Threshold) -> str:
    """A threshold in one phrase: "≥ 4000 mg/dL"."""
    return f"{row.comparator} {amount(row)}".strip()


def change(row: Threshold) -> str:
    """Whether, and within which bounds, a site may change a threshold."""
    if not row.site_may_change or row.bounds is None:
        return "no"
    lowest, highest = row.bounds
    return f"{shown(lowest)} to {shown(highest)}"


def markdown(book: Book) -> str:
    """The whole book as one Markdown page."""
    head = f"# Rulebook: {_text(book.title)}\n\nVersion {_text(book.version)}."
    rules = "\n\n".join(_rule(rule) for rule in book.rules)
    parts = [head, _cards_by_hook(book), f"## Rules\n\n{rules}", *_tables(book)]
    return "\n\n".join(parts) + "\n"


def _cards_by_hook(book: Book) -> str:
    rows = [
        [f"{_text(row.topic.title)} (`{row.topic.code}`)", *(_list(cell) for cell in row.cells)] for row in book.matrix
    ]
    return "## Cards by hook\n\n" + table(["card", *book.hooks], rows)


def _rule(rule: RuleEntry) -> str:
    lines = [
        ("Rule", f"`{rule.id}`"),
        ("Cards", ", ".join(f"`{topic.code}`" for topic in rule.topics)),
        ("Hooks", _list(rule.hooks)),
        ("States", "; ".join(f"{state.code} {_text(state.title)}" for state in rule.states)),
        ("Numbers", "; ".join(f"{_text(row.why)}: {_text(number(row))} (`{row.id}`)" for row in rule.thresholds)),
        ("Evidence", "; ".join(_text(item.label) + f" ({_text(item.key)})" for item in rule.evidence)),
        ("Conflicts", _list(rule.conflicts)),
        ("File", f"[`{rule.file}`]({rule.file})"),
        ("Reads", ", ".join(f"[`{_base(path)}`]({path})" for path in rule.reads)),
        ("Tests", "; ".join(f"`{test}`" for test in rule.tests)),
        ("Examples", "; ".join(sorted({f"{_text(item.title)}" for item in rule.examples}))),
    ]
    listed = "\n".join(f"- {name}: {value}" for name, value in lines if value)
    reasoning = _text(rule.reasoning) if rule.reasoning else ""
    answers = "\n\n".join(f"**{answer}** {_text(when)}" for answer, when in rule.answers)
    parts = (f"### {rule.logic}", f"**{_text(rule.sentence)}**", reasoning, answers, listed)
    return "\n\n".join(part for part in parts if part)


def _base(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _tables(book: Book) -> Iterator[str]:
    marks = "; ".join(f"{mark}: {meaning}" for mark, meaning in MARKS.items())
    head = ["id", "value", "what", "mark", "cites", "a site may change it", "since"]
    yield f"## Thresholds\n\nMarks: {marks}.\n\n" + table(head, (_threshold(row) for row in book.thresholds))
    head = ["key", "source", "kind", "what was read"]
    yield "## Evidence\n\n" + table(head, (_evidence(item) for item in book.evidence))
    yield "## Open conflicts\n\n" + "\n\n".join(_conflict(conflict) for conflict in book.conflicts)
    attributes = ([_text(item.name), _text(item.statement)] for item in book.source_attributes)
    yield "## Source attributes (45 CFR 170.315(b)(11))\n\n" + table(["attribute", "statement"], attributes)
    states = ([state.code, _text(state.title)] for state in book.states)
    yield "## States\n\n" + table(["state", "meaning"], states)


def _threshold(row: Threshold) -> list[str]:
    cites = _list(row.cites)
    return [f"`{row.id}`", _text(number(row)), _text(row.why), row.mark, cites, change(row), row.since.isoformat()]


def _evidence(item: Evidence) -> list[str]:
    source = f"[{_text(item.citation)}]({item.url})" if item.url else _text(item.citation)
    return [_text(item.key), source, _text(item.kind), _text(item.checked)]


def _conflict(conflict: Conflict) -> str:
    views = "\n".join(f"- {_text(view)}" for view in conflict.views)
    behind = f"Rules: {_list(conflict.rules)}. Evidence: {_list(conflict.cites)}."
    question = f"### {_text(conflict.question)}"
    return f"{question}\n\n{views}\n\nReading (`{conflict.id}`): {_text(conflict.reading)}\n\n{behind}"


def _list(items: Iterable[str]) -> str:
    return ", ".join(_text(item) for item in items)


def _text(value: str) -> str:
    return escaped_prose(value)


CSV_HEAD = (
    *("logic", "rule", "sentence", "reasoning", "yes_when", "no_when", "unknown_when", "cards", "hooks", "states"),
    *("thresholds", "evidence", "conflicts", "examples", "file", "reads", "tests"),
)


def as_csv(book: Book) -> str:
    """One row a rule; several values in a cell stand apart by "; "."""
    rows = (dict(zip(CSV_HEAD, map("; ".join, _cells(rule)), strict=True)) for rule in book.rules)
    return spreadsheet.as_csv(CSV_HEAD, rows)


def _cells(rule: RuleEntry) -> Sequence[Sequence[str]]:
    return (
        *((rule.logic,), (rule.id,), (rule.sentence,), (rule.reasoning.replace("\n\n", " "),)),
        *((when,) for _, when in rule.answers),
        [topic.code for topic in rule.topics],
        rule.hooks,
        [state.code for state in rule.states],
        [f"{row.id} {number(row)}" for row in rule.thresholds],
        [item.key for item in rule.evidence],
        rule.conflicts,
        [f"{item.example} {item.call}" for item in rule.examples],
        (rule.file,),
        rule.reads,
        rule.tests,
    )
