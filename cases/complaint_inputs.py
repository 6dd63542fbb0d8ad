"""What the steps of a complaint ask for over the API: one row of FOR is one step."""

from typing import Any

from rest_framework import serializers

from cases.conduct import GROUNDS
from cases.fields import Ref, Strict, Text, each
from cases.inputs import MOST_EVIDENCE, Nothing, mistake
from cases.reasons import SLOTS
from cases.roles import PARTIES


class Shown(Strict):
    """One thing that proves it: what it is, and the hash of the file."""

    slot = serializers.ChoiceField(choices=list(SLOTS))
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")


class Words(Strict):
    """Typed words, and the hashes of what proves them."""

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
