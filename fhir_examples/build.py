"""Writes the stored files that follow from the charts: `python -m fhir_examples.build [--cards] [--check]`.

Requests and the README's table are always written. Whole cards are written with `--cards` only, because they are what
the tests compare with: read every line of such a change against `expected-*.json` before keeping it. Those are
never written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from fhir_examples.example import FOLDER, Call, Example, Json, load, names
from fhir_examples.replay import built_request, cards_for

README = FOLDER / "README.md"
_TABLE_BEGINS = "<!-- The table is written by `python -m fhir_examples.build`. -->\n"


def requests_and_readme() -> dict[Path, str]:
    """The text of every request file and of the README, by path."""
    made = {
        example.folder / f"{call.name}.json": _json(built_request(example, call, call.as_of), is_long=example.is_long)
        for example, call in every_call()
    }
    before_table = README.read_text(encoding="utf-8").split(_TABLE_BEGINS)[0]
    return made | {README: before_table + _TABLE_BEGINS + "\n" + cast_table()}


def whole_cards() -> dict[Path, str]:
    """The text of every file of whole cards, as the service answers now."""
    return {
        example.folder / f"cards-{call.name}.json": _json(
            cards_for(built_request(example, call, call.as_of), call.as_of)
        )
        for example, call in every_call()
    }


def every_call() -> Iterator[tuple[Example, Call]]:
    """Every call of every example."""
    for name in names():
        example = load(name)
        for call in example.calls:
            yield example, call


def cast_table() -> str:
    """One line a patient: the story, and for each call the cards expected."""
    lines = ["| patient | story | calls and the cards expected |", "| --- | --- | --- |"]
    for name in names():
        example = load(name)
        calls = "; ".join(_call(example, call) for call in example.calls)
        lines.append(f"| [{name}]({name}/story.md) | {example.title} | {calls} |")
    return "\n".join(lines) + "\n"


def _call(example: Example, call: Call) -> str:
    cards = ", ".join(_card(item) for item in example.expected(call)) or "none"
    return f"[{call.name}]({example.name}/{call.name}.json): {cards}"


def _card(expected: Json) -> str:
    logic = ", ".join(rule["logic"] for rule in expected["rules"])
    return f"`{expected['topic']}` {expected['indicator']} ({logic})"


def _json(value: object, *, is_long: bool = False) -> str:
    return json.dumps(value, indent=None if is_long else 2, ensure_ascii=False) + "\n"


@click.command()
@click.option("--cards", is_flag=True, help="Write the whole cards too.")
@click.option("--check", is_flag=True, help="Write nothing; fail if a file would change.")
def main(cards: bool, check: bool) -> None:
    """Write the examples' requests and the README's table."""
    made = requests_and_readme() | (whole_cards() if cards else {})
    changed = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in changed:
        click.echo(path.relative_to(FOLDER))
        if not check:
            path.write_text(made[path], encoding="utf-8")
    if check and changed:
        raise click.ClickException(f"{len(changed)} files are not what their charts give.")


if __name__ == "__main__":
    main()
