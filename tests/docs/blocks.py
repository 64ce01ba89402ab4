"""Runs the shell blocks of a guide in their order, as a reader would, with `cds-service` from this folder."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.docs.repository import ROOT, text

BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
OURS = ("CDS_", "PROMETHEUS_", "GUNICORN_", "PORT")


def blocks_of(guide: str) -> list[str]:
    """The blocks of a guide, in their order."""
    return [textwrap.dedent(indent + body) for indent, body in BLOCK.findall(text(guide))]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def ran(script: str, folder: Path, seconds: int = 90) -> subprocess.CompletedProcess[str]:
    """The script, run in an empty folder until its first command that fails; what it left running is ended."""
    command = folder / "bin" / "cds-service"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cds_service.cli "$@"\n')
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    found = {"PATH": f"{command.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", f"set -e\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}"],
        cwd=folder, env=kept | found, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
