"""Pages that need no server, as a browser shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

Asked = Callable[..., Any]


@pytest.fixture
def asked(chromium: Browser) -> Iterator[Asked]:
    """The value of a JavaScript expression on a page, once it is loaded and laid out, frames and all."""
    shown = chromium.new_page(viewport={"width": 1366, "height": 2000})

    def ask(html: str, question: str) -> Any:
        shown.set_content(html, wait_until="load")
        return shown.evaluate(question)

    yield ask
    shown.close()
