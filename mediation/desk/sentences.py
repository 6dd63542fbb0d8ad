"""The timeline in sentences: one for each event, by name, and by who or which clock did it."""

import json
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Event

SENTENCES: dict[str, str | Promise] = {
    "open": _("The buyer applied."),
    "open by seller": _("The seller applied for the buyer."),
    "open by service": _("The marketplace applied for the buyer."),
    "amend": _("The buyer changed the application."),
    "split": _("The buyer took a part of the application out for a case of its own."),
    "reapply": _("The buyer applied again."),
    "withdraw": _("The buyer withdrew the application."),
    "approve": _("The seller agreed to the application."),
    "approve by clock": _("The seller stayed silent: the application counts as agreed."),
    "refuse": _("The seller refused."),
    "offer by buyer": _("The buyer made an offer."),
    "offer by seller": _("The seller made an offer."),
    "counter_offer by buyer": _("The buyer made another offer instead."),
    "counter_offer by seller": _("The seller made another offer instead."),
    "decline_offer by buyer": _("The buyer declined the offer."),
    "decline_offer by seller": _("The seller declined the offer."),
    "accept_offer by buyer": _("The buyer accepted the offer."),
    "accept_offer by seller": _("The seller accepted the offer."),
    "lapse_offer": _("Nobody answered the offer in time; it lapsed."),
    "ship_return": _("The buyer sent the goods back."),
    "correct_tracking": _("The buyer corrected the tracking number."),
    "return_delivered": _("The return was delivered to the seller."),
    "return_lost": _("The return was lost, or went back to the buyer."),
    "accept_return": _("The seller accepted the return."),
    "accept_return by clock": _("The seller did not object to the return in time."),
    "reject_return": _("The seller rejected the return."),
    "dispatch_replacement": _("The seller sent the goods."),
    "out_of_stock": _("The seller has nothing to send: a refund instead."),
    "out_of_stock by clock": _("The seller sent nothing in time: a refund instead."),
    "replacement_delivered": _("The goods were delivered to the buyer."),
    "replacement_lost": _("The goods were lost, or went back to the seller."),
    "parcel_news": _("The carrier told news of a parcel."),
    "stuck": _("A parcel has not moved for days."),
    "confirm_replacement": _("The buyer confirmed the goods."),
    "confirm_replacement by clock": _("The buyer did not object to the goods in time."),
    "reject_replacement": _("The buyer rejected the goods."),
    "take_extension by buyer": _("The buyer took the more time that the rules give."),
    "take_extension by seller": _("The seller took the more time that the rules give."),
    "ask_extension by buyer": _("The buyer asked for more time."),
    "ask_extension by seller": _("The seller asked for more time."),
    "grant_extension": _("More time was granted."),
    "give_extension": _("One of our people gave more time."),
    "pause": _("All clocks stand still, by our operations."),
    "resume": _("The clocks go on, with the time that was left."),
    "close": _("The time ran out; the case was closed."),
    "escalate": _("The buyer asked for a mediator."),
    "escalate by clock": _("The time ran out; the case went to the mediators."),
    "escalate by seller_response": _("The seller stayed silent; the case went to the mediators."),
    "escalate by return_transit": _("The return did not arrive; the case went to the mediators."),
    "escalate by dispatch": _("The seller sent nothing; the case went to the mediators."),
    "take_over": _("A mediator took the case over."),
    "hand_back": _("The mediator handed the case back, with the time that was left."),
    "refund_settled": _("The refund was paid."),
    "refund_failed": _("The gateway could not pay; it is tried again."),
    "alarm": _("The refund is overdue; operations were alarmed."),
    "settle_by_hand": _("A supervisor stated that the refund was paid outside the gateway."),
    "recovery_settled": _("The marketplace told what became of a recovery."),
    "order_cancelled": _("The marketplace cancelled the order."),
    "record_outside_refund": _("Money was given back outside."),
    "chargeback_opened": _("A chargeback holds the case; all clocks stand still."),
    "chargeback_closed": _("The chargeback is over."),
    "rate by buyer": _("The buyer rated the case."),
    "rate by seller": _("The seller rated the case."),
    "end_aftercare": _("The time to rate or reopen is over."),
    "reopen": _("The buyer reopened the case."),
    "reinstate": _("A supervisor took the closed case up again."),
    "claim": _("A mediator took the dispute from the docket."),
    "assign": _("A supervisor gave the dispute to a mediator."),
    "release": _("The dispute was given back to the docket."),
    "release by clock": _("The mediator's lease ran out; the dispute is back in the docket."),
    "to_supervisor": _("The platform is late: the supervisor was told."),
    "to_supervisor by docket_wait": _("Nobody took the dispute in time: the supervisor was told."),
    "to_supervisor by ruling": _("The ruling is overdue: the supervisor was told."),
    "to_supervisor by approval": _("The approval is overdue: the supervisor was told."),
    "call_supervisor": _("All who could decide have done so before: the supervisor was called."),
    "triage": _("A supervisor moved the dispute in the docket."),
    "ask_evidence": _("The mediator asked for evidence."),
    "hand_in by buyer": _("The buyer handed in all evidence."),
    "hand_in by seller": _("The seller handed in all evidence."),
    "seal": _("The time for evidence ran out; what exists was sealed."),
    "propose": _("The mediator made a proposal."),
    "accept_proposal by buyer": _("The buyer accepted the proposal."),
    "accept_proposal by seller": _("The seller accepted the proposal."),
    "decline_proposal by buyer": _("The buyer declined the proposal."),
    "decline_proposal by seller": _("The seller declined the proposal."),
    "lapse_proposal": _("The proposal was not answered in time; it lapsed."),
    "bid by buyer": _("The buyer made a sealed bid."),
    "bid by seller": _("The seller made a sealed bid."),
    "rule": _("The mediator ruled."),
    "approve_ruling": _("A second mediator approved the ruling."),
    "send_back": _("A second mediator sent the ruling back."),
    "appeal by buyer": _("The buyer appealed."),
    "appeal by seller": _("The seller appealed."),
    "waive_appeal by buyer": _("The buyer will not appeal."),
    "waive_appeal by seller": _("The seller will not appeal."),
    "finalize": _("The time to appeal passed."),
    "message by buyer": _("The buyer wrote a message."),
    "message by seller": _("The seller wrote a message."),
    "message by service": _("The marketplace wrote a message."),
    "message": _("A mediator wrote a message."),
    "remind": _("Somebody was reminded that time is running."),
    "extend": _("A clock was given more time."),
}


def sentence(event: Event, told: dict[str, Any]) -> str:
    """Say what happened.

    :param told: the payload of the event
    """
    clock = (told.get("clock") or {}).get("name", "") if isinstance(told.get("clock"), dict) else ""
    for key in (f"{event.name} by {clock}", f"{event.name} by {event.role}", event.name):
        if key in SENTENCES:
            return str(SENTENCES[key])
    return event.name


def payload(event: Event) -> dict[str, Any]:
    """Read what an event tells."""
    return json.loads(event.payload)
