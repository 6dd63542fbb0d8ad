"""What may be sent, as JSON Schema (2020-12): one per step, made from its serializer."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from cases import complaint_inputs, dependent, fields, inputs
from cases.actions import STEPS

Schema = dict[str, Any]


@cache
def of_step(step: str) -> Schema:
    """Give the schema of what a step asks for.

    :raises KeyError: the step is not taken over the API
    """
    return of(inputs.FOR[step]())


def of(field: serializers.Field) -> Schema:
    """Describe a field or a whole serializer."""
    for kind, describe in DESCRIBED.items():
        if isinstance(field, kind):
            return describe(field)
    raise TypeError(f"{type(field).__name__} has no JSON Schema")


def _object(serializer):
    properties = {name: of(field) for name, field in serializer.fields.items()}
    required = [name for name, field in serializer.fields.items() if field.required]
    rules = _rules(serializer)
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        **({"allOf": rules} if rules else {}),
        "additionalProperties": False,
    }


def _rules(serializer):
    """Find what the fields ask of one another."""
    if isinstance(serializer, inputs.Application):
        return dependent.of_application()
    if isinstance(serializer, inputs.Offer):
        return dependent.of_offer()
    if isinstance(serializer, complaint_inputs.Shown):
        return dependent.of_proof()
    return dependent.of_refusal(serializer.step) if isinstance(serializer, inputs.Refusal) else []


def _array(field):
    low = {} if field.allow_empty else {"minItems": 1}
    return {"type": "array", "items": of(field.child), "maxItems": field.max_length, **low}


def _text(field):
    patterns = [_pattern(v) for v in field.validators if isinstance(v, RegexValidator)]
    low = {} if field.allow_blank else {"minLength": 1}
    high = {"maxLength": field.max_length} if field.max_length else {}
    return {"type": "string", **low, **high, **({"pattern": patterns[0]} if patterns else {})}


def _typed(field):
    return {
        **_text(field),
        "pattern": fields.LINE if isinstance(field, fields.Line) else fields.TYPED,
    }


def _pattern(validator):
    return validator.regex.pattern


def _whole(field):
    return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}


# The first that fits counts, so that what is special comes first.
DESCRIBED: dict[type[serializers.Field], Callable[[Any], Schema]] = {
    serializers.ListSerializer: _array,
    serializers.ListField: _array,
    serializers.Serializer: _object,
    fields.Money: lambda _field: fields.MONEY_SCHEMA,
    serializers.ChoiceField: lambda field: {"type": "string", "enum": list(field.choices)},
    serializers.UUIDField: lambda _field: {"type": "string", "format": "uuid"},
    serializers.DateTimeField: lambda _field: fields.MOMENT_SCHEMA,
    serializers.BooleanField: lambda _field: {"type": "boolean"},
    serializers.IntegerField: _whole,
    fields.Text: _typed,
    serializers.CharField: _text,
}


class Described(AutoSchema):
    """How drf-spectacular describes our views: strict input, and problems besides answers."""

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Schema:
        """Say of strict objects that other fields are refused."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and isinstance(serializer, fields.Strict):
            schema["additionalProperties"] = False
        return schema

    def get_operation_id(self) -> str:
        """Name an operation on a step as the step."""
        return getattr(self.view, "step", "") or super().get_operation_id()

    def get_description(self) -> str:  # type: ignore[override]
        """Describe an operation on a step as the table of steps does."""
        step = STEPS.get(getattr(self.view, "step", ""))
        return (
            f"{step.doc}\n\nBy: {', '.join(step.rule.by)}." if step else super().get_description()
        )

    def get_operation(self, *args: Any, **options: Any) -> Schema | None:
        """Add the answers that the operation may give when it does not go well."""
        operation = super().get_operation(*args, **options)
        if operation is not None:
            for status in sorted(self._problems("requestBody" in operation)):
                answer = {"$ref": f"#/components/responses/Problem{status}"}
                operation["responses"][str(status)] = answer
        return operation

    def _problems(self, has_body: bool) -> set[int]:  # noqa: FBT001 -- one of one
        """List the statuses of problems: those that follow from the view, and its own."""
        view, found = self.view, {404} if "{" in self.path else set()
        if view.authentication_classes:
            found |= {400, 401, 403, 406, 503}
            found |= {409, 410, 413, 415, 422} if has_body else set()
        if view.get_throttles():
            found.add(429)
        return found | set(getattr(view, "problems", {}).get(self.method, ()))


WHY = {  # problem documents by status
    400: "Something is not as described here: a field, a parameter, a header, the JSON itself.",
    401: "There is no token, or it is not valid, or it has expired.",
    403: "It is for another role, or for another side of the case.",
    404: "There is nothing, or it is none of yours.",
    406: "`Accept` asks for what there is not.",
    409: "Not now: the state, a limit, pieces or money that are taken, a key in flight.",
    410: "The time for it has run out.",
    412: "`If-Match` quotes a version that is no longer the case's.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    416: "The file has no such part.",
    422: "It is understood, and not possible.",
    428: "`If-Match` is missing.",
    429: "Too many requests; `Retry-After` tells when to come again.",
    503: "The marketplace's keys cannot be fetched now.",
}
PROBLEM: Schema = {"$ref": "#/components/schemas/Problem"}
RETRY_AFTER: Schema = {
    "description": "Seconds.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
PROBLEM_COMPONENT: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable: what a front end translates."},
        "trace_id": {"type": "string"},
        "retryable": {"type": "boolean", "description": "Whether the same again may succeed."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901)."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "code", "detail"],
            },
        },
        "version": {"type": "integer", "description": "Of the case, now."},
        "state": {"type": "string", "description": "Of the case, now."},
        "actions": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status", "detail", "code", "trace_id"],
}


def add_problem(result: Schema, generator: Any, request: Any, public: bool) -> Schema:  # noqa: ARG001, FBT001 -- drf-spectacular's signature
    """Put the problem documents among the components (a hook of drf-spectacular)."""
    result["components"]["schemas"]["Problem"] = PROBLEM_COMPONENT
    content = {"application/problem+json": {"schema": PROBLEM}}
    result["components"]["responses"] = {
        f"Problem{status}": {"description": why, "content": content} for status, why in WHY.items()
    }
    result["components"]["responses"]["Problem429"]["headers"] = {"Retry-After": RETRY_AFTER}
    return result
