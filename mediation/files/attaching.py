"""Files that a step or a message names: read and locked with the case, then bound to it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cases.actors import Actor
from cases.models import Case, File
from cases.reasons import SLOTS
from cases.refusals import UnknownFile, WrongKind

Evidence = Sequence[Mapping[str, Any]]


def named(evidence: Evidence) -> list[UUID]:
    """List the files among what is handed in."""
    return [item["file"] for item in evidence if "file" in item]


def load(wishes: Iterable[Any], cases: Mapping[UUID, Case], *, lock: bool) -> None:
    """Give each case's facts the files that its wish names: one statement, none without files.

    :param lock: hold them, so that the sweep leaves them alone until they are bound
    """
    wanted = {wish.case_id: _wanted(wish) for wish in wishes}
    ids = {key for keys in wanted.values() for key in keys}
    if not ids:
        return
    rows = File.everywhere.filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in (rows.select_for_update(of=("self",)) if lock else rows)}
    for case_id, keys in wanted.items():
        cases[case_id].facts.files = {key: found[key] for key in keys if key in found}


def _wanted(wish):
    return [
        *named(wish.inputs.get("evidence", [])),
        *(wish.message.files if wish.message is not None else ()),
    ]


def check(case: Case, by: Actor, evidence: Evidence) -> None:
    """See that the files are there for this side, and of kinds that their slots take.

    :raises UnknownFile: one is not: never brought, somebody else's, or of another case
    :raises WrongKind: a slot takes no such file
    """
    see(case, by, named(evidence))
    for item in evidence:
        kinds = SLOTS[item["slot"]].kinds
        if "file" in item and case.facts.files[item["file"]].kind not in kinds:
            raise WrongKind("This slot takes another kind of file.", kinds=list(kinds))


def see(case: Case, by: Actor, files: Iterable[UUID]) -> None:
    """See that files are there for this side.

    :raises UnknownFile: one is not
    """
    for key in files:
        file = case.facts.files.get(key)
        if file is None or _owner(file) != (case.marketplace_id, by.role, by.party_id):
            raise UnknownFile("There is no such file.", file=key)
        if file.case_id not in {None, case.id}:
            raise UnknownFile("The file is of another case.", file=key)


def attach(case: Case, key: UUID) -> File:
    """Bind a file to a case for good."""
    file = case.facts.files[key]
    file.case_id = case.id
    case.facts.touch(file)
    return file


def _owner(file):
    return (file.marketplace_id, file.role, file.party_id)
