"""Why a rule says NO: the condition at which its function turned away, read off the function while it answers.

A rule is a small pure function whose conditions read as sentences about the picture, so its own words are shown, with
what the picture held. Knows Python and no disease; for people who ask why, never while a clinician waits.
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from types import CodeType, FrameType
from typing import Any

_ASSIGNED = "what a name of the function stands for"
_SAID = "what its caller calls a parameter"
_Turn = tuple[ast.expr, bool]
"""A condition, and what it was."""
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
    return _reasons(function, asked, {})


def _reasons(function: Callable[..., object], asked: Iterable[object], said: Mapping[str, ast.expr]) -> list[str]:
    """`said` is what the caller wrote for a parameter, where that says more than the parameter's name."""
    ending = _ending(function.__code__, lambda: function(*asked))
    body = _body(function)
    if body is None or ending is None:
        return []
    names = {**function.__globals__, **ending.names, _ASSIGNED: _assigned(body), _SAID: said}
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


def _turns(body: list[ast.stmt], line: int, names: Mapping[str, Any]) -> list[_Turn]:
    """The conditions that led to the line, with what they were: the innermost that held, else those that would have led
    to a YES."""
    to_yes: list[_Turn] = []
    for statement in body:
        is_here = statement.lineno <= line <= (statement.end_lineno or 0)
        match statement:
            case ast.If():
                if statement.body[0].lineno <= line <= (statement.body[-1].end_lineno or 0):
                    return _within(statement, line, names)
                if _YES in ast.unparse(statement):
                    to_yes.append((statement.test, False))
            case ast.Match() if is_here:
                return _of_match(statement, line, names)
            case ast.Return(value=ast.expr() as value):
                return _of_value(value, to_yes, names)
        if is_here:
            break
    return to_yes


def _within(statement: ast.If, line: int, names: Mapping[str, Any]) -> list[_Turn]:
    """Of a condition that held: what turned within it, and itself where nothing within it could lead to a YES."""
    inner = _turns(statement.body, line, names)
    could_be_yes = any(_YES in ast.unparse(part) for part in statement.body)
    return inner if inner and could_be_yes else [(statement.test, True), *inner]


def _of_match(statement: ast.Match, line: int, names: Mapping[str, Any]) -> list[_Turn]:
    """What turned within the case that was taken, else that the subject was none of those that lead to a YES."""
    taken = next(case for case in statement.cases if case.body[0].lineno <= line <= (case.body[-1].end_lineno or 0))
    wanted = [
        case.pattern.value
        for case in statement.cases
        if isinstance(case.pattern, ast.MatchValue) and any(_YES in ast.unparse(part) for part in case.body)
    ]
    missed: list[_Turn] = [(ast.Compare(statement.subject, [ast.Eq()], [value]), False) for value in wanted]
    return _turns(taken.body, line, names) or missed


def _of_value(value: ast.expr, to_yes: list[_Turn], names: Mapping[str, Any]) -> list[_Turn]:
    """The conditions behind what is returned: those of the choice that it makes, of the function that it asks, of the
    statement whose truth it passes on; else those before it that would have led to a YES."""
    match value:
        case ast.IfExp():
            if to_yes and _YES not in ast.unparse(value):
                return to_yes  # It chooses between NO and UNKNOWN.
            was = bool(_value(value.test, names))
            return [(value.test, was), *_of_value(value.body if was else value.orelse, [], names)]
        case ast.Call(func=ast.Name(id="Finding"), args=[ast.Attribute(value=statement, attr="truth"), *_]):
            return to_yes or [(statement, False)]
        case ast.Call(func=ast.Name(id=name)) if _is_ours(names.get(name), names):
            return [*to_yes, (value, _value(value, names) is True)]
        case ast.Name(id=name) if isinstance(assigned := names[_ASSIGNED].get(name), ast.Call):
            return _of_value(assigned, to_yes, names)
        case _ if isinstance(value, _TELLING):
            return [(value, bool(_value(value, names)))]
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
    if not _is_ours(function, names):
        return []
    assert inspect.isfunction(function)
    spoken = {
        name: _as_said(argument, names)
        for name, argument in zip(inspect.signature(function).parameters, arguments, strict=False)
        if isinstance(argument, ast.Attribute | ast.Name)
    }
    return _reasons(function, [_value(one, names) for one in arguments], spoken)


def _is_ours(function: object, names: Mapping[str, Any]) -> bool:
    return inspect.isfunction(function) and function.__module__.split(".")[0] == names["__name__"].split(".")[0]


def _as_said(expression: ast.expr, names: Mapping[str, Any]) -> ast.expr:
    """The expression in the words of the rule that was asked first."""
    said: Mapping[str, ast.expr] = names.get(_SAID, {})

    class Spoken(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return said.get(node.id, node)

    made = Spoken().visit(copy.deepcopy(expression))
    assert isinstance(made, ast.expr)
    return made


def _value(expression: ast.expr, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- whatever a picture holds
    """What an expression of a rule's own text is worth; rules are pure, so that asking again changes nothing."""
    try:
        return eval(compile(ast.Expression(expression), "<rule>", "eval"), dict(names))  # noqa: S307 -- our own code
    except Exception:
        return None


def _words(test: ast.expr, names: Mapping[str, Any]) -> str:
    """The condition as a sentence: `picture.state in BEFORE_TREATMENT` is "state in before treatment (S0)"."""
    asked = _OF_PICTURE.sub("", ast.unparse(_as_said(test, names))).replace("_", " ").replace(".", " ").strip()
    words = " ".join(asked.lower().split())
    seen = " against ".join(_compared(test, names)) if isinstance(test, ast.Compare) else ""
    return f"{words} ({seen})" if seen else words


def _compared(test: ast.Compare, names: Mapping[str, Any]) -> Iterator[str]:
    """The values on the sides of a comparison that the text of the rule does not say itself."""
    for side in (test.left, *test.comparators):
        value = None if isinstance(side, ast.Constant) else _value(side, names)
        if isinstance(value, Enum) and side is test.left:
            yield str(value.value)[:_LONGEST]
        elif isinstance(value, (str, int, Decimal, date)) and not isinstance(value, Enum):
            yield str(value)[:_LONGEST]
