"""Which therapy an order is, and what it is for: by code, and by words where the code says nothing we know.

A name counts as a whole word only, and only in the kind of order that can carry it: a laboratory order "rituximab
level" is no rituximab, a service "rituximab infusion" is. Which therapies matter is left to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cds_service.codes import CodeSets, Concept
from cds_service.record import Order
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.diagnosis import NEUROPATHIES, OTHER_CAUSES
from hooks.anti_mag.picture.vaccines import CVX

STEROIDS = THERAPIES.of_kind("steroid")

KNOWN_SYSTEMS = frozenset(
    {
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "http://www.whocc.no/atc",
        "http://snomed.info/sct",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http://www.cms.gov/Medicare/Coding/ICD10",
    }
)
"""A code in one of these says what the order is; of a therapy with many forms the words beside it are then not read. Of
the others no code table has every product, and a missed name would be a missed warning."""
_RITUXIMAB = THERAPIES["rituximab"].whole_name
_MEDICINE_ORDERS = frozenset({"MedicationRequest", "MedicationOrder", "MedicationPrescription"})
_INFUSED = re.compile(r"\b(infus\w*|inject\w*|injekt\w*|inyecci[oó]n|administ\w*|инфузи\w*|\d+ ?mg|\d+ ?g)\b")
_ABOUT_IT = re.compile(
    r"\b(levels?|troughs?|concentrations?|\w*spiegel|antibod\w*|assays?|monitor\w*|screen\w*|labs?"
    r"|tests?|education|teaching|consent|refer\w*|consult\w*|before|prior|pre|after|post|allergy|desensiti[sz]ation)\b"
)
"""A service that names a drug is its infusion, unless these say that it only has to do with it."""
_PREMEDICATION = re.compile(
    r"(?<!with )(?<!after )(?<!plus )(?<!and )(?<!mit )(?<!nach )(?<!und )"
    r"\b((pre|prä|prae|pré)-?m[eé]di[kcz]a\w*|premeds?|премедикаци\w*)"
)
_NOT_SYSTEMIC = re.compile(
    r"\b(cream|ointment|lotion|gel|topical|ophthalmic|otic|eye|ear|drops?|nasal|inhal\w*|rectal|enema|foam|shampoo"
    r"|intra-?articular|creme|crème|crema|salbe|pomm?ade|pomada|pomata|unguento|ung[uü]ento|zalf|мазь|крем"
    r"|augen\w*|ohren\w*|nasen\w*|\w*tropfen|\w*druppels|collyre|gouttes|col[ií]rio|collirio|gotas|gocce|капли"
    r"|глазн\w*|schaum|einlauf|klysma|[zs]äpfchen|sup+ositori\w*|suppositoires?|supposte|lokal|topisch\w*|t[oó]pic[oa]"
    r"|oft[aá]lmic[oa]|intraartikul\w*)\b"
)
_OTHER_IMMUNOGLOBULIN = re.compile(
    r"\b(subcutaneous|sc|scig|intramuscular|anti-?d|rho|hepatitis|rabies|tetanus|varicella|zoster|cytomegalovirus|cmv"
    r"|botulism|digoxin|thymocyte|lymphocyte|vaccinia|anthrax|level|serum|subkutan\w*|sous-cutan\w*|subcut[aâá]ne\w*"
    r"|sottocut\w*|intramuskul\w*|intramuscul\w*|antirh[eé]sus|tollwut|rage|rabia|t[eé]tanos|varizell\w*|varicela"
    r"|h[eé]patite|подкожн\w*|внутримышечн\w*|антирезус\w*|столбн\w*|бешенств\w*"
    r"|anti-?t[eé]t[aá]n\w*|anti-?r[aá]b\w*|(anti)?epatite)\b"
    r"|破傷風|破伤风|狂犬|抗hbs|b型肝炎|乙型肝炎|抗d|皮下注"
)

NEUROPATHY_SETS = (
    *NEUROPATHIES,
    *code_sets(
        "anti_mag_antibody_positive_finding",
        "mgus",
        "igm_mgus",
        "igm_monoclonal_protein_finding",
        "monoclonal_gammopathy_broad",
        "ataxia",
        "paresthesia_numbness",
        "neuropathic_pain",
    ),
)
"""Reasons that are ours: the neuropathy, its gammopathy, its symptoms. In doubt it is ours: more gates run then."""

OTHER_NEUROPATHY_SETS = (*OTHER_CAUSES, *code_sets("paraneoplastic_neuropathy"))
MONOCLONAL_IGM_SETS = code_sets(
    "anti_mag_neuropathy",
    "waldenstrom",
    "lymphoplasmacytic_lymphoma",
    "macroglobulinemia_broad",
    "igm_mgus",
    "igm_monoclonal_protein_finding",
)

_OUR_REASON = re.compile(
    r"\banti[- ]?mag\b|\bmyelin[- ]associated|\b(poly|radiculo)?neuropath\w*|\bpolyradiculoneuropath\w*|\bgammopath\w*"
    r"|\bmgus\b|\bparaprotein\w*|\bcidp\b|\bdads\b|\bcanomad\b"
)
_OTHER_REASON = re.compile(
    r"\b(diabet\w*|alcohol\w*|optic|ischa?emic|multifocal motor|chemotherapy|drug|toxic|charcot|hereditary"
    r"|paraneoplastic|cranial|auditory)\b"
)
_MONOCLONAL_IGM = re.compile(
    r"\banti[- ]?mag\b|\bmyelin[- ]associated"
    r"|\bwaldenstr[oö]e?m\w*|\bmacroglobulin\w*|\blymphoplasmacytic\b"
    r"|\bigm\b.{0,40}\b(mgus|gammopath\w*|paraprotein\w*|m-protein)|\b(monoclonal|mgus)\b.{0,20}\bigm\b"
)
_WHY_ABSENT = ("/data-absent-reason", "NullFlavor")
"""Ends of the systems, of every version of FHIR, whose codes stand where no value does."""
_SAYS_NO_DRUG = frozenset(code_sets("immunosuppressive_therapy", "long_term_immunosuppressant"))
"""Sets whose codes leave open which drug is meant."""


def therapy_of(order: Order, codes: CodeSets, therapies: Sequence[str]) -> str | None:
    """The first of `therapies` that the order is, by code, else by name; None where it is none of them."""
    words = " ".join(order.concept.words.split())
    if _NOT_SYSTEMIC.search(words) and not _RITUXIMAB.search(words):
        return None
    coded = codes.names_holding(order.concept.codes)
    for therapy in therapies:
        if therapy in coded:
            return None if _is_premedication(order, words, therapy) else therapy
    if coded - _SAYS_NO_DRUG:
        return None  # The words beside a code of ours that is none of the therapies asked for name no therapy.
    has_known_code = any(system in KNOWN_SYSTEMS for system, _ in order.concept.codes)
    for therapy in therapies:
        is_read = not has_known_code or not THERAPIES[therapy].has_many_forms
        if is_read and _is_named(order, words, therapy):
            return therapy
    return None


def is_left_out(concept: Concept) -> bool:
    """Nothing stands in it but the reason why nothing does."""
    return not concept.text and all(system.endswith(_WHY_ABSENT) for system, _ in concept.codes)


def is_nameless(concept: Concept, codes: CodeSets) -> bool:
    """A medicine that has no name, and no code but of systems of which we have no table: the number of a product, or
    the word that it is not known."""
    if concept.text or not concept.codes:
        return False
    is_known = any(system in KNOWN_SYSTEMS or system == CVX for system, _ in concept.codes)
    return not is_known and not codes.names_holding(concept.codes)


def _is_premedication(order: Order, words: str, therapy: str) -> bool:
    """A drug given before an infusion is none of the therapies; the infusion itself may speak of its premedication."""
    if therapy.startswith("rituximab"):
        return False
    told = [words, *(dosage.text.lower() for dosage in order.dosages)]
    return any(_PREMEDICATION.search(text) for text in told)


def _is_named(order: Order, words: str, therapy: str) -> bool:
    if (order.resource_type in _MEDICINE_ORDERS) == (therapy == "plasma_exchange") and not _is_infusion(words, therapy):
        return False
    if therapy == "immunoglobulin_iv" and _OTHER_IMMUNOGLOBULIN.search(words):
        return False
    if _is_premedication(order, words, therapy) or (therapy.startswith("rituximab") and _PREMEDICATION.search(words)):
        return False
    return THERAPIES[therapy].whole_name.search(words) is not None


def _is_infusion(words: str, therapy: str) -> bool:
    """Infusion centres are asked for rituximab by a service too."""
    is_infused = therapy.startswith("rituximab") and _INFUSED.search(words) is not None
    return is_infused and _ABOUT_IT.search(words) is None


def is_for_neuropathy(reason: Concept, codes: CodeSets) -> bool:
    """The reason is the neuropathy, its IgM gammopathy or a symptom of it. Waldenström disease alone is another one."""
    coded = codes.names_holding(reason.codes)
    if not coded.isdisjoint(OTHER_NEUROPATHY_SETS):
        return False
    if not coded.isdisjoint(NEUROPATHY_SETS):
        return True
    words = reason.words
    return _OUR_REASON.search(words) is not None and _OTHER_REASON.search(words) is None


def is_monoclonal_igm(concept: Concept, codes: CodeSets) -> bool:
    """A monoclonal IgM disorder: Waldenström disease, lymphoplasmacytic lymphoma, IgM gammopathy, our disease."""
    return not codes.names_holding(concept.codes).isdisjoint(MONOCLONAL_IGM_SETS) or (
        _MONOCLONAL_IGM.search(concept.words) is not None
    )
