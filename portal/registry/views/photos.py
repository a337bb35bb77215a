"""Pictures that come with a form: taken in by the vault, and shown again on record."""

from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity
from portal.core.clock import utcnow
from portal.registry import operations
from portal.registry.models import PrivacyMask, Sign, SystemZone
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.session import db_session

PICTURE_BYTES = 21 * MIB


def keep_picture(upload: Any, place: Mapping[str, Any], *, field: str = "photo") -> UUID | None:
    """Store a form's picture where the row stands; nothing when none was sent. Raises UploadRefused at its field."""
    if upload is None:
        return None
    stored = store_upload(
        db_session(),
        actor=current_identity().actor,
        stream=cast(BinaryIO, upload.stream),
        filename=upload.filename,
        kind=FileKind.PHOTO,
        field=field,
        now=utcnow(),
        **place,
    )
    return stored.id


def show_picture(row: Sign | PrivacyMask | SystemZone) -> ResponseReturnValue:
    """A picture of something the reader has been let in to; the look is recorded."""
    session = db_session()
    key = operations.note_photo(session, actor=current_identity(), row=row, now=utcnow())
    return send_stored_file(session, get_file(session, key))
