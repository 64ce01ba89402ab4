"""The one value that this package gives the engine."""

import pytest

import hooks.anti_mag
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.prefetch import result_codes
from hooks.anti_mag.services import SERVICES
from hooks.anti_mag.topics import TOPICS


def test_the_engine_is_given_services_topics_and_extension():
    assert KNOWLEDGE.id == "anti-mag"
    assert KNOWLEDGE.services == SERVICES
    assert KNOWLEDGE.topics == tuple(TOPICS)
    assert KNOWLEDGE.extension == "org.anti-mag-cds.explanation"
    assert KNOWLEDGE.version


def test_the_vocabulary_holds_codes_that_are_read_but_not_asked_for():
    assert KNOWLEDGE.vocabulary.result_codes == result_codes()
    assert ("http://snomed.info/sct", "27113001") in KNOWLEDGE.vocabulary.result_codes


def test_spellings_of_the_anti_mag_unit_are_lower_case_and_mean_one_unit():
    aliases = KNOWLEDGE.vocabulary.unit_aliases
    assert set(aliases.values()) == {"{BTU}"}
    assert all(spelling == spelling.lower() for spelling in aliases)
    assert "tu" not in aliases, "a tera-enzyme-unit, or another laboratory's scale"


def test_the_package_offers_nothing_else_by_name():
    with pytest.raises(AttributeError):
        _ = hooks.anti_mag.OTHER
