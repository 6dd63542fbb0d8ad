"""Complaints and what follows from them, as either side and the marketplace may see it."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.complaint_papers import PaperOut, shown_with
from cases.complaint_terms import TERMS, ComplaintState, side_of, waits_on
from cases.conduct import GROUNDS, POINTS, RESTRICTIONS, VIOLATIONS
from cases.models import Complaint, Penalty
from cases.roles import Role
from cases.serializers.actions import ActionWithInput
from cases.serializers.base import MOMENT, Data

API = "/api/v1"


class PartyOut(serializers.Serializer):
    role = serializers.CharField()
    ref = serializers.CharField()


class ClockOfComplaint(serializers.Serializer):
    name = serializers.CharField()
    waits_on = serializers.ChoiceField(choices=["accused", "reporter", "platform"])
    due_at = serializers.DateTimeField()
    on_expiry = serializers.CharField(help_text="The step that follows then.")


class Said(serializers.Serializer):
    """What somebody wrote about a complaint."""

    side = serializers.ChoiceField(choices=["accused", "reporter", "platform"])
    text = serializers.CharField()
    evidence = PaperOut(many=True)
    written_at = serializers.DateTimeField()


class ComplaintOut(serializers.Serializer):
    """A complaint in a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ComplaintState.choices)
    my_side = serializers.SerializerMethodField()
    about = PartyOut(source="accused")
    reporter = serializers.SerializerMethodField()
    case = serializers.UUIDField(source="case_id", allow_null=True)
    ground = serializers.ChoiceField(choices=list(GROUNDS))
    explanation = serializers.SerializerMethodField(
        help_text="The ground in words, by Accept-Language."
    )
    verdict = serializers.ChoiceField(choices=["", "upheld", "dismissed"])
    heard = serializers.BooleanField(help_text="The accused has told its side.")
    overdue = serializers.BooleanField(help_text="We are late.")
    clock = serializers.SerializerMethodField()
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "string", "enum": ["accused", "reporter", ""]})
    def get_my_side(self, complaint: Complaint) -> str:
        return side_of(complaint, self.context["actor"])

    @extend_schema_field(PartyOut(allow_null=True))
    def get_reporter(self, complaint: Complaint) -> Data | None:
        return dict(PartyOut(complaint.reporter).data) if complaint.reporter else None

    def get_explanation(self, complaint: Complaint) -> str:
        return GROUNDS[complaint.ground].label(get_language() or "en")

    @extend_schema_field(ClockOfComplaint(allow_null=True))
    def get_clock(self, complaint: Complaint) -> Data | None:
        term = TERMS.get(complaint.state)
        if term is None or complaint.due_at is None:
            return None
        return {
            "name": term.name,
            "waits_on": waits_on(complaint),
            "due_at": MOMENT.to_representation(complaint.due_at),
            "on_expiry": term.then,
        }


class ComplaintReceipt(ComplaintOut):
    """A complaint after a step, with everything that whoever asks may do now."""

    actions = serializers.SerializerMethodField()

    @extend_schema_field(ActionWithInput(many=True))
    def get_actions(self, complaint: Complaint) -> list[Data]:
        return self.context["actions"](complaint)


class PenaltyOut(serializers.Serializer):
    """Points or a restriction: why, since when, until when."""

    id = serializers.UUIDField()
    party = PartyOut()
    kind = serializers.ChoiceField(choices=[POINTS, *RESTRICTIONS])
    words = serializers.SerializerMethodField(help_text="The kind, by Accept-Language.")
    points = serializers.IntegerField()
    cause = serializers.ChoiceField(choices=[*GROUNDS, *VIOLATIONS])
    explanation = serializers.SerializerMethodField(help_text="The cause in words.")
    complaint = serializers.UUIDField(source="complaint_id", allow_null=True)
    case = serializers.UUIDField(source="case_id", allow_null=True)
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    in_force = serializers.SerializerMethodField()
    appeal = serializers.SerializerMethodField(help_text="Where to appeal; null: not any more.")

    @extend_schema_field({"type": "string"})
    def get_words(self, penalty: Penalty) -> str:
        row = RESTRICTIONS.get(penalty.kind)
        return row.label(get_language() or "en") if row else str(penalty.points)

    def get_explanation(self, penalty: Penalty) -> str:
        row: Any = GROUNDS.get(penalty.cause) or VIOLATIONS[penalty.cause]
        return row.label(get_language() or "en")

    def get_in_force(self, penalty: Penalty) -> bool:
        return penalty.in_force(self.context["at"])

    @extend_schema_field({"type": ["string", "null"]})
    def get_appeal(self, penalty: Penalty) -> str | None:
        actor, complaint, at = self.context["actor"], penalty.complaint, self.context["at"]
        if actor.role == Role.SERVICE or not penalty.in_force(at):
            return None
        if complaint is not None and (complaint.state != "upheld" or complaint.due_at <= at):
            return None
        return f"{API}/restrictions/{penalty.id}/appeal"


class ComplaintDetail(ComplaintReceipt):
    """A whole complaint: what was said, and what followed, for those whom it concerns."""

    statements = serializers.SerializerMethodField()
    penalties = serializers.SerializerMethodField()

    @extend_schema_field(Said(many=True))
    def get_statements(self, complaint: Complaint) -> list[Data]:
        rows = list(complaint.statements.order_by("id"))
        shown = shown_with(complaint, rows, self.context["links_at"])
        return [dict(Said(self._said(complaint, row, shown[row.id])).data) for row in rows]

    def _said(self, complaint, row, evidence):
        sides = {complaint.accused_id: "accused", complaint.reporter_id: "reporter"}
        is_service = row.role == Role.SERVICE
        side = sides.get(row.party_id) if row.party_id else "reporter" if is_service else "platform"
        return {
            "side": side,
            "text": row.text,
            "evidence": evidence,
            "written_at": row.written_at,
        }

    @extend_schema_field(PenaltyOut(many=True))
    def get_penalties(self, complaint: Complaint) -> list[Data]:
        """What somebody is punished by is nobody else's business."""
        actor = self.context["actor"]
        if actor.role != Role.SERVICE and side_of(complaint, actor) != "accused":
            return []
        rows = complaint.facts.penalties
        for row in rows:
            row.complaint, row.party = complaint, complaint.accused
        return [dict(PenaltyOut(row, context=self.context).data) for row in rows]
