"""A sandbox as a stranger uses it: by HTTP alone, from the order to the money."""

from datetime import datetime, timedelta
from itertools import count

from mediation.sandbox import making
from tests import world
from tests.api.callers import Caller, yuan
from tests.world import day

_numbers = count(1)


def moment(text):
    """Read a moment of an answer."""
    return datetime.fromisoformat(text)


class Sandbox:
    """Bea and Sam trade in a marketplace whose time we move."""

    def __init__(self, *, policy="default", start=day(0), slug="sandbox", **more):
        world.policy(policy)
        self.market = making.marketplace(slug, name="Sandbox", policy=policy, start=start, at=start)
        self.shop = Caller(self.market, "service", **more)
        self.bea = Caller(self.market, "buyer", "bea", **more)
        self.sam = Caller(self.market, "seller", "sam", **more)
        self.numbers = count(1)

    # What is bought

    def order(self, *, paid="100.00", quantity=1, lines=1, freight="0.00", **times):
        """Tell of an order; times by day of the story, `None`: not yet."""
        times = {"placed_at": -10, "promised_at": -2, "shipped_at": -8, "delivered_at": -1, **times}
        total = f"{float(paid) * lines + float(freight):.2f}"
        ref = f"o-{next(_numbers)}"
        body = {
            "buyer": {"ref": "bea", "language": "en"},
            "seller": {"ref": "sam", "language": "zh-hans"},
            "currency": "CNY",
            "freight": yuan(freight),
            "lines": [
                {"ref": str(n), "sku": f"cup-{n}", "title": "Cup", "quantity": quantity}
                | {"paid": yuan(paid)}
                for n in range(lines)
            ],
            "payments": [
                {"ref": "p", "method": "card", "amount": yuan(total)}
                | {"captured_at": day(-10).isoformat()}
            ],
            **{name: day(n).isoformat() for name, n in times.items() if n is not None},
        }
        answer = self.shop.put(f"orders/{ref}", body)
        assert answer.status_code == 201, answer.content
        for role, name in (("buyer", "bea"), ("seller", "sam")):
            contacts = {"language": "en", "email": f"{name}@example.com"}
            told = self.shop.put(f"parties/{role}/{name}/contacts", contacts)
            assert told.status_code in {200, 201}, told.content
        return ref

    def open(self, ref, **application):
        """Apply for the first line of an order, or for what is named."""
        answer = self.applies(ref, **application)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def applies(self, ref, *, quantity=1, **application):
        """Apply, and give the answer as it is."""
        body = {
            "order": ref,
            "reason": "no_longer_wanted",
            "remedy": "return_refund",
            "items": [{"line": "0", "quantity": quantity}],
            "statement": "It is not what I wanted.",
            **application,
        }
        return self.bea.post("cases", body)

    # Who does something

    def does(self, who, case, step, **inputs):
        """Take a step of a case, as it stands for whoever takes it; give it as it then stands."""
        caller = {"buyer": self.bea, "seller": self.sam, "service": self.shop}[who]
        answer = caller.step(caller.case(case["id"]), step, **inputs)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def carrier(self, case, plan, **more):
        """Tell the carrier what to do with the last parcel of a case."""
        parcel = self.shop.case(case["id"])["parcels"][-1]
        answer = self.shop.post(f"sandbox/parcels/{parcel['id']}/plan", {"plan": plan, **more})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def gateway(self, script):
        answer = self.shop.put("sandbox/gateway", {"script": script})
        assert answer.status_code == 200, answer.content

    def rules(self, case, **verdict):
        body = {"fault": {"seller": 100}, "statement": "As the photographs show.", **verdict}
        answer = self.shop.post(f"sandbox/cases/{case['id']}/ruling", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    # Complaints

    def complains(self, case, **more):
        """Let Sam complain of Bea."""
        body = {"case": case["id"], "ground": "malicious_refund", "statement": "Look at it."}
        answer = self.sam.post("complaints", body | more)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def decides(self, complaint, verdict, **more):
        body = {"verdict": verdict, "statement": "So it is.", **more}
        return self.shop.post(f"sandbox/complaints/{complaint['id']}/decision", body)

    # Time

    @property
    def now(self):
        return moment(self.shop.get("sandbox/clock").json()["at"])

    def moves(self, to=None, **body):
        body = {"to": to.isoformat()} if to else body or {"next": True}
        answer = self.shop.post("sandbox/clock/advance", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def passes(self, **time):
        """Let so much time pass; give all that happened, however many requests it took."""
        to = self.now + timedelta(**time)
        told = self.moves(to)
        while told["more"]:
            more = self.moves(to)
            for kind in ("transitions", "complaints", "letters", "payments"):
                more[kind] = told[kind] + more[kind]
            told = more
        return told

    def case(self, case):
        return self.shop.case(case["id"])


def steps(told):
    """Name the transitions of an answer, reminders left out."""
    return [each["name"] for each in told["transitions"] if each["name"] != "remind"]
