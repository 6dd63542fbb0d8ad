"""Fields of what people send in: strict, so that nothing can be meant in two ways."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from cases import money

LONGEST_TEXT = 4000  # characters
HIGHEST_COUNT = 1_000_000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
REF = r"^[A-Za-z0-9._~:@+=-]{1,100}$"  # safe in a path
MONEY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A decimal with exactly the decimals of its currency (ISO 4217).",
    "properties": {
        "amount": {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
MOMENT_SCHEMA = {"type": "string", "format": "date-time", "pattern": "^20[0-9]{2}-"}
# Overrides and isolates make a text read otherwise than it is stored (Unicode TR 9).
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN = r"\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
# What is typed, as a pattern (ECMA-262): nothing hidden, and not only spaces.
TYPED = (
    rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f{_HIDDEN}]*[^\s\x00-\x1f{_HIDDEN}]"
    rf"[^\x00-\x08\x0b\x0c\x0e-\x1f{_HIDDEN}]*$"
)
LINE = rf"^[^\x00-\x1f{_HIDDEN}]*[^\s\x00-\x1f{_HIDDEN}][^\x00-\x1f{_HIDDEN}]*$"


class Strict(serializers.Serializer):
    """An object with exactly the fields that are named: others are refused, not ignored."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """:raises ValidationError: with every mistake"""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        mistakes = {name: wrong("unknown", "There is no such field.") for name in unknown}
        try:
            found = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **mistakes}) from None  # type: ignore[dict-item]
        if mistakes:
            raise ValidationError(mistakes)
        return found


def each(of: type[Strict], *, most: int, least: int = 0, required: bool = True) -> Any:
    """Make a list of objects."""
    options: dict[str, Any] = {"max_length": most, "allow_empty": not least, "required": required}
    return of(many=True, **options)


def wrong(code: str, message: str) -> list[ErrorDetail]:
    """Say what is wrong with one field."""
    return [ErrorDetail(message, code)]


class Text(serializers.CharField):
    """Typed words, trimmed. Line breaks are allowed, other control characters are not."""

    default_error_messages = {
        "characters": "Control characters and changes of direction are not allowed."
    }

    def __init__(self, *, max_length: int = LONGEST_TEXT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> str:
        """:raises ValidationError: not a string, or with characters that nobody types"""
        if not isinstance(data, str):
            self.fail("invalid")
        if any(_is_hidden(character) for character in data):
            self.fail("characters")
        return super().to_internal_value(data)


def _is_hidden(character):
    category = unicodedata.category(character)
    return (category in {"Cc", "Cs"} and character not in "\n\r\t") or character in DIRECTIONS


class Line(Text):
    """Words on one line."""

    def to_internal_value(self, data: Any) -> str:
        """:raises ValidationError: also with a line break"""
        if isinstance(data, str) and any(character in data for character in "\n\r\t"):
            self.fail("characters")
        return super().to_internal_value(data)


class Pattern(serializers.RegexField):
    """A string of a certain shape; a number that looks like one is none."""

    def to_internal_value(self, data: Any) -> str:
        """:raises ValidationError: not a string"""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Ref(Pattern):
    """Somebody else's id of something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(REF, **options)


class Id(serializers.UUIDField):
    """An id of ours, as we write it."""

    def to_internal_value(self, data: Any) -> Any:
        """:raises ValidationError: a number, or written otherwise"""
        if not isinstance(data, str) or not ID.fullmatch(data):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole JSON number, not a text that looks like one."""

    def __init__(
        self, *, min_value: int = 1, max_value: int = HIGHEST_COUNT, **options: Any
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        """:raises ValidationError: anything but a JSON integer"""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`, nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        """:raises ValidationError: anything else"""
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """A moment as RFC 3339 has it, with its offset; UTC inside."""

    default_error_messages = {
        "offset": "A moment says how far it is from UTC.",
        "far": f"Moments lie between {EARLIEST:%Y} and {LATEST:%Y}.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        """:raises ValidationError: not a moment, without an offset, or out of bounds"""
        if not isinstance(value, str) or not value.isascii():
            self.fail("invalid", format="RFC 3339")
        found = super().to_internal_value(value)
        if not EARLIEST <= found < LATEST:
            self.fail("far")
        return found.astimezone(UTC)

    def enforce_timezone(self, value: datetime) -> datetime:
        """:raises ValidationError: it has no offset"""
        if value.tzinfo is None:
            self.fail("offset")
        return value


@extend_schema_field(MONEY_SCHEMA)
class Money(serializers.Field):
    """An amount in the currency of the case or the order: minor units inside."""

    default_error_messages = {
        "shape": 'Money is written {{"amount": "19.90", "currency": "CNY"}}.',
        "currency": "The currency is {currency}.",
        "amount": "{reason}",
    }

    def to_internal_value(self, data: Any) -> int:
        """:raises ValidationError: not plain digits, wrong decimals or currency"""
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            self.fail("shape")
        currency = self.context.get("currency", data["currency"])
        if not isinstance(currency, str) or data["currency"] != currency:
            raise _at("currency", self.error_messages["currency"].format(currency=currency))
        if not isinstance(data["amount"], str):
            self.fail("shape")
        try:
            return money.parse(data["amount"], currency)
        except ValueError as error:
            raise _at("amount", str(error)) from None


def _at(name, message):
    return ValidationError({name: wrong(f"bad_{name}", message)})


class OrderLineRef(Ref):
    """A line of the order by the marketplace's own id of it; our id inside."""

    default_error_messages = {"unknown_line": "The order has no such line."}

    def to_internal_value(self, data: Any) -> Any:
        """:raises ValidationError: the order has no such line"""
        ref = super().to_internal_value(data)
        lines = self.context["lines"]
        if ref not in lines:
            self.fail("unknown_line")
        return lines[ref]
