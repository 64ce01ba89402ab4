"""What the build derives for the package's metadata: its addresses, all from one setting.

`[tool.hatch.metadata.hooks.custom] address` in pyproject.toml is where the project lives; empty, there are none.
"""

from __future__ import annotations

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PLACES = {
    "Homepage": "",
    "Changelog": "/blob/main/CHANGELOG.md",
    "Documentation": "/tree/main/docs",
    "Issues": "/issues",
}
"""Names as package indexes know them, and where they lie below the address of a forge."""


class Addresses(MetadataHookInterface):
    """Fills `project.urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        address = str(self.config.get("address", "")).rstrip("/")
        metadata["urls"] = {name: address + path for name, path in PLACES.items()} if address else {}
