"""The table of texts: complete, in both languages, short where it must be."""

import re

import pytest

from cases import complaint_actions
from cases.actions import STEPS
from notifications import texts
from notifications.texts import LOCALES, PLACEHOLDERS, BadTexts, read

FRAME = """
[frame]
en = {subject = "[$case_no] $words", text = "$words", sms = "Case $case_no: $words"}
zh-hans = {subject = "[$case_no] $words", text = "$words", sms = "$case_no：$words"}
"""
GOOD = """
[open.buyer]
en = {subject = "Received", text = "You have until $due.", sms = "until $due"}
zh-hans = {subject = "已收到", text = "截至$due。", sms = "截至$due"}
"""
# What a party must hear of: the steps of a case and of its dispute, and what follows clocks.
BOTH = """
    open amend split reapply withdraw approve approve.clock refuse offer offer.own counter_offer
    counter_offer.own decline_offer decline_offer.own accept_offer accept_offer.own lapse_offer
    ship_return correct_tracking return_delivered return_lost accept_return accept_return.clock
    reject_return dispatch_replacement out_of_stock replacement_delivered replacement_lost
    parcel_news stuck confirm_replacement take_extension ask_extension ask_extension.own
    grant_extension give_extension pause resume
    confirm_replacement.clock reject_replacement close escalate escalate.clock
    escalate.return_transit escalate.inspection escalate.dispatch take_over hand_back
    refund_settled order_cancelled record_outside_refund chargeback_opened chargeback_closed rate
    reopen reinstate propose accept_proposal decline_proposal lapse_proposal appeal appeal.own
    ask_evidence extend message to_supervisor.ruling remind seal.in_review hand_in hand_in.own
    hand_in.in_review rule.ruled rule.final approve_ruling.ruled approve_ruling.final waive_appeal
    waive_appeal.own waive_appeal.final finalize.final accept_proposal.own accept_proposal.settled
    bid.settled settle_by_hand.completed accept_return.return_transit
""".split()  # noqa: SIM905 -- reads better

# Steps between the platform's own people, and those that go along with another one.
SILENT = {"assign", "claim", "release", "triage", "call_supervisor", "send_back"} | {
    "end_aftercare",
    "enforce",
    "open_dispute",
    "settle",
    "withdraw_dispute",
}
# Events that are no steps.
BESIDE = {"remind", "extend", "message", "endpoint_disabled", "next", "parcel_news", "stuck"} | {
    "pause",
    "resume",
}
OF_COMPLAINTS = {f"complaint_{name}" for name in (*complaint_actions.STEPS, "points", "remind")}


class TestOurTable:
    @pytest.mark.parametrize("audience", ["buyer", "seller"])
    @pytest.mark.parametrize("event", BOTH)
    def test_has_words_for_both_sides(self, event, audience):
        name, _, cause = event.partition(".")
        key = ".".join(filter(None, [name, audience, cause]))

        assert texts.table().find(name, audience, *filter(None, [cause])) == key

    @pytest.mark.parametrize("key", sorted(texts.table().texts))
    @pytest.mark.parametrize("locale", LOCALES)
    def test_every_entry_is_written_in_its_language(self, key, locale):
        text = texts.table().texts[key][locale]
        chinese = re.search(r"[\u4e00-\u9fff]", text.subject + text.text)

        assert bool(chinese) == (locale == "zh-hans")
        assert text.text.endswith((".", "。"))
        assert "  " not in text.text

    @pytest.mark.parametrize("step", sorted(set(STEPS) - SILENT))
    def test_every_step_is_told_to_somebody(self, step):
        assert {key.split(".")[0] for key in texts.table().texts} >= {step}

    def test_it_tells_of_no_step_that_does_not_exist(self):
        told = {key.split(".")[0] for key in texts.table().texts}

        assert told - set(STEPS) - OF_COMPLAINTS == BESIDE


class TestFinding:
    def test_the_cause_decides(self):
        table = texts.table()

        assert table.find("escalate", "seller", "seller_response", "clock") == (
            "escalate.seller.clock"
        )
        assert table.find("escalate", "seller", "dispatch", "clock") == "escalate.seller.dispatch"

    def test_the_plain_entry_serves_where_a_cause_has_none(self):
        assert texts.table().find("withdraw", "buyer", "own") == "withdraw.buyer"

    def test_who_does_not_hear_of_an_event_has_no_entry(self):
        assert texts.table().find("refund_failed", "seller") is None

    def test_an_entry_without_short_message_goes_by_mail_alone(self):
        assert texts.table().channels("message.buyer") == ("email",)
        assert texts.table().channels("rule.buyer.ruled") == ("email", "sms")

    def test_an_entry_wants_its_placeholders_and_those_of_the_frame(self):
        wants = {"case_no", "order_no", "due", "remedy", "amount"}

        assert texts.table().wants("propose.buyer") == wants
        assert texts.table().wants("endpoint_disabled.staff") == set()

    @pytest.mark.parametrize(
        ("locale", "language"),
        [("zh-CN", "zh-hans"), ("zh-hans", "zh-hans"), ("en-GB", "en"), ("pt-BR", "en")],
    )
    def test_chinese_readers_read_chinese_all_others_english(self, locale, language):
        assert texts.language(locale) == language


class TestMistakes:
    def test_a_good_table_is_taken(self):
        assert list(read({"a": FRAME + GOOD}).texts) == ["open.buyer"]

    @pytest.mark.parametrize(
        ("was", "becomes", "complaint"),
        [
            ("[open.buyer]", "[open.people]", "is not an event and one of buyer, seller, staff"),
            ("[open.buyer]", "[open]", "is not an event and one of buyer, seller, staff"),
            ('subject = "Received", ', "", "en.subject is missing"),
            ('text = "截至$due。", ', "", "zh-hans.text is missing"),
            ("until $due.", "until $deu.", "en.text asks for $deu, which nobody knows"),
            ("until $due.", "for 5$.", "en.text has a lone $"),
            ("Received", "$words", "en.subject asks for $words, which nobody knows"),
            ("[open.buyer]", "[open.buyer]\nsms = 'Hello'", "[open.buyer.sms] en.text is missing"),
            (', sms = "until $due"', "", "has a short message in one language only"),
            ("sms", "fax", "en.fax is not one of subject, text, sms"),
            ('截至$due"', "截" * 60 + '"', "zh-hans.sms is 73 characters: 62 fit"),
            ('"until $due"', '"' + "x" * 150 + '"', "en.sms is 169 characters: 160 fit"),
            ('"until $due"', '"until… $due"', "en.sms has characters outside the GSM alphabet"),
        ],
    )
    def test_each_is_named_with_its_entry(self, was, becomes, complaint):
        assert was in GOOD
        with pytest.raises(BadTexts, match=re.escape(complaint)):
            read({"a": FRAME + GOOD.replace(was, becomes)})

    def test_an_entry_may_have_the_words_of_another(self):
        table = read({"a": FRAME + GOOD + '[amend.buyer]\nlike = "open.buyer"\n'})

        assert table.texts["amend.buyer"] == table.texts["open.buyer"]

    def test_but_that_one_must_be_there(self):
        with pytest.raises(BadTexts, match=r"\[amend.buyer\] is like none.buyer"):
            read({"a": FRAME + GOOD + '[amend.buyer]\nlike = "none.buyer"\n'})

    def test_all_are_named_at_once(self):
        bad = GOOD.replace("$due.", "$deu.").replace("Received", "$nobody")

        with pytest.raises(BadTexts) as caught:
            read({"a": FRAME + bad, "b": "[", "c": GOOD})

        assert len(str(caught.value).splitlines()) == 4

    def test_a_table_needs_its_frame(self):
        with pytest.raises(BadTexts, match="frame"):
            read({"a": GOOD})

    def test_every_placeholder_has_a_value_to_measure_with(self):
        assert "link" in PLACEHOLDERS
        assert all(PLACEHOLDERS.values())
