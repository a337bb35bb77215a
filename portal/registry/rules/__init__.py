"""What the law asks of a system, and how a sheet of cameras is read: pure functions."""

from portal.registry.rules.codes import CodeParts, build_code, parts_of, parts_problems, usual_industry
from portal.registry.rules.fields import (
    BY_KEY,
    CAMERA_FIELDS,
    COLUMNS,
    FILED,
    TYPED,
    CameraField,
    camera_problems,
    column_value,
)
from portal.registry.rules.filing import (
    PRINTED_HERE,
    deadline_of,
    filing_deadline,
    must_be_accepted_before_use,
    must_be_filed,
    rules_for,
    shortfalls,
    working_of,
)
from portal.registry.rules.quality import DUPLICATES, Around, asked, direction_of, faults_of, rate
from portal.registry.rules.sheet import Columns, Fault, ParsedRow, Words, find_header, parse_row

__all__ = [
    "BY_KEY",
    "CAMERA_FIELDS",
    "COLUMNS",
    "DUPLICATES",
    "FILED",
    "PRINTED_HERE",
    "TYPED",
    "Around",
    "CameraField",
    "CodeParts",
    "Columns",
    "Fault",
    "ParsedRow",
    "Words",
    "asked",
    "build_code",
    "camera_problems",
    "column_value",
    "deadline_of",
    "direction_of",
    "faults_of",
    "filing_deadline",
    "find_header",
    "must_be_accepted_before_use",
    "must_be_filed",
    "parse_row",
    "parts_of",
    "parts_problems",
    "rate",
    "rules_for",
    "shortfalls",
    "usual_industry",
    "working_of",
]
