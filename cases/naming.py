"""How clocks, what follows when they run out, limits and stages are called in two languages."""

from cases.reasons import Row


def _named(*rows: Row) -> dict[str, Row]:
    return {row.key: row for row in rows}


CLOCK_NAMES = _named(
    Row("seller_response", "the seller's answer", "卖家答复"),
    Row("offer_reply", "the answer to the offer", "答复方案"),
    Row("reapply_window", "applying again", "再次申请"),
    Row("ship_back", "sending the goods back", "买家寄回商品"),
    Row("return_transit", "the return on its way", "退货运输"),
    Row("inspection", "the inspection by the seller", "卖家验货"),
    Row("dispatch", "the dispatch by the seller", "卖家发货"),
    Row("replacement_receipt", "the receipt by the buyer", "买家收货"),
    Row("refund_settlement", "the payment of the refund", "退款到账"),
    Row("aftercare", "rating or reopening", "评价或重新申请"),
    Row("docket_wait", "being taken from the docket", "调解员领取"),
    Row("ruling", "the ruling", "裁决"),
    Row("evidence", "the evidence", "举证"),
    Row("proposal", "the answer to the proposal", "答复调解方案"),
    Row("approval", "the approval of the ruling", "裁决复核"),
    Row("appeal", "the appeal", "申诉"),
)
CONSEQUENCES = _named(
    Row("escalate", "a mediator comes in", "平台介入"),
    Row("approve", "the application counts as agreed", "视为同意申请"),
    Row("close", "the case is closed", "售后单关闭"),
    Row("lapse_offer", "the offer lapses", "方案失效"),
    Row("accept_return", "the return counts as accepted", "视为验货通过"),
    Row("out_of_stock", "it turns into a refund", "转为退款"),
    Row("confirm_replacement", "the goods count as confirmed", "视为确认收货"),
    Row("alarm", "operations are alarmed", "告警运维"),
    Row("end_aftercare", "nothing can be changed any more", "不能再变更"),
    Row("to_supervisor", "the supervisor is told", "通知主管"),
    Row("seal", "what was handed in is sealed", "已提交的证据封存"),
    Row("lapse_proposal", "the proposal lapses", "调解方案失效"),
    Row("finalize", "the ruling becomes final", "裁决生效"),
)
LIMIT_NAMES = _named(
    Row("applications", "applications per order line", "每个商品的申请次数"),
    Row("edits", "changes of applications per order line", "每个商品的修改次数"),
    Row(
        "applications_and_edits",
        "applications and their changes per order line",
        "每个商品的申请及修改次数",
    ),
    Row("offers_per_side", "offers of each side", "每方的协商次数"),
    Row("mediation_rounds", "times in mediation", "平台介入次数"),
    Row("claims", "times that mediators take it up", "调解员领取次数"),
    Row("evidence_rounds", "rounds of evidence", "举证轮次"),
    Row("proposals", "proposals of a mediator", "调解方案次数"),
    Row("rulings", "drafts of a ruling", "裁决草案次数"),
    Row("appeals_per_side", "appeals of each side", "每方的申诉次数"),
    Row("reopen", "times that it is reopened", "重新申请次数"),
    Row("extensions", "extensions of a clock", "延期次数"),
)
STAGE_NAMES = _named(
    Row("unshipped", "not sent out", "未发货"),
    Row("shipped", "on its way", "运输中"),
    Row("delivered", "delivered", "已签收"),
)
PAYER_NAMES = _named(
    Row("buyer", "the buyer", "买家"),
    Row("seller", "the seller", "卖家"),
    Row("open", "whoever is to be found at fault", "待判定的责任方"),
)
