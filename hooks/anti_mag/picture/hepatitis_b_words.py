"""Hepatitis B in words: problems that charts hold as text alone, in the languages of our sites.

Decides whether a text says that the patient has or had it; a vaccination, a screening, a contact, a relative's disease
and what was ruled out do not. What follows is left to `hepatitis_b`.
"""

from __future__ import annotations

import re

from cds_service.codes import words_of

_NAME = re.compile(
    r"\b(hepatitis|hep|h[eé]patite|hepatiti[st]?|epatite|hepatiitti|hepatit|virushepatitis|vhep)[.,]?"
    r"[\s-]*(vir(al|ale|us|ica|ítica|ique)[\s-]*)?(type?\s*|typu?\s*|tipo\s*)?b\b"
    r"|\bb[\s-](hepatitis|hepatiitti|hepatit)\b|\bhbv\b|\bvhb\b|\bwzw\s*(typu\s*)?b\b"
    r"|wątroby typu b\b|гепатит\w{0,3}\s+[bв]\b|b型(慢性|急性)?肝炎|乙型(病毒性)?肝炎|乙肝"
)
_CLAUSE = re.compile(r"(?<=\w{4})\.\s|[;\n]")
_WINDOW = 60
"""Characters before a name in which a word can still be about it."""

_NOT_THE_PATIENTS = (
    r"family (history|hx)|familien-?anamnese|fam\.? ?an\w*|fhx?|ant[eé]c[eé]dents? familiaux|antecedentes familiares"
    r"|mother|father|partner|spouse|husband|wife|mutter|vater"
)
_PREVENTION = (
    r"vac+in\w*|vacun\w*|vacin\w*|vakzin\w*|vaksin\w*|immuni[sz]\w*|imuni[sz]\w*|\w*impf\w*|prophyla\w*|prevent\w*"
    r"|вакцин\w*|привив\w*"
)
_SEARCH = (
    r"screen\w*|tests? for|testing for|d[eé]pistage|cribado|tamizaje|rastreio|contact|kontakt\w*|expos\w*|risk|risiko"
)
_DOUBT = (
    r"no|not|non|denies|negative (for|auf)|neg\.? for|rule[sd]?[\s-]*out|r/o|exclu\w*|ausschlu\w*"
    r"|ausgeschlossen\w*|kein\w*|nicht|suspect\w*|suspicion|possible|query|verdacht|v\.? ?a|sans|pas|descart\w*"
    r"|escl\w*|geen|uitsluit\w*|uitgesloten|ingen|ej|inte|ikke|ei|не|нет|исключ\w*"
)
_IMMUNITY = r"non-?immune|immun(e|ity|it[äéà]t?)?\b(?![\s-]*(toler|activ|clear|escap|contr|phase|suppr))"
_BEFORE = re.compile(rf"\b({_NOT_THE_PATIENTS}|{_PREVENTION}|{_SEARCH}|{_DOUBT})\b|\b({_IMMUNITY})|\bimmun gegen\b")
_AFTER = re.compile(
    r"[\s,:()\[\]–-]*((virus|infektion|infection|surface antigen|hbs-?ag|status|serolog\w*)[\s,:()\[\]–-]*){0,2}"
    r"((was|is|has been|ist|wurde|been)\s+)?"
    rf"({_PREVENTION}|booster|titer|titre|surface antibod\w*|immun\w*globulin\w*|{_IMMUNITY}|screen\w*|test(ing|s)?\b"
    r"|contact|kontakt|exposure|risk|negati\w*|n[eé]gati\w*|not (detected|found|confirmed|present)|nicht nachweisbar"
    r"|non-?reactive|rule[sd]?[\s-]*out|exclu\w*|ausgeschlossen\w*|ausschlu\w*|in (mother|father|partner|family)|\?)"
)
_OTHERWISE = re.compile(r"疫苗|ワクチン|接種|接种|陰性|阴性|排除|除外|家族|予防|预防|筛查|検査")
"""The same in scripts without blanks, anywhere in the clause."""
_PAST = re.compile(
    r"\b(history of|hx of|h/o|past|previous\w*|prior|resolved|healed|cured|recovered|status post|s/p|state after"
    r"|z\.? ?n\b|zustand nach|ausgeheilt\w*|abgelaufen\w*|durchgemacht\w*|ant[eé]c[eé]dents?|antecedentes?|gu[eé]rie?"
    r"|doorgemaakt\w*)"
)


def names_hepatitis_b(text: str) -> bool:
    """True when a clause of the text says that the patient has or had hepatitis B."""
    return any(_says_so(clause) for clause in _CLAUSE.split(words_of(text)))


def says_past(text: str) -> bool:
    """The text itself says that it is over ("history of hepatitis B")."""
    return _PAST.search(words_of(text)) is not None


def _says_so(clause: str) -> bool:
    if _OTHERWISE.search(clause):
        return False
    return any(_is_meant(clause, found) for found in _NAME.finditer(clause))


def _is_meant(clause: str, found: re.Match[str]) -> bool:
    before = clause[max(found.start() - _WINDOW, 0) : found.start()].rpartition(",")[2]
    return _BEFORE.search(before) is None and _AFTER.match(clause, found.end()) is None
