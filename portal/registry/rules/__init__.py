"""What the law asks of a system, and how a sheet of cameras is read: pure functions."""

from portal.registry.rules.filing import (
    PRINTED_HERE,
    camera_problems,
    deadline_of,
    filing_deadline,
    is_incomplete,
    must_be_accepted_before_use,
    must_be_filed,
    rules_for,
    shortfalls,
    working_of,
)
from portal.registry.rules.sheet import HEADERS, Columns, Fault, ParsedRow, Words, find_header, parse_row

__all__ = [
    "HEADERS",
    "PRINTED_HERE",
    "Columns",
    "Fault",
    "ParsedRow",
    "Words",
    "camera_problems",
    "deadline_of",
    "filing_deadline",
    "find_header",
    "is_incomplete",
    "must_be_accepted_before_use",
    "must_be_filed",
    "parse_row",
    "rules_for",
    "shortfalls",
    "working_of",
]
