"""The city's administrative divisions, entered from the boundary package."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Division
from portal.core.divisions import DivisionLevel, DivisionShape, division_named, load_divisions
from portal.core.geometry import to_element

_ENGLISH = {"省": "Province", "市": "City", "县": "County", "区": "District"}


def enter_divisions(session: Session, *, city_code: str) -> int:
    """Enter the province, the city and its districts; the number that were missing. A second call adds nothing."""
    province, city = f"{city_code[:2]}0000", f"{city_code[:4]}00"
    shapes: list[tuple[DivisionShape, DivisionLevel, str | None]] = [
        (division_named(province, DivisionLevel.PROVINCE), DivisionLevel.PROVINCE, None),
        (division_named(city, DivisionLevel.CITY), DivisionLevel.CITY, province),
        *((shape, DivisionLevel.DISTRICT, city) for shape in load_divisions(city_code[:4])),
    ]
    added = 0
    for shape, level, parent in shapes:
        statement = insert(Division).values(
            code=shape.code,
            name=shape.name,
            name_en=english_name(shape.name),
            level=str(level),
            parent_code=parent,
            outline=to_element(shape.geometry),
        )
        done = session.execute(statement.on_conflict_do_nothing(index_elements=["code"]).returning(Division.code))
        added += len(done.all())
    return added


def english_name(name: str) -> str:
    """A division's name for readers of English: 龙安区 gives Long'an District.

    An apostrophe keeps syllables apart where the second begins with a vowel, as the rules for pinyin ask.
    """
    # Its dictionaries weigh 50 MB, and most processes of a portal never spell a name.
    from pypinyin import lazy_pinyin

    kind = _ENGLISH.get(name[-1:])
    syllables = lazy_pinyin(name[:-1] if kind else name)
    joined = syllables[0] + "".join(f"'{s}" if s[0] in "aoe" else s for s in syllables[1:])
    return f"{joined.capitalize()} {kind}" if kind else joined.capitalize()
