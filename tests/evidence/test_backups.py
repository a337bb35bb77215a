"""The duty side of a school saves what looks suspicious, without a request; another person lets it go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.evidence.models import FootageRequest
from portal.evidence.operations.backups import end_backup, make_backup
from portal.evidence.queries.backups import backup_page
from portal.evidence.values.backups import BackupDraft, BackupKind, BackupMedium
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW


@pytest.mark.requirement("EVI-19")
def test_the_duty_side_backs_up_what_looks_suspicious(session: Session, city: EvidenceCity) -> None:
    custodian = city.person("schoolkeeper", Role.UNIT_CUSTODIAN, unit=city.school)
    draft = BackupDraft(
        camera="操场", kind=BackupKind.SUSPICIOUS, span_from=NOW - 2 * HOUR, span_to=NOW - HOUR, what="陌生人翻越围墙",
        medium=BackupMedium.DISC, medium_serial="BD-7", shelf="值班室柜 1", sha256="ab" * 32,
    )  # fmt: skip
    for faults, code in (
        ({"camera": "没有的点位"}, "camera_not_one"),
        ({"camera": "东门"}, "camera_not_one"),  # another unit's camera does not exist here
        ({"span_to": NOW + HOUR}, "span_future"),
        ({"span_to": NOW - 3 * HOUR}, "span_backward"),
        ({"shelf": " "}, "required"),
        ({"sha256": "xyz"}, "bad_sha256"),
    ):
        with pytest.raises(Invalid, match=code):
            make_backup(session, actor=custodian, draft=replace(draft, **faults), now=NOW)
    backup = make_backup(session, actor=custodian, draft=draft, now=NOW)
    assert session.query(FootageRequest).count() == 0  # nobody asked
    assert [one.id for one in backup_page(session, city.school_head).items] == [backup.id]
    assert [one.id for one in backup_page(session, city.auditor).items] == [backup.id]
    assert backup_page(session, city.security).items == []

    given = {"backup_id": backup.id, "now": NOW + timedelta(days=40)}
    with pytest.raises(NotAllowed):  # not by who made it alone
        end_backup(session, actor=custodian, reason="无需再存", **given)
    with pytest.raises(NotFound):
        end_backup(session, actor=city.security, reason="无需再存", **given)
    with pytest.raises(Invalid, match="required"):
        end_backup(session, actor=city.school_head, reason=" ", **given)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_backup set ended_by = made_by, ended_at = now(), end_reason = 'x'"))
    end_backup(session, actor=city.school_head, reason="已移交公安机关", **given)
    with pytest.raises(IllegalTransition):
        end_backup(session, actor=city.school_head, reason="再次", **given)
    session.commit()
