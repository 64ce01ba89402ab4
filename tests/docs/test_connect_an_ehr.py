"""What the guide to connecting an EHR says of templates, limits and feedback is so."""

from __future__ import annotations

import json
import re
from datetime import UTC
from pathlib import Path

import pytest

from cds_service.knowledge.templates import LONGEST_QUERY
from cds_service.main import KNOWLEDGE
from cds_service.protocol.feedback import read_feedback
from cds_service.protocol.offer import offers_of
from fhir_examples.example import load
from tests.docs.blocks import blocks_of, ran
from tests.docs.repository import text

GUIDE = "docs/how-to/connect-an-ehr.md"
TEMPLATES = {key: template for one in KNOWLEDGE.services for key, template in one.prefetch.items()}
LABORATORY = ("laboratory", "paraproteinTests", "hepatitisB", "pregnancyTests", "otherCauses")


def test_the_blocks_print_the_table_and_the_scopes(tmp_path: Path) -> None:
    ended = ran("\n".join(blocks_of(GUIDE)), tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    types = {re.split(r"[/?]", template)[0] for template in TEMPLATES.values()} | {"Medication"}
    assert ended.stdout.split() == [f"patient/{name}.read" for name in sorted(types)]
    assert (tmp_path / "templates.md").read_text().count("## anti-mag-") == len(KNOWLEDGE.services)


def test_what_it_says_of_lengths_is_so() -> None:
    page = text(GUIDE)
    assert f"{LONGEST_QUERY:,}, escaped" in page
    assert all(len(template) <= 255 for template in TEMPLATES.values() if "code=" not in template)
    assert any(len(template) > 1000 for template in TEMPLATES.values())
    assert all("_sort" not in template or "code=" in template for template in TEMPLATES.values())


@pytest.mark.parametrize("name", ["first_line_rituximab", "flare_below_4000"])
def test_a_search_without_codes_gives_the_cards_of_the_narrow_ones(name: str) -> None:
    example = load(name)
    call = next(one for one in example.calls if one.hook == "patient-view")
    request = json.loads(json.dumps(example.request(call)))
    offer = offers_of([KNOWLEDGE])["anti-mag-patient-view"]

    def shown() -> list[str]:
        cards = offer.cards(json.dumps(request).encode(), today=call.as_of, zone=UTC)
        return [card.summary for card in cards]

    narrow = shown()
    sent = [key for key in LABORATORY if request["prefetch"].get(key)]
    entries = [entry for key in sent for entry in request["prefetch"][key].get("entry", ())]
    wide = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    request["prefetch"] |= dict.fromkeys(sent, wide)
    assert narrow
    assert len(sent) > 1
    assert shown() == narrow


def test_its_feedback_is_taken_whole() -> None:
    (body,) = re.findall(r"```json\n(.*?)```", text(GUIDE), re.DOTALL)
    taken = read_feedback(body.encode())
    assert ([item.outcome for item in taken.items], taken.rejected) == (["overridden", "accepted"], 0)
    assert taken.items[0].reason_code == "notApplicable"
