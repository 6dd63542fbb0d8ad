"""Everything that moves the money and the pieces of one order, at once: it balances afterwards."""

from collections import Counter, defaultdict
from random import Random
from uuid import UUID, uuid4

import pytest

from cases.models import Case, OrderLine, Payment, Refund
from cases.refusals import Refused
from mediation.invariants import check
from mediation.steps import Wish, database_clock, take
from tests import world
from tests.api import callers
from tests.api.callers import NOW, buyer, order, seller, service, yuan
from tests.api.test_races import at_once
from tests.mediation.story import market

pytestmark = pytest.mark.django_db(transaction=True)

PHOTO = [{"slot": "photo_goods"}]
QUALITY = {"reason": "quality", "remedy": "refund_only", "evidence": PHOTO, "statement": "Torn."}
# What somebody may be told whose request came second; anything else is a bug.
COULD_BE = {
    *("NOT_NOW", "STALE_VERSION", "MONEY_CONFLICT", "QUANTITY_TAKEN", "AMOUNT_TOO_HIGH"),
    *("STALE_OFFER", "NOT_YOUR_STEP", "NOT_ELIGIBLE", "BAD_TERMS", "LEASE_LOST"),
}


class Fair:
    """One order of three lines, paid in two parts, with many cases about it."""

    def __init__(self):
        limits = {"applications": 99, "edits": 99}
        place = market("fair", limits=limits, mediation={"appeal": False})
        self.order = order(place, lines=3, quantity=20, paid=2_000, freight=700)
        first = self.order.payments.get()
        Payment.objects.filter(pk=first.pk).update(amount=3_000)
        rest = {"ref": "2", "method": "wallet", "amount": 3_700, "captured_at": NOW}
        Payment.objects.create(id=uuid4(), order=self.order, **rest)
        self.bea, self.sam = buyer(self.order), seller(self.order)
        self.shop = service(self.order)
        self.lines = {line.ref: line.id for line in self.order.lines.all()}

    def claim(self, line, quantity=2):
        items = [{"line": line, "quantity": quantity}]
        return callers.opened(self.order, **QUALITY, items=items)["id"]

    def offered(self, line):
        case = self.sam.case(self.claim(line))
        terms = {"remedy": "refund_only", "items": [{"line": line, "amount": yuan("1.50")}]}
        assert self.sam.step(case, "offer", **terms).status_code == 200
        return case["id"]

    def disputed(self, line):
        case_id = self.claim(line)
        lease = uuid4()
        for step, inputs in (
            ("take_over", {"reason": "counterfeit", "statement": "Look."}),
            ("claim", {"lease": lease, "until": NOW.replace(year=NOW.year + 1)}),
        ):
            by = world.actor(self.order, "mediator")
            [taken] = take([Wish(case_id=UUID(case_id), step=step, by=by, inputs=inputs)])
            assert not isinstance(taken, Refused)
        return case_id, lease

    def refunding(self, line):
        case_id = self.claim(line)
        self.sam.step(self.sam.case(case_id), "approve")
        return case_id

    # One request each; whoever finds the case moved on looks again, as a client does

    def step(self, caller, case_id, name, inputs=lambda case: {}):
        for _ in range(5):
            case = caller.case(case_id)
            answer = caller.step(case, name, **inputs(case))
            if answer.status_code != 412:
                break
        return "ok" if answer.status_code == 200 else answer.json()["code"]

    def open(self, line):
        items = [{"line": line, "quantity": 4}]
        answer = self.bea.open(self.order, **QUALITY, items=items)
        return "ok" if answer.status_code == 201 else answer.json()["code"]

    def amend(self, case_id, line):
        piece = [{"line": line, "quantity": 1, "amount": yuan("0.40")}]
        return self.step(self.bea, case_id, "amend", lambda _: {**QUALITY, "items": piece})

    def split(self, case_id, line):
        piece = [{"line": line, "quantity": 1}]
        return self.step(self.bea, case_id, "split", lambda _: {**QUALITY, "items": piece})

    def withdraw(self, case_id, _line):
        return self.step(self.bea, case_id, "withdraw")

    def approve(self, case_id, _line):
        return self.step(self.sam, case_id, "approve")

    def accept_offer(self, case_id, _line):
        def quoted(case):
            offer = case["offer"] or {"id": str(uuid4()), "version": 1}
            return {"offer": offer["id"], "version": offer["version"]}

        return self.step(self.bea, case_id, "accept_offer", quoted)

    def record_outside_refund(self, case_id, line):
        told = {"line": line, "amount": yuan("0.70")}
        return self.step(self.shop, case_id, "record_outside_refund", lambda _: told)

    def refund_settled(self, case_id, _line):
        refund = Refund.objects.filter(case=case_id).order_by("id").last()
        told = {"refund": str(refund.id if refund else uuid4())}
        return self.step(self.shop, case_id, "refund_settled", lambda _: told)

    def rule(self, disputed, line):
        case_id, lease = disputed
        content = {
            "remedy": "refund_only",
            "amounts": {self.lines[line]: 150},
            "fault": {"seller": 100},
            "rule": "quality-1",
            "evidence": [],
            "statement": "It is torn.",
        }
        found = world.case(case_id)
        taken = world.do(found, "rule", "mediator", when=database_clock(), lease=lease, **content)
        return taken.code if isinstance(taken, Refused) else "ok"


APPLIED = ("amend", "split", "withdraw", "approve", "record_outside_refund")
OFFERED = ("accept_offer", "withdraw", "approve", "record_outside_refund")
DISPUTED = ("withdraw", "approve", "record_outside_refund")


def requests(fair):
    """Each kind once where nobody interferes; then all that fits at the same cases, and more."""
    alone = [(kind, fair.claim("0"), "0") for kind in APPLIED]
    alone += [("accept_offer", fair.offered("0"), "0"), ("rule", fair.disputed("0"), "0")]
    alone += [("refund_settled", fair.refunding("0"), "0")] * 2  # told twice
    crowded = []
    for line in ("1", "2"):
        crowded += [(kind, case, line) for case in [fair.claim(line)] for kind in APPLIED]
        crowded += [(kind, case, line) for case in [fair.claim(line)] for kind in APPLIED]
        crowded += [(kind, case, line) for case in [fair.offered(line)] for kind in OFFERED]
        disputed = fair.disputed(line)
        crowded += [(kind, disputed[0], line) for kind in DISPUTED] + [("rule", disputed, line)]
        crowded += [("refund_settled", fair.refunding(line), line)] * 2
    return alone, crowded


def test_refunds_reservations_and_claims_of_one_order_balance():
    fair = Fair()
    alone, crowded = requests(fair)
    asked = alone + crowded + [("open", None, line) for line in "012" for _ in range(3)]
    assert len(asked) > 45
    Random(7).shuffle(asked)  # noqa: S311 -- the same every time
    assert check() == {}

    def ask(request):
        kind, case, line = request
        return fair.open(line) if kind == "open" else getattr(fair, kind)(case, line)

    answers = at_once(ask, asked)

    told = defaultdict(Counter)
    for (kind, *_), answer in zip(asked, answers, strict=True):
        told[kind][answer] += 1
    assert {answer for kinds in told.values() for answer in kinds} <= {"ok", *COULD_BE}
    assert [kind for kind, kinds in told.items() if not kinds["ok"]] == []
    assert told["refund_settled"]["ok"] == 3  # each once, however often it is told
    assert check() == {}

    pending = list(Refund.objects.filter(state="pending").values_list("case", flat=True)) * 2
    settled = at_once(
        lambda case: fair.refund_settled(case, ""), (pending * 16)[: max(16, len(pending))]
    )

    assert Counter(settled)["ok"] == len(pending) // 2
    assert check() == {}
    lines = OrderLine.objects.all()
    assert all(line.reserved == 0 for line in lines)
    paid = sum(Refund.objects.filter(state="succeeded").values_list("amount", flat=True))
    fair.order.refresh_from_db()
    assert paid == sum(line.refunded for line in lines) + fair.order.freight_refunded
    assert paid == sum(Payment.objects.values_list("given_back", flat=True))
    assert Case.everywhere.filter(state="refunding").count() == 0
