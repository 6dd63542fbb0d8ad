"""What the steps of a complaint ask for over the API: one row of FOR is one step."""

from typing import Any

from rest_framework import serializers

from cases.conduct import GROUNDS
from cases.fields import Ref, Strict, Text, each
from cases.inputs import MOST_EVIDENCE, Handed, Nothing, mistake
from cases.roles import PARTIES


class Shown(Handed):
    """One thing that proves it: a file of ours, or the hash of one that is elsewhere."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: neither file nor hash, or both"""
        if not {"file", "sha256"} & attrs.keys():
            raise mistake("sha256", "required", "Name a file, or the hash of one.")
        return super().validate(attrs)


class Words(Strict):
    """Typed words, and what proves them."""

    statement = Text()
    evidence = each(Shown, most=MOST_EVIDENCE, required=False)


class Named(Strict):
    """A buyer or a seller, by the marketplace's own id."""

    role = serializers.ChoiceField(choices=[str(role) for role in PARTIES])
    ref = Ref()


class Filing(Words):
    """Whom somebody complains of, why, and what it is about.

    A buyer or a seller names a case or an order, and complains of the other side of it. A service
    names the party, and may name a case.
    """

    ground = serializers.ChoiceField(
        choices=[row.key for row in GROUNDS.values() if not row.internal]
    )
    case = serializers.UUIDField(required=False)
    order = Ref(required=False)
    party = Named(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: nothing says whom it is about, or two things do"""
        if self.context["is_service"]:
            if "party" not in attrs:
                raise mistake("party", "required", "Name the party that it is about.")
            if "order" in attrs:
                raise mistake("order", "not_yours", "Name the case instead.")
        else:
            if "party" in attrs:
                raise mistake("party", "not_yours", "It is about the other side.")
            if ("case" in attrs) == ("order" in attrs):
                raise mistake("case", "required", "Name either a case or an order.")
        return attrs


FOR: dict[str, type[Strict]] = {
    "answer": Words,
    "withdraw": Nothing,
    "appeal": Words,
}
