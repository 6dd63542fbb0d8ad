"""What each step asks for, if a test does not say."""

from datetime import timedelta
from uuid import uuid4

from cases.models import Offer, Proposal, Refund, Ruling
from cases.reasons import REASONS
from tests import world

WORDS = "As I said."


def slots_for(reason):
    """Hand in everything that a reason may demand; the statement comes as words."""
    return [{"slot": slot} for slot in REASONS[reason].evidence if slot != "statement"]


class Usual:
    """The inputs of a story's steps; it has `id`, `order`, `line` and `now`."""

    def usual(self, step):
        makes = getattr(self, f"_to_{step}", None)
        return {} if makes is None else makes()

    def all_of_it(self):
        return {line.id: line.paid for line in self.order.lines.all()}

    def _application(self):
        return world.application(self.order, reason="quality", evidence=slots_for("quality"))

    _to_amend = _to_reapply = _to_split = _application

    def _to_refuse(self):
        return {"reason": "facts_differ", "statement": WORDS}

    _to_reject_return = _to_refuse

    def _to_reject_replacement(self):
        return {"reason": "replacement_not_received", "statement": WORDS}

    def _to_offer(self):
        return {"remedy": "refund_only", "amounts": {self.line.id: 1_000}}

    def _quoted(self):
        offer = Offer.objects.filter(case=self.id).order_by("-version").first()
        return {"offer": offer.id if offer else uuid4(), "version": offer.version if offer else 0}

    def _to_counter_offer(self):
        return self._quoted() | {"remedy": "refund_only", "amounts": {self.line.id: 2_000}}

    _to_decline_offer = _to_accept_offer = _quoted

    def _to_ship_return(self):
        return {"carrier": "sf", "tracking_no": f"SF{uuid4().hex}"}

    _to_correct_tracking = _to_dispatch_replacement = _to_ship_return

    def _to_ask_extension(self):
        return {"hours": 24}

    def _to_give_extension(self):
        return {"side": "seller", "hours": 24, "statement": WORDS}

    def _to_take_over(self):
        return {"reason": "counterfeit", "statement": WORDS}

    def _words(self):
        return {"statement": WORDS}

    _to_hand_back = _to_settle_by_hand = _to_reopen = _to_reinstate = _words
    _to_hand_in = _to_send_back = _to_appeal = _words

    def _to_refund_settled(self):
        refund = Refund.objects.filter(case=self.id, state="pending").first()
        return {"refund": refund.id if refund else uuid4()}

    def _to_refund_failed(self):
        return self._to_refund_settled() | {"code": "card_closed"}

    def _to_record_outside_refund(self):
        return {"line": self.line.id, "amount": 1_000}

    def _to_chargeback_closed(self):
        return {"lost": False}

    def _to_rate(self):
        return {"score": 5}

    def _to_claim(self):
        return {"lease": uuid4(), "until": self.now + timedelta(minutes=30)}

    def _to_assign(self):
        return self._to_claim() | {"mediator": "mediator-2"}

    def _to_triage(self):
        return {"hours": 12, "skill": "counterfeit", "language": "en", "statement": WORDS}

    def _to_ask_evidence(self):
        return {"requests": {"buyer": ["photo_goods"], "seller": ["chat"]}, "statement": WORDS}

    def _to_propose(self):
        return self._to_offer() | {"statement": WORDS}

    def _proposed(self):
        found = Proposal.objects.filter(case=self.id).order_by("number").last()
        return {"proposal": found.id if found else uuid4()}

    _to_accept_proposal = _to_decline_proposal = _proposed

    def _to_bid(self):
        return {"amount": 5_000}

    def _to_rule(self):
        return {
            "remedy": "refund_only",
            "amounts": self.all_of_it(),
            "fault": {"seller": 100},
            "rule": "quality-1",
            "evidence": [],
            "statement": WORDS,
        }

    def _to_approve_ruling(self):
        ruling = Ruling.objects.filter(case=self.id).order_by("ruled_at").last()
        return {"sha256": ruling.sha256 if ruling else ""}
