"""The record, by noun."""

from cases.models.case import Application, ApplicationItem, Case, Offer
from cases.models.clock import Clock
from cases.models.complaint import Complaint, ComplaintEvent, ComplaintStatement
from cases.models.dispute import Appeal, Bid, Dispute, Docket, EvidenceRequest, Proposal, Ruling
from cases.models.event import Event
from cases.models.evidence import Audience, Evidence, Rating, Statement
from cases.models.file import File, FileKind
from cases.models.message import Attachment, Message
from cases.models.money import Posting, Recovery, Refund, RefundPart
from cases.models.order import Order, OrderLine, Payment
from cases.models.parcel import Parcel, ParcelEvent
from cases.models.party import Marketplace, Party, TestClock, TokenKey
from cases.models.pause import Pause
from cases.models.penalty import Penalty, Signal
from cases.models.policy import PolicyVersion
from cases.models.search import RulingToken

__all__ = [
    "Appeal",
    "Application",
    "ApplicationItem",
    "Attachment",
    "Audience",
    "Bid",
    "Case",
    "Clock",
    "Complaint",
    "ComplaintEvent",
    "ComplaintStatement",
    "Dispute",
    "Docket",
    "Event",
    "Evidence",
    "EvidenceRequest",
    "File",
    "FileKind",
    "Marketplace",
    "Message",
    "Offer",
    "Order",
    "OrderLine",
    "Parcel",
    "ParcelEvent",
    "Party",
    "Pause",
    "Payment",
    "Penalty",
    "PolicyVersion",
    "Posting",
    "Proposal",
    "Rating",
    "Recovery",
    "Refund",
    "RefundPart",
    "Ruling",
    "RulingToken",
    "Signal",
    "Statement",
    "TestClock",
    "TokenKey",
]
