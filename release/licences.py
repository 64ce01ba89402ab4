"""The licence report: every package that the service is installed with, its licence, and the texts that it brings."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution

from release.locked import licence, licence_texts, normal


def report(title: str, packages: Iterable[Distribution]) -> str:
    """Plain text: a line for each package first, then their licence and notice files one after another."""
    known = list(packages)
    width = max((len(_name(package)) for package in known), default=0)
    lines = [f"{_name(package):{width}}  {licence(package)}" for package in known]
    texts = [_headed(f"{_name(package)}: {name}", text) for package in known for name, text in licence_texts(package)]
    return "\n".join([title, "", *lines, "", *texts])


def _name(package: Distribution) -> str:
    return f"{normal(package.metadata['Name'])} {package.version}"


def _headed(head: str, text: str) -> str:
    return f"{'=' * 80}\n{head}\n{'=' * 80}\n\n{text.strip()}\n"
