"""A site's file is read whole or refused with everything that is wrong with it."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cds_service.cards import Coding
from cds_service.site import Limits, Site
from cds_service.site.knowledge_tables import CardsTable
from tests.site.sites import read, site

CLIENT = '[[clients]]\nissuer = "https://ehr.test"\njwks_file = "keys.json"\n'
CODE = '{ system = "urn:oid:1.2.3", code = "IGM" }'


def test_an_empty_file_changes_nothing() -> None:
    assert site("") == Site()


def test_every_table_becomes_a_typed_value() -> None:
    made = site(f"""
        time_zone = "Europe/Zurich"
        [thresholds]
        "some.number" = 2.5
        [codes]
        igm = [{CODE}]
        [catalogue]
        igm = {{ system = "https://example.org/orders", code = "LAB1", display = " IgM " }}
        [cards]
        detail = "full"
        kind = false
        [hooks]
        patient-view = true
        [links]
        hosts = ["doi.org"]
        [override_reasons]
        board2 = "Decided at the board"
        other = "Another reason"
        [limits]
        body_bytes = 1000
        fhir_seconds = 2.5
        [service]
        base_url = "https://cds.example.org"
        allow_origins = ["https://ehr.example.org"]
        [[clients]]
        issuer = "https://ehr.example.org"
        jwks_url = "http://localhost:9000/keys"
        algorithms = ["RS384"]
        fhir_servers = ["https://ehr.example.org/r4"]
        [store]
        url = "postgresql+psycopg://cds@db/cds"
    """)
    assert made.time_zone == ZoneInfo("Europe/Zurich")
    assert made.thresholds == {"some.number": Decimal("2.5")}
    assert made.codes == {"igm": (("urn:oid:1.2.3", "IGM"),)}
    assert made.catalogue == {"igm": Coding("https://example.org/orders", "LAB1", "IgM")}
    assert made.cards == CardsTable({"kind": False}, "full")
    assert made.hooks == {"patient-view": True}
    assert made.links == frozenset({"doi.org"})
    assert made.override_reasons == (("board2", "Decided at the board"), ("other", "Another reason"))
    assert made.limits == Limits(body_bytes=1000, fhir_seconds=Decimal("2.5"))
    assert made.service.base_url == "https://cds.example.org"
    assert made.service.allow_origins == ("https://ehr.example.org",)
    assert made.clients[0].algorithms == ("RS384",)
    assert made.clients[0].fhir_servers == ("https://ehr.example.org/r4",)
    assert made.clients[0].replay == "refuse"
    assert made.store.url == "postgresql+psycopg://cds@db/cds"


def test_a_dotted_key_means_the_same_with_and_without_quotation_marks() -> None:
    assert site('[thresholds]\na.b.c = 1\na.b.d = 2\n"a.e" = 3').thresholds == {"a.b.c": 1, "a.b.d": 2, "a.e": 3}


def test_a_large_number_is_kept_without_an_exponent() -> None:
    assert str(site("[thresholds]\na = 5e3").thresholds["a"]) == "5000"


@pytest.mark.parametrize(
    ("text", "place", "what", "allowed"),
    [
        ("limits = 1", "[limits]: ", "no table", "[limits]"),
        ("[limits]\nbody_byte = 1", "[limits] body_byte: ", "no such key", "body_bytes"),
        ("[limits]\nbody_bytes = true", "[limits] body_bytes: ", "True may not stand there", "a whole number from 1"),
        ("[limits]\nbody_bytes = 0", "[limits] body_bytes: ", "0 may not stand there", "a whole number from 1"),
        ("colour = 1", "colour: ", "no such table or key", "thresholds"),
        ("[service]\nx = 1", "[service] x: ", "no such key", "base_url"),
        ('[service]\nbase_url = "http://ehr.test"', "[service] base_url: ", "'http://ehr.test' may", "https"),
        ('[service]\nbase_url = "https://a@ehr.test"', "[service] base_url: ", "may not stand there", "https"),
        ('[service]\nbase_url = "https://[1"', "[service] base_url: ", "may not stand there", "https"),
        ("[service]\nbase_url = 1", "[service] base_url: ", "1 may not stand there", "https"),
        ('[service]\ndiscovery_auth = "yes"', "[service] discovery_auth: ", "'yes' may", "true or false"),
        ('[service]\nspecification_version = "2.0"', "[service] specification_version: ", "'2.0' may", '"2.0.1"'),
        ('[service]\nspecification_version = "STU4"', "[service] specification_version: ", "'STU4' may", '"STU2"'),
        ("[service]\nspecification_version = 2.0", "[service] specification_version: ", "may not", '"2.0.1"'),
        ('[service]\nallow_origins = ["*"]', "[service] allow_origins: ", "may not stand there", "origins"),
        ("[clients]\nissuer = 1", "[clients]: ", "it is no list of tables", "[[clients]]"),
        ('[[clients]]\njwks_file = "k"', "[clients 1] issuer: ", "it is missing", "iss"),
        ('[[clients]]\nissuer = "a"', "[clients 1] jwks_url: ", "keys stand nowhere", "either"),
        (f'{CLIENT}jwks_url = "https://a.test/k"', "[clients 1] jwks_url: ", "or twice", "either"),
        (f'{CLIENT}algorithms = ["HS256"]', "[clients 1] algorithms: ", "may not stand there", "ES384"),
        (f"{CLIENT}leeway_seconds = 1000", "[clients 1] leeway_seconds: ", "1000 may not", "from 0 to 300"),
        (f'{CLIENT}fhir_servers = ["http://10.0.0.1/r4"]', "[clients 1] fhir_servers: ", "may not", "https"),
        (f'{CLIENT}selection_behavior = "all"', "[clients 1] selection_behavior: ", "'all' may not", "at-most-one"),
        (f"{CLIENT}x = 1", "[clients 1] x: ", "no such key", "issuer"),
        (CLIENT + CLIENT, "[clients] issuer: ", "'https://ehr.test' stands there twice", "once"),
        ("[limits]\nfhir_seconds = 9", "[limits] fhir_seconds: ", "9 may not", "0.1 to 4"),
        ("[limits]\nfhir_seconds = true", "[limits] fhir_seconds: ", "True may not", "0.1 to 4"),
        ('time_zone = "Mars/Base"', "time_zone: ", "'Mars/Base' is no time zone", "Europe/Zurich"),
        ('time_zone = "../etc/passwd"', "time_zone: ", "is no time zone", "IANA"),
        ("time_zone = 1", "time_zone: ", "1 is no time zone", "IANA"),
        ('time_zone = ""', "time_zone: ", "is no time zone", "IANA"),
        ("thresholds = 3", "[thresholds]: ", "no table", "[thresholds]"),
        ('[thresholds]\na = "3"', "[thresholds] a: ", "'3' is no number", "within the bounds"),
        ("[thresholds]\na = true", "[thresholds] a: ", "True is no number", "within the bounds"),
        ("[thresholds]\na = nan", "[thresholds] a: ", "is no number", "within the bounds"),
        ("[thresholds]\na = inf", "[thresholds] a: ", "is no number", "within the bounds"),
        ("[thresholds]\na = 1e999999999", "[thresholds] a: ", "is no number", "within the bounds"),
        ("[codes]\nigm = 1", "[codes] igm: ", "no list of codes", "`system`"),
        ("[codes]\nigm = []", "[codes] igm: ", "no list of codes", "`system`"),
        ('[codes]\nigm = ["IGM"]', "[codes] igm: ", "'IGM' is no code", "`system`"),
        ('[codes]\nigm = [{ code = "1" }]', "[codes] igm: ", "is no code", "`system`"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = 1 }]', "[codes] igm: ", "no texts", "texts"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = "1", unit = "g" }]', "[codes] igm: ", "is no code", "`system`"),
        ('[codes]\nigm = [{ system = "lab", code = "1" }]', "[codes] igm: ", "'lab' is no code system", "a URI"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = "a,b" }]', "[codes] igm: ", "'a,b' is no code", "no blanks"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = "a|b" }]', "[codes] igm: ", "'a|b' is no code", "no blanks"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = "a b" }]', "[codes] igm: ", "'a b' is no code", "no blanks"),
        ('[codes]\nigm = [{ system = "urn:x:y", code = "{{a}}" }]', "[codes] igm: ", "is no code", "no blanks"),
        (f"[codes]\nigm = [{CODE}, {CODE}]", "[codes] igm: ", "a code stands there twice", "once"),
        ("[catalogue]\nigm = 5", "[catalogue] igm: ", "5 is no code", "`system`"),
        ("[cards]\nkind = 0", "[cards] kind: ", "0 is no switch", "true or false"),
        ('[cards]\ndetail = "long"', "[cards] detail: ", "'long' may not stand there", '"short" or "full"'),
        ("[cards]\ndetail = true", "[cards] detail: ", "True may not stand there", '"short" or "full"'),
        ("[cards]\ndetail = []", "[cards] detail: ", "[] may not stand there", '"short" or "full"'),
        ('[hooks]\npatient-view = "no"', "[hooks] patient-view: ", "'no' is no switch", "true or false"),
        ("[links]\nhosts = []", "[links] hosts: ", "no list of hosts", "doi.org"),
        ("[links]\nhost = 1", "[links] host: ", "no such key", "hosts"),
        ('[links]\nhosts = ["https://doi.org"]', "[links] hosts: ", "'https://doi.org' is no host", "without scheme"),
        ('[links]\nhosts = ["DOI.org"]', "[links] hosts: ", "'DOI.org' is no host", "lower case"),
        ('[links]\nhosts = ["doi.org:443"]', "[links] hosts: ", "is no host", "port"),
        (
            '[override_reasons]\nnot-ok = "x"',
            "[override_reasons] not-ok: ",
            "no code of a reason",
            "letters and digits",
        ),
        ('[override_reasons]\nok = " "', "[override_reasons] ok: ", "is no display", "a text"),
        ("[override_reasons]\nok = 5", "[override_reasons] ok: ", "5 is no display", "a text"),
        ("[override_reasons]", "[override_reasons]: ", "it has no reason", "at least one"),
    ],
)
def test_a_fault_names_table_key_and_what_is_allowed(text: str, place: str, what: str, allowed: str) -> None:
    (fault,) = read(text)[1]
    assert fault.place == place
    assert what in fault.what
    assert allowed in fault.allowed
    assert str(fault) == f"{place}{fault.what}. Allowed: {fault.allowed}."


def test_what_is_no_toml_is_one_fault_with_its_line() -> None:
    (fault,) = read("[thresholds\n")[1]
    assert fault.what.startswith("it is not TOML")
    assert "line 1" in fault.what


@pytest.mark.parametrize("text", ["x = " + "9" * 5000, "x = " + "[" * 5000], ids=["digits", "lists"])
def test_what_the_reader_of_toml_gives_up_at_is_a_fault_too(text: str) -> None:
    (fault,) = read(text)[1]
    assert fault.what.startswith("it is not TOML")


def test_all_faults_are_told_at_once() -> None:
    text = 'colour = 1\ntime_zone = "Mars/Base"\n[thresholds]\na = "b"\n[cards]\nx = 1\n[links]\nhosts = ["A", "b c"]'
    places = [fault.place for fault in read(text)[1]]
    assert sorted(places) == [
        "[cards] x: ", "[links] hosts: ", "[links] hosts: ", "[thresholds] a: ", "colour: ", "time_zone: ",
    ]  # fmt: skip
