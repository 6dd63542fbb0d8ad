"""Applications: what a buyer asks for, and the pieces that it claims."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import money
from cases.goods import rules_out
from cases.reasons import REASONS, REMEDIES
from cases.refusals import AmountTooHigh, LimitReached, NotEligible, QuantityTaken
from cases.terms import MONEY

if TYPE_CHECKING:
    from cases.models import ApplicationItem, Case


def apply(
    case: "Case",
    kind: str,
    *,
    reason: str,
    remedy: str,
    items: list[dict[str, Any]],
    statement: UUID,
    compensation: int = 0,
    medium: str = MONEY,
    detail: str = "",
) -> None:
    """Record an application and claim its pieces; what the one before it claimed is let go.

    :param items: {"line": id, "quantity": pieces, "amount": minor units or None for their worth},
        each line once
    :raises NotEligible: reason or remedy does not fit, or the window is closed
    :raises LimitReached: a line was applied for, or its application changed, too often
    :raises QuantityTaken: pieces are claimed already or were not bought
    :raises AmountTooHigh: more than the pieces are worth
    :raises EvidenceMissing: the reason demands evidence
    """
    facts = case.facts
    check_reason(case, reason, remedy, items)
    kinds = facts.kinds(item["line"] for item in items)
    facts.demand_evidence(reason, during=kind, kinds=kinds, detail=detail)
    wanted = check_goods(case, kind, reason, remedy, items, compensation)
    release_pieces(case)
    case.reason, case.remedy = reason, remedy
    case.amount = compensation or sum(want["amount"] or want["worth"] for want in wanted)
    case.compensation, case.medium = compensation, medium if compensation else MONEY
    case.freight_payer = facts.freight_payer(reason, kinds)
    case.applications += kind != "amend"
    facts.application = facts.new(
        "Application",
        case_id=case.id,
        number=case.applications + case.edits + (kind == "amend"),
        kind=kind,
        reason=reason,
        detail=detail,
        remedy=remedy,
        amount=case.amount,
        medium=case.medium,
        statement_id=statement,
        applied_at=facts.at,
    )
    known = {item.line_id for item in facts.items} if kind == "amend" else set()
    facts.items = [
        claim(case, want, "edits" if want["line"].id in known else "applications")
        for want in wanted
    ]
    facts.tell(reason=reason, detail=detail or None, remedy=remedy)
    facts.tell(amount=case.amount, statement=statement)


def check_reason(case: "Case", reason: str, remedy: str, items: list[dict[str, Any]]) -> None:
    """See that a reason leads to a remedy, here and now, for goods of these kinds.

    :param items: as of `apply`
    :raises NotEligible: it does not; `why` says for which reason, `rule` where that is written
    """
    facts, row = case.facts, REASONS[reason]
    if remedy not in row.remedies:
        raise NotEligible(
            "This reason does not lead to this remedy.",
            why="not_a_remedy",
            rule=("reasons", reason, "remedies"),
            remedies=list(row.remedies),
        )
    if facts.stage not in row.stages:
        raise NotEligible(
            "This reason does not fit where the parcel is.",
            why="wrong_stage",
            rule=("reasons", reason, "stages"),
            stages=list(row.stages),
        )
    _check_kinds(facts, reason, facts.kinds(item["line"] for item in items))


def _check_kinds(facts, reason, kinds):
    """See that the policy takes the reason for such goods, and still does."""
    for kind in sorted(kinds):
        if closed := facts.policy.closed(reason, kind):
            raise NotEligible("This is not taken for such goods.", why="closed_kind", rule=closed)
    closes_at, rule = facts.window(reason, kinds)
    may_be_late = facts.actor.role in facts.policy.beyond_window
    if closes_at is not None and facts.at >= closes_at and not may_be_late:
        raise NotEligible(
            "The time to apply for this is over.",
            why="window_closed",
            rule=rule,
            closed_at=closes_at,
        )


def check_goods(  # noqa: PLR0917 -- as an application is read
    case: "Case",
    kind: str,
    reason: str,
    remedy: str,
    items: list[dict[str, Any]],
    compensation: int = 0,
    *,
    lets_go: Mapping[UUID, int] | None = None,
) -> list[dict[str, Any]]:
    """See that these pieces may be applied for, and for so much.

    :param items: as of `apply`
    :param lets_go: line → pieces that the case gives up for them; None: all that it claims
    :returns: of each item its line, quantity, worth and amount; minor units
    :raises Refused: as `apply`
    """
    pays = REMEDIES[remedy].pays
    _check_lines(case, kind, [item["line"] for item in items])
    for item in items:
        _check_kind(case, case.facts.lines[item["line"]], reason, remedy)
    if lets_go is None:
        lets_go = {item.line_id: item.quantity for item in case.facts.items if item.lets_go}
    wanted = [_want(case, item, lets_go, is_refund=pays == "refund") for item in items]
    _check_compensation(case.facts, compensation, wanted=pays == "compensation")
    return wanted


def _check_lines(case, kind, ids):
    """See that the lines exist, stand there once, and have not been applied for too often."""
    facts, limits = case.facts, case.facts.policy.limits
    if not ids or len(set(ids)) < len(ids):
        raise NotEligible("Name at least one line, and each line once.")
    known = {item.line_id for item in facts.items} if kind == "amend" else set()
    for line_id in ids:
        line = facts.lines.get(line_id)
        if line is None:
            raise NotEligible("The order has no such line.", line=line_id)
        if line_id in known and line.tries_left("edits", limits) < 1:
            raise LimitReached(
                "The application was changed too often.",
                rule=("limits", line.limit_of("edits", limits)),
                line=line_id,
            )
        if line_id not in known and line.tries_left("applications", limits) < 1:
            raise LimitReached(
                "These goods were applied for too often.",
                rule=("limits", line.limit_of("applications", limits)),
                line=line_id,
            )


def _check_compensation(facts, compensation, *, wanted):
    if (compensation > 0) != wanted:
        raise NotEligible("A compensation names its amount, and nothing else does.")
    if compensation > facts.compensation_cap:
        raise AmountTooHigh("Above the cap.", most=facts.compensation_cap)


def _check_kind(case, line, reason, remedy):
    """See that the kind of the goods does not rule it out."""
    stage = case.facts.stage
    for flag in line.flags:
        if rules_out(flag, reason, remedy, stage):
            of_reason = flag in REASONS[reason].not_for
            raise NotEligible(
                "These goods are excepted.",
                why="excepted_goods",
                rule=("reasons", reason, "not_for") if of_reason else ("goods", flag),
                line=line.id,
                flag=flag,
            )


def _want(case, item, lets_go, *, is_refund):
    line = case.facts.lines[item["line"]]
    others = line.claimed - lets_go.get(line.id, 0)
    if not 0 < item["quantity"] <= line.quantity - others:
        raise QuantityTaken(
            "Not so many pieces are free.", line=line.id, free=line.quantity - others
        )
    worth = money.worth(line.paid, line.quantity, before=others, pieces=item["quantity"])
    most = min(worth, line.left)
    amount = most if item.get("amount") is None else item["amount"]
    if not is_refund:
        amount = 0
    elif not 0 < amount <= most:
        raise AmountTooHigh("More than the pieces are worth.", line=line.id, most=most)
    return {"line": line, "quantity": item["quantity"], "worth": worth, "amount": amount}


def claim(case: "Case", want: dict[str, Any], counter: str = "") -> "ApplicationItem":
    """Claim pieces for the application of a case.

    :param counter: "applications" or "edits" of the line, if it counts as one
    """
    facts, line = case.facts, want["line"]
    facts.post(line, claimed=want["quantity"])
    if counter:
        facts.count(line, counter)
    item = facts.new(
        "ApplicationItem",
        application_id=facts.application.id,
        line_id=line.id,
        quantity=want["quantity"],
        worth=want["worth"],
        amount=want["amount"],
    )
    item.line = line
    return item


def release_pieces(case: "Case") -> None:
    """Let the claimed pieces go, so that they may be claimed again; not those paid back."""
    for item in case.facts.items:
        if item.lets_go:
            case.facts.post(item.line, claimed=-item.quantity)
            item.claims = False
            case.facts.touch(item)
