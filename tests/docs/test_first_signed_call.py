"""The blocks of the guide to the first signed call work, in their order."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, text

BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
OURS = ("CDS_", "PROMETHEUS_", "GUNICORN_", "PORT")


@pytest.mark.skipif(not shutil.which("curl"), reason="the guide calls curl")
def test_the_blocks_lead_to_a_signed_call(tmp_path: Path) -> None:
    blocks = [
        textwrap.dedent(indent + body) for indent, body in BLOCK.findall(text("docs/how-to/first-signed-call.md"))
    ]
    assert len(blocks) == 5
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = tmp_path / "bin" / "cds-service"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cds_service.cli "$@"\n')
    command.chmod(0o755)
    script = "set -e\ntrap 'kill $!' EXIT\n" + "\n".join(blocks).replace("8080", port)
    script = script.replace("--key test-client", f"--url http://127.0.0.1:{port} --key test-client")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = f"{command.parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path, env=kept | {"PATH": path, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=90,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "rituximab is the first choice" in " ".join(ended.stdout.split())
    assert "accepted: a token of https://test-client.hospital.example.org" in ended.stdout
    assert "cards" in json.loads((tmp_path / "answer.json").read_text())
