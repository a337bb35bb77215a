"""Who supervises a sector sees its places and no others; what is secret about a system is secret about its cameras."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.policy import GRANTS, Reach
from portal.accounts.values import SECTOR_ROLES, Identity, Role
from portal.audit.models import AuditStage
from portal.core.clock import city_day
from portal.core.db import narrow
from portal.core.errors import Invalid, NotFound, Stale, TooMany
from portal.core.scope import EVERYTHING
from portal.desk.queries.home import figures
from portal.mandates.operations import entries
from portal.mandates.queries.register import entries_visible_to
from portal.mandates.values import EntryDraft
from portal.maps.views import SHOWN
from portal.registry import operations, queries
from portal.registry.models import Camera, Document, System, Unit
from portal.registry.operations.codes import MOST_REFUSED
from portal.registry.queries.lists import CAMERAS, FILINGS, SYSTEMS, UNITS, Asked, open_rows, read_counts, read_page
from portal.registry.queries.searching import Best, FoundRow, Kind, best_matches
from portal.registry.states import DOWN, LiveState
from portal.registry.values import CODE_REFUSED, CameraParticulars
from portal.registry.values.lists import Wanted
from tests.people import NOW, SYSTEM, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import a_system, papers, particulars

HUNG = {"lon": 114.3924, "lat": 36.0976}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@contextmanager
def reading(session: Session, who: Identity) -> Iterator[Asked]:
    """A session as narrow as theirs."""
    narrow(session, who.data_scope)
    try:
        yield Asked(session=session, identity=who, today=city_day(NOW))
    finally:
        narrow(session, EVERYTHING)


def a_place(session: Session, world: World, name: str, kind: str) -> System:
    unit = world.unit(name, unit_type=kind)
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    return operations.create_system(session, actor=filer, unit_id=unit.id, particulars=particulars(), now=NOW)


def matching(session: Session, who: Identity, kind: Kind, word: str) -> Sequence[FoundRow]:
    return best_matches(session, who, word, most=20, kinds=[kind]).get(kind, Best()).rows


def all_seen(session: Session, who: Identity) -> set[str]:
    """The units that anything they may read speaks of: lists, search, bare rows, the register of places to be equipped."""
    with reading(session, who) as asked:
        names = dict(session.execute(select(Unit.id, Unit.name)).all())
        seen = set(names.values())
        for spec in (UNITS, SYSTEMS, FILINGS):
            rows = {row["row_id"] for row in read_page(asked, spec, Wanted(columns=())).rows}
            if spec is UNITS:
                assert {names[row] for row in rows} == seen
                assert read_counts(asked, spec, Wanted()).total.number == len(seen)
        seen |= {row.name for row in matching(session, who, Kind.UNIT, "文峰")}
        seen |= set(session.scalars(select(Unit.name).join(System, System.unit_id == Unit.id)))
        seen |= {names[one.unit_id] for one in matching(session, who, Kind.SYSTEM, "监控")}
        return seen | {one.name for one in session.scalars(entries_visible_to(who))}


def test_the_education_bureau_sees_schools_and_nobody_else(session: Session, world: World) -> None:
    school = a_place(session, world, "文峰中学", "school")
    shop = a_place(session, world, "文峰商店", "shop")
    world.unit("文峰北关小学", unit_type="school", district="410503")
    for name, kind in (("文峰新建幼儿园", "kindergarten"), ("文峰歌厅", "entertainment"), ("文峰无类", None)):
        draft = EntryDraft(name=name, category="education_research_medical", district=WENFENG, unit_type=kind)
        entries.add_entry(session, actor=SYSTEM, draft=draft, now=NOW)
    session.flush()
    bureau = world.person(Role.SECTOR_SUPERVISOR)
    assert all_seen(session, bureau) == {"文峰中学", "文峰新建幼儿园"}
    with reading(session, bureau):
        assert queries.get_system(session, bureau, school.id).id == school.id
    for hidden, ask in ((shop.id, queries.get_system), (shop.unit_id, queries.get_unit)):
        with pytest.raises(NotFound):
            ask(session, bureau, hidden)
    # What kind of place it is decides anew at every look.
    session.get_one(Unit, shop.unit_id).unit_type = "college"
    session.flush()
    assert "文峰商店" in all_seen(session, bureau)
    unsaid = world.person(Role.SECTOR_SUPERVISOR, organ=world.education(sectors=()))
    assert all_seen(session, unsaid) == set()
    police = world.person(Role.SECTOR_SUPERVISOR, organ=world.city)
    assert all_seen(session, police) == set(), "an organ without sectors, and be it the whole city's"
    assert "文峰歌厅" in all_seen(session, world.person(Role.REGISTRAR))


def test_the_roles_that_reach_by_sector_are_those_the_scope_knows() -> None:
    """The signed scope is made before any permission is asked: both must mean the same roles."""
    held = {(role, reach) for grants in GRANTS.values() for role, reach in grants.items()}
    assert {role for role, reach in held if reach is Reach.SECTOR} == SECTOR_ROLES
    assert not {reach for role, reach in held if role in SECTOR_ROLES} & {Reach.DISTRICT}


def cameras_shown(session: Session, who: Identity, system: System) -> tuple[int, ...]:
    """How many of a system's cameras are listed, told in figures, found, put in a file and told one by one."""
    with reading(session, who) as asked:
        listed = len(read_page(asked, CAMERAS, Wanted()).rows)
        counted = read_counts(asked, CAMERAS, Wanted()).total.number
        found = len(matching(session, who, Kind.CAMERA, "机要走廊"))
        written = session.scalar(select(func.count()).select_from(open_rows(CAMERAS, who).subquery())) or 0
        single = 0
        for key in session.scalars(select(Camera.id).where(Camera.system_id == system.id)):
            try:
                queries.get_camera(session, who, key)
            except NotFound:
                continue
            single += 1
        return listed, counted, found, written, single


def own_marks(session: Session, system: System) -> list[tuple[bool, bool]]:
    marks = select(Camera.secret, Camera.secret_inherited).where(Camera.system_id == system.id).order_by(Camera.name)
    return [tuple(row) for row in session.execute(marks)]


def set_secret(session: Session, system: System, value: bool) -> None:
    session.execute(text("update system set secret = :value where id = :id"), {"value": value, "id": system.id})
    session.expire_all()


def test_a_secret_system_covers_its_cameras(session: Session, world: World) -> None:
    system = a_place(session, world, "文峰机要局", "government")
    filer = world.person(Role.UNIT_FILER, unit_id=system.unit_id)
    police = world.person(Role.REGISTRAR)

    def enter(name: str) -> UUID:
        given = CameraParticulars(name=name, **HUNG)
        return operations.add_camera(session, actor=filer, system_id=system.id, particulars=given, now=NOW).id

    enter("机要走廊1"), enter("机要走廊2")
    session.execute(text("update camera set secret = true where name = '机要走廊2'"))
    session.expire_all()
    assert cameras_shown(session, police, system) == (1,) * 5
    set_secret(session, system, True)
    enter("机要走廊3")
    copied = (
        "insert into camera (id, system_id, unit_id, district, name, position, created_at, updated_at) "
        "select gen_random_uuid(), system_id, unit_id, district, '机要走廊4', position, created_at, updated_at "
        "from camera where name = '机要走廊1'"
    )
    session.execute(text(copied))
    session.execute(text("update camera set secret = false where name = '机要走廊1'"))
    session.expire_all()
    assert own_marks(session, system) == [(True, True), (True, False), (True, True), (True, True)]
    session.execute(text("select portal_search_catch_up(100)"))
    assert cameras_shown(session, police, system) == (0,) * 5
    assert cameras_shown(session, filer, system) == (4,) * 5
    set_secret(session, system, False)
    assert own_marks(session, system) == [(False, False), (True, False), (False, False), (False, False)]
    assert cameras_shown(session, police, system) == (3,) * 5


def test_asking_for_taken_codes_is_on_record_and_ends(session: Session, world: World) -> None:
    """Uniqueness tells that some camera holds a code: not whose, not at every key, and not many times an hour."""
    code = "41050211001321000001"
    holder, theirs = a_system(session, world)
    given = CameraParticulars(name="大门", gb_code=code, **HUNG)
    operations.add_camera(session, actor=holder, system_id=theirs.id, particulars=given, now=NOW)
    asker, system = a_system(session, world)
    before = session.scalar(select(func.count()).select_from(Camera))
    for _ in range(MOST_REFUSED):
        with pytest.raises(Invalid) as refused:
            operations.add_camera(session, actor=asker, system_id=system.id, particulars=given, now=NOW)
        assert refused.value.data == {"commit": True}, "the record stays although the request is refused"
        assert [problem.data for problem in refused.value.problems] == [{}]
    with pytest.raises(TooMany):
        operations.add_camera(session, actor=asker, system_id=system.id, particulars=given, now=NOW)
    told = session.scalars(select(AuditStage).where(AuditStage.tag == CODE_REFUSED)).all()
    assert {(row.unit_id, row.outcome) for row in told} == {(system.unit_id, "denied")}
    assert len(told) == MOST_REFUSED
    assert session.scalar(select(func.count()).select_from(Camera)) == before
    uncoded = CameraParticulars(name="侧门", **HUNG)
    assert operations.add_camera(session, actor=asker, system_id=system.id, particulars=uncoded, now=NOW)


def test_of_two_who_say_who_keeps_a_paper_the_second_is_told(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    papers(session, world, filer, system)
    document = session.scalars(select(Document).where(Document.system_id == system.id)).first()
    assert document is not None
    said = {"title": "授权书", "place": "档案柜", "secrecy": document.secrecy, "expires_on": None, "now": NOW}
    asked = {"actor": filer, "document_id": document.id, "seen_version": document.version, **said}
    operations.keep_document(session, custodian="王工", **asked)
    session.flush()
    with pytest.raises(Stale):
        operations.keep_document(session, custodian="李工", **asked)
    assert document.custodian == "王工"
    sign_in(client, world.login_of(filer))
    card = f"/documents/{document.id}/card"
    assert f'name="version" type="hidden" value="{document.version}"' in client.get(card).text
    again = {"version": "1", "title": "授权书", "custodian": "李工", "secrecy": document.secrecy}
    assert [post(client, card, again).status_code, post(client, card, again | {"version": "2"}).status_code] == [
        409,
        303,
    ]


def test_offline_is_one_number_wherever_it_is_counted(session: Session, world: World) -> None:
    _, system = a_system(session, world)
    filer = world.person(Role.UNIT_FILER, unit_id=system.unit_id)
    for number, live in enumerate((3, 3, 4, 1)):
        given = CameraParticulars(name=f"门{number}", **HUNG)
        camera = operations.add_camera(session, actor=filer, system_id=system.id, particulars=given, now=NOW)
        camera.live = live
    session.flush()
    with reading(session, filer) as asked:
        tally = queries.live_tally(session, filer)
        on_map = sum(tally[state] for state in SHOWN[LiveState.OFFLINE])
        listed = read_page(asked, CAMERAS, Wanted(conditions={"live": tuple(map(str, DOWN))})).rows
        on_desk = next(
            one for one in figures(session, filer, today=city_day(NOW), now=NOW) if one.key == "cameras_offline"
        )
    assert (on_map, len(listed), on_desk.count) == (3, 3, 3)


def test_an_error_shows_whoever_is_signed_in_their_menu(client: FlaskClient, session: Session, world: World) -> None:
    hidden = a_place(session, world, "文峰机要局", "government")
    session.commit()
    assert 'class="rail"' not in client.get("/nowhere").text
    sign_in(client, world.login_of(world.person(Role.UNIT_FILER, unit_id=world.unit().id)))
    pages = [client.get(address) for address in ("/nowhere", f"/systems/{hidden.id}")]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text, "what is hidden and what is unknown are the same bytes"
    assert 'class="rail"' in pages[0].text
    assert 'href="/cameras"' in pages[0].text
    assert "csrf" not in pages[0].text
