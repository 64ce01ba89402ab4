"""Environments of their own for the peers that are measured beside us, made where PEERS=1 asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(".peers")
HEALTHCHAIN = ("healthchain==0.16.1", "uvloop==0.23.0", "httptools==0.9.0")
"""With what makes its server fast: without them each answer waits for an acknowledgement of 40 ms."""
_INSTALL_SECONDS = 300


class NotHere(Exception):
    """A peer that cannot be measured on this machine, and why."""


def healthchain() -> Path:
    """The interpreter that has HealthChain; installed where it is not there yet. Raises `NotHere`."""
    python = FOLDER / "healthchain" / "bin" / "python"
    if not _has(python, HEALTHCHAIN):
        _run(sys.executable, "-m", "venv", "--clear", str(FOLDER / "healthchain"))
        _run(str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *HEALTHCHAIN)
    return python.absolute()


def _has(python: Path, wanted: tuple[str, ...]) -> bool:
    versions = dict(item.split("==") for item in wanted)
    asked = f"import importlib.metadata as m, sys; sys.exit(any(m.version(k) != v for k, v in {versions!r}.items()))"
    return python.exists() and subprocess.run([str(python), "-c", asked], capture_output=True).returncode == 0


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
    except subprocess.CalledProcessError as error:
        raise NotHere(error.stderr.strip().splitlines()[-1] if error.stderr.strip() else "it failed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(str(error)) from None
