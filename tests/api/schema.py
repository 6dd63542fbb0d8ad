"""The description of the API, as drf-spectacular makes it."""

from functools import cache

from drf_spectacular.generators import SchemaGenerator


@cache
def described():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations():
    """Name all operations."""
    paths = described()["paths"].values()
    return {operation["operationId"] for path in paths for operation in path.values()}
