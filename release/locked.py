"""What the service is installed with on this system: the packages of the runtime lock, as they are installed here.

The development lock holds every one of them in the same version, so that this environment can be looked at for them.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


class LockNotInstalled(Exception):
    """This environment is not what the lock says, so nothing can be said of it."""


def packages(lock: str) -> list[Distribution]:
    """What the text of a lock file puts on this system, by name. Raises `LockNotInstalled`."""
    pins = [Requirement(line) for line in re.findall(r"^([a-z0-9].*?) *\\?$", lock, re.MULTILINE)]
    return [_installed(pin) for pin in pins if pin.marker is None or pin.marker.evaluate()]


def normal(name: str) -> str:
    """The name as lock files and package URLs spell it."""
    return re.sub(r"[-_.]+", "-", name.lower())


def licence(package: Distribution) -> str:
    """Its licence in one line: an SPDX expression where it gives one, else what it says of itself."""
    [expression, short] = [_field(package, name) for name in ("License-Expression", "License")]
    classifiers = package.metadata.get_all("Classifier") or []
    classified = ", ".join(line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::"))
    is_a_line = short and "\n" not in short  # Some put the whole text there.
    return expression or (short if is_a_line else classified) or "not said"


def licence_texts(package: Distribution) -> list[tuple[str, str]]:
    """Name and text of each licence or notice file that it brings."""
    wanted = [file for file in package.files or [] if _is_licence(Path(str(file)))]
    return [(file.name, Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")) for file in wanted]


def _is_licence(file: Path) -> bool:
    is_of_package = any(part.endswith(".dist-info") for part in file.parts)
    return is_of_package and bool(re.match(r"licen[cs]e|notice|copying|copyright|authors", file.name, re.IGNORECASE))


def _field(package: Distribution, name: str) -> str:
    return next(iter(package.metadata.get_all(name) or ()), "").strip()


def _installed(pin: Requirement) -> Distribution:
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        raise LockNotInstalled(f"{pin.name} is locked and not installed: say make install-dev") from None
    if not pin.specifier.contains(found.version, prereleases=True):
        raise LockNotInstalled(f"{pin} is locked and {found.version} installed: say make install-dev")
    return found
