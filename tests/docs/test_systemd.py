"""The unit forbids the service all that it does not need. That it runs under it is tried by `tests/image`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.repository import text

UNIT = "deploy/systemd/anti-mag-cds.service"
pytestmark = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="there is no systemd-analyze (Debian: systemd)"
)


def exposure(unit: str, folder: Path) -> float:
    """How much the unit could do to its host, of 10."""
    file = folder / "cds.service"
    file.write_text(unit)
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    (level,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    return float(level)


def test_the_unit_exposes_the_host_to_little(tmp_path: Path) -> None:
    assert exposure(text(UNIT), tmp_path) < 3


def test_the_level_is_that_of_the_unit(tmp_path: Path) -> None:
    bare = re.sub(r"^(Protect|Private|Restrict|SystemCall|Capability|NoNew).*\n", "", text(UNIT), flags=re.MULTILINE)
    assert exposure(bare, tmp_path) > 5
