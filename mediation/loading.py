"""The facts of n cases, in a fixed number of reads."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.db.models import Case as Either
from django.db.models import F, OuterRef, Subquery, Sum, When

from cases import terms
from cases.compiled import Blank, Compiled
from cases.models import (
    Application,
    ApplicationItem,
    Bid,
    Case,
    Clock,
    Dispute,
    Docket,
    Evidence,
    EvidenceRequest,
    Offer,
    Order,
    OrderLine,
    Parcel,
    Payment,
    Proposal,
    Recovery,
    Refund,
    Ruling,
)
from cases.models.policy import pinned, preload
from cases.reading import read, read_with
from mediation.arrays import array
from mediation.changes import Changes
from mediation.facts import LIVE_PARCEL, LIVE_RULING, Facts

LINES = "ON u.order_id = t.id WHERE t.id = ANY(%s::uuid[]) ORDER BY u.id"
DOCKETS = "ON u.case_id = t.case_id WHERE t.case_id = ANY(%s::uuid[])"
ITEMS = "ON u.application_id = t.id WHERE t.case_id = ANY(%s::uuid[]) ORDER BY t.number, u.id"
RULINGS: Compiled[Any] = Compiled(
    Ruling.objects.filter(
        case__order__any_of=Blank("orders"), state__in=[*LIVE_RULING, "final"]
    ).annotate(order_id=F("case__order_id"))
)


def load(
    cases: Iterable[Case],
    changes: Changes,
    *,
    evidence: bool = True,
    goods: Callable[[Case], bool] = lambda _case: True,
) -> None:
    """Give each case its facts, read afresh.

    :param evidence: read what was handed in as well; people's steps ask for it, and the sealing
    :param goods: whether a case needs its goods and money; asked when all else is there
    """
    cases = list(cases)
    preload({case.policy_id for case in cases})
    for case in cases:
        case.facts = Facts(case, pinned(case.policy_id), changes)
    by_id = {case.id: case.facts for case in cases if not case.is_new}  # which has nothing yet
    states = {case.state for case in cases}
    _clocks(by_id)
    _parcels_and_offers(by_id, states)
    if "refunding" in states:
        for refund in _those(Refund, "case_id", by_id, "AND state = 'pending'"):
            by_id[refund.case_id].refund = refund
    if any(case.mediation_rounds for case in cases):
        _disputes(by_id)
    _advances([case for case in cases if case.advance_id is not None])
    _guaranteed([case for case in cases if _may_be_guaranteed(case)])
    if whole := [case.facts for case in cases if goods(case)]:
        _orders(whole)
        _applications({facts.case.id: facts for facts in whole if not facts.case.is_new})
    if evidence or any(f.dispute and f.dispute.state == "gathering" for f in by_id.values()):
        _evidence(by_id)


def _those(model, column, ids, rest=""):
    which = f"WHERE {column} = ANY(%s::uuid[]) {rest}"
    return read(model, which, array([*ids])) if ids else []


def _evidence(by_id):
    """Read what was handed in; what the first case of a family has serves all of it."""
    serves = defaultdict(list)
    for facts in by_id.values():
        for case_id in {facts.case.id, facts.case.first_id}:
            serves[case_id].append(facts.handed_in)
    for given in _those(Evidence, "case_id", serves):
        for handed_in in serves[given.case_id]:
            handed_in[given.role].add(given.slot)


def _clocks(by_id):
    for clock in _those(Clock, "case_id", by_id):
        by_id[clock.case_id].clocks.append(clock)


def _orders(facts):
    """Cases of one order share its rows, so that one run sees its own changes."""
    ids = {f.case.order_id for f in facts}
    orders: dict[Any, Order] = {}
    lines: dict[Any, dict[Any, OrderLine]] = defaultdict(dict)
    payments: dict[Any, list[Payment]] = defaultdict(list)
    for order, line in read_with(Order, OrderLine, LINES, array([*ids])):
        orders[order.id] = order
        if line is not None:
            lines[order.id][line.id] = line
    for payment in _those(Payment, "order_id", ids, "ORDER BY captured_at, id"):
        payments[payment.order_id].append(payment)
    for f in facts:
        order_id = f.case.order_id
        f.order, f.lines, f.payments = orders[order_id], lines[order_id], payments[order_id]
        f.application, f.items = None, []


def _applications(by_id):
    if not by_id:
        return
    for application, item in read_with(Application, ApplicationItem, ITEMS, array([*by_id])):
        facts = by_id[application.case_id]
        if facts.application is not application:  # the last one stays
            facts.application, facts.items = application, []
        if item is not None:
            item.line = facts.lines[item.line_id]
            facts.items.append(item)


def _parcels_and_offers(by_id, states):
    cases = [facts.case for facts in by_id.values()]
    if any(case.buyer_offers or case.seller_offers for case in cases):
        for offer in _those(Offer, "case_id", by_id, "AND state = 'open'"):
            by_id[offer.case_id].offer = offer
    if not states <= {"new", "awaiting_seller", "refused"}:
        for parcel in _those(Parcel, "case_id", by_id, f"AND state IN {LIVE_PARCEL} ORDER BY id"):
            by_id[parcel.case_id].parcels.append(parcel)


def _disputes(by_id):
    for dispute, docket in read_with(Dispute, Docket, DOCKETS, array([*by_id])):
        facts = by_id[dispute.case_id]
        facts.dispute, dispute.facts, dispute.docket = dispute, facts, cast("Docket", docket)
    found = [facts.dispute for facts in by_id.values() if facts.dispute]
    if any(d.rulings or d.instance > 1 or d.state == "in_review" for d in found):
        _rulings(by_id)
    if any(dispute.state == "proposed" for dispute in found):
        for proposal in _those(Proposal, "case_id", by_id, "AND state = 'open'"):
            by_id[proposal.case_id].proposal = proposal
    if any(dispute.evidence_rounds for dispute in found):
        for request in _those(EvidenceRequest, "case_id", by_id, "ORDER BY round"):
            facts = by_id[request.case_id]
            facts.requests = [r for r in facts.requests if r.round == request.round] + [request]
    for bid in _those(Bid, "case_id", by_id):
        by_id[bid.case_id].bids[bid.side] = bid.amount


def _rulings(by_id):
    """Read what was ruled; of other cases of the order, how much: it counts for the approval."""
    by_order = defaultdict(list)
    for facts in by_id.values():
        by_order[facts.case.order_id].append(facts)
    for ruling in RULINGS(orders=array([*by_order])):
        for facts in by_order[ruling.order_id]:
            if ruling.case_id != facts.case.id:
                facts.ruled_elsewhere += _not_in_the_lines(ruling)
            elif ruling.state in LIVE_RULING:
                facts.ruling = ruling


def _advances(cases):
    """Read what was paid in advance; with the final ruling while it is on its way still."""
    by_advance = {case.advance_id: case.facts for case in cases}
    for refund in _those(Refund, "id", by_advance):
        facts = by_advance[refund.id]
        facts.advance = refund
        facts.refund = refund if refund.state == "pending" else None
    waiting = {case.id: case.facts for case in cases if case.state == "refunding"}
    for ruling in _those(Ruling, "case_id", waiting, "AND state = 'final' ORDER BY ruled_at"):
        content, facts = json.loads(ruling.content), waiting[ruling.case_id]
        facts.decided, facts.fault = terms.read(content), content["fault"]


def _may_be_guaranteed(case):
    """Whether a ruling may come now after which the platform would pay first."""
    dispute = case.facts.dispute
    is_near = dispute is not None and dispute.state in {"in_review", "awaiting_approval"}
    return is_near and case.facts.policy.pays_first(case.currency)


def _guaranteed(cases):
    """Add up what the platform has paid first and not got back, of these orders and sellers."""
    if not cases:
        return
    sums: dict[Any, int] = defaultdict(int)
    sellers, orders = {case.seller_id for case in cases}, {case.order_id for case in cases}
    for seller, currency, order, amount in _paid_first(sellers, orders):
        sums[seller, currency] += amount
        sums[order] += amount
    for case in cases:
        case.facts.guaranteed = (sums[case.order_id], sums[case.seller_id, case.currency])


def _paid_first(sellers, orders):
    """Read (seller, currency, order, minor units): what may still be owed, and what is owed.

    All other orders of a seller are one row: there may be any number of them.
    """
    standing = Case.everywhere.filter(advance_id__isnull=False, seller__in=sellers)
    paid = Refund.objects.filter(pk=OuterRef("advance_id"), kind="refund", payer="platform")
    first = standing.annotate(paid=Subquery(paid.values("amount"))).filter(paid__isnull=False)
    owed = Recovery.objects.filter(seller__in=sellers, debtor="seller").exclude(state="paid")
    for rows, order, amount in ((first, "order", "paid"), (owed, "case__order", "amount")):
        own = Either(When(**{f"{order}__in": orders}, then=F(order)))
        summed = rows.order_by().values("seller_id", "currency", own=own).annotate(sum=Sum(amount))
        yield from summed.values_list("seller_id", "currency", "own", "sum")


def _not_in_the_lines(ruling):
    """Leave out what the counters of the order's lines tell once a ruling is final."""
    is_final = ruling.state not in LIVE_RULING
    return json.loads(ruling.content)["compensation"] if is_final else ruling.amount
