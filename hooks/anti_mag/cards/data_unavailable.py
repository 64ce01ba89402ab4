"""The `dataUnavailable` card: safety data that could not be read while rituximab is being signed (C5), and orders that
could not be read at all (C5b).

Says what to look up by hand. What was read still speaks through the gates. Stands too where this service failed in one
of its checks (`card_of_failures`): what nobody checked must not look checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Finding
from cds_service.markdown import escaped
from hooks.anti_mag import rules
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import checked


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One warning that names what could not be read: orders, and the data that a gate rests on; None where all was."""
    orders, data = (answers[logic] if is_yes(answers, logic) else None for logic in ("C5b", "C5"))
    if orders is None and data is None:
        return None
    return make_card(
        picture,
        "dataUnavailable",
        Indicator.WARNING,
        _summary(picture, orders, data),
        [*(_orders(picture) if orders else ()), *(_data(data) if data else ())],
        [answer for answer in (orders, data) if answer is not None],
        orders=[escaped(draft.name) for draft in checked(picture)] if data else (),
        is_missing_told=True,
    )


def _summary(picture: ClinicalPicture, orders: Answer | None, data: Answer | None) -> str:
    if data is None:
        return f"{_count(picture)} could not be read: nothing was checked for {_it(picture)}"
    more = f" and {_count(picture)}" if orders else ""
    return f"Rituximab: safety data{more} could not be read: {', '.join(data.finding.missing)}"


def _count(picture: ClinicalPicture) -> str:
    number = len(picture.drafts.unread)
    return "1 order" if number == 1 else f"{number} orders"


def _it(picture: ClinicalPicture) -> str:
    return "it" if len(picture.drafts.unread) == 1 else "them"


def _orders(picture: ClinicalPicture) -> list[str]:
    told = "; ".join(
        dict.fromkeys(
            f'"{escaped(order.named or order.source)}" ({escaped(order.why)})' for order in picture.drafts.unread
        )
    )
    return [
        f"**Check by hand: {_count(picture)} could not be read, and nothing was checked for {_it(picture)}.** "
        f"What came: {told}."
    ]


def _data(answer: Answer) -> list[str]:
    unread = ", ".join(answer.finding.missing)
    return [
        f"**Look these up before signing: {unread}.** The chart did not supply them just now, so nothing was "
        "checked against them, and nothing follows from their absence."
    ]


def card_of_failures(picture: ClinicalPicture, answers: Mapping[str, Answer], failed: Sequence[str]) -> Card:
    """One warning that checks failed in this service, with the data not read, if any. `failed` are logic ids and names
    of card modules."""
    answer = answers.get("C5")
    unread = answer.finding.missing if answer is not None else ()
    parts = ", ".join(failed)
    look_up = f" Look up too, since it could not be read: {', '.join(unread)}." if unread else ""
    return make_card(
        picture,
        "dataUnavailable",
        Indicator.WARNING,
        "This service failed in some of its checks of this order: check it by hand",
        (
            f"**Check this order by hand: not every check of this service worked ({parts}).**{look_up} The other "
            "checks did their work, and nothing follows from the silence of those that failed.",
        ),
        [Answer(rules.BY_LOGIC["C5"], Finding.yes(missing=(*unread, f"the answers of {parts}")))],
        is_missing_told=True,
    )
