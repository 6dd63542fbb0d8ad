"""Splitting: some pieces of a case leave it for a case of their own, which takes another path.

The pieces stay claimed throughout. Both cases are of one family: one thread, one pool of evidence.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import applications, money
from cases.refusals import NotEligible, QuantityTaken

if TYPE_CHECKING:
    from cases.models import ApplicationItem, Case

Items = list[dict[str, Any]]


def split(case: "Case", *, items: Items, statement: UUID, **wanted: Any) -> None:
    """Keep the rest of the pieces, and have a case opened for those that leave.

    :param items: what leaves, as of `applications.apply`
    :param wanted: reason, detail, remedy and compensation of the new case
    :raises NotEligible: a line that is not here, or nothing would stay; or as `apply`
    :raises QuantityTaken: more pieces than are here
    :raises Refused: as `applications.apply`
    """
    facts = case.facts
    leaving = {item["line"]: item["quantity"] for item in items}
    _check_pieces(facts.items, leaving)
    reason, remedy = wanted["reason"], wanted["remedy"]
    applications.check_reason(case, reason, remedy, items)
    kinds = facts.kinds(leaving)
    facts.demand_evidence(reason, during="split", kinds=kinds, detail=wanted.get("detail", ""))
    applications.check_goods(
        *(case, "split", reason, remedy, items),
        wanted.get("compensation", 0),
        lets_go=leaving,
    )
    _keep_the_rest(case, leaving)
    facts.branch_off(items=items, statement=statement, **wanted)


def can_be_split(case: "Case") -> bool:
    """Say whether more than one piece is here that nothing was paid for; only a first case is."""
    return case.family_id is None and sum(i.quantity for i in case.facts.items if i.lets_go) > 1


def _check_pieces(items: "list[ApplicationItem]", leaving: dict[UUID, int]) -> None:
    here = {item.line_id: item.quantity for item in items if item.lets_go}
    for line, quantity in leaving.items():
        if line not in here:
            raise NotEligible("The line is not part of this case.", why="other_line", line=line)
        if not 0 < quantity <= here[line]:
            raise QuantityTaken("Not so many pieces are here.", line=line, free=here[line])
    if leaving == here:
        raise NotEligible("Something must stay; change the application instead.", why="all_of_it")


def _keep_the_rest(case, leaving):
    """Write down what stays as an attempt of its own, with the words of the one before."""
    facts = case.facts
    rests = [rest for item in facts.items if (rest := _rest(item, leaving.get(item.line_id, 0)))]
    applications.release_pieces(case)
    case.edits += 1
    if not case.compensation:
        case.amount = sum(rest["amount"] or rest["worth"] for rest in rests)
    facts.application = facts.new(
        "Application",
        case_id=case.id,
        number=case.applications + case.edits,
        kind="split",
        reason=case.reason,
        detail=facts.application.detail,
        remedy=case.remedy,
        amount=case.amount,
        medium=case.medium,
        statement_id=facts.application.statement_id,
        applied_at=facts.at,
    )
    facts.items = [applications.claim(case, rest) for rest in rests]
    facts.tell(amount=case.amount)


def _rest(item: "ApplicationItem", leaving: int) -> dict[str, Any] | None:
    """Tell what stays of an item: its first pieces, and its share of what was asked for them."""
    line, stays = item.line, item.quantity - leaving
    if not (item.lets_go and stays):
        return None
    others = line.claimed - item.quantity
    worth = money.worth(line.paid, line.quantity, before=others, pieces=stays)
    share = money.round_half_up(item.amount * stays, item.quantity)
    amount = min(worth, max(1, share)) if item.amount else 0
    return {"line": line, "quantity": stays, "worth": worth, "amount": amount}
