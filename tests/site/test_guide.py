"""The guide and the example file say what the service reads."""

import re
from pathlib import Path

from cds_service.site import READERS
from hooks.anti_mag.proposals import ORDERS
from hooks.anti_mag.topics import TOPICS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "how-to" / "configure-a-site.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "docs" / "how-to" / "site.example.toml").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_table_is_in_the_guide_and_in_the_example() -> None:
    for name in READERS:
        shown = f"`{name}`" if name == "time_zone" else f"[{name}]"
        assert shown in GUIDE
        assert re.search(rf"^\[{{1,2}}{name}\]{{1,2}}$|^{name} = ", EXAMPLE, re.MULTILINE)


def test_every_order_of_the_catalogue_is_in_the_guide() -> None:
    assert {name for name in ORDERS if f"`{name}`" not in GUIDE} == set()


def test_the_guide_names_the_cards_that_stay_on() -> None:
    assert {code for code, topic in TOPICS.items() if topic.is_never_off and f"`{code}`" not in GUIDE} == set()


def test_the_readme_leads_to_the_guide() -> None:
    assert "`CDS_CONFIG`" in README
    assert "docs/how-to/configure-a-site.md" in README
