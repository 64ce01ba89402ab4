"""The rulebook as Markdown and as CSV.

Decides the layout for people who read it in a repository or a spreadsheet. What stands in it is decided by
`cds_service.knowledge.book`; the pages are `cds_service.web.pages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cds_service import spreadsheet
from cds_service.knowledge.book import Book, RuleEntry
from cds_service.knowledge.contract import Evidence, Series, Threshold
from cds_service.knowledge.manual import Conflict, Term
from cds_service.knowledge.numbers import amount, shown, unit_in_words
from cds_service.markdown import escaped_prose, table

MARKS = {
    "V": "seen in the source",
    "P": "source read in part, the number not seen",
    "K": "from general knowledge, source not read",
    "D": "a default of this service",
}
"""What a threshold's mark says."""
ANSWERS = {
    "YES": "the rule holds for this patient",
    "NO": "it does not hold",
    "UNKNOWN": "what would decide it is missing or could not be read; it clears nothing",
}
"""What a rule may answer."""
HEARD = "●"


def number(row: Threshold) -> str:
    """A threshold in one phrase: "≥ 4000 mg/dL", and whose it is where a site has put its own in its place."""
    own = f", set by this site; {shown(row.shipped)} as shipped" if row.shipped is not None else ""
    return f"{row.comparator} {amount(row)}{own}".strip()


def plan(row: Series) -> str:
    """A check-up plan in one phrase: "2, 4 and 6 weeks"."""
    *others, last = map(str, row.values)
    return (
        f"{', '.join(others)} and {last} {unit_in_words(row.unit)}" if others else f"{last} {unit_in_words(row.unit)}"
    )


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
    titles = {rule.logic: rule.title for rule in book.rules}
    rows = []
    for row in book.matrix:
        card = f"{_text(row.topic.title)} (`{row.topic.code}`)"
        rows += [
            [
                card,
                f"{_link(logic)} {_text(titles[logic])}",
                *(HEARD if is_heard else "" for is_heard in row.heard(logic)),
            ]
            for logic in row.rules
        ]
    heading = (
        f"## Cards by hook\n\nWhich rule is heard at which hook ({HEARD}), and on which kind of card it may stand."
    )
    return f"{heading}\n\n" + table(["card", "rule", *book.hooks], rows)


def _link(logic: str) -> str:
    """To the rule's own heading, as GitHub names it."""
    return f"[{_text(logic)}](#{logic.lower()})"


def _links(rules: Iterable[str]) -> str:
    return ", ".join(map(_link, rules))


def _rule(rule: RuleEntry) -> str:
    lines = [
        ("Rule", f"`{rule.id}`"),
        ("Cards", ", ".join(f"`{topic.code}`" for topic in rule.topics)),
        ("Hooks", _list(rule.hooks)),
        ("States", "; ".join(f"{state.code} {_text(state.title)}" for state in rule.states)),
        ("Numbers", "; ".join(f"{_text(row.why)}: {_text(number(row))} (`{row.id}`)" for row in rule.thresholds)),
        ("Schedule", "; ".join(f"{_text(row.why)}: {_text(plan(row))} (`{row.id}`)" for row in rule.schedule)),
        (
            "Drugs",
            "; ".join(f"{_text(drug.name)} ({_sources(drug.cites)})" for kind in rule.drugs for drug in kind.drugs),
        ),
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
    head = ["id", "value", "what", "mark", "cites", "a site may change it", "since", "rules"]
    yield f"## Thresholds\n\nMarks: {marks}.\n\n" + table(head, (_threshold(row, book) for row in book.thresholds))
    plans = (
        [f"`{row.id}`", plan(row), _text(row.why), row.mark, _list(row.cites), _links(book.rules_by(row.id))]
        for row in book.schedule
    )
    yield "## Schedule\n\n" + table(["id", "after the first dose", "what", "mark", "cites", "rules"], plans)
    head = ["key", "source", "kind", "what was read", "what rests on it"]
    yield "## Evidence\n\n" + table(head, (_evidence(item, book) for item in book.evidence))
    drugs = (
        [_text(kind.title), _text(drug.name), _list(drug.cites), _links(book.rules_about(kind.id))]
        for kind in book.drugs
        for drug in kind.drugs
    )
    yield "## Drugs\n\n" + table(["kind", "drug or therapy", "sources", "rules"], drugs)
    yield "## Open conflicts\n\n" + "\n\n".join(_conflict(conflict) for conflict in book.conflicts)
    attributes = ([_text(item.name), _text(item.statement)] for item in book.source_attributes)
    yield "## Source attributes (45 CFR 170.315(b)(11))\n\n" + table(["attribute", "statement"], attributes)
    states = ([state.code, _text(state.title)] for state in book.states)
    yield "## States\n\n" + table(["state", "meaning"], states)
    yield f"## Rulings\n\n{rulings(book)}"
    yield f"## Glossary\n\n{glossary(book, '###')}"


def rulings(book: Book) -> str:
    """The package's rulings as one table."""
    return table(["no.", "ruling"], ([str(ruling.number), _text(ruling.text)] for ruling in book.rulings))


def glossary(book: Book, level: str) -> str:
    """The words in their groups, each under a heading of that level."""
    groups: dict[str, list[list[str]]] = {}
    for term in book.glossary:
        groups.setdefault(term.group, []).append([_text(term.word), _meaning(term)])
    groups["Answers of a rule"] = [[word, meaning] for word, meaning in ANSWERS.items()]
    groups["Marks of a number"] = [[mark, meaning] for mark, meaning in MARKS.items()]
    groups["States of a patient"] = [[_text(state.code), _text(state.title)] for state in book.states]
    return "\n\n".join(
        f"{level} {_text(group)}\n\n{table(['word', 'meaning'], rows)}" for group, rows in groups.items() if rows
    )


def _meaning(term: Term) -> str:
    return _text(term.meaning) + (f" ({_list(term.cites)})" if term.cites else "")


def _threshold(row: Threshold, book: Book) -> list[str]:
    what = [f"`{row.id}`", _text(number(row)), _text(row.why), row.mark, _list(row.cites), change(row)]
    return [*what, row.since.isoformat(), _links(book.rules_by(row.id))]


def _evidence(item: Evidence, book: Book) -> list[str]:
    source = f"[{_text(item.citation)}]({item.url})" if item.url else _text(item.citation)
    rests = book.resting_on(item.key)
    on_it = {
        "rules": _links(rests.rules),
        "numbers": ", ".join(f"`{id}`" for id in (*rests.thresholds, *rests.schedule)),
        "conflicts": _list(rests.conflicts),
        "drugs": _list(rests.drugs),
    }
    listed = "; ".join(f"{name} {value}" for name, value in on_it.items() if value)
    return [_text(item.key), source, _text(item.kind), _text(item.checked), listed]


def _sources(cites: Iterable[str]) -> str:
    return _list(cites) or "no source seen"


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
    *("thresholds", "schedule", "drugs", "evidence", "conflicts", "examples", "file", "reads", "tests"),
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
        [f"{row.id} {plan(row)}" for row in rule.schedule],
        [f"{drug.name} ({', '.join(drug.cites)})" for kind in rule.drugs for drug in kind.drugs],
        [item.key for item in rule.evidence],
        rule.conflicts,
        [f"{item.example} {item.call}" for item in rule.examples],
        (rule.file,),
        rule.reads,
        rule.tests,
    )
