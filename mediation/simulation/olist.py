"""Real orders: the CSV files of the Olist data set become grievances.

The files are read where they are and never copied. Times in them are naive Brazilian local time,
amounts are decimals in BRL. What the data do not tell (who answers what) is not made up here.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cases import money
from cases.reasons import DELIVERED, REASONS, SHIPPED, UNSHIPPED
from mediation.simulation.shop import Goods, Grievance, Paid, Purchase

Row = dict[str, str]
ZONE = "America/Sao_Paulo"
CURRENCY = "BRL"
UNHAPPY = 2  # stars, and fewer
NEXT_MORNING = timedelta(hours=9)  # after the promise was missed
UNLISTED = "unlisted"  # the seller of an order whose items are not told

# The first that a complaint matches is its reason; delivered or not decides between two.
WORDS = (
    (r"n[ãa]o (recebi|chegou|foi entregue|entregaram|recebemos)|nunca (chegou|recebi)", "received"),
    (r"fals|n[ãa]o [ée] original|r[ée]plica|pirata", "counterfeit"),
    (r"falt(a|ou|ando|aram)|incomplet|(recebi|veio) (s[óo]|apenas|somente)", "missing_items"),
    (r"errad|trocad|diferente|outro produto", "wrong_item"),
    (r"defeit|quebrad|n[ãa]o funciona|estragad|danificad|rasgad|amassad", "unusable"),
    (r"qualidade|p[ée]ssim|ruim|fr[áa]gil", "quality"),
    (r"atras|demor|prazo", "late"),
    (r"devol|reembols|dinheiro|estorno|cancel", "no_longer_wanted"),
)


class Olist:
    """The tables, joined by order."""

    def __init__(self, folder: Path) -> None:
        """:raises FileNotFoundError: a file is missing"""
        self.orders = _rows(folder, "orders")
        self.items = _by_order(_rows(folder, "order_items"))
        self.payments = _by_order(_rows(folder, "order_payments"))
        self.reviews = _by_order(_rows(folder, "order_reviews"))
        self.people = {row["customer_id"]: row for row in _rows(folder, "customers")}
        self.products = {row["product_id"]: row for row in _rows(folder, "products")}
        self.notes: Counter[str] = Counter()  # what was done to the data

    def grievances(self) -> list[Grievance]:
        """List what buyers complain of, at most one per order, seller and reason, by time."""
        found = [g for order in self.orders for g in self._of_order(order)]
        return sorted(found, key=lambda g: (g.at, g.purchase.ref, g.reason))

    def _of_order(self, order):
        complaints = list(self._complaints(order))
        if not complaints:
            return
        purchases = self._purchases(order)
        if not purchases:
            self.notes["left out: nothing was paid"] += 1
        for purchase in purchases:
            told = set()
            for kind, at, reason, words in sorted(complaints, key=lambda row: row[1]):
                if reason in told:
                    self.notes["complaints of the same reason, told in one case"] += 1
                    continue
                told.add(reason)
                yield Grievance(kind=kind, purchase=purchase, at=at, reason=reason, words=words)

    def _complaints(self, order):
        promised, delivered = _promise(order), _maybe(order["order_delivered_customer_date"])
        reviews = self.reviews.get(order["order_id"], [])
        if delivered is None:
            answers = [moment(row["review_answer_timestamp"]) for row in reviews]
            yield self._not_received(order, min([promised, *answers]))
        elif delivered >= promised:  # the promise holds until the end of its day
            at = min(promised + NEXT_MORNING, promised + (delivered - promised) / 2)
            yield "LATE", at, "late", "O prazo passou e o pedido não chegou."
        for row in reviews:
            words = " ".join([row["review_comment_title"], row["review_comment_message"]]).strip()
            if int(row["review_score"]) <= UNHAPPY and words:
                at = moment(row["review_answer_timestamp"])
                yield self._complaint(order, at, words)

    def _not_received(self, order, at):
        words = "O pedido não chegou."
        if order["order_status"] not in {"canceled", "unavailable"}:
            return "NOT_RECEIVED", at, "not_received", words
        reason = "out_of_stock" if _stage(order, at) == UNSHIPPED else "not_received"
        return "REFUND_DUE", at, reason, words

    def _complaint(self, order, at, words):
        stage = _stage(order, at)
        reason = next(
            (key for pattern, key in WORDS if re.search(pattern, words, re.IGNORECASE)), "other"
        )
        kind = "COMPLAINT"
        if reason == "received":
            reason = "signed_not_received" if stage == DELIVERED else "not_received"
            kind = "CONFLICT" if order["order_delivered_customer_date"] else kind
        elif stage not in REASONS[reason].stages:  # nobody knows yet what is in the parcel
            reason = "not_received"
        return kind, at, reason, words

    def _purchases(self, order: Row) -> list[Purchase]:
        """Make one purchase per seller; what was paid is what lines and freight are worth."""
        payments = [_minor(row["payment_value"]) for row in self._payments(order)]
        items = self.items.get(order["order_id"], [])
        if not items:
            self.notes["orders without items: one line, worth what was paid"] += 1
        parts = _parts(items) or {UNLISTED: {"unlisted": (1, sum(payments)), "freight": (1, 0)}}
        parts = self._cover(parts, sum(payments))
        if len(parts) > 1:
            self.notes["orders with several sellers"] += 1
        left = list(payments)
        return [
            self._purchase(order, number, seller, lines, left)
            for number, (seller, lines) in enumerate(sorted(parts.items()))
            if any(worth for _, worth in lines.values())
        ]

    def _payments(self, order):
        rows = self.payments.get(order["order_id"], [])
        return sorted(rows, key=lambda row: int(row["payment_sequential"]))

    def _cover(self, parts, paid):
        """Scale lines and freight where they do not sum to the payments (interest, discounts)."""
        weights = {
            (seller, key): worth
            for seller, lines in parts.items()
            for key, (_, worth) in lines.items()
        }
        if sum(weights.values()) == paid:
            return parts
        self.notes["orders scaled, as lines and payments differ"] += 1
        scaled = money.split(paid, weights)
        return {
            seller: {key: (pieces, scaled[seller, key]) for key, (pieces, _) in lines.items()}
            for seller, lines in parts.items()
        }

    def _purchase(self, order, number, seller, lines, left):
        placed_at = moment(order["order_purchase_timestamp"])
        methods = [row["payment_type"] for row in self._payments(order)]
        total = sum(worth for _, worth in lines.values())
        return Purchase(
            ref=f"{order['order_id']}-{number}",
            buyer=self.people[order["customer_id"]]["customer_unique_id"],
            seller=seller,
            currency=CURRENCY,
            time_zone=ZONE,
            goods=tuple(self._goods(key, *row) for key, row in lines.items() if key != "freight"),
            payments=tuple(_take(left, methods, total)),
            freight=lines["freight"][1],
            placed_at=placed_at,
            paid_at=_maybe(order["order_approved_at"]) or placed_at,
            promised_at=_promise(order),
            shipped_at=_maybe(order["order_delivered_carrier_date"]),
            delivered_at=_maybe(order["order_delivered_customer_date"]),
        )

    def _goods(self, product, pieces, paid):
        category = self.products.get(product, {}).get("product_category_name_english", "")
        return Goods(
            ref=product,
            sku=product,
            title=category.replace("_", " ") or "goods",
            category=category,
            quantity=pieces,
            paid=paid,
        )


def moment(text: str) -> datetime:
    """Read a Brazilian wall clock as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def _maybe(text: str) -> datetime | None:
    return moment(text) if text else None


def _promise(order: Row) -> datetime:
    """The first moment after the promised day: what arrives on that day is not late."""
    promised = date.fromisoformat(order["order_estimated_delivery_date"][:10])
    after = datetime.combine(promised + timedelta(days=1), time(), tzinfo=ZoneInfo(ZONE))
    return after.astimezone(UTC)


def _stage(order, at):
    delivered = _maybe(order["order_delivered_customer_date"])
    if delivered is not None and delivered <= at:
        return DELIVERED
    shipped = _maybe(order["order_delivered_carrier_date"])
    return SHIPPED if shipped is not None and shipped <= at else UNSHIPPED


def _parts(items):
    """Seller → product (or "freight") → (pieces, minor units). Items of one product are pieces."""
    parts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for item in items:
        lines = parts[item["seller_id"]]
        for key, text in ((item["product_id"], item["price"]), ("freight", item["freight_value"])):
            pieces, worth = lines.get(key, (0, 0))
            lines[key] = (pieces + 1, worth + _minor(text))
    return parts


def _take(left: list[int], methods: list[str], total: int) -> Iterator[Paid]:
    """Take a total from what is left of the payments, in their order."""
    for number, method in enumerate(methods):
        amount = min(left[number], total)
        left[number] -= amount
        total -= amount
        if amount:
            yield Paid(ref=str(number + 1), method=method, amount=amount)


def _minor(text):
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0")[:2])


def _rows(folder, name):
    with (folder / f"olist_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_order(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["order_id"]].append(row)
    return found
