"""Takes the pictures of the workbench that README.md shows: `python -m docs.screenshots` (make screenshots).

Each shows an example on the day of its own call, so that the same knowledge gives the same picture.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from bench.server import Contender, running
from docs.chromium import opened

FOLDER = Path(__file__).parent / "pictures"
WIDTH, MARGIN = 1280, 8
"""Pixels; the margin is that below what is shown."""
SERVICE = Contender(
    "the service", (sys.executable, "-m", "cds_service.cli", "serve"), {"CDS_PROFILE": "sandbox", "CDS_CONFIG": ""}
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown: a page from the element `top` to the element `bottom`."""

    name: str
    path: str
    top: str
    bottom: str


PICTURES = (
    Picture("patient", "/workbench/examples/igm_raised_five_months_after_rituximab", "header", ".course"),
    Picture("why", "/workbench/examples/mild_stable/why", "header", "section dl > div:nth-child(4)"),
    Picture("order", "/workbench/examples/several_gates_at_once?call=order-sign", ".views", ".course"),
)


def main() -> None:
    """Write each picture anew."""
    FOLDER.mkdir(exist_ok=True)
    with running(SERVICE) as server, opened() as browser:
        page = browser.new_page(
            base_url=f"http://127.0.0.1:{server.port}", color_scheme="light", viewport={"width": WIDTH, "height": 900}
        )
        for picture in PICTURES:
            take(page, picture)
            print(FOLDER / f"{picture.name}.png")


def take(page: Page, picture: Picture) -> None:
    """One picture."""
    page.goto(picture.path)
    top, bottom = (page.locator(edge).first.bounding_box() for edge in (picture.top, picture.bottom))
    assert top is not None
    assert bottom is not None
    height = bottom["y"] + bottom["height"] - top["y"] + MARGIN
    clip = {"x": 0.0, "y": top["y"], "width": float(WIDTH), "height": height}
    page.screenshot(path=FOLDER / f"{picture.name}.png", full_page=True, clip=clip, animations="disabled")


if __name__ == "__main__":
    main()
