"""What society reads of an acceptance: a few named facts, and of a secret system nothing."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.inspection import operations
from portal.inspection.models import PublishedResult
from portal.registry.models import System
from tests.inspection.test_findings import concluded
from tests.people import NOW, make_world


def cells(client: FlaskClient, unit: str, **more: str) -> list[list[str]]:
    """The rows of the public page about a unit, cell by cell."""
    page = client.get("/public/results", query_string={"q": unit, **more}, follow_redirects=True).text
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.find("<tbody>") :], re.DOTALL) if "<tbody>" in page else []
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows
    ]


@pytest.mark.requirement("ACC-02")
def test_anybody_reads_unit_project_result_grade_day_and_organ_and_nothing_else(
    client: FlaskClient, session: Session
) -> None:
    world = make_world(session)
    *_, acceptance = concluded(session, world, "clock")
    unit, system = acceptance.unit, session.get_one(System, acceptance.system_id)
    leader = world.person(Role.BUREAU_LEADER)
    assert cells(client, unit.name) == [], "concluded is not published"
    row = operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    day = city_day(NOW).isoformat()
    assert cells(client, unit.name) == [[unit.name, system.name, "文峰区", "通过", "", day, row.organ_name]]
    # A school's standard creation has a grade to tell.
    *_, graded = concluded(session, world, "clock")
    told = {"result": "passed", "grade": "grade_1", "grade_zh": "一级达标", "grade_en": "Grade 1"}
    where = {"unit_name": graded.unit.name, "project_name": "达标", "district": graded.district, "organ_name": "教育局"}
    session.add(PublishedResult(acceptance_id=graded.id, number="JY-1", published_on=city_day(NOW), **told, **where))
    session.flush()
    assert cells(client, graded.unit.name)[0][3:5] == ["通过", "一级达标"]
    assert cells(client, graded.unit.name, lang="en")[0][3:5] == ["Passed", "Grade 1"]
    system.secret = True
    session.flush()
    assert cells(client, unit.name) == [], "declared secret after it was published"
