"""What proves the words about a complaint: hashes, and the files of a case that they are of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rest_framework import serializers

from cases.evidence import FileOut, shown_file
from cases.models import Complaint, ComplaintStatement, Evidence, File


def shown_with(
    complaint: Complaint, statements: Iterable[ComplaintStatement], at: datetime
) -> dict[Any, list[dict[str, Any]]]:
    """List what goes with each statement; one statement of SQL, none where no case is named.

    A file is shown if the case that is named has it from the same side: whoever could not see it
    in the case has it shown by the one who brought it.

    :param at: when links begin to count
    :returns: statement id → [{"slot", "sha256", "file": shown, or None}]
    """
    rows = list(statements)
    files = _files(complaint, rows)
    return {
        row.id: [
            {**item, "file": file and shown_file(file, at)}
            for item in row.evidence
            for file in (files.get((row.role, item["sha256"])),)
        ]
        for row in rows
    }


def _files(complaint: Complaint, rows: list[ComplaintStatement]) -> dict[tuple[str, str], File]:
    hashes = {item["sha256"] for row in rows for item in row.evidence}
    if complaint.case_id is None or not hashes:
        return {}
    handed_in = Evidence.objects.filter(
        case=complaint.case_id, sha256__in=hashes, file__isnull=False
    )
    return {(e.role, e.sha256): e.file for e in handed_in.select_related("file") if e.file}


class PaperOut(serializers.Serializer):
    """One thing that proves it; `file` if the same side has handed it in for the case named."""

    slot = serializers.CharField()
    sha256 = serializers.CharField()
    file = FileOut(allow_null=True)
