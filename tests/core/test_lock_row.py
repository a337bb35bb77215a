"""A row held for change is the row of that moment, not what was read before."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.ids import new_id
from portal.registry.models import Unit
from tests.people import make_world


def test_what_was_read_before_the_lock_is_read_again(session: Session) -> None:
    unit = make_world(session).unit("旧名称")
    session.flush()
    session.execute(text("update unit set name = '新名称' where id = :id"), {"id": unit.id})
    assert unit.name == "旧名称"
    assert lock_row(session, Unit, unit.id).name == "新名称"


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        lock_row(session, Unit, new_id())
