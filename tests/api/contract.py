"""The API and its own description, held against each other by schemathesis, in this process.

Requests go through the whole WSGI application; whatever they do to the database is undone.
"""

import itertools
from contextlib import contextmanager, suppress
from functools import cache
from unittest import SkipTest

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from config.wsgi import application

AS_DESCRIBED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
STRICT = [
    *AS_DESCRIBED,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
]
# Strangers hear 404 whatever they send, of all methods.
TO_STRANGERS = [*AS_DESCRIBED, checks.negative_data_rejection]
ENDS = (request_started, request_finished)
GUARDED = [*AS_DESCRIBED, checks.ignored_auth]


def whole(environ, start):
    """Read an answer to its end and close it, as servers do."""
    answer = application(environ, start)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@cache
def api():
    """Read the description as a client does."""
    with undone():
        return schemathesis.openapi.from_wsgi("/api/schema/?format=json", whole)


@cache
def operations():
    """Give all operations by their names."""
    found = [result.ok() for result in api().get_all_operations()]
    return {api().get_operation_id(operation): operation for operation in found}


@contextmanager
def undone():
    """Roll back whatever happens inside; durable transactions may."""
    block = transaction.atomic()
    block._from_testcase = True
    for signal in ENDS:  # of a request: it would close the connection, and with it the town
        signal.disconnect(close_old_connections)
    try:
        with block:
            yield
            transaction.set_rollback(True)
    finally:
        for signal in ENDS:
            signal.connect(close_old_connections)


def request(operation, errand):
    """Make the request of an errand."""
    return operation.Case(
        path_parameters={each.name: errand.path[each.name] for each in operation.path_parameters},
        query=errand.query,
        headers=errand.headers,
        body=NOT_SET if errand.body is None else errand.body,
    )


def asked(case, caller, judges):
    """Send a request; give the status and what is wrong with the answer, if anything is."""
    headers = {} if caller is None else {"Authorization": f"Bearer {caller.token}"}
    with undone():
        answer = case.call(headers=headers)
        try:
            case.validate_response(
                answer, judges, headers=headers, transport_kwargs={"headers": headers}
            )
        except FailureGroup as wrong:
            return answer, str(wrong)
    return answer, ""


def judges(case, *, stranger, real):
    """Choose what an answer is held against.

    schemathesis cannot know which faults are none: that the token is put in again, that `made_real`
    has replaced what stood in the path, that a dry run needs no headers, what a file is.
    """
    about = case.meta.phase.data
    faults = {about.parameter, *(each.parameter for each in getattr(about, "mutations", ()))}
    mended = {"Authorization", *(case.path_parameters if real else ())}
    if str(case.query.get("dry_run", "")).lower() == "true":
        mended |= {"Idempotency-Key", "If-Match"}
        wrong = {where for where, how in case.meta.components.items() if how.mode.is_negative}
        if wrong == {ParameterLocation.HEADER}:
            return AS_DESCRIBED
    if (faults - {None} and faults - {None} <= mended) or about.description == "Positive test case":
        return AS_DESCRIBED
    return TO_STRANGERS if stranger else STRICT


def few(cases, most):
    """Take at most so many, spread over the first."""
    found = list(itertools.islice(cases, 20 * most))
    step = max(1, len(found) // most)
    return itertools.islice(found[::step], most)


def at_the_edges(operation):
    """List the requests that schemathesis derives from the bounds of a description."""
    return api().iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=api().config.generation_for(operation=operation),
    )


def made_up(operation, most):
    """Let Hypothesis make so many requests up, half of them as described, and collect them."""
    found = []
    for mode in GenerationMode:

        @settings(
            max_examples=max(1, most // 2),
            phases=[Phase.generate],
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def collect(case):
            found.append(case)

        with suppress(SkipTest, Unsatisfiable):  # nothing about it can be wrong
            collect()
    return found


def made_real(case, errand):
    """Let a request speak of what there is: the case, its version, its lines and papers."""
    case.path_parameters = {
        name: errand.path.get(name, value) for name, value in case.path_parameters.items()
    }
    if "If-Match" in errand.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = errand.headers["If-Match"]
    case.body = _real(case.body, _words(errand.body))


def _words(body):
    """Collect the words of a body by their names."""
    found = {}
    for name, value in body.items() if isinstance(body, dict) else ():
        inner = value if isinstance(value, list) else [value]
        for each in inner:
            found |= _words(each)
        if isinstance(value, str):
            found[name] = value
    return found


def _real(value, words):
    if isinstance(value, list):
        return [_real(each, words) for each in value]
    if isinstance(value, dict):
        return {
            name: words[name] if name in words and isinstance(inner, str) else _real(inner, words)
            for name, inner in value.items()
        }
    return value
