"""What all representations share: amounts as decimals, moments in UTC."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import money
from cases.fields import MONEY_SCHEMA

Data = dict[str, Any]
MOMENT = serializers.DateTimeField()  # writes moments as the fields do


@extend_schema_field(MONEY_SCHEMA)
class Amount(serializers.Field):
    """Minor units, shown as a decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: int) -> dict[str, str]:
        return money.shown(value, self.context["currency"])


class Priced(serializers.Serializer):
    """A row with a currency of its own, which holds for all amounts in it."""

    def to_representation(self, instance: Any) -> Data:
        self.context["currency"] = instance.currency  # type: ignore[index]
        return super().to_representation(instance)
