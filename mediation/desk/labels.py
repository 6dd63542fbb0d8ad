"""What the admin calls tables and columns, in the reader's language.

The models know their names in English alone: words are the desk's business, and a word that is
chosen better needs no migration.
"""

from collections.abc import Iterable

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

TABLES = {  # model → one, several
    "cases.case": (_("case"), _("cases")),
    "cases.clock": (_("clock"), _("clocks")),
    "cases.complaint": (_("complaint"), _("complaints")),
    "cases.docket": (_("dispute in the docket"), _("disputes in the docket")),
    "cases.event": (_("event"), _("events")),
    "cases.marketplace": (_("marketplace"), _("marketplaces")),
    "cases.order": (_("order"), _("orders")),
    "cases.orderline": (_("order line"), _("order lines")),
    "cases.party": (_("party"), _("parties")),
    "cases.payment": (_("payment"), _("payments")),
    "cases.penalty": (_("penalty"), _("penalties")),
    "cases.policyversion": (_("policy version"), _("policy versions")),
    "cases.rating": (_("rating"), _("ratings")),
    "cases.recovery": (_("recovery"), _("recoveries")),
    "cases.signal": (_("signal"), _("signals")),
    "mediation.blindreview": (_("blind review"), _("blind reviews")),
    "mediation.deed": (_("deed"), _("deeds")),
    "mediation.effect": (_("effect"), _("effects")),
    "mediation.mediator": (_("role"), _("roles")),
    "notifications.contact": (_("contact"), _("contacts")),
    "notifications.delivery": (_("webhook delivery"), _("webhook deliveries")),
    "notifications.letter": (_("letter"), _("letters")),
    "notifications.webhookendpoint": (_("webhook endpoint"), _("webhook endpoints")),
}
COLUMNS = {  # the same in all tables
    "active": _("active"),
    "amount": _("amount"),
    "answer": _("answer"),
    "asked_hours": _("hours asked for"),
    "at": _("when"),
    "attempts": _("attempts"),
    "body": _("body"),
    "bounced_at": _("undeliverable since"),
    "buyer": _("buyer"),
    "capacity": _("capacity"),
    "captured_at": _("paid at"),
    "case": _("case"),
    "claimed": _("pieces claimed"),
    "currency": _("currency"),
    "dead_at": _("given up"),
    "discarded_at": _("put aside"),
    "decided_at": _("decided"),
    "delivered_at": _("delivered"),
    "details": _("details"),
    "disabled_at": _("switched off"),
    "disabled_because": _("switched off because"),
    "done_at": _("done"),
    "drawn_at": _("drawn"),
    "due_at": _("due"),
    "endpoint": _("webhook endpoint"),
    "everywhere": _("all marketplaces"),
    "extensions": _("extensions"),
    "failing_since": _("failing since"),
    "freight": _("outbound freight"),
    "freight_refunded": _("freight refunded"),
    "freight_reserved": _("freight to be refunded"),
    "given_back": _("given back"),
    "granted": _("extensions granted"),
    "issuer": _("issuer of tokens"),
    "jwks_url": _("address of the keys"),
    "language": _("language"),
    "languages": _("languages"),
    "last_error": _("last error"),
    "length": _("length"),
    "listing_hash": _("hash of the listing"),
    "locale": _("language"),
    "marketplace": _("marketplace"),
    "marketplaces": _("marketplaces"),
    "method": _("means of payment"),
    "name": _("name"),
    "next_at": _("rings next"),
    "on_shift": _("at work"),
    "outside": _("given back elsewhere"),
    "paid": _("paid"),
    "params": _("filled in"),
    "parked": _("failures"),
    "party": _("party"),
    "placed_at": _("placed"),
    "points": _("points"),
    "policy_name": _("policy"),
    "promised_at": _("promised"),
    "quantity": _("pieces"),
    "reasons": _("reasons"),
    "ref": _("number at the marketplace"),
    "refunded": _("refunded"),
    "region": _("region"),
    "reserved": _("to be refunded"),
    "return_address": _("address for returns"),
    "reviewed_at": _("reviewed"),
    "role": _("role"),
    "seller": _("seller"),
    "sequence": _("number"),
    "settled_at": _("settled"),
    "shipped_at": _("shipped"),
    "skills": _("skills"),
    "slug": _("short name"),
    "started_at": _("started"),
    "status": _("status"),
    "still_since": _("standing still since"),
    "stood_still": _("stood still, in all"),
    "subject": _("about"),
    "taken": _("extensions taken"),
    "taken_at": _("taken up at"),
    "template": _("text"),
    "time_zone": _("time zone"),
    "title": _("title"),
    "url": _("address"),
    "user": _("log-in"),
    "verified_at": _("verified"),
    "version": _("version"),
}


def name(models: Iterable[type[Model]]) -> None:
    """Give tables and columns their names; those that nobody named here keep the model's own.

    Migrations do not see it: they look at what a model was written with.
    """
    for model in models:
        meta = model._meta
        if meta.label_lower not in TABLES:
            continue
        meta.verbose_name, meta.verbose_name_plural = TABLES[meta.label_lower]
        for field in (*meta.local_fields, *meta.local_many_to_many):
            field.verbose_name = COLUMNS.get(field.name, field.verbose_name)
