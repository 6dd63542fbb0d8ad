"""Applications by family: every attempt with its own pieces, words, proof and answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.lifecycle import ENDED
from cases.models import Application, Case
from cases.serializers.base import Amount
from cases.serializers.cases import CaseOut
from cases.serializers.papers import ApplicationOut
from cases.serializing import represent

SLOTS = serializers.ListField(child=serializers.CharField())


class Pieces(serializers.Serializer):
    """Pieces of one order line, as they were applied for."""

    line = serializers.CharField(source="line.ref")
    sku = serializers.CharField(source="line.sku")
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()
    worth = Amount()
    asked = Amount(source="amount")


class Attempt(ApplicationOut):
    """One application. `result`: the answer, or what became of it without one."""

    result = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    answer_evidence = serializers.SerializerMethodField()

    def get_result(self, attempt: Application) -> str:
        return attempt.answer or self.context["results"][attempt.pk]

    @extend_schema_field(Pieces(many=True))
    def get_items(self, attempt: Application) -> Any:
        items = sorted(attempt.items.all(), key=lambda item: item.line.ref)
        return [represent(Pieces, item, self.context) for item in items]

    @extend_schema_field(SLOTS)
    def get_evidence(self, attempt: Application) -> list[str]:
        return self.context["slots"].get(attempt.statement_id, [])

    @extend_schema_field(SLOTS)
    def get_answer_evidence(self, attempt: Application) -> list[str]:
        return self.context["slots"].get(attempt.answer_statement_id, [])


class Thread(CaseOut):
    """A case with all that was applied for in it, the first attempt first."""

    applications = serializers.SerializerMethodField()

    @extend_schema_field(Attempt(many=True))
    def get_applications(self, case: Case) -> Any:
        attempts = sorted(case.attempts.all(), key=lambda attempt: attempt.number)
        last = case.outcome if case.state in ENDED else "open"
        results = {attempt.pk: "replaced" for attempt in attempts[:-1]}
        results[attempts[-1].pk] = last
        context = {**self.context, "results": results}
        return [represent(Attempt, attempt, context) for attempt in attempts]


class Family(serializers.Serializer):
    """A case and those split off from it."""

    id = serializers.UUIDField(help_text="Of the first case.")
    cases = Thread(many=True)
