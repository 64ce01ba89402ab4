"""The Chromium of this machine, without a window: shows a page and says what a script made of it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
MISSING = f"no browser on this machine: none of {', '.join(NAMES)} (on Debian: apt-get install chromium)"


def asked(page: str, question: str, folder: Path, *, height: int = 2000) -> Any:
    """The JSON value of a JavaScript expression on the page, once it is loaded and laid out, frames and all."""
    script = f"<script>addEventListener('load', () => {{ document.title = JSON.stringify({question}); }});</script>"
    path = folder / "page.html"
    path.write_text(page.replace("</body>", f"{script}</body>"), encoding="utf-8")
    shown = _run(path, folder, "--dump-dom", f"--window-size=1366,{height}")
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert title is not None, shown[:500]
    return json.loads(html.unescape(title[1]))


def photographed(page: str, picture: Path, folder: Path, *, size: str = "1366,2000") -> None:
    """A picture of the page."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    _run(path, folder, f"--screenshot={picture}", "--hide-scrollbars", f"--window-size={size}")


def _run(page: Path, folder: Path, *options: str) -> str:
    assert FOUND is not None, MISSING
    # Without a sandbox of its own, since tests run as root in containers; it shows nothing but our own page.
    command = [FOUND, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout
