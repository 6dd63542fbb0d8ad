"""The case that a split leads to, made in memory: of the same order, policy and family."""

from cases.models import Case
from cases.models.case import GENESIS
from mediation.changes import Changes
from mediation.facts import Facts

SAME = (
    *("marketplace_id", "order_id", "buyer_id", "seller_id", "policy_id", "clock_id"),
    *("currency", "language", "delivery", "paused_by", "restrictions"),
)


def make(case: Case, changes: Changes, given: list[str]) -> Case:
    """Make the case, with facts that share the order's rows and what was handed in.

    :param case: the one that was split; its facts hold the application of the new one
    :param given: evidence slots handed in with the split
    """
    facts = case.facts
    asked = facts.branch
    child = Case(
        id=asked["case_id"],
        family_id=case.first_id,
        opened_at=changes.at,
        head=GENESIS,
        reason=asked["reason"],
        remedy=asked["remedy"],
        amount=0,
        **{name: getattr(case, name) for name in SAME},
    )
    child.facts = own = Facts(child, facts.policy, changes)
    own.order, own.lines, own.payments = facts.order, facts.lines, facts.payments
    own.application, own.items = None, []
    own.handed_in = facts.handed_in
    own.begin(facts.actor, given=given)
    own.tell(split_from=case.id)
    changes.added[Case].append(child)
    return child
