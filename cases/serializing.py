"""Serializers that are made once: a new one copies all its fields, which takes longer than its use.

None is used by two at a time, as a serializer knows the context of what it is at work on.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework.serializers import Serializer

Data = dict[str, Any]
_IDLE: dict[type[Serializer], deque[Any]] = defaultdict(deque)  # taken and given back in one step


def represent(
    kind: type[Serializer], instance: Any, context: Mapping[str, Any] | None = None
) -> Data:
    """Show an object as `kind(instance, context=context).data` does."""
    with _serializer(kind, context) as serializer:
        return serializer.to_representation(instance)


def validated(kind: type[Serializer], data: Any, context: Mapping[str, Any] | None = None) -> Data:
    """Check what was sent, and give it as `validated_data` of the serializer.

    :raises ValidationError: with every mistake
    """
    with _serializer(kind, context) as serializer:
        return serializer.run_validation(data)


@contextmanager
def _serializer(kind: type[Serializer], context: Mapping[str, Any] | None) -> Iterator[Any]:
    try:
        serializer = _IDLE[kind].pop()
    except IndexError:
        serializer = kind(context={})
    serializer.context.update(context or {})
    try:
        yield serializer
    finally:
        serializer.context.clear()
        _IDLE[kind].append(serializer)
