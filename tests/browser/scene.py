"""A busy day at the desk: disputes of several lanes, one of them far along."""

from datetime import timedelta

from cases.actors import Actor
from cases.models import Case, Docket, OrderLine
from mediation import docket, effects
from mediation.steps import Wish, database_clock, lapse, take
from notifications.models import Contact
from tests import world
from tests.desk.staff import hire
from tests.world import at

SHOP = [
    ("quality", "return_refund", "Wireless headphones", 45_900, "en", ["photo_goods"]),
    ("counterfeit", "refund_only", "Leather handbag", 289_000, "en", ["photo_goods"]),
    ("unsafe", "refund_only", "Phone charger", 5_990, "zh-hans", ["photo_goods"]),
    ("not_as_described", "return_refund", "Winter coat", 79_900, "zh-hans", ["photo_goods"]),
    ("missing_items", "refund_only", "Tea set, 12 pieces", 23_800, "en", ["photo_contents"]),
    ("no_longer_wanted", "return_refund", "Running shoes", 52_000, "en", []),
    ("damaged", "return_refund", "Desk lamp", 18_500, "zh-hans", ["photo_goods", "photo_parcel"]),
]
STORY = "The left side went silent after two days. I have tried another phone and another cable."
ANSWER = "We tested the same batch and found nothing. The buyer may have let them fall."


def build():
    """Make staff, a queue, and one dispute with every paper; give that case."""
    now = database_clock()
    mia, max_ = hire("mia"), hire("max")
    hire("sue", "senior")
    hire("sol", "supervisor")
    markets = [world.marketplace("bazaar"), world.marketplace("silkroad")]
    cases = [
        _silent(markets[number % 2], row, now - timedelta(hours=50 + 3 * number))
        for number, row in enumerate(SHOP)
    ]
    told = _told(markets[0], now)
    _through_the_papers(told, mia, now)
    while lapse(clock=at(now)):
        pass
    docket.claim(max_, cases[0].pk, clock=at(now))
    Docket.objects.filter(case=cases[4]).update(supervisor=True)
    while effects.run():
        pass
    return Case.everywhere.get(pk=told.pk)


def _order(market, title, paid, language, delivered):
    bought = world.order(market, paid=paid, freight=1_200, delivered=delivered)
    OrderLine.objects.filter(order=bought).update(title=title, sku=title.split()[-1].upper())
    for side, phone in ((bought.buyer, "+8613812345678"), (bought.seller, "+8613987654321")):
        side.language = language
        side.save()
        for channel, address in (("sms", phone), ("email", f"{side.role}@shop.example")):
            Contact.objects.create(
                recipient_id=side.pk,
                marketplace_id=market.pk,
                channel=channel,
                address=address,
                locale=language,
            )
    return bought


def _silent(market, row, when):
    reason, remedy, title, paid, language, slots = row
    return world.open_case(
        _order(market, title, paid, language, when - timedelta(days=1)),
        when=when,
        reason=reason,
        remedy=remedy,
        statement=STORY,
        evidence=[{"slot": slot, "sha256": "5e" * 32} for slot in slots],
    )


def _told(market, now):
    """A case in which both sides have spoken."""
    bought = _order(market, "Noise-cancelling headphones", 128_000, "en", now - timedelta(days=4))
    case = world.open_case(
        bought,
        when=now - timedelta(days=3),
        reason="quality",
        remedy="return_refund",
        statement=STORY,
        evidence=[{"slot": "photo_goods", "sha256": "a1" * 32}, {"slot": "video"}],
    )
    line = bought.lines.get().pk
    offer = {"remedy": "refund_only", "amounts": {line: 30_000}, "statement": "A part of it?"}
    _done(case, "offer", "seller", now - timedelta(days=2, hours=20), **offer)
    standing = case.offers.get()
    quoted = {"offer": standing.pk, "version": standing.version}
    _done(case, "decline_offer", "buyer", now - timedelta(days=2, hours=18), **quoted)
    _done(
        case,
        "refuse",
        "seller",
        now - timedelta(days=2, hours=12),
        reason="no_defect",
        statement=ANSWER,
        evidence=[{"slot": "test_report", "sha256": "b2" * 32}],
    )
    _done(case, "escalate", "buyer", now - timedelta(days=2))
    return case


def _done(case, step, by, when, lease=None, **inputs):
    actor = by if isinstance(by, Actor) else world.actor(case, by)
    wish = Wish(case_id=case.pk, step=step, by=actor, inputs=inputs, lease=lease)
    [answer] = take([wish], clock=at(when))
    assert not isinstance(answer, Exception), (step, answer)


def _through_the_papers(case, mia, now):
    """Two claims, a round of evidence, a proposal in vain; then the mediator has it again."""
    hours = lambda number: now - timedelta(hours=number)  # noqa: E731
    lease = docket.claim(mia, case.pk, clock=at(hours(46))).case.facts.docket.lease
    asked = {"buyer": ["video"], "seller": ["test_report"]}
    question = "Please show the fault with another device, and name the tester."
    _done(case, "ask_evidence", mia.actor, hours(45.8), lease, requests=asked, statement=question)
    _done(case, "hand_in", "buyer", hours(43), statement="The video shows both devices.")
    _done(case, "hand_in", "seller", hours(40), statement="Tested by our own workshop.")
    docket.return_expired(clock=at(hours(39.9)))
    lease = docket.claim(mia, case.pk, clock=at(hours(38))).case.facts.docket.lease
    line = case.order.lines.get().pk
    terms = {"remedy": "refund_only", "amounts": {line: 64_000}, "freight_payer": "seller"}
    reasons = "Half each: the fault is plain, its cause is not."
    _done(case, "propose", mia.actor, hours(37.8), lease, statement=reasons, **terms)
    _done(case, "decline_proposal", "buyer", hours(30), proposal=case.proposals.get().pk)
    docket.return_expired(clock=at(hours(29)))
    docket.claim(mia, case.pk, clock=at(hours(27)))
    docket.return_expired(clock=at(hours(1)))
    docket.claim(mia, case.pk, clock=at(now))
