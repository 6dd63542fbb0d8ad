"""What proves the words about a complaint: its own files, those of a case, and bare hashes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from cases.evidence import FileOut, shown_file
from cases.models import Complaint, ComplaintStatement, Evidence, File

Item = dict[str, Any]  # as a statement keeps it: slot, sha256, and the id of a file of ours


def shown_with(
    complaint: Complaint, statements: Iterable[ComplaintStatement], at: datetime
) -> dict[UUID, list[dict[str, Any]]]:
    """List what goes with each statement, as both sides may see it.

    :param at: when links begin to count
    :returns: statement id → [{"slot", "sha256", "file": shown, or None}]
    """
    return {
        key: [
            {
                "slot": item["slot"],
                "sha256": item["sha256"],
                "file": file and shown_file(file, at),
            }
            for item, file in papers
        ]
        for key, papers in papers_of(complaint, statements).items()
    }


def papers_of(
    complaint: Complaint, statements: Iterable[ComplaintStatement]
) -> dict[UUID, list[tuple[Item, File | None]]]:
    """Find the files that go with each statement: two statements of SQL at most.

    A file is one that was brought for the complaint, or what the same side has handed in for the
    case that is named: whoever could not see it there has it shown by the one who brought it.

    :returns: statement id → what was handed in, each with its file, or None: it is elsewhere
    """
    rows = list(statements)
    own, of_case = _own(rows), _of_case(complaint, rows)
    return {
        row.id: [
            (item, own.get(item.get("file")) or of_case.get((row.role, item["sha256"])))
            for item in row.evidence
        ]
        for row in rows
    }


def _own(rows: list[ComplaintStatement]) -> dict[str | None, File]:
    ids = {item["file"] for row in rows for item in row.evidence if "file" in item}
    found = File.everywhere.in_bulk(ids) if ids else {}
    return {str(key): file for key, file in found.items()}


def _of_case(complaint: Complaint, rows: list[ComplaintStatement]) -> dict[tuple[str, str], File]:
    hashes = {item["sha256"] for row in rows for item in row.evidence if "file" not in item}
    if complaint.case_id is None or not hashes:
        return {}
    handed_in = Evidence.objects.filter(
        case=complaint.case_id, sha256__in=hashes, file__isnull=False
    )
    return {(e.role, e.sha256): e.file for e in handed_in.select_related("file") if e.file}


class PaperOut(serializers.Serializer):
    """One thing that proves it; `file` if it was brought here, for the complaint or its case."""

    slot = serializers.CharField()
    sha256 = serializers.CharField()
    file = FileOut(allow_null=True)
