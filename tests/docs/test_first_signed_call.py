"""The blocks of the guide to the first signed call work, in their order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, free_port, ran


@pytest.mark.skipif(not shutil.which("curl"), reason="the guide calls curl")
def test_the_blocks_lead_to_a_signed_call(tmp_path: Path) -> None:
    blocks = blocks_of("docs/how-to/first-signed-call.md")
    assert len(blocks) == 5
    port = free_port()
    script = "\n".join(blocks).replace("8080", port)
    script = script.replace("--key test-client", f"--url http://127.0.0.1:{port} --key test-client")
    ended = ran(script, tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "rituximab is the first choice" in " ".join(ended.stdout.split())
    assert "accepted: a token of https://test-client.hospital.example.org" in ended.stdout
    assert "cards" in json.loads((tmp_path / "answer.json").read_text())
