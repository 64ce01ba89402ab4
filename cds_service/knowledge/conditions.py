"""Why a rule says NO: the condition at which its function turned away, read off the function while it answers.

A rule is a small pure function whose conditions read as sentences about the picture, so its own words are shown, with
what the picture held. Knows Python and no disease; for people who ask why, never while a clinician waits.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import CodeType, FrameType
from typing import Any

_ASSIGNED = "what a name of the function stands for"
_TELLING = (ast.BoolOp, ast.Compare, ast.UnaryOp)
"""Expressions that say more than the name that they were given."""
_OF_PICTURE = re.compile(r"\bpicture\.|\((self|picture)\b[^()]*\)")
_YES = "Finding.yes"
_LONGEST = 60
"""Characters of a value that is shown."""


@dataclass
class _Ending:
    """Where a function returned, and what its names stood for then."""

    line: int = 0
    names: dict[str, Any] = field(default_factory=dict)


def reasons_for_no(function: Callable[..., object], *asked: object) -> list[str]:
    """The conditions for which `function(*asked)` turned away, each with its answer: "diagnosis is coded: yes".

    None where they can't be told from its text.
    """
    ending = _ending(function.__code__, lambda: function(*asked))
    body = _body(function)
    if body is None or ending is None:
        return []
    names = {**function.__globals__, **ending.names, _ASSIGNED: _assigned(body)}
    turns = _turns(body.body, ending.line - function.__code__.co_firstlineno + 1, names)
    return list(dict.fromkeys(words for test, was in turns for words in _told(test, was, names)))


def _ending(code: CodeType, call: Callable[[], object]) -> _Ending | None:
    """Runs `call` and says where the function of that code returned."""
    ending = _Ending()

    def within(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 -- as sys.settrace has it
        if event == "return" and frame.f_code is code:
            ending.line, ending.names = frame.f_lineno, dict(frame.f_locals)
        return within if frame.f_code is code else None

    before = sys.gettrace()
    sys.settrace(within)
    try:
        call()
    except Exception:
        return None  # A part of a condition that the rule itself did not reach, and could not.
    finally:
        sys.settrace(before)
    return ending if ending.line else None


def _body(function: Callable[..., object]) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    made = tree.body[0]
    return made if isinstance(made, ast.FunctionDef) else None


def _assigned(body: ast.FunctionDef) -> dict[str, ast.expr]:
    assignments = [item for item in body.body if isinstance(item, ast.Assign)]
    return {target.id: item.value for item in assignments for target in item.targets if isinstance(target, ast.Name)}


def _turns(body: list[ast.stmt], line: int, names: Mapping[str, Any]) -> list[tuple[ast.expr, bool]]:
    """The conditions that led to the line, with what they were: the innermost that held, else those that would have led
    to a YES."""
    to_yes: list[tuple[ast.expr, bool]] = []
    for statement in body:
        if isinstance(statement, ast.If):
            if statement.body[0].lineno <= line <= (statement.body[-1].end_lineno or 0):
                return _turns(statement.body, line, names) or [(statement.test, True)]
            if _YES in ast.unparse(statement):
                to_yes.append((statement.test, False))
        elif isinstance(statement, ast.Return):
            if isinstance(statement.value, ast.IfExp):
                return [(statement.value.test, bool(_value(statement.value.test, names)))]
            if isinstance(statement.value, _TELLING):
                return [(statement.value, bool(_value(statement.value, names)))]
        if statement.lineno <= line <= (statement.end_lineno or 0):
            break
    return to_yes


def _told(test: ast.expr, was: bool, names: Mapping[str, Any]) -> Iterator[str]:
    """The parts of a condition that made it what it was, in its own words."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            yield from _told(test.operand, not was, names)
        case ast.BoolOp(op=operator):
            # One part decides that an `or` is true or an `and` false, and it is the first; else all of them together.
            parts = [part for part in test.values if bool(_value(part, names)) is was]
            for part in parts[:1] if isinstance(operator, ast.Or) is was else parts:
                yield from _told(part, was, names)
        case ast.Name(id=name) if isinstance(names.get(_ASSIGNED, {}).get(name), _TELLING):
            yield from _told(names[_ASSIGNED][name], was, names)
        case ast.Call(func=ast.Name(id=name), args=arguments) if found := _of_helper(names.get(name), arguments, names):
            yield from found
        case _:
            yield f"{_words(test, names)}: {'yes' if was else 'no'}"


def _of_helper(function: object, arguments: list[ast.expr], names: Mapping[str, Any]) -> list[str]:
    """The conditions by which a function of the rule's own package answered; none for any other."""
    is_ours = inspect.isfunction(function) and function.__module__.split(".")[0] == names["__name__"].split(".")[0]
    if not is_ours:
        return []
    assert inspect.isfunction(function)
    return reasons_for_no(function, *(_value(one, names) for one in arguments))


def _value(expression: ast.expr, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- whatever a picture holds
    """What an expression of a rule's own text is worth; rules are pure, so that asking again changes nothing."""
    try:
        return eval(compile(ast.Expression(expression), "<rule>", "eval"), dict(names))  # noqa: S307 -- our own code
    except Exception:
        return None


def _words(test: ast.expr, names: Mapping[str, Any]) -> str:
    """The condition as a sentence: `picture.state in BEFORE_TREATMENT` is "state in before treatment (S0)"."""
    asked = _OF_PICTURE.sub("", ast.unparse(test)).replace("_", " ").replace(".", " ").strip()
    words = " ".join(asked.lower().split())
    seen = _value(test.left, names) if isinstance(test, ast.Compare) else None
    shown = str(seen.value if isinstance(seen, Enum) else seen) if isinstance(seen, (Enum, str, int)) else ""
    return f"{words} ({shown[:_LONGEST]})" if shown else words
