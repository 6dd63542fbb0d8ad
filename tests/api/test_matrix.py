"""Who may do what: every operation by role, in the own marketplace and from another one."""

import pytest

from cases.conduct import grounds_about
from cases.inputs import FOR
from cases.models import Case, Complaint, Penalty
from mediation.steps import database_clock
from tests import complaint_world, world
from tests.api import callers
from tests.api.callers import Caller, application, order
from tests.api.feed import let_all_be_told
from tests.api.schema import operations
from tests.api.test_orders import told
from tests.api.test_parcel_events import message, traced
from tests.files.sending import bring
from tests.notifications.make import delivery, endpoint

pytestmark = pytest.mark.django_db

OK, FORBIDDEN, ABSENT, EMPTY = "ok", "forbidden", "absent", "empty"
ROLES = ("buyer", "seller", "service")
NO_SANDBOX = (FORBIDDEN, FORBIDDEN, ABSENT, FORBIDDEN, FORBIDDEN, ABSENT)
OF_ENDPOINT = (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, ABSENT)
# Operation → buyer, seller and service of the case; then the same refs in another marketplace.
TABLE = {
    "list_cases": (OK, OK, OK, EMPTY, EMPTY, EMPTY),
    "open_case": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "list_applications": (OK, OK, OK, EMPTY, EMPTY, EMPTY),
    "list_applications_of_case": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "get_case": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "list_timeline": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "export_case": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "explain_case": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "get_clocks": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "list_refunds": (EMPTY, EMPTY, EMPTY, ABSENT, ABSENT, ABSENT),  # there are none yet
    "list_parcels": (EMPTY, EMPTY, EMPTY, ABSENT, ABSENT, ABSENT),
    "list_offers": (EMPTY, EMPTY, EMPTY, ABSENT, ABSENT, ABSENT),  # none was made
    "get_dispute": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "get_forecast": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "forecast_step": (OK, FORBIDDEN, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "list_evidence": (EMPTY, EMPTY, EMPTY, ABSENT, ABSENT, ABSENT),  # none was handed in
    "upload_file": (OK, OK, OK, OK, OK, OK),  # each its own
    "list_messages": (EMPTY, EMPTY, EMPTY, ABSENT, ABSENT, ABSENT),  # nothing was written
    "send_message": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "get_order": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "check_eligibility": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "put_order": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),  # each has its own
    "keep_contacts": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),  # each its own party
    "tell_parcel_event": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),
    "tell_carrier_body": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),
    "list_events": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, EMPTY),
    "get_reports": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),  # each its own
    "get_report_csv": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),
    "get_process": (OK, OK, OK, OK, OK, OK),
    "get_policy": (OK, OK, OK, OK, OK, OK),
    "draw_process": (OK, OK, OK, OK, OK, OK),
    # Of a sandbox there is nothing in live marketplaces: tests/api/test_sandbox.py.
    "get_sandbox_clock": NO_SANDBOX,
    "advance_sandbox_clock": NO_SANDBOX,
    "list_sandbox_letters": NO_SANDBOX,
    "plan_sandbox_parcel": NO_SANDBOX,
    "script_sandbox_gateway": NO_SANDBOX,
    "rule_in_sandbox": NO_SANDBOX,
    "decide_complaint_in_sandbox": NO_SANDBOX,
    "list_complaints": (OK, OK, OK, EMPTY, EMPTY, EMPTY),
    "file_complaint": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    # Of a complaint of the seller's about the buyer.
    "get_complaint": (OK, OK, OK, ABSENT, ABSENT, ABSENT),
    "answer_complaint": (OK, FORBIDDEN, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "withdraw_complaint": (FORBIDDEN, OK, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "appeal_complaint": (OK, FORBIDDEN, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "list_restrictions": (OK, EMPTY, OK, EMPTY, EMPTY, EMPTY),  # the buyer was restricted
    "appeal_restriction": (OK, ABSENT, FORBIDDEN, ABSENT, ABSENT, FORBIDDEN),
    "list_recoveries": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, EMPTY),
    "tell_recovery_result": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, ABSENT),
    "get_scorecard": (FORBIDDEN, OK, OK, FORBIDDEN, OK, OK),  # each sees its own shop
    "get_standing": (OK, OK, OK, OK, OK, OK),  # of a shop with the same name in each
    # Of an endpoint of the first marketplace.
    "list_webhook_endpoints": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, EMPTY),
    "create_webhook_endpoint": (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, OK),
    "get_webhook_endpoint": OF_ENDPOINT,
    "change_webhook_endpoint": OF_ENDPOINT,
    "remove_webhook_endpoint": OF_ENDPOINT,
    "rotate_webhook_secret": OF_ENDPOINT,
    "ping_webhook_endpoint": OF_ENDPOINT,
    "list_webhook_deliveries": OF_ENDPOINT,
    "replay_webhook_deliveries": OF_ENDPOINT,
    # Steps: each of the others has the role of one of these, or is refused as they are.
    "withdraw": (OK, FORBIDDEN, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "approve": (FORBIDDEN, OK, FORBIDDEN, ABSENT, ABSENT, ABSENT),
    "order_cancelled": (FORBIDDEN, FORBIDDEN, OK, ABSENT, ABSENT, ABSENT),
}
URL = "https://hooks.shop.example/"
PIECE = [{"line": "0", "quantity": 1}]


NO_TOKEN = {"gateway_event", "read_file"}  # signed by the gateway, or by us


def test_the_table_names_every_operation():
    assert operations() - FOR.keys() - NO_TOKEN == TABLE.keys() - FOR.keys()


def does(operation, caller, case, bought):
    path = f"cases/{case['id']}"

    def events():
        let_all_be_told()
        return caller.get("events")

    ways = {
        "list_cases": lambda: caller.get("cases"),
        "open_case": lambda: caller.post("cases?dry_run=true", application(bought, items=PIECE)),
        "list_applications": lambda: caller.get("applications"),
        "list_applications_of_case": lambda: caller.get(f"{path}/applications"),
        "get_case": lambda: caller.get(path),
        "list_timeline": lambda: caller.get(f"{path}/timeline"),
        "export_case": lambda: caller.get(f"{path}/export"),
        "explain_case": lambda: caller.get(f"{path}/explanation"),
        "get_clocks": lambda: caller.get(f"{path}/clocks"),
        "list_refunds": lambda: caller.get(f"{path}/refunds"),
        "list_parcels": lambda: caller.get(f"{path}/parcels"),
        "list_offers": lambda: caller.get(f"{path}/offers"),
        "get_dispute": lambda: caller.get(f"{path}/dispute"),
        "get_forecast": lambda: caller.get(f"{path}/forecast"),
        "forecast_step": lambda: caller.post(f"{path}/forecast", {"step": "withdraw"}),
        "list_evidence": lambda: caller.get(f"{path}/evidence"),
        "upload_file": lambda: bring(caller),
        "list_messages": lambda: caller.get(f"{path}/messages"),
        "send_message": lambda: caller.post(f"{path}/messages", {"text": "Well?"}),
        "get_order": lambda: caller.get(f"orders/{bought.ref}"),
        "check_eligibility": lambda: caller.get(f"orders/{bought.ref}/eligibility-checks"),
        "put_order": lambda: caller.put("orders/new", told()),
        "keep_contacts": lambda: caller.put(
            f"parties/buyer/{bought.buyer.ref}/contacts", {"language": "en"}
        ),
        "tell_parcel_event": lambda: caller.post("parcel-events", message()),
        "tell_carrier_body": lambda: caller.post("parcel-events/generic", traced()),
        "list_events": events,
        "get_reports": lambda: caller.get("reports"),
        "get_report_csv": lambda: caller.get("reports/outcomes.csv"),
        "list_recoveries": lambda: owed(case) and caller.get("recoveries"),
        "tell_recovery_result": lambda: caller.post(
            f"recoveries/{owed(case).pk}/result", {"state": "paid"}
        ),
        "get_process": lambda: caller.get("process"),
        "get_policy": lambda: caller.get("policy"),
        "draw_process": lambda: caller.get("process/drawing"),
        "get_sandbox_clock": lambda: caller.get("sandbox/clock"),
        "advance_sandbox_clock": lambda: caller.post("sandbox/clock/advance", {"next": True}),
        "list_sandbox_letters": lambda: caller.get("sandbox/letters"),
        "plan_sandbox_parcel": lambda: caller.post(f"sandbox/parcels/{case['id']}/plan", {}),
        "script_sandbox_gateway": lambda: caller.put("sandbox/gateway", {"script": "ok"}),
        "rule_in_sandbox": lambda: caller.post(f"sandbox/cases/{case['id']}/ruling", {}),
        "decide_complaint_in_sandbox": lambda: caller.post(
            f"sandbox/complaints/{case['id']}/decision", {}
        ),
    }
    ways |= complaining(caller, case, bought) | hearing(caller, bought)
    way = ways.get(operation)
    return way() if way else caller.step(case, operation, dry_run=True)


def owed(case):
    return world.recovery(Case.everywhere.get(pk=case["id"]))


WORDS = {"statement": "Four in a week."}


def complaining(caller, case, bought):
    named = (
        {"party": {"role": "buyer", "ref": bought.buyer.ref}} if caller.role == "service" else {}
    )

    def step(name, *, upheld=False):
        found = complaint(case, upheld=upheld)
        path = f"complaints/{found.pk}/steps/{name}"
        return caller.post(path, {} if name == "withdraw" else WORDS, if_match=found.version)

    def appeal():
        row = Penalty.objects.filter(complaint=complaint(case, upheld=True)).get()
        return caller.post(f"restrictions/{row.pk}/appeal", WORDS)

    return {
        "list_complaints": lambda: complaint(case) and caller.get("complaints"),
        "file_complaint": lambda: caller.post(
            "complaints", {"case": case["id"], "ground": "abuse", **named, **WORDS}
        ),
        "get_complaint": lambda: caller.get(f"complaints/{complaint(case).pk}"),
        "answer_complaint": lambda: step("answer"),
        "withdraw_complaint": lambda: step("withdraw"),
        "appeal_complaint": lambda: step("appeal", upheld=True),
        "list_restrictions": lambda: complaint(case, upheld=True) and caller.get("restrictions"),
        "appeal_restriction": appeal,
        "get_scorecard": lambda: caller.get(f"sellers/{bought.seller.ref}/scorecard"),
        "get_standing": lambda: caller.get(f"sellers/{bought.seller.ref}/standing"),
    }


def hearing(caller, bought):
    """Do things with an endpoint of the marketplace of the order."""
    path = "webhook-endpoints"

    def own():
        found = endpoint(URL, marketplace_id=bought.marketplace_id)
        delivery(found, body='{"type": "case.open"}')
        return f"{path}/{found.pk}"

    client, api = caller.client, "/api/v1"
    return {
        "list_webhook_endpoints": lambda: own() and caller.get(path),
        "create_webhook_endpoint": lambda: caller.post(path, {"url": URL}),
        "get_webhook_endpoint": lambda: caller.get(own()),
        "change_webhook_endpoint": lambda: client.patch(f"{api}/{own()}", {"active": False}),
        "remove_webhook_endpoint": lambda: client.delete(f"{api}/{own()}"),
        "rotate_webhook_secret": lambda: caller.post(f"{own()}/secret"),
        "ping_webhook_endpoint": lambda: caller.post(f"{own()}/ping"),
        "list_webhook_deliveries": lambda: caller.get(f"{own()}/deliveries"),
        "replay_webhook_deliveries": lambda: caller.post(f"{own()}/replay"),
    }


def complaint(case, *, upheld=False):
    """Let the seller complain of the buyer, each time of something else."""
    found, now = Case.everywhere.get(pk=case["id"]), database_clock()
    ground = grounds_about("buyer")[Complaint.everywhere.count()]
    if upheld:
        return complaint_world.upheld(found, "notice", when=now, ground=ground)
    return complaint_world.complain(found, when=now, ground=ground)


def seen(answer):
    """Tell what an answer means: refused, absent, empty or well."""
    if answer.status_code == 403:
        return FORBIDDEN
    if answer.status_code == 404 and answer.json()["code"] != "NO_DISPUTE":
        return ABSENT
    assert answer.status_code in {200, 201, 202, 204, 404}, answer.content
    if answer.status_code == 204:
        return OK
    if answer["Content-Type"].startswith(("text/", "application/zip")):
        return OK
    return EMPTY if answer.json().get("results") == [] else OK


@pytest.mark.parametrize("operation", TABLE)
def test_who_may_do_what(operation):
    market, other = world.marketplace("bazaar"), world.marketplace("souk")
    bought = order(market, quantity=2)
    refs = {"buyer": bought.buyer.ref, "seller": bought.seller.ref, "service": ""}
    for role in ("buyer", "seller"):
        world.party(other, role, refs[role])
    case = callers.opened(bought, items=PIECE)

    people = [Caller(place, role, refs[role]) for place in (market, other) for role in ROLES]
    what = tuple(seen(does(operation, caller, case, bought)) for caller in people)

    assert what == TABLE[operation]
    assert Case.everywhere.count() == 1


@pytest.mark.parametrize("role", ["buyer", "seller"])
def test_another_buyer_or_seller_of_the_same_marketplace_is_a_stranger(role):
    market = world.marketplace()
    bought = order(market)
    case = callers.opened(bought)
    stranger = Caller(market, role, world.party(market, role).ref)

    for operation in TABLE.keys() - {
        "list_cases",
        "list_applications",
        "list_complaints",
        "list_restrictions",
        "list_recoveries",
        "tell_recovery_result",
        "get_scorecard",
        "get_standing",
        "put_order",
        "keep_contacts",
        "upload_file",
        "tell_parcel_event",
        "tell_carrier_body",
        "get_reports",
        "get_report_csv",
    }:
        row = TABLE[operation]
        open_to_all = operation in {"list_events", "get_policy", "get_process", "draw_process"}
        if not open_to_all and row is not NO_SANDBOX and "webhook" not in operation:
            assert seen(does(operation, stranger, case, bought)) == ABSENT, operation
    assert seen(stranger.get("cases")) == EMPTY
