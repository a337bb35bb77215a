"""Every sheet of the library gets exactly the report it must get, in one pass."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.errors import Invalid
from portal.registry.models import CameraImport
from portal.registry.states import ImportStatus
from portal.vault import labels  # noqa: F401 - registers the sentences of its refusals
from portal.vault.operations import UploadRefused, store_upload
from portal.vault.values import FileKind
from portal.web.problems import known_codes
from tests.people import NOW, SYSTEM, make_world
from tests.registry.sheets.ground import brought, checked, report, stocked
from tests.registry.sheets.library import LIBRARY, Nasty, as_xlsx
from tests.vault import hostile


def told(run: CameraImport, lines: list[str]) -> dict[str, object]:
    counts = {outcome: count for outcome, count in run.counts.items() if count}
    return {"report": sorted(lines), "outcomes": counts, "unread": run.head.get("unread", []), "failure": run.failure}


def wanted(nasty: Nasty) -> dict[str, object]:
    return {
        "report": sorted(nasty.report),
        "outcomes": nasty.outcomes,
        "unread": list(nasty.unread),
        "failure": nasty.failure,
    }


def test_every_sheet_gets_its_report(session: Session, database: Database) -> None:
    filer, system = stocked(session, make_world(session))
    for nasty in LIBRARY:
        run = checked(database, session, filer, system, nasty.name, nasty.content)
        assert run.status == (ImportStatus.FAILED if nasty.failure else ImportStatus.CHECKED), nasty.name
        assert told(run, report(session, run)) == wanted(nasty), nasty.name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (hostile.zip_bomb, "file_bomb"),
        (hostile.lying_zip_bomb, "file_damaged"),
        (hostile.billion_laughs(), "file_bomb"),
        (hostile.far_cell(), "file_too_many_rows"),
        (hostile.workbook("", macro=True), "file_macro_workbook"),
        (hostile.legacy_workbook("Workbook", "_VBA_PROJECT"), "file_macro_workbook"),
    ],
    ids=["zip bomb", "lying directory", "billion laughs", "10 GB claim", "macros", "macros in an XLS"],
)
def test_what_means_harm_is_refused_in_words(session: Session, content: bytes | Callable[[], bytes], code: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        store_upload(
            session,
            actor=SYSTEM.actor,
            stream=io.BytesIO(hostile.built(content)),
            filename="摄像机.xlsx",
            kind=FileKind.SHEET,
            now=NOW,
        )
    assert [problem.code for problem in refused.value.problems] == [code]
    assert code in known_codes()


def test_a_sheet_that_computes_is_refused_with_the_cell(session: Session) -> None:
    filer, system = stocked(session, make_world(session))
    content = as_xlsx([["名称", "经度", "纬度"], ["甲", "114.39", "=36+0.0977"]])
    with pytest.raises(Invalid) as refused:
        brought(session, filer, system, "摄像机.xlsx", content)
    assert [(one.field, one.code, one.data["cell"]) for one in refused.value.problems] == [
        ("file", "sheet_formulas", "C2")
    ]
