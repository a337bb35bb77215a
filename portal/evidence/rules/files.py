"""What is said of a camera and the files there are must agree."""

from collections.abc import Collection
from uuid import UUID

from portal.core.errors import Problem
from portal.evidence.values import Outcome


def file_contradicts(
    cameras_of_files: Collection[UUID | None], camera_id: UUID, outcome: Outcome, note: str
) -> Problem | None:
    """What was supplied is shown by a file: the camera's own, or one of several cameras that the note names."""
    own = camera_id in cameras_of_files
    if own and outcome is not Outcome.SUPPLIED:
        return Problem("outcome", "evidence.file_says_else")
    if outcome is Outcome.SUPPLIED and not own and not (cameras_of_files and note.strip()):
        return Problem("note" if cameras_of_files else "outcome", "evidence.file_first")
    return None
