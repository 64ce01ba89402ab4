"""The Chromium of this machine, without a window: Playwright drives it and downloads none.

`python -m docs.chromium` ends with 1 where there is none, and says what to install.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
MISSING = f"no browser on this machine: none of {', '.join(NAMES)} (on Debian: apt-get install chromium)"


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser, started; it is ended afterwards."""
    assert FOUND is not None, MISSING
    with sync_playwright() as playwright:
        # Without a sandbox of its own, since tests run as root in containers; it shows nothing but our own pages.
        browser = playwright.chromium.launch(executable_path=FOUND, chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__" and FOUND is None:
    sys.exit(MISSING)
