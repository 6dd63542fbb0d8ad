"""What people do all day, at the desk of the running stack and over its API."""

import re
import time
from datetime import UTC, datetime

import pytest

from tests.browser.stack import DAY
from tests.checkout import until

pytestmark = pytest.mark.browser

RULE = "details[name=rule]"
SWEEP = 60  # seconds: beat returns leases, and looks for letters that were missed, every 30
STORY = [
    "The buyer applied. Dangerous or harmful · Refund only · CNY 3,000.00 · Photo of the goods",
    "The seller refused. No defect found · Test or inspection report",
    "The buyer asked for a mediator.",
    "A mediator took the dispute from the docket.",
    "The mediator asked for evidence. Buyer: Video · Seller: Test or inspection report",
    "The buyer handed in all evidence.",
    "The seller handed in all evidence.",
    "The mediator ruled.",
    "A second mediator approved the ruling. Refund only · CNY 2,500.00",
    "The seller appealed.",
    "A mediator took the dispute from the docket.",
    "The mediator ruled. Refund only · CNY 1,500.00 · CNY 1,500.00",
    "The refund was paid. CNY 1,500.00 · Refunded",
]


def test_a_dispute_goes_from_the_docket_to_the_second_instance_and_the_money(stack):
    case = stack.dispute("3000.00")
    mia = stack.log_in("mia")
    claims_next(mia, case)
    address = mia.url

    asks_both_sides(mia)
    stack.bea.step(case["id"], "hand_in", statement="视频里可以看到。")
    stack.sam.step(case["id"], "hand_in", statement="由我方维修部检测。")

    mia.goto(address)
    rules(mia, "2500.00", "有照片为证。")
    assert pills(mia) == ["In mediation", "Awaiting approval"]

    max_ = stack.log_in("max", "zh-hans")
    max_.click("nav.tabs a[href*='tab=approval']")
    max_.click(f"a[href*='{case['id']}']")
    act(max_, "approve_ruling")
    assert pills(max_) == ["调解中", "已裁决，可申诉"]

    stack.sam.step(case["id"], "appeal", statement="裁决没有考虑检测报告。")
    sue = stack.log_in("sue", "zh-hans")
    claims_next(sue, case)
    rules(sue, "1500.00", "双方均有责任。")

    paid = stack.wait_for(case, "completed")
    assert paid["money"]["refunded"] == {"amount": "1500.00", "currency": "CNY"}
    mia.goto(address)
    assert pills(mia) == ["Completed", "Final", "Refunded"]
    assert told(mia) == STORY


def test_a_supervisor_gives_a_dispute_to_somebody_else(stack):
    case = stack.dispute()
    mia = stack.log_in("mia")
    claims_next(mia, case)

    sol = stack.log_in("sol", "zh-hans")
    sol.goto(mia.url)
    sol.click("details[name=assign] > summary")
    sol.select_option("details[name=assign] select[name=mediator]", label="Max Mediator")
    act(sol, "assign")

    mia.reload()
    assert "Held by Max Mediator" in mia.inner_text(".bar .push")
    assert mia.locator(RULE).count() == 0


def test_a_lease_that_runs_out_brings_the_dispute_back(stack):
    case = stack.dispute()
    mia = stack.log_in("mia")
    claims_next(mia, case)

    stack.sql(
        "UPDATE cases_docket SET lease_until = clock_timestamp() WHERE case_id = %s", case["id"]
    )

    mia.reload()
    assert mia.locator(".bar .late").inner_text() == "(run out)"
    eventually(mia, lambda: pills(mia)[-1] == "In the docket", seconds=SWEEP)
    assert mia.locator("details[name=claim]").count() == 1


def test_sealed_bids_that_overlap_settle_in_the_middle(stack):
    case = stack.dispute()
    mia = stack.log_in("mia", "zh-hans")
    claims_next(mia, case)

    stack.bea.step(case["id"], "bid", amount={"amount": "100.00", "currency": "CNY"})
    stack.sam.step(case["id"], "bid", amount={"amount": "150.00", "currency": "CNY"})

    paid = stack.wait_for(case, "completed")
    assert paid["money"]["refunded"] == {"amount": "125.00", "currency": "CNY"}
    mia.reload()
    assert pills(mia) == ["已完成", "已和解", "已退款"]


def test_a_complaint_is_upheld_and_the_next_application_feels_its_restriction(stack, picture):
    complaint = stack.complaint(stack.dispute(), "malicious_refund", "一周内第四次申请退款。")
    mia = stack.log_in("mia")
    claims_complaint(mia, complaint)
    picture(mia, "complaint-en")
    mia.click("details[name=uphold] > summary")
    mia.check("details[name=uphold] input[value=evidence_first]")
    decides(mia, "uphold", "四次申请均无凭证。")
    assert pills(mia)[0] == "Upheld"

    wanted = {
        "order": stack.order("80.00"),
        "reason": "no_longer_wanted",
        "remedy": "return_refund",
        "items": [{"line": "1", "quantity": 1}],
        "statement": "不想要了。",
    }
    problem = stack.bea.refused("cases", **wanted)
    told = [problem[key] for key in ("code", "restriction", "restrictions")]
    assert told == ["EVIDENCE_MISSING", "evidence_first", "/api/v1/restrictions"]
    [row] = stack.bea.get("restrictions")["results"]
    assert (row["kind"], row["complaint"]) == ("evidence_first", complaint["id"])

    stack.bea.post(row["appeal"].removeprefix("/api/v1/"), statement="我每次都说明了原因。")
    sue = stack.log_in("sue", "zh-hans")
    claims_complaint(sue, complaint)
    picture(sue, "complaint-zh-hans")
    sue.click("details[name=reverse] > summary")
    decides(sue, "reverse", "申诉成立。")
    assert pills(sue)[0] == "已生效"
    stack.disputes.append(stack.bea.post("cases", **wanted)["id"])


def test_a_dead_letter_is_sent_again(stack):
    case = stack.dispute()
    letter = buried(stack, case)
    ole = stack.log_in("ole", "zh-hans")
    ole.goto("/admin/mediation/effect/dead/")

    ole.click(f"form[action$='/letters/{letter}/'] button")

    ole.wait_for_load_state()
    assert ole.locator(f"form[action$='/letters/{letter}/']").count() == 0
    done = "SELECT done_at IS NOT NULL FROM notifications_letter WHERE id = %s"
    eventually(ole, lambda: stack.sql(done, letter) == [(True,)], seconds=SWEEP)


def test_a_policy_is_compared_with_the_running_one_and_scheduled(stack):
    sol = stack.log_in("sol", "zh-hans")
    [[running]] = stack.sql("SELECT id FROM cases_policyversion WHERE name = 'demo'")
    sol.goto(f"/admin/cases/policyversion/new/?from={running}")
    source = sol.input_value("textarea[name=source]")
    sol.fill("textarea[name=source]", source.replace('length = "20s"', 'length = "25s"'))
    sol.fill("input[name=effective_from]", f"{datetime.now(UTC) + DAY:%Y-%m-%dT%H:%M}")

    sol.click("button[value=check]")
    sol.wait_for_selector("text=25s")
    sol.click("button[value=schedule]")

    sol.wait_for_url("**/policyversion/*/change/")
    sol.goto("/admin/cases/policyversion/")
    rows = sol.locator("section:has(h2:text-is('demo')) tbody tr")
    assert [row.split()[:3] for row in rows.all_inner_texts()] == [
        ["demo", "2", "待生效"],
        ["demo", "1", "生效中"],
    ]


# What several of them do


def claims_next(page, case):
    page.goto("/admin/cases/docket/")
    page.click("button[data-key=c]")
    page.wait_for_url(f"**/cases/case/{case['id']}/change/")


def claims_complaint(page, complaint):
    page.goto("/admin/cases/complaint/")
    page.click(".bar form button")
    page.wait_for_url(f"**/complaint/{complaint['id']}/change/")


def decides(page, name, why):
    page.fill(f"details[name={name}] textarea", why)
    with page.expect_navigation():
        page.click(f"details[name={name}] button.button")


def asks_both_sides(page):
    page.click("details[name=ask_evidence] > summary")
    form = "details[name=ask_evidence]"
    page.check(f"{form} input[name=buyer][value=video]")
    page.check(f"{form} input[name=seller][value=test_report]")
    page.fill(f"{form} textarea", "请用另一台设备演示故障。")
    act(page, "ask_evidence")


def rules(page, amount, why):
    page.click(f"{RULE} > summary")
    page.fill(f"{RULE} input[name^=amount_]", amount)
    page.fill(f"{RULE} input[name=rule]", "第四条")
    page.check(f"{RULE} input[name=evidence] >> nth=0")
    page.fill(f"{RULE} textarea", why)
    shown = re.compile(amount[0] + ",?" + re.escape(amount[1:]))  # 1,500.00 or 1500.00
    page.locator(f"{RULE} .total").filter(has_text=shown).wait_for()
    act(page, "rule")


def act(page, name):
    """Send the form of an act; the page that answers says that it is done."""
    form = page.locator(f"details[name={name}]")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    with page.expect_navigation():
        form.locator(".send button").first.click()
    assert page.locator(f"details[name={name}] .errors").count() == 0


def pills(page):
    return page.locator(".bar .pill").all_inner_texts()


def told(page):
    """What the timeline tells of steps, the first first, without times."""
    texts = page.locator(".timeline li.of-step > div").all_inner_texts()
    return [text.strip().splitlines()[0] for text in reversed(texts)]


def eventually(page, condition, *, seconds=20):
    """Look again until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        page.wait_for_timeout(500)
        page.reload()


def buried(stack, case):
    """Let a letter of a case be given up, as after three days of trying."""
    gone = "SELECT id FROM notifications_letter WHERE case_id = %s AND done_at IS NOT NULL LIMIT 1"
    until(lambda: stack.sql(gone, case["id"]))
    [[letter]] = stack.sql(gone, case["id"])
    stack.sql(
        "UPDATE notifications_letter SET dead_at = clock_timestamp(), done_at = NULL,"
        " outcome = 'waiting', attempts = 12, last_error = '连接超时' WHERE id = %s",
        letter,
    )
    return letter
