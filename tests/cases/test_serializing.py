"""Serializers that are made once say what a new one would say, each in its own context."""

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cases.serializing import represent, validated


class Nested(serializers.Serializer):
    """Shows who looks, and what is in it by serializers of the same kind."""

    name = serializers.CharField(max_length=5)
    reader = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()

    def get_reader(self, _row):
        return self.context["reader"]

    def get_parts(self, row):
        inside = [represent(Nested, part, {"reader": "inner"}) for part in row.get("parts", ())]
        return [*inside, self.context["reader"]]


def row(name, *parts):
    return {"name": name, "parts": parts}


def test_what_is_inside_of_the_same_kind_has_its_own_context():
    assert represent(Nested, row("a", row("b")), {"reader": "outer"}) == {
        "name": "a",
        "reader": "outer",
        "parts": [{"name": "b", "reader": "inner", "parts": ["inner"]}, "outer"],
    }


def test_nobody_finds_the_context_of_the_one_before():
    context = {"reader": "Ann"}
    represent(Nested, row("a"), context)

    with pytest.raises(KeyError, match="reader"):
        represent(Nested, row("a"))
    assert context == {"reader": "Ann"}
    assert represent(Nested, row("a"), {"reader": "Bob"})["reader"] == "Bob"


def test_mistakes_are_told_as_ever_and_the_next_input_is_not_touched_by_them():
    new = Nested(data={"name": "too long"})
    with pytest.raises(ValidationError) as told:
        validated(Nested, {"name": "too long"})

    assert not new.is_valid()
    assert told.value.detail == new.errors
    assert validated(Nested, {"name": "fits"}) == {"name": "fits"}
