"""Words for the codes of dashboards, policies and the log of deeds, in the reader's language."""

from django.utils.translation import gettext_lazy as _

from mediation.desk.words import OUTCOMES, Words

VERSIONS: Words = {  # of a policy
    "in_force": _("In force"),
    "scheduled": _("Scheduled"),
    "cancelled": _("Cancelled"),
    "past": _("Past"),
}
TAGS: Words = {
    "S": _("the platform's own documentation"),
    "W": _("a weak source"),
    "U": _("our own proposal"),
}
DEEDS: Words = {
    "schedule_policy": _("Scheduled a policy"),
    "cancel_policy": _("Cancelled a scheduled policy"),
    "replay_dead": _("Sent dead letters again"),
    "discard_dead": _("Put dead letters aside"),
    "begin_pause": _("Began a pause"),
    "lift_pause": _("Lifted a pause"),
    "retry_parked": _("Tried cases again that could not move"),
    "draw_reviews": _("Drew a sample for blind reviews"),
    "pick_calibration": _("Picked a calibration case"),
    "close_calibration": _("Closed a calibration case"),
    "plan_shifts": _("Planned shifts"),
    "drop_shift": _("Took a shift out of the plan"),
}
AGES: Words = {
    "under_4h": _("under 4 hours"),
    "under_1d": _("under 1 day"),
    "under_3d": _("under 3 days"),
    "under_7d": _("under 7 days"),
    "over_7d": _("7 days or more"),
}
RANKS: Words = {
    "passed": _("has passed"),
    "within_1d": _("within a day"),
    "within_2d": _("within 2 days"),
    "within_5d": _("within 5 days"),
    "later": _("later"),
}
FIGURES: Words = {
    "docket_age": _("Docket by age"),
    "docket_rank": _("Docket by rank"),
    "overdue": _("Overdue"),
    "rulings": _("Rulings per day"),
    "first_touch": _("Time to first touch"),
    "time_to_ruling": _("Time to ruling"),
    "outcomes": _("Outcomes by reason"),
    "refunds": _("Refunds paid, by reason"),
    "appeals": _("Appeals and reversals"),
    "agreement": _("Agreement of blind reviews"),
    "workload": _("Workload per mediator"),
    "sellers": _("Seller scorecard"),
    "reach": _("Sellers who are hard to reach"),
    "products": _("Products with the most cases"),
    "buyers": _("Buyers with the most cases"),
    "carriers": _("Carriers with the most cases"),
}
COLUMNS: Words = {
    "mediator": _("Mediator"),
    "held": _("Held now"),
    "rulings": _("Rulings"),
    "approvals": _("Approvals"),
    "proposals": _("Proposals"),
    "reviews": _("Blind reviews"),
    "reversed": _("Reversed on appeal"),
    "marketplace": _("Marketplace"),
    "seller": _("Seller"),
    "cases": _("Cases"),
    "refused": _("Refused"),
    "silent": _("No answer"),
    "mediated": _("In mediation"),
    "ruled_for_buyer": _("Ruled for the buyer"),
    "answer_p50": _("First answer (median)"),
    "letters": _("Letters"),
    "attempts": _("Attempts"),
    "arrived": _("Arrived"),
    "failed": _("Could not be brought"),
    "sku": _("Product"),
    "buyer": _("Buyer"),
    "carrier": _("Carrier"),
    "refund_rate": _("Given back"),
    "ruled_for_seller": _("Ruled for the seller"),
    "lost": _("Parcel lost"),
    "late": _("After the promised time"),
    "at_fault": _("Carrier at fault"),
    "reason": _("Reason"),
    "region": _("Region"),
    "currency": _("Currency"),
    "payments": _("Payments"),
    "refunded": _("Refunded"),
    "compensation": _("Compensation"),
    "first": _("First instance"),
    "appeal": _("On appeal"),
    "ruling_late": _("Ruling overdue"),
    "with_supervisor": _("In the supervisor's queue"),
    "p50": _("half of them within"),
    "p90": _("nine tenths within"),
}
ENDS: Words = {"open": _("Still open"), **OUTCOMES}
TONES = {"in_force": "good", "scheduled": "calm", "cancelled": "bad"}
# Which colour of the charts an outcome has.
HUES = {
    "open": "still",
    "refunded": "first",
    "replaced": "second",
    "ruled_for_seller": "third",
    "withdrawn": "fourth",
    "lapsed": "fifth",
}
OTHER_HUE = "sixth"
