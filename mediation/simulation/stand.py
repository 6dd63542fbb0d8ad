"""The marketplace of a replay: its own test clock, policy and gateway."""

from datetime import datetime, timedelta
from pathlib import Path

from cases.models import Marketplace, PolicyVersion
from cases.models.policy import publish
from mediation.gateways import sandbox
from mediation.sandbox import making

POLICY = Path(__file__).parent / "replay.toml"
ONE = timedelta(microseconds=1)
# How the gateway answers, by weight: see mediation/gateways/sandbox.py.
ANSWERS = {
    "ok": 60,
    "late": 10,
    "fail ok": 10,
    "timeout": 6,
    "twice": 4,
    "down down late": 4,
    "gone": 6,
}


def marketplace(start: datetime, *, at: datetime) -> Marketplace:
    """Make a marketplace whose time begins at `start`.

    :param at: now; it names the marketplace
    """
    _publish(start)
    slug = f"replay-{at:%Y%m%d-%H%M%S-%f}"
    found = making.marketplace(slug, name="Replay", policy="replay", start=start, at=at)
    sandbox.tell(found, **ANSWERS)
    return found


def _publish(start):
    """Put the policy in force before the first case; a changed file becomes the next version."""
    latest = PolicyVersion.objects.filter(name="replay").order_by("version").last()
    since = latest.effective_from + ONE if latest else start - timedelta(days=365)
    publish(POLICY.read_text(encoding="utf-8"), effective_from=since, at=start)
