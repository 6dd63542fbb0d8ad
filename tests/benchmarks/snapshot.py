"""All rows of the record and the process, in a form in which two databases can be compared.

Ids differ from run to run, so each is told by a number: that of its first appearance. Hashes
follow from ids: they are verified where they are read, and left out of the comparison.
"""

import hashlib
import re
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import connection

from cases.models import Case, Event
from mediation.models import Heartbeat

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LEFT_OUT = {"head", "hash", "previous", "xact"}
FIRST = ["case"]  # told apart by their moments; all other rows by whom they belong to


def models():
    """List the models of the record and the process, those first that others are told by."""
    found = [*apps.get_app_config("cases").get_models()]
    found += apps.get_app_config("mediation").get_models()
    found.remove(Heartbeat)  # of the writer itself, not of a case
    return sorted(found, key=lambda model: model._meta.model_name not in FIRST)


def snapshot():
    """Give table → rows, with the hashes of all events verified."""
    verify()
    names = {}
    return {model.__name__: _rows(model, names) for model in models()}


def verify():
    """Compute every hash of every timeline anew, and see that each event has the one before it."""
    heads = {}
    for event in Event._base_manager.order_by("case_id", "sequence"):
        link = bytes(event.previous) + str(event.sequence).encode() + event.payload.encode()
        assert bytes(event.previous) == heads.get(event.case_id, bytes(32))
        assert bytes(event.hash) == hashlib.sha256(link).digest()
        heads[event.case_id] = bytes(event.hash)
    assert heads == {case.id: bytes(case.head) for case in Case.everywhere.all()}


def empty():
    """Delete everything, what is append-only too."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in models():
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608
        cursor.execute("SET LOCAL session_replication_role = origin")


def _rows(model, names):
    """Sort rows by all but what is not known yet, then give numbers to the ids in that order."""
    fields = [f.attname for f in model._meta.concrete_fields if f.attname not in LEFT_OUT]
    rows = [
        {name: _text(value) for name, value in row.items()}
        for row in model._base_manager.values(*fields)
    ]
    rows.sort(key=lambda row: str({key: _told(text, names) for key, text in row.items()}))
    for row in rows:
        for text in row.values():
            for found in ID.findall(text):
                names.setdefault(found, f"#{len(names)}")
    return [{name: _told(text, names) for name, text in row.items()} for row in rows]


def _told(text, names):
    return ID.sub(lambda found: names.get(found[0], "?"), text)


def _text(value):
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else repr(value)
