"""Every figure: its columns with their units, and the one statement that counts it.

A statement asks with: `markets` (ids of marketplaces), `since` and `until` (the period, the end not
included), `reason` and `region` (of the cases that count; NULL: of all), `at` (now), `low` and
`high` (ids of rows made in the period: ids sort by their moment, so no index on a date is needed)
and `earliest`, `latest` (the same, an hour wider: the id of a case is made a little before the
moment at which it is opened). A `draft` or `void` ruling counts for nothing: it was never told to
anybody, or nothing came of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mediation.reports.sql_of_goods import BUYERS, CARRIERS, PRODUCTS
from mediation.reports.sql_of_people import REACH, SELLERS, WORKLOAD
from mediation.reports.sql_of_work import (
    AGREEMENT,
    APPEALS,
    DOCKET_AGE,
    DOCKET_RANK,
    FIRST_TOUCH,
    OUTCOMES,
    OVERDUE,
    REFUNDS,
    RULINGS,
    TIME_TO_RULING,
)

# Units: how many, hours, a share from 0 to 1, a day, decimals of the row's currency (as text), or
# what a row is about: a code, an id.
COUNT, HOURS, SHARE, DAY, CODE, REF = "count", "hours", "share", "day", "code", "ref"
MONEY = "money"
RATES = {"refund_rate": SHARE, "mediated": SHARE, "ruled_for_seller": SHARE, "refunded": MONEY}
UNITS = (COUNT, HOURS, SHARE, DAY, MONEY, CODE, REF)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One table of numbers."""

    name: str
    about: str  # what exactly is counted
    columns: Mapping[str, str]  # name → unit, in the order of the statement
    sql: str
    now: bool = False  # as it stands now, whatever the period


def _by_week(name, until, counted, sql):
    """Make a figure of how long something takes, by the week in which it came."""
    about = (
        f"Hours from entering mediation until {until}, by the week (from Monday, UTC) in which "
        "that was; the row without a week is the whole."
    )
    columns = {"week": DAY, counted: COUNT, "p50": HOURS, "p90": HOURS}
    return Figure(name=name, about=about, columns=columns, sql=sql)


FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(
            name="docket_age",
            about="Disputes that wait in the docket, by the time since they came into mediation.",
            columns={"age": CODE, "disputes": COUNT},
            sql=DOCKET_AGE,
            now=True,
        ),
        Figure(
            name="docket_rank",
            about="Disputes that wait in the docket, by the time until their rank's moment.",
            columns={"rank": CODE, "disputes": COUNT},
            sql=DOCKET_RANK,
            now=True,
        ),
        Figure(
            name="overdue",
            about="Disputes whose ruling is late, and those in the supervisor's queue, by state.",
            columns={"state": CODE, "ruling_late": COUNT, "with_supervisor": COUNT},
            sql=OVERDUE,
            now=True,
        ),
        Figure(
            name="rulings",
            about="Rulings given per day (UTC), in the first instance and on appeal.",
            columns={"day": DAY, "first": COUNT, "appeal": COUNT},
            sql=RULINGS,
        ),
        _by_week("first_touch", "a mediator took the dispute up", "disputes", FIRST_TOUCH),
        _by_week("time_to_ruling", "the first ruling", "rulings", TIME_TO_RULING),
        Figure(
            name="outcomes",
            about="Cases that were opened in the period, by reason and by what became of them.",
            columns={"reason": CODE, "outcome": CODE, "cases": COUNT},
            sql=OUTCOMES,
        ),
        Figure(
            name="refunds",
            about="What was decided in the period and has been paid: how many payments, refunds "
            "and compensations, by reason, region of the order and currency.",
            columns={
                "reason": CODE,
                "region": REF,
                "currency": REF,
                "payments": COUNT,
                "refunded": MONEY,
                "compensation": MONEY,
            },
            sql=REFUNDS,
        ),
        Figure(
            name="appeals",
            about="First rulings of the period: how many were appealed against, decided anew, and "
            "changed in their terms. Shares are of the rulings, and of those decided anew.",
            columns={
                "rulings": COUNT,
                "appealed": COUNT,
                "decided": COUNT,
                "reversed": COUNT,
                "appeal_rate": SHARE,
                "reversal_rate": SHARE,
            },
            sql=APPEALS,
        ),
        Figure(
            name="agreement",
            about="Blind second reviews written in the period: the share that grants the same "
            "remedy, an amount within a tenth, and puts the fault mainly on the same side.",
            columns={"reviews": COUNT, "remedy": SHARE, "amount": SHARE, "fault": SHARE},
            sql=AGREEMENT,
        ),
        Figure(
            name="workload",
            about="Disputes that each mediator holds now; rulings, approvals, proposals and blind "
            "reviews of the period; first rulings of the period that were reversed on appeal.",
            columns={
                "mediator": REF,
                "held": COUNT,
                "rulings": COUNT,
                "approvals": COUNT,
                "proposals": COUNT,
                "reviews": COUNT,
                "reversed": COUNT,
            },
            sql=WORKLOAD,
        ),
        Figure(
            name="sellers",
            about="The 50 sellers with the most cases opened in the period: the share of them "
            "that they refused, left without any answer, that went into mediation, and that were "
            "ruled for the buyer; hours until their first answer (median).",
            columns={
                "marketplace": REF,
                "seller": REF,
                "cases": COUNT,
                "refused": SHARE,
                "silent": SHARE,
                "mediated": SHARE,
                "ruled_for_buyer": SHARE,
                "answer_p50": HOURS,
            },
            sql=SELLERS,
        ),
        Figure(
            name="reach",
            about="The 50 sellers whom most letters about cases opened in the period did not "
            "reach: letters and attempts; the share that arrived by the word of who carried them, "
            "and that could not be brought.",
            columns={
                "marketplace": REF,
                "seller": REF,
                "letters": COUNT,
                "attempts": COUNT,
                "arrived": SHARE,
                "failed": SHARE,
            },
            sql=REACH,
        ),
        Figure(
            name="products",
            about="The 50 products of a seller with the most cases opened in the period, by "
            "currency: the share of them in which something was given back for it, that went into "
            "mediation, and that were ruled for the seller; what was given back for it.",
            columns={
                "marketplace": REF,
                "seller": REF,
                "sku": REF,
                "currency": REF,
                "cases": COUNT,
                **RATES,
            },
            sql=PRODUCTS,
        ),
        Figure(
            name="buyers",
            about="The 50 buyers with the most cases opened in the period, by currency and by the "
            "marketplace's own reference: shares as for products; what was given back for goods.",
            columns={
                "marketplace": REF,
                "buyer": REF,
                "currency": REF,
                "cases": COUNT,
                **RATES,
            },
            sql=BUYERS,
        ),
        Figure(
            name="carriers",
            about="The 50 carriers with the most cases opened in the period, by the parcels of "
            "the case and of its order: the share of them in which a parcel was lost, in which the "
            "order came after the promised time, and for which the carrier was held at fault.",
            columns={
                "marketplace": REF,
                "carrier": REF,
                "cases": COUNT,
                "lost": SHARE,
                "late": SHARE,
                "at_fault": SHARE,
            },
            sql=CARRIERS,
        ),
    )
}
