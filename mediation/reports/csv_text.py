"""Figures as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
import io
from typing import Any

from mediation.reports.asking import Answer

MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
MARK = "\ufeff"  # so that spreadsheets read UTF-8


def written(answer: Answer) -> str:
    """Write one figure: a header, then a line for each row; empty is what is not known."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(answer.figure.columns)
    writer.writerows([[cell(value) for value in row] for row in answer.rows])
    return MARK + out.getvalue()


def cell(value: Any) -> Any:
    """Make one cell. Text that a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return "'" + value
    return value
