"""Gates on what is given or ordered close to rituximab: live vaccines and plasma exchange (G7, G16).

Both also answer for an order of the vaccine or of the exchange alone, without a rituximab order (ruling 16).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cds_service.knowledge.contract import Finding
from cds_service.record import Fact, Order
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.picture.gate_scope import gated, gated_beside
from hooks.anti_mag.picture.schedule import named_days
from hooks.anti_mag.picture.vaccines import given_too_close, next_day, ordered_conflict
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.live_vaccine_is_too_close",
    logic="G7",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("CD20MON2024", "RTXUSPI"),
    thresholds=("live_vaccine.before", "live_vaccine.after_months"),
)
def live_vaccine_is_too_close(picture: ClinicalPicture) -> Finding:
    """Keep live vaccines away from rituximab: more than four weeks before it, and none while it is at work.

    YES when rituximab is ordered for an adult's neuropathy, or another anti-CD20 antibody for an adult of ours, and a
    live vaccine was given in the {live_vaccine.before} up to the next dose; or when a live vaccine is ordered for an
    adult of ours for a day from the first dose of a course, given or planned, to {live_vaccine.after_months} after its
    last, at most {live_vaccine.before} before a planned dose, or after rituximab of an unknown day. A vaccine that may
    be live counts.

    NO when no live vaccine is that close, or nothing of this is ordered.

    UNKNOWN when none is found, and for an order of rituximab the vaccinations could not be had whole, or for one of the
    vaccine no medication list could.
    """
    drafts, vaccines = gated(picture, "G7"), gated_beside(picture, "G7")
    given = given_too_close(picture, drafts)
    held = [draft for draft in vaccines if ordered_conflict(picture, draft)]
    if given or held:
        latest = picture.rituximab.latest
        doses = [latest.doses[-1].fact] if latest else list(picture.rituximab.undated)
        ordered = [draft.order.fact("live vaccine ordered") for draft in held]
        return Finding.yes(*(vaccine.fact for vaccine in given), *ordered, *(doses if held else ()))
    unread = ["vaccinations"] if drafts and not picture.vaccination.is_readable else []
    unread += ["earlier rituximab"] if vaccines and not picture.rituximab.is_readable else []
    return Finding.unknown(*unread) if unread else Finding.no()


@book.rule(
    "rituximab_safety.plasma_exchange_follows_closely",
    logic="G16",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("SICONOLFI2024", "ASFA2023"),
    thresholds=("exchange.after_rituximab",),
)
def plasma_exchange_follows_closely(picture: ClinicalPicture) -> Finding:
    """Do not plan plasma exchange in the days right after a rituximab dose, unless it cannot wait: it removes the drug.

    YES when plasma exchange is ordered for an adult of ours for a day that lies at most {exchange.after_rituximab}
    after the last dose of rituximab, or after a day to come that an order of rituximab names for a dose, counted by
    whole days.

    NO when it is later than that, or no rituximab was given and none is planned on a named day before the exchange.

    UNKNOWN when no known dose is that close, and rituximab was given on an unknown day or no medication list could be
    had whole.
    """
    drafts = gated_beside(picture, "G16")
    close = [(dose, draft.order) for draft in drafts if (dose := _dose_before(picture, draft))]
    rituximab = [draft.order for draft in gated(picture, "G16")]
    close += [
        (dose, exchange)
        for exchange in picture.drafts.exchanges_on_record
        for day in named_days(exchange, picture.today)
        if (dose := _planned_before(picture, rituximab, day))
    ]
    if close:
        return Finding.yes(close[0][0], *dict.fromkeys(one.fact("plasma exchange ordered") for _, one in close))
    is_known = picture.rituximab.is_readable and not picture.rituximab.undated
    return Finding.no() if is_known or not drafts else Finding.unknown("day of the last rituximab dose")


def _dose_before(picture: ClinicalPicture, exchange: DraftOrder) -> Fact | None:
    """The dose, given or planned, that the exchange follows closely; by whole days: an exchange on the third day after
    it may still be less than 72 hours after it."""
    latest, day = picture.rituximab.latest, next_day(exchange.order, picture.today)
    if latest is not None and (day - latest.last_dose).days * 24 <= picture.thresholds["exchange.after_rituximab"]:
        return latest.doses[-1].fact
    drafted = [draft.order for draft in picture.drafts.all_rituximab]
    return _planned_before(picture, [*drafted, *picture.rituximab.orders], day)


def _planned_before(picture: ClinicalPicture, rituximab: Iterable[Order], day: date) -> Fact | None:
    """The dose to come that an exchange of that day follows closely. One planned for the same day may come after it."""
    most = picture.thresholds["exchange.after_rituximab"]
    planned = ((dose, order) for order in rituximab for dose in named_days(order, picture.today))
    return next(
        (
            replace(order.fact("rituximab planned"), date=dose.isoformat())
            for dose, order in planned
            if dose >= picture.today and 0 < (day - dose).days * 24 <= most
        ),
        None,
    )
