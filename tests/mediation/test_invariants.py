"""Each invariant is broken once, behind the writer's back, and is seen to be."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from cases.actors import Actor
from cases.models import Ruling
from mediation import shift_plans
from mediation.invariants import INVARIANTS, check
from mediation.messages import Draft
from mediation.oversight import calibration
from mediation.steps import Wish, take
from tests import complaint_world, world
from tests.complaint_world import SUE
from tests.desk.staff import calibrating, drawn, hire
from tests.files.rows import row
from tests.mediation.story import Story, in_mediation, market, ruled
from tests.notifications.make import delivery, endpoint

pytestmark = pytest.mark.django_db


def sql(text):
    """Change rows as nobody should; triggers and foreign keys do not see it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(text)
        cursor.execute("SET session_replication_role = origin")


def broken(story, text):
    """Break something and name what is not true any more."""
    assert story.wrongs == {}
    sql(text)
    return sorted(story.wrongs)


def opened():
    return Story(freight=500)


def negotiating():
    story = Story()
    story.seller("offer")
    return story


def returning():
    story = Story()
    story.seller("approve")
    story.buyer("ship_return")
    return story


def restricted():
    story = Story()
    complaint_world.upheld(story.case, "notice", when=story.now)
    return story


def proven():
    story = Story()
    found = complaint_world.complain(story.case, when=story.now)
    photo = [{"slot": "photo_goods", "file": row(story.case, "buyer").pk}]
    told = {"statement": "I did not.", "evidence": photo}
    complaint_world.does(found, "answer", "buyer", when=story.now, **told)
    return story


def appealed_complaint():
    story = Story()
    found = complaint_world.upheld(story.case, "notice", when=story.now)
    found = complaint_world.does(found, "appeal", "buyer", when=story.now, statement="No.")
    found = complaint_world.claimed(found, SUE, when=story.now)
    complaint_world.does(found, "confirm", SUE, when=story.now, statement="Yes.")
    return story


def sending():
    story = Story(remedy="reship", reason="damaged")
    story.seller("approve")
    story.seller("dispatch_replacement")
    return story


def refunding():
    story = Story(remedy="refund_only", freight=500)
    story.seller("approve")
    return story


def completed():
    story = refunding()
    story.gateway("refund_settled")
    return story


def gathering():
    story = in_mediation()
    story.mediator("ask_evidence")
    return story


def reviewed():
    story = ruled()
    drawn(hire("sol", "supervisor"), Ruling.objects.get(), reviewer=hire("max"))
    return story


def calibrated():
    story = ruled()
    row = calibrating(hire("sol", "supervisor"), Ruling.objects.get())
    calibration.take(hire("max"), row, at=story.now)
    return story


def planned():
    story = opened()
    hours = {"starts": "09:00", "ends": "17:00", "time_zone": "UTC"}
    shift_plans.add(hire("sol", "supervisor"), hire("mia"), [0], hours=hours, at=story.now)
    return story


def advanced():
    """The platform has paid first, and nobody has appealed yet."""
    money = {"guarantee_per_order": 50_000, "guarantee_per_seller": 50_000}
    story = in_mediation(market=market(money=money), remedy="refund_only")
    story.mediator("rule")
    story.gateway("refund_settled")
    return story


def recovered():
    story = advanced()
    story.pass_days(8)
    return story


def held():
    story = Story()
    story.service("chargeback_opened")
    return story


def with_a_photo():
    story = opened()
    photo = [{"slot": "photo_goods", "file": row(story.case, "seller").pk}]
    story.seller("refuse", reason="no_defect", evidence=photo)
    return story


def with_a_message():
    story = opened()
    file = row(story.case, "seller")
    by = Actor(role="seller", marketplace_id=file.marketplace_id, party_id=file.party_id)
    draft = Draft(audience="all", text="Look.", files=(file.pk,))
    take([Wish(case_id=story.id, step="", by=by, message=draft)], clock=lambda: story.now)
    return story


def announced():
    story = opened()
    delivery(endpoint(marketplace_id=story.order.marketplace_id), case_id=story.id)
    return story


def fired():
    story = Story()
    story.seller("refuse")
    story.pass_days(8)
    return story


def again(table, **values):
    """Say to insert each row of a table once more, with another id and other values."""
    changed = ", ".join(
        f"'{name}', {value}" for name, value in {"id": "uuidv7()", **values}.items()
    )
    row = f"jsonb_populate_record(old, jsonb_build_object({changed}))"
    return f"INSERT INTO {table} SELECT ({row}).* FROM {table} old"  # noqa: S608 -- our tables


CLOCKS_OF_STATE = "the clocks of every case are those of its state"
CLOCK_ONCE = "every clock started once and ended once"
WAITS = "every open case waits for something that is there"
DISPUTE_WAITS = "every dispute waits on somebody"
DECIDED = "whoever has decided a dispute does not decide it again"
RULING = "a dispute has the ruling that its state speaks of"
AGREE = "payload and columns of an event agree"
EFFECTS = "every event has its effects"
PAID = "nothing is given back that was not paid"
POSTINGS = "the counters of a line are the sum of its postings"
RESERVES = "a case that has ended reserves nothing"
TENANT = "a case is of the marketplace of its order and its parties"
OF_MARKETPLACE = "what belongs to a case is of its marketplace"
ON_CLOCK = "what belongs to a case lives on its clock"
CALIBRATION = "a calibration case is one that was ruled on, and so are the decisions of it"
OF_FILE = "a file belongs to those who brought it, and to the case or complaint that names it"
OF_COMPLAINT = "what proves a complaint is a file of it, and of whoever said so"
BLIND = "a blind review is of its ruling, and by nobody who decided the case"
ALONG = "what a message brings along is its author's, and of its case"
EVIDENCE = "evidence is a file of its own case"
WITH_EVENT = "what came with an event came with one of its case"

STAND_STILL = (
    "UPDATE cases_clock "
    "SET remaining = '1 day', still_since = started_at, due_at = NULL, next_at = NULL"
)

BREAKS = [
    (CLOCKS_OF_STATE, opened, "DELETE FROM cases_clock"),
    (CLOCKS_OF_STATE, opened, "UPDATE cases_clock SET name = 'ship_back'"),
    (CLOCKS_OF_STATE, opened, STAND_STILL),
    (CLOCKS_OF_STATE, opened, "UPDATE cases_case SET held = TRUE"),
    (CLOCKS_OF_STATE, negotiating, "UPDATE cases_clock SET party = 'seller' WHERE party <> ''"),
    (CLOCKS_OF_STATE, negotiating, "DELETE FROM cases_clock WHERE name = 'seller_response'"),
    (CLOCKS_OF_STATE, gathering, "DELETE FROM cases_clock WHERE party = 'buyer'"),
    (CLOCKS_OF_STATE, gathering, """UPDATE cases_dispute SET waiting = '["buyer"]'"""),
    (CLOCKS_OF_STATE, held, "UPDATE cases_case SET held = FALSE"),
    (CLOCKS_OF_STATE, in_mediation, "UPDATE cases_clock SET name = 'docket_wait'"),
    (CLOCKS_OF_STATE, fired,
     "UPDATE cases_case SET state = 'refused', outcome = '', ended_at = NULL"),
    ("nothing is overdue by 2 minutes", opened,
     "UPDATE cases_clock SET next_at = next_at - interval '9 days'"),
    ("what is parked is tried again in time", opened,
     "UPDATE cases_clock SET next_at = next_at - interval '9 days', parked = 1"),
    ("no clock fired early", fired,
     "UPDATE cases_event SET at = due_at - interval '1 microsecond' WHERE clock IS NOT NULL"),
    ("no clock fired early", fired, "UPDATE cases_event SET role = 'buyer' WHERE name = 'close'"),
    ("no clock fired early", fired, "UPDATE cases_event SET due_at = NULL WHERE name = 'close'"),
    (CLOCK_ONCE, opened, "UPDATE cases_clock SET id = gen_random_uuid()"),
    (CLOCK_ONCE, fired, "UPDATE cases_event SET clock = gen_random_uuid() WHERE name = 'close'"),
    (CLOCK_ONCE, fired, ("ALTER TABLE cases_event DROP CONSTRAINT cases_event_clock_key; UPDATE "
     "cases_event e SET clock = o.clock, due_at = o.due_at FROM cases_event o "
     "WHERE o.name = 'close'")),
    (WAITS, negotiating, "UPDATE cases_offer SET state = 'lapsed'"),
    (WAITS, returning, "UPDATE cases_parcel SET state = 'ended'"),
    (WAITS, sending, "UPDATE cases_parcel SET kind = 'return'"),
    (WAITS, refunding, "UPDATE cases_refund SET state = 'failed'"),
    ("a case is in mediation while its dispute lives", in_mediation,
     "UPDATE cases_dispute SET state = 'settled'"),
    ("a case is in mediation while its dispute lives", in_mediation,
     "UPDATE cases_case SET state = 'awaiting_seller'"),
    (DISPUTE_WAITS, in_mediation,
     "UPDATE cases_docket SET holder = '', lease = NULL, lease_until = NULL"),
    (DISPUTE_WAITS, in_mediation, "UPDATE cases_dispute SET state = 'queued'"),
    (DISPUTE_WAITS, gathering, "UPDATE cases_dispute SET waiting = '[]'"),
    (DISPUTE_WAITS, ruled, "UPDATE cases_docket SET waiting = TRUE"),
    (DECIDED, ruled, "UPDATE cases_docket SET excluded = '[]'"),
    (DECIDED, ruled, "UPDATE cases_ruling SET approved_by = 'mia', approved_at = ruled_at"),
    (RULING, ruled, "UPDATE cases_ruling SET state = 'void'"),
    (RULING, ruled, "UPDATE cases_ruling SET state = 'draft'"),
    ("a proposal is open in its state alone", ruled,
     ("INSERT INTO cases_proposal "
     "(id, number, content, made_by, statement_id, made_at, state, case_id) "
     "SELECT gen_random_uuid(), 1, '{}', 'max', id, opened_at, 'open', id FROM cases_case")),
    ("an offer is open only where it can be accepted", negotiating,
     "UPDATE cases_case SET state = 'awaiting_seller'"),
    ("what has ended waits for nothing", completed, "UPDATE cases_case SET held = TRUE"),
    ("what has ended waits for nothing", completed, "UPDATE cases_refund SET state = 'pending'"),
    ("the events of a case are numbered without a gap", opened,
     "DELETE FROM cases_event"),
    ("the events of a case are numbered without a gap", fired,
     "UPDATE cases_event SET sequence = 9 WHERE sequence = 2"),
    ("the events of a case are numbered without a gap", fired,
     "UPDATE cases_case SET sequence = sequence + 1"),
    ("each event links to the one before it", fired,
     "UPDATE cases_event SET previous = sha256('x') WHERE sequence = 2"),
    ("each event links to the one before it", opened,
     "UPDATE cases_event SET previous = sha256('x')"),
    ("the hash of each event verifies", opened,
     """UPDATE cases_event SET payload = replace(payload, '"buyer"', '"seller"')"""),
    ("the hash of each event verifies", opened, "UPDATE cases_event SET hash = sha256('x')"),
    ("a case carries the head of its chain and the state that it tells", opened,
     "UPDATE cases_case SET head = sha256('x')"),
    ("a case carries the head of its chain and the state that it tells", opened,
     "UPDATE cases_case SET state = 'refused'"),
    ("a case carries the head of its chain and the state that it tells", in_mediation,
     "UPDATE cases_dispute SET state = 'queued'"),
    ("each event begins where the one before it ended", fired,
     "UPDATE cases_event SET before = 'negotiating' WHERE sequence = 2"),
    ("a case moves only as the tables say", opened,
     "UPDATE cases_event SET after = 'completed'"),
    ("a case moves only as the tables say", fired,
     "UPDATE cases_event SET name = 'approve' WHERE name = 'refuse'"),
    (AGREE, opened, "UPDATE cases_event SET role = 'seller'"),
    (AGREE, opened, "UPDATE cases_event SET at = at + interval '1 second'"),
    (AGREE, opened, "UPDATE cases_event SET party_id = NULL"),
    (AGREE, fired, "UPDATE cases_event SET due_at = due_at - interval '1 second'"),
    (EFFECTS, opened, "DELETE FROM mediation_effect"),
    (EFFECTS, opened, "UPDATE mediation_effect SET kind = 'gossip'"),
    ("every decided refund is told to its gateway", refunding,
     "DELETE FROM mediation_effect WHERE kind = 'refund'"),
    (PAID, completed, ("ALTER TABLE cases_orderline DROP CONSTRAINT order_line_within_paid; "
     "UPDATE cases_orderline SET refunded = paid + 1")),
    (PAID, completed, ("ALTER TABLE cases_orderline DROP CONSTRAINT order_line_claimed; "
     "UPDATE cases_orderline SET claimed = 2")),
    ("what is refunded of an order is at most what was paid for it", completed,
     "UPDATE cases_refund SET amount = 10501"),
    ("a decision leads to one refund", completed,
     again("cases_refund", kind="'other'")),
    ("a refund is decided by an event of its case", completed,
     "UPDATE cases_refund SET event_id = gen_random_uuid()"),
    ("the parts of a refund sum to it", completed, "UPDATE cases_refundpart SET amount = 1"),
    ("the parts of a refund sum to it", completed,
     "UPDATE cases_refund SET kind = 'compensation'"),
    ("a payment has given back the parts of its refunds", completed,
     "UPDATE cases_payment SET given_back = 1"),
    ("a refund goes back to the payments of its order", completed,
     "UPDATE cases_payment SET order_id = gen_random_uuid()"),
    (POSTINGS, opened, "UPDATE cases_orderline SET claimed = 0"),
    (POSTINGS, completed, "DELETE FROM cases_posting WHERE refunded > 0 AND line_id IS NOT NULL"),
    ("the counters of the freight are the sum of its postings", completed,
     "UPDATE cases_order SET freight_refunded = 0"),
    ("the counters of a line are what its cases hold", opened,
     "UPDATE cases_applicationitem SET claims = FALSE"),
    ("the counters of a line are what its cases hold", refunding,
     "UPDATE cases_applicationitem SET agreed = 1"),
    ("the freight of an order is what its cases hold", completed,
     "UPDATE cases_case SET freight_refunded = 0"),
    ("what was paid out is what was counted as refunded", completed,
     "UPDATE cases_refund SET amount = 1"),
    ("a refund on its way is reserved", refunding, "UPDATE cases_refund SET amount = 1"),
    (RESERVES, opened, "UPDATE cases_case SET state = 'closed', outcome = 'x', ended_at = now()"),
    (RESERVES, completed, "UPDATE cases_case SET freight = 1"),
    ("an advance that stands is a refund of its case, in mediation or just decided", advanced,
     "UPDATE cases_refund SET is_advance = FALSE"),
    ("what counts as advanced is what an advance that stands has paid", advanced,
     "UPDATE cases_applicationitem SET advanced = 1"),
    ("the platform makes good what a reversed ruling has taken from the seller", recovered,
     "UPDATE cases_refund SET payer = '', reversed = 1"),
    ("what is owed for an advance is what its final ruling upholds, to who has paid", recovered,
     "UPDATE cases_recovery SET amount = amount + 1"),
    ("a recovery is its case's own", recovered, "UPDATE cases_recovery SET seller_id = case_id"),
    ("an open case claims its pieces", opened, "UPDATE cases_applicationitem SET claims = FALSE"),
    (TENANT, opened, "UPDATE cases_case SET marketplace_id = gen_random_uuid()"),
    (TENANT, opened, "UPDATE cases_party SET marketplace_id = gen_random_uuid()"),
    (TENANT, opened, "UPDATE cases_case SET buyer_id = seller_id"),
    (TENANT, opened, "UPDATE cases_case SET currency = 'EUR'"),
    (OF_MARKETPLACE, opened, "UPDATE cases_event SET marketplace_id = gen_random_uuid()"),
    (OF_MARKETPLACE, in_mediation, "UPDATE cases_docket SET marketplace_id = gen_random_uuid()"),
    (OF_MARKETPLACE, returning, "UPDATE cases_parcel SET marketplace_id = gen_random_uuid()"),
    (ON_CLOCK, opened, "UPDATE cases_clock SET clock_id = gen_random_uuid()"),
    (ON_CLOCK, opened, "UPDATE mediation_effect SET clock_id = gen_random_uuid()"),
    (ON_CLOCK, in_mediation, "UPDATE cases_docket SET clock_id = gen_random_uuid()"),
    (WITH_EVENT, opened, "UPDATE cases_posting SET event_id = gen_random_uuid()"),
    (WITH_EVENT, opened, "UPDATE cases_statement SET event_id = gen_random_uuid()"),
    (WITH_EVENT, opened, "UPDATE cases_evidence SET event_id = gen_random_uuid()"),
    (WITH_EVENT, opened, "UPDATE mediation_effect SET event_id = gen_random_uuid()"),
    ("a case asks for lines of its own order", opened,
     "UPDATE cases_orderline SET order_id = gen_random_uuid()"),
    ("postings are of the order of their case", opened,
     "UPDATE cases_posting SET order_id = gen_random_uuid()"),
    ("one ruling is live", ruled, "DROP INDEX ruling_one_live; " + again("cases_ruling")),
    ("the latest application alone claims and is agreed on", opened,
     again("cases_application", number="2")),
    (OF_FILE, with_a_photo, "UPDATE cases_file SET marketplace_id = gen_random_uuid()"),
    (OF_FILE, with_a_photo, "UPDATE cases_file SET role = 'buyer'"),
    (OF_FILE, with_a_photo, "UPDATE cases_case SET seller_id = gen_random_uuid()"),
    (EVIDENCE, with_a_photo, "UPDATE cases_file SET case_id = NULL"),
    (EVIDENCE, with_a_photo, "UPDATE cases_file SET sha256 = ''"),
    (EVIDENCE, with_a_photo, "UPDATE cases_evidence SET role = 'buyer'"),
    (WITH_EVENT, with_a_message, "UPDATE cases_message SET event_id = gen_random_uuid()"),
    (ALONG, with_a_message, "UPDATE cases_file SET case_id = NULL"),
    (ALONG, with_a_message, "UPDATE cases_message SET role = 'buyer'"),
    (ALONG, with_a_message, "UPDATE cases_message SET party_id = NULL"),
    ("a ruling is found in its own marketplace", ruled,
     "UPDATE cases_rulingtoken SET marketplace_id = gen_random_uuid()"),
    ("no case lives by a policy that was cancelled", opened,
     "UPDATE cases_policyversion SET cancelled_at = effective_from - interval '1 day'"),
    (BLIND, reviewed, "UPDATE mediation_blindreview SET excluded = excluded || to_jsonb(reviewer)"),
    (BLIND, reviewed, "UPDATE mediation_blindreview SET ruled_by = 'somebody'"),
    (BLIND, reviewed, "UPDATE mediation_blindreview SET marketplace_id = gen_random_uuid()"),
    (CALIBRATION, calibrated, "UPDATE mediation_calibration SET excluded = '[]'"),
    (CALIBRATION, calibrated, "UPDATE mediation_blindreview SET excluded = '[]'"),
    ("a plan of shifts has a moment at which it speaks next", planned,
     "UPDATE mediation_mediator SET plan_due_at = NULL"),
    ("a plan of shifts has a moment at which it speaks next", planned,
     "DELETE FROM mediation_shift"),
    ("a webhook goes to the marketplace of its case", announced,
     "UPDATE notifications_webhookendpoint SET marketplace_id = gen_random_uuid()"),
    ("a docket entry is that of its case's dispute", in_mediation, "DELETE FROM cases_docket"),
    ("the events of a complaint are numbered without a gap", restricted,
     "DELETE FROM cases_complaintevent WHERE name = 'claim'"),
    ("each event of a complaint links to the one before it and verifies", restricted,
     "UPDATE cases_complaintevent SET payload = '{}' WHERE name = 'file'"),
    ("a complaint carries the head of its chain and the state that it tells", restricted,
     "UPDATE cases_complaint SET head = ''"),
    ("a complaint moves only as its table says", restricted,
     "UPDATE cases_complaintevent SET name = 'finalize' WHERE name = 'answer'"),
    ("the clock of every complaint is that of its state", restricted,
     "UPDATE cases_complaint SET clock = 'hearing'"),
    ("no complaint is overdue by 2 minutes", restricted,
     "UPDATE cases_complaint SET next_at = '2020-01-01 00:00Z'"),
    ("no clock of a complaint fired early", restricted,
     "UPDATE cases_complaintevent SET clock = gen_random_uuid() WHERE name = 'file'"),
    ("the accused was heard before every decision", restricted,
     "UPDATE cases_complaintevent SET name = 'extend' WHERE name = 'answer'"),
    ("nobody decided on a complaint twice", appealed_complaint,
     "UPDATE cases_complaint SET excluded = '[]'"),
    ("what is in force was upheld, or came from the record", restricted,
     "UPDATE cases_complaint SET verdict = 'dismissed'"),
    ("a penalty is of the party that was complained of, in one marketplace", restricted,
     "UPDATE cases_penalty SET marketplace_id = gen_random_uuid()"),
    ("a complaint stays in one marketplace and speaks of a case of the accused", restricted,
     "UPDATE cases_case SET buyer_id = gen_random_uuid()"),
    (OF_FILE, proven, "UPDATE cases_complaint SET accused_id = gen_random_uuid()"),
    (OF_COMPLAINT, proven, "UPDATE cases_file SET complaint_id = NULL"),
    (OF_COMPLAINT, proven, "UPDATE cases_file SET sha256 = ''"),
    ("a case knows the ratings that its sides gave", completed,
     "UPDATE cases_case SET rating = 3"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tell", "text"), BREAKS)
def test_what_is_broken_is_found(name, tell, text):
    assert name in broken(tell(), text)


def test_every_invariant_is_broken_once():
    assert {name for name, _, _ in BREAKS} == INVARIANTS.keys()


def test_what_lives_on_a_clock_of_its_own_is_never_overdue():
    story = Story(market=world.marketplace(clock_id=world.uuid4()))
    story.now += timedelta(days=30)

    assert story.wrongs == {}


def test_the_command_counts_what_it_has_checked(capsys):
    call_command("invariants")

    assert capsys.readouterr().out == f"{len(INVARIANTS)} invariants checked, 0 violations\n"


def test_the_command_shows_the_rows_and_fails(capsys):
    story = opened()
    sql("UPDATE cases_orderline SET claimed = 0")

    with pytest.raises(SystemExit) as ended:
        call_command("invariants")

    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert POSTINGS in shown.err
    assert f"line={story.line.id}, claimed=0" in shown.err


def test_no_more_than_twenty_rows_are_shown():
    shop = world.marketplace()
    for _ in range(21):
        world.order(shop)
    sql("UPDATE cases_order SET freight = 1, freight_refunded = 1")

    assert len(check()["the counters of the freight are the sum of its postings"]) == 20
