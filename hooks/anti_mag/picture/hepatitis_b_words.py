"""Hepatitis B in words: problems that charts hold as text alone, in the languages of our sites.

Decides whether a text says that the patient has or had it; a vaccination, a screening, a contact, a relative's disease
and what was ruled out do not. What follows is left to `hepatitis_b`.
"""

from __future__ import annotations

import re

from cds_service.codes import words_of

_NAME = re.compile(
    r"\b(hepatitis|hep|h[eé]patite|hepatiti[st]?|epatite|hepatiitti|hepatit|hepatitida|virushepatitis|vhep)[.,]?"
    r"[\s-]*(vir(al|ale|us|ica|ítica|ique)[\s-]*)?(type?\s*|typu?\s*|tipo\s*)?b\b"
    r"|\btype b (viral )?hepatitis\b|\bb[\s-](hepatitis|hepatiitti|hepatit)\b|\bhbv\b|\bvhb\b|\bwzw\s*(typu\s*)?b\b"
    r"|wątroby typu b\b|гепатит\w{0,3}\s+[bв]\b|b型(慢性|急性)?肝炎|乙型(病毒性)?肝炎|乙肝"
    r"|\bhbs[\s-]?ag[\s-]*(positi\w*|pos\b|carrier|träger\w*|reactive|reaktiv)"
    r"|\b(carrier of|portador(a)? (de|do)|porteu(r|se) (de l['’])?(ag)?)[\s-]*(ag )?hbs([\s-]?ag)?\b"
)
_CORE_ANTIBODY = r"(anti[\s-]?hbc|hbc[\s-]?a[bk]|(hepatitis|hep\.?) b core (antibody|ab))"
_CORE = re.compile(
    rf"\b{_CORE_ANTIBODY}[\s-]*(total |igg )?(positi\w*|pos\b|reacti\w*|reaktiv)"
    rf"|\b(isolated|isolierte?[sr]?|positive) {_CORE_ANTIBODY}\b"
)
"""An antibody that tells of contact with the virus at any time."""
_CLAUSE = re.compile(r"(?<=\w{4})\.\s|(?<=hepatitis [acde])\.\s|[;\n]")
_WINDOW = 60
"""Characters before a name in which a word can still be about it."""

_NOT_THE_PATIENTS = (
    r"famil\w*|fam\.? ?(an\w*|hx|history)|fhx?|ant[eé]c[eé]dents? familiaux|\w*mother|\w*father|maternal|paternal"
    r"|parents?|siblings?|sister|brother|aunt|uncle|cousin|daughter|child of|newborn|partner\w*|spouse|husband|wife"
    r"|donor|\w*mutter|\w*vater|eltern|schwester|bruder|tochter|onkel|tante|ehe(frau|mann)|spender|madre|padre"
    r"|hermano|hermana|hij[oa] de|mère|père|frère|sœur|fratello|sorella|moeder|vader|broer|zus"
)
_PREVENTION = (
    r"vac+in\w*|vacun\w*|vacin\w*|vakzin\w*|vaksin\w*|immuni[sz]\w*|imuni[sz]\w*|\w*impf\w*|prophyla\w*|prevent\w*"
    r"|вакцин\w*|привив\w*"
)
_SEARCH = (
    r"screen\w*|tests? for|testing for|d[eé]pistage|cribado|tamizaje|rastreio|contact|kontakt\w*|expos\w*|espos\w*|risk"
    r"|risiko|susceptib\w*|fear|afraid|worr(y|ied)|concern\w*|anxiety|angst vor|unvaccinated"
)
_DOUBT = (
    r"(no|not)(?! (on|under|treat|therap|cirrho|receiv))|non(?!-)|never|(absence|lack) of|denies|negative (for|auf)"
    r"|neg\.? for|rule[sd]?[\s-]*out|r/o|exclu\w*|ausschlu\w*|ausgeschlossen\w*|kein\w*|nicht|suspect\w*|suspicion"
    r"|possible|query|verdacht|v\.? ?a|z\.? ?a|dd|sin|sans|sem|senza|nessun\w*|pas|descart\w*|escl\w*|geen|uitsluit\w*"
    r"|uitgesloten|zonder|uteslut\w*|ingen|utan|uten|uden|ej|inte|ikke|ei|не|нет|исключ\w*"
)
_IMMUNITY = r"non-?immune|immun(e|ity|it[äéà]t?)?\b(?![\s-]*(toler|activ|clear|escap|contr|phase|suppr))"
_BEFORE = re.compile(
    rf"\b({_NOT_THE_PATIENTS}|{_PREVENTION}|{_SEARCH}|{_DOUBT})\b|\b({_IMMUNITY})|\bimmun gegen\b|\?\s*\Z"
)
_AFTER = re.compile(
    r"[\s,:()\[\]–-]*((virus|infektion|infection|surface antigen|core antibody|hbs-?ag|status|serolog\w*|carrier)"
    r"[\s,:()\[\]–-]*){0,2}"
    r"((was|is|has been|ist|wurde|been)\s+)?"
    rf"(({_PREVENTION}|(declin|refus|un)\w*\s?vac+in\w*)(?!.{{0,40}}\b(hepatitis|hep\.?)[\s-]a\b)|booster"
    rf"|(antibody )?tit(er|re)|surface antibod\w*|immun\w*globulin\w*|{_IMMUNITY}|non[\s-]?responder"
    r"|(screen\w*|test(ing|s)?)\b(?!\W+(positi|reacti))|serolog\w*\Z|un(known|bekannt)\W*\Z|educat\w*|counsel\w*"
    r"|aufklärung|beratung|contact|kontakt|exposure|risk|susceptib\w*|negati\w*|n[eé]gati\w*"
    r"|not (detected|found|confirmed|present)|nicht nachweisbar|non-?reactive|unlikely|unwahrscheinlich"
    r"|rule[sd]?[\s-]*out|exclu\w*|ausgeschl\w*|ausschlu\w*|descart\w*|esclus\w*|uitgesloten|uteslut\w*|исключ\w*"
    r"|in (mother|father|partner|family)|(mother|father|brother|sister|son|daughter|husband|wife|partner)\W*\Z|\?)"
)
_OTHERWISE = re.compile(r"疫苗|ワクチン|接種|接种|陰性|阴性|排除|除外|家族|予防|预防|筛查|検査")
"""The same in scripts without blanks, anywhere in the clause."""
_PAST = re.compile(
    r"\b(history of|hx of|h/o|past|previous\w*|prior|resolved|healed|cured|recovered|status post|s/p|state after"
    r"|z\.? ?n\b|zustand nach|ausgeheilt\w*|abgelaufen\w*|durchgemacht\w*|ant[eé]c[eé]dents?|antecedentes?|gu[eé]rie?"
    r"|doorgemaakt\w*)"
)


def names_hepatitis_b(text: str) -> bool:
    """True when a clause of the text says that the patient has or had hepatitis B, by its name or by a marker of it."""
    return any(_says_so(clause) for clause in _CLAUSE.split(words_of(text)))


def says_past(text: str) -> bool:
    """The text itself says that it is over ("history of hepatitis B"), or names only the antibody that stays."""
    words = words_of(text)
    if _PAST.search(words):
        return True
    return _CORE.search(words) is not None and _NAME.search(_CORE.sub("", words)) is None


def _says_so(clause: str) -> bool:
    if _OTHERWISE.search(clause):
        return False
    return any(_is_meant(clause, found) for names in (_NAME, _CORE) for found in names.finditer(clause))


def _is_meant(clause: str, found: re.Match[str]) -> bool:
    before = clause[max(found.start() - _WINDOW, 0) : found.start()].rpartition(",")[2]
    return _BEFORE.search(before) is None and _AFTER.match(clause, found.end()) is None
