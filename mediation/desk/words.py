"""Words for codes, in the reader's language. A test sees that no code goes without."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from cases.conduct import GROUNDS, POINTS, RESTRICTIONS, SIGNALS, VIOLATIONS
from cases.details import DETAILS
from cases.models import Signal
from cases.reasons import REASONS, REFUSALS, REMEDIES, SLOTS
from cases.refusals import Refused

Words = dict[str, str | Promise]

STATES: Words = {
    "new": _("New"),
    "awaiting_seller": _("Awaiting the seller"),
    "negotiating": _("Negotiating"),
    "refused": _("Refused"),
    "awaiting_return": _("Awaiting the return"),
    "return_in_transit": _("Return on its way"),
    "inspecting": _("Return being inspected"),
    "awaiting_replacement": _("Awaiting dispatch"),
    "replacement_in_transit": _("Replacement on its way"),
    "in_mediation": _("In mediation"),
    "refunding": _("Refunding"),
    "completed": _("Completed"),
    "closed": _("Closed"),
}
DISPUTE_STATES: Words = {
    "new": _("New"),
    "queued": _("In the docket"),
    "in_review": _("Under review"),
    "gathering": _("Gathering evidence"),
    "proposed": _("Proposal made"),
    "awaiting_approval": _("Awaiting approval"),
    "ruled": _("Ruled, may be appealed"),
    "appealed": _("Appealed"),
    "final": _("Final"),
    "settled": _("Settled"),
    "withdrawn": _("Withdrawn"),
}
TONES = {  # of a pill: what runs, what waits on us, what is at its end
    "in_mediation": "warm",
    "queued": "warm",
    "appealed": "warm",
    "awaiting_approval": "warm",
    "in_review": "calm",
    "gathering": "calm",
    "proposed": "calm",
    "negotiating": "calm",
    "refunding": "calm",
    "completed": "good",
    "settled": "good",
    "final": "good",
    "ruled": "good",
    "refused": "bad",
    "open": "calm",
    "upheld": "bad",
    "dismissed": "good",
}
ROLES: Words = {
    "buyer": _("Buyer"),
    "seller": _("Seller"),
    "service": _("Marketplace"),
    "carrier": _("Carrier"),
    "gateway": _("Payment gateway"),
    "mediator": _("Mediator"),
    "senior": _("Senior mediator"),
    "supervisor": _("Supervisor"),
    "clock": _("Clock"),
    "platform": _("Platform"),
    "staff": _("Staff"),
    "ops": _("Operations"),
    "auditor": _("Auditor"),
}
CLOCKS: Words = {
    "seller_response": _("Seller's answer"),
    "offer_reply": _("Answer to the offer"),
    "reapply_window": _("Time to apply again"),
    "ship_back": _("Sending the goods back"),
    "return_transit": _("Return on its way"),
    "inspection": _("Inspection by the seller"),
    "dispatch": _("Dispatch by the seller"),
    "replacement_receipt": _("Receipt by the buyer"),
    "refund_settlement": _("Payment of the refund"),
    "aftercare": _("Time to rate or reopen"),
    "docket_wait": _("Being taken from the docket"),
    "ruling": _("Ruling"),
    "evidence": _("Evidence"),
    "proposal": _("Answer to the proposal"),
    "approval": _("Approval of the ruling"),
    "appeal": _("Time to appeal"),
}
COMPLAINT_STATES: Words = {
    "new": _("New"),
    "open": _("Being heard"),
    "in_review": _("Under review"),
    "upheld": _("Upheld"),
    "dismissed": _("Dismissed"),
    "appealed": _("Appealed"),
    "final": _("Final"),
    "withdrawn": _("Withdrawn"),
}
COMPLAINT_EVENTS: Words = {
    "file": _("The complaint was brought."),
    "object": _("The seller objected to points."),
    "answer": _("The accused told its side."),
    "close_hearing": _("The accused said nothing in time."),
    "withdraw": _("The complaint was taken back."),
    "claim": _("A mediator took it."),
    "release": _("It went back to the queue."),
    "to_supervisor": _("The review is late."),
    "ask": _("A mediator asked the accused once more."),
    "uphold": _("It was upheld."),
    "dismiss": _("It was dismissed."),
    "appeal": _("The side that lost appealed."),
    "finalize": _("The time to appeal passed."),
    "confirm": _("The decision was confirmed on appeal."),
    "reverse": _("The decision was reversed on appeal."),
    "lift": _("A supervisor lifted what was in force."),
    "extend": _("The clock was given more time."),
    "remind": _("Somebody was reminded that time is running."),
}
COMPLAINT_CLOCKS: Words = {
    "hearing": _("Hearing"),
    "review": _("Decision"),
    "appeal": _("Time to appeal"),
}
SIGNAL_TEXTS: Words = {
    "frequent_refunder": _("%(cases)s cases in %(days)s days; from %(threshold)s on."),
    "odd_reasons": _(
        "%(reasons)s different reasons in %(cases)s cases and %(days)s days; from %(threshold)s on."
    ),
    "unfounded_claims": _(
        "%(lost)s of %(cases)s cases in %(days)s days were decided for the seller: "
        "%(value)s percent; from %(threshold)s on."
    ),
    "high_refund_rate": _(
        "%(with_case)s of %(orders)s orders in %(days)s days have a case: %(value)s percent; "
        "from %(threshold)s on."
    ),
    "slow_dispatch": _(
        "%(slow)s of %(orders)s orders in %(days)s days were sent after two days or never: "
        "%(value)s percent; from %(threshold)s on."
    ),
    "sku_cluster": _("%(cases)s cases about %(subject)s in %(days)s days; from %(threshold)s on."),
}
PARCELS: Words = {
    "return": _("Return"),
    "replacement": _("Replacement"),
    "reship": _("Sent again"),
    "repaired": _("Repaired goods"),
    "sent_back": _("Goods sent back"),
}
SCANS: Words = {  # what carriers tell
    "accepted": _("Taken in by the carrier"),
    "in_transit": _("On its way"),
    "out_for_delivery": _("Out for delivery"),
    "at_pickup_point": _("Waits at a pick-up point"),
    "delivered": _("Delivered"),
    "refused": _("Refused by the recipient"),
    "intercepted": _("Called back by the sender"),
    "returning": _("On its way back"),
    "returned": _("Back with the sender"),
    "lost": _("Lost"),
    "stuck": _("Does not move"),
    "exception": _("Trouble on the way"),
}
COURSES: Words = {  # of clocks, by an act
    "starts": _("starts"),
    "goes_on": _("goes on"),
    "stands_still": _("stands still"),
    "ends": _("ends"),
}
MEDIA: Words = {  # of a compensation
    "money": _("Money"),
    "coupon": _("Coupon"),
    "points": _("Points"),
}
TERMS: Words = {  # of a rank
    "amount": _("amount"),
    "harm": _("harm"),
    "repeat": _("repeated"),
    "vulnerable": _("vulnerable party"),
    "supervisor": _("by a supervisor"),
}
STANDINGS: Words = {  # of offers, proposals, rulings, parcels, refunds, letters
    "open": _("Open"),
    "accepted": _("Accepted"),
    "declined": _("Declined"),
    "replaced": _("Replaced"),
    "lapsed": _("Lapsed"),
    "draft": _("Awaiting approval"),
    "live": _("May be appealed"),
    "void": _("Void"),
    "final": _("Final"),
    "sent": _("Sent"),
    "delivered": _("Delivered"),
    "lost": _("Lost"),
    "ended": _("Ended"),
    "pending": _("Pending"),
    "succeeded": _("Paid"),
    "failed": _("Failed"),
    "by_hand": _("Paid by hand"),
    "paid": _("Paid"),
    "waiting": _("Waiting to be sent"),
    "captured": _("Kept in the sandbox"),
    "unwanted": _("No longer needed"),
    "capped": _("Daily limit"),
    "approved": _("Agreed"),
    "refused": _("Refused"),
    "settled": _("Settled"),
    "ruled": _("Ruled"),
}
KINDS: Words = {  # of applications, refunds, channels
    "open": _("Application"),
    "amend": _("Change"),
    "split": _("Split"),
    "reapply": _("New application"),
    "refund": _("Refund"),
    "compensation": _("Compensation"),
    "voucher": _("Compensation"),
    "notify": _("Letters"),
    "email": _("E-mail"),
    "sms": _("SMS"),
}
OUTCOMES: Words = {
    "withdrawn": _("Withdrawn by the buyer"),
    "lapsed": _("Lapsed"),
    "refunded": _("Refunded"),
    "replaced": _("Goods replaced"),
    "ruled_for_seller": _("Ruled for the seller"),
    "order_cancelled": _("Order cancelled"),
    "refunded_outside": _("Refunded outside"),
    "charged_back": _("Charged back"),
}
AGAINST: Words = {  # the shop
    "yes": _("counts against the shop"),
    "no": _("does not count against the shop"),
    "pending": _("whether it counts against the shop is open"),
}
RULED: Words = {  # what only a ruling may grant
    "none": _("Nothing: for the seller"),
    "send_back": _("Nothing, and the goods go back to the buyer"),
}
TAKE_OVER: Words = {
    "counterfeit": _("Counterfeit goods"),
    "unsafe": _("Unsafe goods"),
    "platform_fault": _("The platform is at fault"),
}
AUDIENCES: Words = {  # of messages
    "all": _("Both sides and the mediators"),
    "buyer_mediator": _("The buyer and the mediators"),
    "seller_mediator": _("The seller and the mediators"),
    "mediators": _("The mediators only"),
}
FILES: Words = {
    "image": _("Image"),
    "video": _("Video"),
    "pdf": _("PDF"),
}
LANGUAGES: Words = {"en": _("English"), "zh": _("Chinese")}
PAYING: Words = {  # why a gateway could not pay; those of other gateways are shown as they are
    "account_closed": _("the account is closed"),
    "insufficient_funds": _("not enough money"),
    "medium_unknown": _("it gives no coupons or points"),
    "partial_refund": _("it gives no part of a payment back"),
    "second_refund": _("it gives a payment back only once"),
    "payment_too_old": _("the payment is too old"),
}
REFUSED: Words = {  # by code, where the sentence itself has no translation
    "NOT_NOW": _("This is not possible now: the case has moved on."),
    "DEADLINE_PASSED": _("The time for this has run out."),
    "STALE_VERSION": _("The case has changed since you opened it. Look at it again, please."),
    "NOT_YOUR_STEP": _("Somebody else takes this step."),
    "LIMIT_REACHED": _("This was done as often as the policy allows."),
    "NOT_INDEPENDENT": _("Somebody independent must do this."),
    "LEASE_LOST": _("Your lease of this dispute has ended or belongs to somebody else."),
    "BAD_TERMS": _("The terms do not add up."),
    "AMOUNT_TOO_HIGH": _("This is more than can be given back."),
    "CONTENT_CHANGED": _("What you approve is not what was shown."),
    "MONEY_CONFLICT": _("Another case has just taken the money or the pieces."),
    "NOT_ELIGIBLE": _("This may not be applied for."),
    "FILE_NOT_SUPPORTED": _("Such files are not taken."),
    "FILE_DAMAGED": _("The file is damaged."),
    "IMAGE_TOO_LARGE": _("The image has too many pixels."),
    "FILE_TOO_LARGE": _("The file is too large."),
    "PAUSED_ALREADY": _("Such a pause runs already."),
    "OVER_BEFORE": _("A pause ends after it has begun."),
    "QUANTITY_TAKEN": _("The pieces have been claimed again since."),
}


def say(words: Words, code: Any) -> str:
    """Put a code in words; one that nobody has words for is shown as it is."""
    return str(words.get(str(code), code))


def catalogue(rows: Any, key: str) -> str:
    """Name a row of the tables in `cases.reasons` in the reader's language."""
    row = rows.get(key)
    return row.label(get_language() or "en") if row is not None else key


def reason(key: str) -> str:
    """Name a reason, of an application or of a refusal."""
    return catalogue(REASONS if key in REASONS else REFUSALS, key)


def detail(key: str) -> str:
    """Name what exactly is the matter."""
    return catalogue(DETAILS, key)


def remedy(key: str) -> str:
    """Name a remedy, or what else a ruling grants."""
    return say(RULED, key) if key in RULED else catalogue(REMEDIES, key)


def slot(key: str) -> str:
    """Name a thing that may be handed in."""
    return catalogue(SLOTS, key)


def ground(key: str) -> str:
    """Name why somebody complains."""
    return catalogue(GROUNDS, key)


def penalty(kind: str) -> str:
    """Name points or a restriction."""
    return pgettext("penalty", "Points") if kind == POINTS else catalogue(RESTRICTIONS, kind)


def cause(key: str) -> str:
    """Name why somebody is penalized."""
    return catalogue(VIOLATIONS if key in VIOLATIONS else GROUNDS, key)


def signal(key: str) -> str:
    """Name a figure that stands out."""
    return catalogue(SIGNALS, key)


def explained(row: Signal) -> str:
    """Tell the numbers behind a signal."""
    days = (row.until - row.since).days
    numbers = {"value": row.value, "threshold": row.threshold, "subject": row.subject}
    return say(SIGNAL_TEXTS, row.name) % {**numbers, **row.explanation, "days": days}


def choices(rows: Any) -> list[tuple[str, str]]:
    """Offer the rows of a table of `cases.reasons` to a form, in the reader's language."""
    return [(key, catalogue(rows, key)) for key in rows]


def language(code: str) -> str:
    """Name a language by its code, whatever the script or region."""
    return str(LANGUAGES.get(code.partition("-")[0], code))


def refusal(refused: Refused) -> str:
    """Tell why a step was not taken."""
    told = str(refused)
    translated = gettext(told)
    if translated == told and not (get_language() or "en").startswith("en"):
        return say(REFUSED, refused.code)
    return translated
