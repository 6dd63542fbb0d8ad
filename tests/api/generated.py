"""Inputs made from what is published of a step alone: its JSON Schema and its limits."""

import string
from datetime import date, datetime, time

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

MONEY = {"amount", "currency"}
MOMENTS = st.datetimes(*(datetime.combine(date(year, 6, 1), time()) for year in (2000, 2099)))
ASCII = st.characters(max_codepoint=126)
LETTERS = st.text(string.ascii_letters + "ñ手😀 ", min_size=1, max_size=30)


def inputs(draw, action):
    """Make the body of an action as the API lists it."""
    made = _value(draw, action["input_schema"], action["limits"])
    _keep_some(made, action["limits"].get("pieces_at_most"))
    Draft202012Validator(action["input_schema"]).validate(made)
    return made


def _keep_some(made, most):
    """Name fewer pieces, if not all may be named."""
    while most and sum(item["quantity"] for item in made["items"]) > most:
        last = made["items"].pop()
        if last["quantity"] > 1:
            fewer = last["quantity"] - 1
            made["items"].append({"line": last["line"], "quantity": fewer})


def _value(draw, schema, limits):
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum") or [schema["const"]]))
    return MADE[schema["type"]](draw, schema, limits)


def _object(draw, schema, limits):
    """Choose first; what was chosen says what else is asked for."""
    made = {}
    asked = {name for rule in schema.get("allOf", ()) for name in rule["if"]["properties"]}
    for name in sorted(schema["properties"], key=lambda name: (name not in asked, name)):
        inner = schema["properties"][name] or {}
        if "enum" in inner and (name in schema.get("required", ()) or draw(st.booleans())):
            lines = sorted(one["line"] for one in limits.get("items", ())) if name == "line" else ()
            made[name] = draw(st.sampled_from(lines or inner["enum"]))
            schema = _with_rules(schema, made)
    for name, inner in schema["properties"].items():
        if inner is False or name in made or "enum" in inner:
            continue
        is_somebodys = inner.get("format") == "uuid" and "const" not in inner
        if name in schema.get("required", ()) or (not is_somebodys and draw(st.booleans())):
            made[name] = _value(draw, inner, _limits_of(limits, name, made))
    return made


def _with_rules(schema, made):
    """Merge what the rules say whose condition is known by now."""
    known, left = dict(schema), []
    for rule in known.pop("allOf", ()):
        if not rule["if"]["properties"].keys() <= made.keys():
            left.append(rule)
            continue
        holds = Draft202012Validator(rule["if"]).is_valid(made)
        known = _merged(known, rule["then"] if holds else rule.get("else", {}))
    return known | {"allOf": left}


def _merged(schema, more):
    if more is False or schema is False:
        return False
    merged = dict(schema)
    for key, value in more.items():
        if key in {"properties", "items"} and key in merged:
            merged[key] = _merged(merged[key], value)
        elif key in {"required", "allOf"}:
            merged[key] = [*merged.get(key, ()), *value]
        elif key == "enum" and key in merged:
            merged[key] = [one for one in merged[key] if one in value]
        elif isinstance(value, dict) and key in merged:
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


def _limits_of(limits, name, made):
    if name == "amount" and "items" in limits:
        return next(one for one in limits["items"] if one["line"] == made["line"])
    inner = limits.get(name, limits)
    return inner if isinstance(inner, dict | list) else limits


def _array(draw, schema, limits):
    item, low = schema["items"], schema.get("minItems", 0)
    if "line" in item.get("properties", {}):
        lines = sorted(one["line"] for one in limits)
        if not lines:
            return []
        named = draw(st.lists(st.sampled_from(lines), min_size=low, max_size=3, unique=True))
        of = {one["line"]: one for one in limits}
        return [_line(draw, item, line, of.get(line, {})) for line in named[: schema["maxItems"]]]
    made = [_contained(draw, item, rule["contains"]) for rule in schema.get("allOf", ())]
    return made + [_value(draw, item, limits) for _ in range(max(0, low - len(made)))]


def _line(draw, item, line, limits):
    """The most is that of all pieces: for some of them name no amount."""
    properties = {**item["properties"], "line": {"const": line}}
    if "quantity" in properties:
        is_all = draw(st.booleans())
        low = limits["quantity"] if is_all else 1
        properties["quantity"] = {"type": "integer", "minimum": low, "maximum": limits["quantity"]}
        properties["amount"] = is_all and properties["amount"]
    return _value(draw, {**item, "properties": properties}, limits)


def _contained(draw, item, rule):
    return _value(draw, _merged(item, rule), {})


def _money(draw, schema, limits):
    most = limits["most"]["amount"]
    decimals = len(most.partition(".")[2])
    minor = draw(st.integers(1, int(most.replace(".", ""))))
    text = str(minor).rjust(decimals + 1, "0")
    amount = f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text
    return {"amount": amount, "currency": schema["properties"]["currency"]["const"]}


def _text(draw, schema, _limits):
    if schema.get("format") == "uuid":
        return str(draw(st.uuids()))
    if schema.get("format") == "date-time":
        return draw(MOMENTS.map(lambda moment: moment.isoformat() + "Z"))
    if r"\x00" in schema["pattern"]:  # typed words
        return draw(LETTERS).strip()[: schema.get("maxLength")] or "Ж"
    return draw(st.from_regex(schema["pattern"], fullmatch=True, alphabet=ASCII))


def _object_or_money(draw, schema, limits):
    is_money = schema["properties"].keys() == MONEY
    return _money(draw, schema, limits) if is_money else _object(draw, schema, limits)


def _whole(draw, schema, _limits):
    return draw(st.integers(schema["minimum"], schema["maximum"]))


MADE = {
    "object": _object_or_money,
    "array": _array,
    "string": _text,
    "integer": _whole,
    "boolean": lambda draw, _schema, _limits: draw(st.booleans()),
}
