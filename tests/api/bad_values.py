"""Values that nobody should send, for each field that the description of the API publishes."""

import re
from functools import cache
from typing import Any

from tests.api.schema import described

NOBODY = "01900000-0000-7000-8000-000000000000"
MOMENT = "2026-03-02T08:00:00Z"
MONEY = {"amount": "1.00", "currency": "CNY"}
LONG = "x" * 5_000
# What a text of a pattern may look like; the first that fits is taken.
KNOWN = {"order": "an-order", "line": "0"}  # that the test has made
URL = "https://hooks.shop.example/"
TEXTS = ("a1b2c3", "en", "0" * 64, "CNY", "UTC", "bea@example.com", URL)
NO_TEXTS: Any = (7, None, ["a"], {"a": 1}, LONG, "a\x00b", "a\u202eb")
NO_MONEY: Any = (
    *("1.00", 1, None, [], {}, {"amount": "1.00"}),
    *({**MONEY, "amount": amount} for amount in ("-1.00", "NaN", "1e2", "\uff11.00", "9" * 30, 1)),
    *({**MONEY, "currency": "usd"}, {**MONEY, "more": 1}),
)
NO_MOMENTS: Any = (
    *("2026-03-02T08:00:00", "tomorrow", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
    *("\uff12\uff10\uff12\uff16-03-02T08:00:00Z", LONG, 7, []),
)
NO_IDS: Any = ("7", LONG, "a\x00b", None, [], True)
NO_FLAGS: Any = ("true", 1, None, [])
NO_CHOICES: Any = ("no such", "", 7, None, [], LONG, "\u202e")
NO_OBJECTS: Any = ("x", 7, None, [])
NO_LISTS: Any = ({}, "x", 7, None)


def resolved(schema):
    """Follow references; a field that refers to one thing is that thing."""
    while True:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            schema = described()["components"]["schemas"][name]
        elif len(schema.get("allOf", ())) == 1 and "type" not in schema:
            schema = schema["allOf"][0]
        else:
            return schema


def kind(schema):
    if "enum" in schema or "const" in schema:
        return "choice"
    if set(schema.get("properties", ())) == {"amount", "currency"}:
        return "money"
    types = schema.get("type", "object")
    first = types if isinstance(types, str) else next(t for t in types if t != "null")
    return schema.get("format", first) if first == "string" else first


def like(schema):
    """Name the fields that are checked alike."""
    limits = ("pattern", "minimum", "maximum", "minLength", "maxLength")
    return (kind(schema), *(schema.get(name) for name in limits), may_be_null(schema))


def may_be_null(schema):
    return "null" in schema.get("type", ()) or None in schema.get("enum", ())


def bad(schema):
    """List bad values for one field, the field of a published schema."""
    found = [*BAD.get(kind(schema), lambda _schema: NO_TEXTS)(schema)]
    return [value for value in found if value is not None or not may_be_null(schema)]


def _numbers(schema):
    low, high = schema.get("minimum"), schema.get("maximum")
    beyond = [low - 1] * (low is not None) + [high + 1] * (high is not None)
    return (*beyond, 10**30, -(10**30), 1.5, "1", "\uff11", True, None, [])


def _texts(schema):
    odd = ("\U0001f600", "../x", "a\nb") if "pattern" in schema else ()
    return (*NO_TEXTS, *odd)


def _lists(schema):
    most = schema.get("maxItems", 200)
    return (*NO_LISTS, [sample(schema["items"])] * (most + 1))


BAD = {
    "money": lambda _schema: NO_MONEY,
    "date-time": lambda _schema: NO_MOMENTS,
    "uuid": lambda _schema: NO_IDS,
    "boolean": lambda _schema: NO_FLAGS,
    "choice": lambda _schema: NO_CHOICES,
    "object": lambda _schema: NO_OBJECTS,
    "array": _lists,
    "integer": _numbers,
    "string": _texts,
}


def sample(schema):
    """Make a value that fits."""
    schema = resolved(schema)
    made = {
        "choice": lambda: schema.get("enum", [schema.get("const")])[0],
        "money": lambda: MONEY,
        "date-time": lambda: MOMENT,
        "uuid": lambda: NOBODY,
        "boolean": lambda: True,
        "integer": lambda: schema.get("minimum", 1),
        "array": lambda: [sample(schema["items"])],
        "object": lambda: _needed(schema),
    }
    return made.get(kind(schema), lambda: _text(schema))()


def _text(schema):
    return next(text for text in TEXTS if re.search(schema.get("pattern", ""), text))


def _needed(schema):
    needed = schema.get("required", ())
    return {name: KNOWN.get(name) or sample(schema["properties"][name]) for name in needed}


def fields(schema, at=()):
    """Go through all fields of a body: where each is, and its schema."""
    schema = resolved(schema)
    yield at, schema
    if kind(schema) == "object":
        for name, inner in schema.get("properties", {}).items():
            yield from fields(inner, (*at, name))
    if kind(schema) == "array":
        yield from fields(schema["items"], (*at, 0))


def body(schema, at, value):
    """Make a body that has one value in one place."""
    schema = resolved(schema)
    if not at:
        return value
    if at[0] == 0:
        return [body(schema["items"], at[1:], value)]
    return _needed(schema) | {at[0]: body(schema["properties"][at[0]], at[1:], value)}


@cache
def operations():
    """List all operations: method, path, what is described of it."""
    return [
        (method, path, operation)
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]


def body_of(operation):
    """Give the schema of a JSON body; None: there is none."""
    content = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema")
