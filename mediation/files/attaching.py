"""Files that a step or a message names: read and locked with its case or complaint, then bound."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cases.actors import Actor
from cases.models import Case, Complaint, File
from cases.reasons import SLOTS
from cases.refusals import UnknownFile, WrongKind

Evidence = Sequence[Mapping[str, Any]]
Owner = Case | Complaint  # with its facts
OWNERS = {Case: "case_id", Complaint: "complaint_id"}  # by which column a file is bound


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
    found = find(ids, lock=lock)
    for case_id, keys in wanted.items():
        cases[case_id].facts.files = {key: found[key] for key in keys if key in found}


def find(ids: Iterable[UUID], *, lock: bool) -> dict[UUID, File]:
    """Read files by their ids, in one statement; those that there are not are left out."""
    rows = File.everywhere.filter(pk__in=list(ids)).order_by("pk")
    return {row.pk: row for row in (rows.select_for_update(of=("self",)) if lock else rows)}


def _wanted(wish):
    return [
        *named(wish.inputs.get("evidence", [])),
        *(wish.message.files if wish.message is not None else ()),
    ]


def check(owner: Owner, by: Actor, evidence: Evidence) -> None:
    """See that the files are there for this side, and of kinds that their slots take.

    :raises UnknownFile: one is not: never brought, somebody else's, or of something else
    :raises WrongKind: a slot takes no such file
    """
    see(owner, by, named(evidence))
    for item in evidence:
        kinds = SLOTS[item["slot"]].kinds
        if "file" in item and owner.facts.files[item["file"]].kind not in kinds:
            raise WrongKind("This slot takes another kind of file.", kinds=list(kinds))


def see(owner: Owner, by: Actor, files: Iterable[UUID]) -> None:
    """See that files are there for this side.

    :raises UnknownFile: one is not
    """
    for key in files:
        file = owner.facts.files.get(key)
        if file is None or _brought_by(file) != (owner.marketplace_id, by.role, by.party_id):
            raise UnknownFile("There is no such file.", file=key)
        if {file.case_id, file.complaint_id} - {None, owner.id}:
            raise UnknownFile("The file is of another case or complaint.", file=key)


def attach(owner: Owner, key: UUID) -> File:
    """Bind a file to a case or a complaint for good."""
    file = owner.facts.files[key]
    setattr(file, OWNERS[type(owner)], owner.id)
    owner.facts.touch(file)
    return file


def _brought_by(file):
    return (file.marketplace_id, file.role, file.party_id)
