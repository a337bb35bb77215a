"""The parent's side of an examination: limits by size, and the child's failures told as refusals of the file."""

from pathlib import Path
from typing import Any

from portal.vault.sandbox import Limits, SandboxFailure, run_limited
from portal.vault.values import KIND_POLICIES, MIB, FileKind, FileType, Inspection, Refusal, Refused

ORIGINAL, COPY = "original", "copy"
_LIMITS = Limits(memory_bytes=1536 * MIB, cpu_seconds=40, wall_seconds=60, file_bytes=400 * MIB)


def request_for(kind: FileKind, shown_edge: int = 0) -> dict[str, Any]:
    """What the worker is told about the kind of file it examines."""
    policy = KIND_POLICIES[kind]
    return {
        "file": ORIGINAL,
        "copy": COPY,
        "allowed": sorted(policy.types),
        "most_pages": policy.most_pages,
        "most_pixels": policy.most_pixels,
        "shown_edge": shown_edge,
    }


def examine_in_sandbox(workdir: Path, kind: FileKind, shown_edge: int = 0) -> Inspection:
    """Examine `original` in the job's directory and write `copy` beside it. Raises `Refused`."""
    try:
        answer = run_limited("examine", request_for(kind, shown_edge), limits=_LIMITS, workdir=workdir)
    except SandboxFailure as failure:
        raise Refused(Refusal.TOO_COMPLEX, how=failure.code.value) from failure
    return Inspection(type=FileType(answer["type"]), has_copy=answer["has_copy"], facts=answer["facts"])
