"""The description of the API, as drf-spectacular makes it."""

from functools import cache

from drf_spectacular.generators import SchemaGenerator


@cache
def described():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations():
    """Name all operations."""
    return set(addresses())


@cache
def addresses():
    """Tell method and path of each operation, and whether it takes a token."""
    return {
        operation["operationId"]: (method, path, bool(operation.get("security")))
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    }
