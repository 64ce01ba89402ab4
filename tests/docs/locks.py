"""The lock files, read as requirements."""

import re

from packaging.requirements import Requirement

from tests.docs.repository import text

LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


def locked(lock: str) -> list[Requirement]:
    """Every line of LOCK: one version, with its extras and the systems that it is for."""
    return [Requirement(line) for line in re.findall(r"^([a-z0-9].*?) *\\?$", text(lock), re.MULTILINE)]


def here(lock: str) -> dict[str, Requirement]:
    """What LOCK puts on this system, by name."""
    return {item.name: item for item in locked(lock) if applies(item)}


def named(requirement: Requirement) -> str:
    """The name as a lock file spells it."""
    return re.sub(r"[-_.]+", "-", requirement.name.lower())


def applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def version(pin: Requirement) -> str:
    [only] = pin.specifier
    assert only.operator == "=="
    return only.version
