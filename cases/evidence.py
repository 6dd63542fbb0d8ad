"""What was handed in for a case, and what is still to be: as each side may see it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from cases import demands, history
from cases.links import links
from cases.models import Case, Evidence, EvidenceRequest, File
from cases.models.policy import pinned
from cases.reasons import SLOTS, Demand
from cases.roles import PARTIES, Role

if TYPE_CHECKING:
    from cases.actors import Actor

Data = dict[str, Any]
APPLICANTS = {Role.BUYER, Role.SERVICE}
IN_WORDS = "statement"  # every application has one


def evidence_of(case: Case, actor: "Actor", at: datetime) -> Data:
    """Gather what an actor may see of a case's evidence, with links that begin to count now."""
    hidden = history.of_open_round(case, actor)
    rows = Evidence.objects.filter(case=case).exclude(event_id__in=hidden)
    shown = list(rows.select_related("file").order_by("id"))
    requests = list(case.evidence_requests.order_by("round", "side"))
    return {
        "results": [_shown(row, requests, at) for row in shown],
        "checklist": {
            "application": _application(_demanded(case), shown),
            "rounds": [_round(request, shown) for request in requests if _of(request, actor)],
        },
    }


def sealing(row: Evidence, requests: Iterable[EvidenceRequest]) -> tuple[bool, bool]:
    """Tell of a thing handed in whether it is sealed, and whether it came too late for that."""
    asked = [r for r in requests if (r.round, r.side) == (row.round, row.role)]
    sealed_at = asked[0].sealed_at if asked else None
    late = row.late or (sealed_at is not None and row.handed_in_at > sealed_at)
    return not asked or sealed_at is not None, late


def _shown(row: Evidence, requests: list[EvidenceRequest], at: datetime) -> Data:
    sealed, late = sealing(row, requests)
    return {
        "id": row.id,
        "slot": row.slot,
        "role": row.role,
        "round": row.round,
        "handed_in_at": row.handed_in_at,
        "sealed": sealed,
        "late": late,
        "sha256": row.sha256,
        "file": shown_file(row.file, at) if row.file else None,
    }


def shown_file(file: File, at: datetime) -> Data:
    """Show a file to somebody who may read it."""
    return {
        "id": file.id,
        "kind": file.kind,
        "media_type": file.media_type,
        "name": file.name,
        "size": file.size,
        "links": links(file, at),
    }


def _demanded(case: Case) -> list[Demand]:
    """List what the last application demands; its goods are read if the policy speaks of kinds."""
    policy = pinned(case.policy_id)
    last = case.attempts.latest("number")
    lines = last.items.select_related("line") if policy.categories else ()
    kinds = {item.line.category for item in lines}
    return demands.of(policy, case.reason, kinds, last.detail)


def _application(asked, rows):
    given = {row.slot for row in rows if row.role in APPLICANTS} | {IN_WORDS}
    return [
        _item(slot, level, given, demands.is_met(asked, slot, given))
        for slot, level in demands.levels(asked).items()
    ]


def _round(request, rows):
    given = {row.slot for row in rows if (row.role, row.round) == (request.side, request.round)}
    return {
        "round": request.round,
        "side": request.side,
        "asked_at": request.asked_at,
        "sealed_at": request.sealed_at,
        "items": [_item(slot, "required", given, slot in given) for slot in request.items],
    }


def _item(slot, level, given, satisfied):
    row = SLOTS[slot]
    return {
        "slot": slot,
        "name": {"en": row.en, "zh": row.zh},
        "kinds": list(row.kinds),
        "level": level,
        "given": slot in given,
        "satisfied": satisfied,
    }


def _of(request, actor):
    return actor.role not in PARTIES or request.side == actor.role


class LinksOut(serializers.Serializer):
    """Links that anybody may use who has them, for five minutes."""

    content = serializers.CharField()
    thumbnail = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField()


class FileOut(serializers.Serializer):
    """A file of a case."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    media_type = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    links = LinksOut()


class HandedIn(serializers.Serializer):
    """One thing that was handed in."""

    id = serializers.UUIDField()
    slot = serializers.CharField()
    role = serializers.CharField()
    round = serializers.IntegerField(help_text="Of evidence asked by a mediator; 0: outside one.")
    handed_in_at = serializers.DateTimeField()
    sealed = serializers.BooleanField(help_text="Nothing of its round changes any more.")
    late = serializers.BooleanField(help_text="It came after its round was sealed.")
    sha256 = serializers.CharField()
    file = FileOut(allow_null=True)


class NameOut(serializers.Serializer):
    """A name in both languages."""

    en = serializers.CharField()
    zh = serializers.CharField()


class ItemAsked(serializers.Serializer):
    """A slot, and whether anything is still to be handed in for it."""

    slot = serializers.CharField()
    name = NameOut()
    kinds = serializers.ListField(child=serializers.CharField())
    level = serializers.CharField(help_text="required, one_of or optional.")
    given = serializers.BooleanField()
    satisfied = serializers.BooleanField(help_text="Of one_of: any of them is there.")


class RoundAsked(serializers.Serializer):
    """What a mediator has asked of one side."""

    round = serializers.IntegerField()
    side = serializers.CharField()
    asked_at = serializers.DateTimeField()
    sealed_at = serializers.DateTimeField(allow_null=True)
    items = ItemAsked(many=True)


class ChecklistOut(serializers.Serializer):
    application = ItemAsked(many=True)
    rounds = RoundAsked(many=True)


class EvidenceOut(serializers.Serializer):
    """All evidence of a case that the actor may see, and what is asked for."""

    results = HandedIn(many=True)
    checklist = ChecklistOut()
