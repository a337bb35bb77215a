"""The city's divisions enter the database once, with names in both languages."""

import pytest
from sqlalchemy import select

from portal.accounts.models import Division
from portal.accounts.operations.divisions import english_name, enter_divisions
from portal.accounts.queries import divisions
from portal.core.geometry import from_element


def test_the_districts_of_a_city_enter_once_with_province_and_city(session):
    assert enter_divisions(session, city_code="410500") == 11
    assert enter_divisions(session, city_code="410500") == 0
    assert [row.code for row in divisions(session)][:3] == ["410502", "410503", "410505"]
    wenfeng = session.scalars(select(Division).where(Division.code == "410502")).one()
    assert (wenfeng.name, wenfeng.name_en, wenfeng.parent_code) == ("文峰区", "Wenfeng District", "410500")
    assert from_element(wenfeng.outline).is_valid


@pytest.mark.parametrize(
    ("name", "english"),
    [("龙安区", "Long'an District"), ("滑县", "Hua County"), ("林州市", "Linzhou City"), ("河南省", "Henan Province")],
)
def test_english_names(name, english):
    assert english_name(name) == english
