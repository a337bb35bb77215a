"""A camera as a row of a sheet: in words of either language, what is sealed masked."""

from datetime import date
from uuid import UUID

import pytest

from portal.registry.labels.sheets import sheet_words
from tests.support.reading import header_cells, row_cells

CAMERA = {
    "id": UUID(int=7),
    "name": "东门",
    "camera_type": "ptz_dome",
    "function_types": [1, 5],
    "records_audio": True,
    "declared_lon": "114.392500",
    "declared_lat": "36.097700",
    "datum": "gcj02",
    "installed_on": date(2026, 3, 1),
    "managing_phone_masked": "138****0001",
    "zone": "gate",
}


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "zh_Hans_CN",
            {"系统标识": str(UUID(int=7)), "摄像机类型": "球机", "区域、部位": "大门", "采集声音": "是"},
        ),
        ("en", {"portal id": str(UUID(int=7)), "Camera type": "PTZ dome", "Zone": "大门", "Sound is recorded": "Yes"}),
    ],
)
def test_a_row_is_said_in_the_words_of_the_pages(locale: str, said: dict[str, str]) -> None:
    words = sheet_words(locale, {"gate": "大门"})
    row = dict(zip(header_cells(words), row_cells(CAMERA, words), strict=True))
    assert {name: row.get(name) for name in said} == said
    assert row[words.headers["lon"]] == "114.392500"
    assert row[words.headers["function_types"]].count("/") == 1
    assert row[words.headers["installed_on"]] == "2026-03-01"
    assert row[words.headers["managing_phone"]] == "138****0001"
    assert row[words.headers["model"]] == ""
