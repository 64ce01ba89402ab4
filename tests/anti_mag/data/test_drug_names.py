"""Drugs by their names in charts: ingredients, brands, other languages and scripts."""

import time

import pytest

from cds_service.record import Medicine, Order
from hooks.anti_mag.knowledge_data import CODES, THERAPIES
from hooks.anti_mag.picture.order_names import therapy_of
from hooks.anti_mag.therapies import KINDS
from tests.anti_mag.gates.given import cards, on, record, words

CALLED = {
    "rituximab": [
        *("MabThera", "Rixathon 500mg Konzentrat", "RITUXIMAB-ABBS 500 MG/50 ML IV SOLN", "riTUXimab-pvvr IVPB"),
        *("Rituksimabi", "rituximabe 100 mg", "Rituximabum", "Ритуксимаб 500 мг", "ритуксимаба", "リツキシマブ"),
        *("リツキサン注10mg/mL", "利妥昔单抗注射液", "汉利康", "美罗华 100mg", "리툭시맙 주", "Acellbia", "Мабтера"),
        *("Reditux 500", "Zytux", "Mabtas", "Kikuzubam", "Hanlikang", "HLX01", "Rituximab (CT-P10)"),
        *("Rituzena 500 mg", "Tuxella", "Riabni", "PF-05280586", "Rixvyda", "Ristova", "MabionCD20", "RTX 375 mg/m2"),
        *("Rytuksymab 500 mg", "rituksimabas", "利妥昔單抗", "莫須瘤", "ريتوكسيماب", "ריטוקסימאב", "Mab Thera 500 mg"),
        *("Rituximab-Infusion", "Rituximabinfusion", "Rituximabtherapie", "Gabe des Rituximabs", "Rituximab700mg"),
        *(
            "RITUXIMAB_IV_500",
            "MABTHERA_500MG",
            "ritu\u00adximab",
            "ritux\u200bimab",
            "ＲＩＴＵＸＩＭＡＢ",
            "RİTUKSİMAB",
        ),
        *("Rituximap", "Retuximab 1 g", "ritixumab", "rituxmab"),
    ],
    "obinutuzumab": ["Gazyva", "обинутузумаб 1000 мг", "オビヌツズマブ", "奥妥珠单抗注射液"],
    "ocrelizumab": ["Ocrevus", "окрелизумаб", "オクレバス点滴静注", "奥瑞珠单抗"],
    "immunoglobulin_iv": [
        *("Privigen 10% 400 mg/kg", "Bivigam", "Immunglobulin 10 % i.v.", "inmunoglobulina humana", "IgIV 2 g/kg"),
        *("Intratect 100 g/l", "Ig Vena 50 g/l", "Iqymune", "静注人免疫球蛋白(pH4)"),
    ],
    "entecavir": ["Entécavir 0,5 mg", "энтекавир", "恩替卡韦分散片", "エンテカビル水和物", "Baraclude"],
    "prednisone": ["Prednison 20 mg", "Prednisona 30 mg", "преднизон", "Decortin 20 mg"],
    "prednisolone": ["Prednisolon 20 mg Tabl.", "prednisolona", "Преднизолон 5 мг", "Decortin H 20 mg"],
    "methylprednisolone": ["Methylprednisolon 1 g i.v.", "Metilprednisolona 1 g", "SOLU-MEDROL", "Urbason 16 mg"],
    "dexamethasone": ["Dexamethason 8 mg", "dexaméthasone", "dexametasona", "дексаметазон", "Fortecortin 4 mg"],
    "cyclophosphamide": ["Cyclophosphamid 50 mg", "Ciclofosfamida", "cyclofosfamide", "циклофосфамид", "циклофосфан"],
    "chlorambucil": ["Leukeran 2 mg", "clorambucilo"],
    "bendamustine": ["Bendamustin 100 mg", "bendamustina", "Levact", "ベンダムスチン塩酸塩"],
    "ibrutinib": ["Imbruvica 420 mg", "イブルチニブ"],
    "zanubrutinib": ["Brukinsa 80 mg"],
    "azathioprine": ["Azathioprin 50 mg", "azatioprina", "азатиоприн"],
    "mycophenolate": [
        "Mycophenolatmofetil 500 mg",
        "Mycophenolat-Mofetil",
        "micofenolato de mofetilo",
        "Mycophenolsäure",
    ],
    "methotrexate": ["Methotrexat 15 mg", "metotrexato", "méthotrexate"],
    "nitrofurantoin": ["Nitrofurantoin-Kapseln retard", "Nitrofurantoína 100 mg", "nitrofurantoïne"],
    "thalidomide": ["Thalidomid Celgene 50 mg", "talidomida"],
    "vincristine": ["Vincristin 2 mg", "vincristina"],
    "bortezomib": ["Бортезомиб 3,5 мг", "ボルテゾミブ注射用3mg", "bortézomib"],
    "cisplatin": ["Cisplatine 50 mg", "cisplatino", "顺铂注射液"],
    "docetaxel": ["Docétaxel 80 mg"],
    "pregabalin": ["Prégabaline 75 mg", "Lyrica"],
    "lamivudine": ["Lamivudin 100 mg", "lamivudina", "Epivir-HBV", "拉米夫定片"],
}


def ordered(text: str) -> str | None:
    return therapy_of(Order("#1", "MedicationRequest", words(text)), CODES, tuple(THERAPIES))


@pytest.mark.parametrize(("text", "drug"), [(text, drug) for drug, texts in CALLED.items() for text in texts])
def test_a_drug_is_known_by_its_names_in_other_countries(text: str, drug: str):
    assert ordered(text) == drug


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Retuximol",
            "Rituxol",
            "Infliximab",
            "Tocilizumab",
            "Ritalin",
            "Ondansetron bei RTx",
            "cetuximab",
            "rituximabless",
            "HLX010",
            "CT-P100",
            "GP20133",
            "инфликсимаб",
        ),
        *(
            "曲妥珠单抗",
            "Tetanus-Immunglobulin",
            "Anti-D Immunglobulin",
            "Immunglobulin subkutan",
            "Tollwut-Immunglobulin",
            "Immunoglobuline humaine antitétanique",
            "Inmunoglobulina antitetánica 250 UI",
            "抗破傷風人免疫グロブリン",
            "乾燥抗HBs人免疫グロブリン",
            "乙型肝炎人免疫球蛋白",
        ),
    ],
)
def test_a_name_that_only_looks_alike_is_another_drug(text: str):
    assert ordered(text) not in ("rituximab", "obinutuzumab", "ocrelizumab", "immunoglobulin_iv")


EXCHANGES = (
    *("Plasmapherese 5x", "Plasmaaustausch", "Échanges plasmatiques x5", "Plasmaphérèse", "Plasmaféresis", "TPE x5"),
    *("Recambio plasmático", "Plasmaferesi", "Scambio plasmatico", "Plasmaferese", "Plasmaferes", "Плазмаферез"),
    *(
        "血漿交換療法",
        "血浆置换术",
        "혈장교환술",
        "Plazmafereza",
        "Plasma-exchange",
        "Therapeutic apheresis; plasma pheresis",
    ),
)


@pytest.mark.parametrize(
    "text",
    [
        *("Prednisolon Augentropfen", "Hydrocortison Creme 1 %", "Prednisolon-Zäpfchen 100 mg", "Hidrocortisona crema"),
        *("Dexaméthasone collyre", "Betamethason Salbe", "prednisolona gotas oftálmicas", "Дексаметазон капли глазные"),
    ],
)
def test_a_steroid_that_does_not_reach_the_nerves_is_no_treatment(text: str):
    assert ordered(text) is None


@pytest.mark.parametrize("text", EXCHANGES)
def test_a_plasma_exchange_is_known_by_its_names_in_other_countries(text: str):
    order = Order("#1", "ServiceRequest", words(text))
    assert therapy_of(order, CODES, tuple(THERAPIES)) == "plasma_exchange"
    assert ordered(text) != "plasma_exchange", "no medicine"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *(("Rituximab infusion", True), ("RITUXIMAB 700 MG IV", True), ("Infusion of MabThera", True)),
        *(
            ("Rituximab level", False),
            ("Rituximab infusion education", False),
            ("Labs before rituximab infusion", False),
        ),
        *(("Hepatitis B screening for rituximab", False), ("Anti-rituximab antibodies, infusion reaction", False)),
    ],
)
def test_a_service_is_rituximab_where_it_is_its_infusion(text: str, is_one: bool):
    found = therapy_of(Order("#1", "ServiceRequest", words(text)), CODES, tuple(THERAPIES))
    assert (found == "rituximab") is is_one


@pytest.mark.parametrize("text", ["Ритуксимаб 500 мг", "リツキシマブ", "Rituksimabi", "Acellbia"])
def test_rituximab_given_under_a_foreign_name_is_a_course(text: str):
    doses = tuple(
        Medicine(f"MedicationAdministration/{ago}", "administration", words(text), "completed", on(ago))
        for ago in (300, 293, 286, 279)
    )
    assert "rituximab" in cards(record(), "patient-view")
    assert "rituximab" not in cards(record(medicines=doses), "patient-view")


@pytest.mark.parametrize("filling", ["rituximab", "リツキシマ", "利", "a", "ritu ", "c", "immunoglobulin "])
def test_a_very_long_text_costs_no_time(filling: str):
    text = filling * (100_000 // len(filling))
    started = time.perf_counter()
    for kind in KINDS:
        THERAPIES.named(kind).search(text)
    assert time.perf_counter() - started < 3
