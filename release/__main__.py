"""Makes a release in `dist` (make release): package, source, bill of materials, licence report, and the sums of them.

Two runs on one commit give the same bytes: every time in them is that of the commit, or SOURCE_DATE_EPOCH where it is
set. Nothing is published.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cds_service import __version__
from release.bill import bill
from release.licences import report
from release.locked import LockNotInstalled, packages

ROOT = Path(__file__).parents[1]


def main(folder: Path) -> None:
    """Make everything anew in `folder`."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{project['name']}-{__version__}"
    epoch = _epoch()
    installed = packages((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _build(folder, epoch)
    made = datetime.fromtimestamp(epoch, UTC)
    of_release = bill(project["name"], __version__, project["license"], installed, made)
    (folder / f"{name}.cdx.json").write_text(of_release, encoding="utf-8")
    title = f"What {name} is installed with (requirements.lock), and under which licences."
    (folder / f"{name}-licences.txt").write_text(report(title, installed), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(_sums(folder), encoding="utf-8")


def _epoch() -> int:
    """Seconds of the time that stands in everything: as asked for, else of the commit."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(said)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)  # noqa: S603


def _build(folder: Path, epoch: int) -> None:
    """The wheel and the source, by the locked build tool, without an environment of its own."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    told = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
    subprocess.run(command, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def _sums(folder: Path) -> str:
    """As `sha256sum --check` takes them."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
    except LockNotInstalled as error:
        sys.exit(str(error))
