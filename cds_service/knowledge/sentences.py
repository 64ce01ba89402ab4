"""What a rule says of itself in words: its docstring, read into the recommendation, the reasons and its three answers.

A paragraph that begins "YES when", "NO when" or "UNKNOWN when" says when the rule gives that answer, and "UNKNOWN
never: " why it gives it at no time. That each of the three is there is demanded by the rulebook.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

ANSWERS = ("YES", "NO", "UNKNOWN")
NEVER = "never: "
_ANSWER = re.compile(rf"({'|'.join(ANSWERS)}) ((?:when |{NEVER}).+)")


@dataclass(frozen=True, slots=True)
class Sentences:
    """A rule's docstring by its parts, each paragraph on one line; "" for what is not there."""

    says: str = ""
    """The first paragraph, which is the recommendation."""
    reasoning: str = ""
    """Further paragraphs, apart by an empty line."""
    yes_when: str = ""
    """When the answer is YES, without that word: "when …", or "never: …"."""
    no_when: str = ""
    unknown_when: str = ""


def sentences_of(docstring: str) -> Sentences:
    """The parts of a rule's docstring."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(docstring))]
    says, *rest = paragraphs
    answers = {found[1]: found[2] for part in rest if (found := _ANSWER.fullmatch(part))}
    reasons = [part for part in rest if part and not _ANSWER.fullmatch(part)]
    return Sentences(says, "\n\n".join(reasons), *(answers.get(answer, "") for answer in ANSWERS))
