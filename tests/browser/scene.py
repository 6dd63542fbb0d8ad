"""A busy day at the desk: disputes of several lanes, one of them far along."""

import io
import tomllib
from datetime import timedelta
from pathlib import Path

from django.core.files import File as Content
from PIL import Image, ImageDraw

from cases.actors import Actor
from cases.models import Case, Docket, OrderLine
from mediation import docket, effects
from mediation.files import keeping
from mediation.steps import Wish, database_clock, lapse, take
from notifications.models import Contact
from tests import world
from tests.desk.situations import RULING
from tests.desk.staff import hire
from tests.files.rows import row
from tests.world import at

NAMES = {
    "en": ("left.jpg", "right.jpg", "chat.pdf"),
    "zh-hans": ("左侧.jpg", "右侧.jpg", "聊天记录.pdf"),
}
WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text())


def build(language="en"):
    """Make staff, a queue, and one dispute with every paper; give that case."""
    now = database_clock()
    mia, max_ = hire("mia"), hire("max")
    hire("sue", "senior")
    hire("sol", "supervisor")
    markets = [world.marketplace("bazaar"), world.marketplace("silkroad")]
    cases = [
        _silent(markets[number % 2], told, language, now - timedelta(hours=50 + 3 * number))
        for number, told in enumerate(WORDS["shop"])
    ]
    said = WORDS["said"][language]
    _ruled_before(markets[0], max_, said, language, now - timedelta(days=9))
    told = _told(markets[0], said, language, now)
    _through_the_papers(told, mia, said, now)
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


def _silent(market, told, shown_in, when):
    delivered = when - timedelta(days=1)
    return world.open_case(
        _order(market, told[shown_in], told["paid"], told["language"], delivered),
        when=when,
        reason=told["reason"],
        remedy=told["remedy"],
        statement=WORDS["said"][shown_in]["story"],
        evidence=[{"slot": slot, "sha256": "5e" * 32} for slot in told["slots"]],
    )


def _told(market, said, language, now):
    """A case in which both sides have spoken."""
    bought = _order(market, said["goods"], 128_000, language, now - timedelta(days=4))
    left, right, chat = NAMES[language]
    case = world.open_case(
        bought,
        when=now - timedelta(days=3),
        reason="quality",
        remedy="return_refund",
        statement=said["story"],
        evidence=[
            {"slot": "photo_goods", "file": _photo(bought, left, "#2f5d8a").pk},
            {"slot": "photo_goods", "file": _photo(bought, right, "#8a4b2f").pk},
            {"slot": "chat", "file": _paper(bought, chat).pk},
            {"slot": "video"},
        ],
    )
    line = bought.lines.get().pk
    offer = {"remedy": "refund_only", "amounts": {line: 30_000}, "statement": said["offer"]}
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
        statement=said["answer"],
        evidence=[{"slot": "test_report", "sha256": "b2" * 32}],
    )
    _done(case, "escalate", "buyer", now - timedelta(days=2))
    return case


def _ruled_before(market, who, said, language, now):
    """A case about something alike, ruled for the buyer."""
    case = _told(market, said, language, now)
    lease = docket.claim(who, case.pk, clock=at(now)).case.facts.docket.lease
    amounts = {line.pk: 38_400 for line in case.order.lines.all()}
    ruling = {**RULING, "amounts": amounts, "rule": said["rule"], "statement": said["before"]}
    _done(case, "rule", who.actor, now, lease, **ruling)


def _photo(bought, name, colour):
    """A photo of a round thing on a table, with its small image."""
    picture = Image.new("RGB", (1200, 900), "#d9d4cb")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((330, 180, 870, 720), fill=colour, outline="#222222", width=14)
    draw.line((560, 250, 690, 640), fill="#eeeeee", width=6)
    return _file(bought, picture, "image", name)


def _paper(bought, name):
    """A PDF of one page."""
    page = Image.new("RGB", (595, 842), "white")
    ImageDraw.Draw(page).text((60, 60), "Conversation, page 1", fill="black")
    return _file(bought, page, "pdf", name)


def _file(bought, picture, kind, name):
    whole, small = io.BytesIO(), io.BytesIO()
    picture.save(whole, "JPEG" if kind == "image" else "PDF")
    picture.resize((160, 120)).save(small, "JPEG")
    thumbnail_at = world.MONDAY if kind == "image" else None
    kept = row(bought, "buyer", kind, thumbnail_at=thumbnail_at)
    uploaded = "0" * 64 if kind == "image" else kept.sha256  # papers are kept as they come
    same = type(kept).everywhere.filter(pk=kept.pk)
    same.update(name=name, size=whole.tell(), uploaded_sha256=uploaded)
    keeping.storage().save(kept.key, Content(io.BytesIO(whole.getvalue())))
    keeping.storage().save(keeping.thumbnail_key(kept), Content(io.BytesIO(small.getvalue())))
    return kept


def _done(case, step, by, when, lease=None, **inputs):
    actor = by if isinstance(by, Actor) else world.actor(case, by)
    wish = Wish(case_id=case.pk, step=step, by=actor, inputs=inputs, lease=lease)
    [answer] = take([wish], clock=at(when))
    assert not isinstance(answer, Exception), (step, answer)


def _through_the_papers(case, mia, said, now):
    """Two claims, a round of evidence, a proposal in vain; then the mediator has it again."""
    hours = lambda number: now - timedelta(hours=number)  # noqa: E731
    lease = docket.claim(mia, case.pk, clock=at(hours(46))).case.facts.docket.lease
    asked = {"buyer": ["video"], "seller": ["test_report"]}
    _done(
        case,
        "ask_evidence",
        mia.actor,
        hours(45.8),
        lease,
        requests=asked,
        statement=said["question"],
    )
    _done(case, "hand_in", "buyer", hours(43), statement=said["buyer"])
    _done(case, "hand_in", "seller", hours(40), statement=said["seller"])
    docket.return_expired(clock=at(hours(39.9)))
    lease = docket.claim(mia, case.pk, clock=at(hours(38))).case.facts.docket.lease
    line = case.order.lines.get().pk
    terms = {"remedy": "refund_only", "amounts": {line: 64_000}, "freight_payer": "seller"}
    _done(case, "propose", mia.actor, hours(37.8), lease, statement=said["proposal"], **terms)
    _done(case, "decline_proposal", "buyer", hours(30), proposal=case.proposals.get().pk)
    docket.return_expired(clock=at(hours(29)))
    docket.claim(mia, case.pk, clock=at(hours(27)))
    docket.return_expired(clock=at(hours(1)))
    docket.claim(mia, case.pk, clock=at(now))
