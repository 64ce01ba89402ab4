"""What the tests of the documents read: the repository's own files."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT_SUFFIXES = {"", ".md", ".py", ".toml", ".json", ".lock", ".lua", ".cfg", ".yml", ".yaml", ".conf", ".service"}


@cache
def files() -> tuple[Path, ...]:
    """Every text file that is part of the project, by git where there is git, else by looking."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not _is_foreign(path.relative_to(ROOT))]
    return tuple(sorted(path for path in found if path.is_file() and path.suffix in TEXT_SUFFIXES))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def make_targets() -> set[str]:
    """Targets that a person would call: a plain word before a colon."""
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)(?!\s*export)", text("Makefile"), re.MULTILINE))


def _is_foreign(path: Path) -> bool:
    return any(part == "__pycache__" or (part.startswith(".") and part != ".ci") for part in path.parts[:-1])
