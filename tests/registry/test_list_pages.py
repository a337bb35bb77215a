"""Lists: every condition and order means what it says, counts are what their filters show, pages join both ways."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.db import Database, narrow
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.files import Export
from portal.registry.labels.lists import column_label, filter_label, speaker
from portal.registry.models import ListChoice, Site
from portal.registry.operations import views
from portal.registry.queries.lists import CAMERAS, LISTS, Asked, Counts, keys_of, read_counts, read_page, walking
from portal.registry.queries.lists.ordering import order_of
from portal.registry.queries.lists.reading import list_rows
from portal.registry.queries.views import views_for
from portal.registry.values import CameraParticulars, PointType
from portal.registry.values.lists import ExportFormat, ExportLayout, Sharing, Wanted
from portal.registry.views.list_views import moved_by_one
from tests.people import BEIGUAN, NOW, TODAY, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import a_system
from tests.support.database import rolled_back
from tests.support.database import within as inside

POINTS = [PointType.FIRST, PointType.SECOND, PointType.THIRD]


@dataclass(frozen=True)
class Scene:
    """What the whole module looks at; a test's own changes are rolled back to it."""

    connection: Connection
    world: World
    filer: Identity


@pytest.fixture(scope="module")
def scene(database: Database) -> Iterator[Scene]:
    """A unit with thirty cameras of three classes, two of them secret."""
    with rolled_back(database) as connection:
        with database.session(EVERYTHING) as session:
            world = make_world(session)
            filer = thirty_cameras(session, world)
            session.commit()
        yield Scene(connection, world, filer)


@pytest.fixture
def session(scene: Scene, database: Database) -> Iterator[Session]:
    with inside(scene.connection, database) as made:
        yield made


@pytest.fixture
def world(session: Session, scene: Scene) -> World:
    return scene.world.over(session)


@pytest.fixture
def filer(scene: Scene) -> Identity:
    return scene.filer


def thirty_cameras(session: Session, world: World) -> Identity:
    filer, system = a_system(session, world)
    for number in range(29):
        particulars = CameraParticulars(
            name=f"{'东' if number % 2 else '西'}门{number // 4}号",
            lon=114.3924,
            lat=36.0976,
            point_type=POINTS[number % 3],
            installed_on=date(2026, 1, 1 + number),
            retention_days=15 if number < 5 else 90,
            key_point=number == 7,
        )
        operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    session.execute(text("update camera set live = 1 where name like '东门%'"))
    session.execute(text("update camera set secret = true where name = '西门0号'"))
    session.flush()
    return filer


def within(session: Session, reader: Identity) -> Asked:
    narrow(session, reader.data_scope)
    return Asked(session=session, identity=reader, today=TODAY)


def counted(found: Counts, facet: str) -> dict[str, int]:
    return {value: count.number for value, count in found.facets[facet].items()}


CONDITIONS = [
    {},
    {"live": ("online",)},
    {"point_type": ("1", "2")},
    {"point_type": ("1",), "live": ("online", "unknown"), "quality": ("fail",)},
    {"q": ("东门",), "point_type": ("3",)},
    {"kept_below": ("30",)},
    {"installed_from": ("2026-01-05",), "installed_until": ("2026-01-12",), "point_type": ("2",)},
    {"key_point": ("1",)},
    {"regime": ("a7_2",), "status": ("in_use", "repair")},
]


@pytest.mark.parametrize("conditions", CONDITIONS, ids=lambda each: ",".join(each) or "none")
@pytest.mark.parametrize("role", ["filer", "registrar"])
def test_a_count_is_what_its_filter_shows(
    session: Session, world: World, filer: Identity, conditions: dict[str, tuple[str, ...]], role: str
) -> None:
    """For the unit, counted row by row, and for the district, answered from the kept sums where these know enough."""
    asked = within(session, filer if role == "filer" else world.person(Role.REGISTRAR))
    found = read_counts(asked, CAMERAS, Wanted(conditions=conditions))
    assert found.total.number == len(keys_of(asked, CAMERAS, Wanted(conditions=conditions), limit=1000))
    for facet in CAMERAS.facets:
        for value, number in counted(found, facet.key).items():
            with_it = Wanted(conditions={**conditions, facet.key: (value,)})
            assert number == len(keys_of(asked, CAMERAS, with_it, limit=1000)), (facet.key, value)
    narrow(session, EVERYTHING)


def test_what_is_counted_no_further_says_so(session: Session, filer: Identity) -> None:
    asked = within(session, filer)
    found = read_counts(asked, replace(CAMERAS, cap=10), Wanted(conditions={"point_type": ("1",)}))
    assert (found.total.number, found.total.more) == (10, False)
    assert all(count.more for count in found.facets["point_type"].values())
    assert sum(count.number for count in found.facets["point_type"].values()) == 11
    narrow(session, EVERYTHING)


def test_the_sums_follow_every_change(session: Session, world: World, filer: Identity) -> None:
    registrar = world.person(Role.REGISTRAR)

    def seen() -> tuple[int, dict[str, int]]:
        found = read_counts(within(session, registrar), CAMERAS, Wanted())
        narrow(session, EVERYTHING)
        return found.total.number, counted(found, "live")

    before, live = seen()
    session.execute(text("update camera set live = 3 where name like '东门%'"))
    assert seen() == (before, {"offline": live["online"], "unknown": live["unknown"]})
    session.execute(text("update camera set secret = true where name like '东门%'"))
    assert seen() == (live["unknown"], {"unknown": live["unknown"]})
    operations.fold_counts(session)
    assert seen() == (live["unknown"], {"unknown": live["unknown"]})
    session.execute(text("update camera set secret = false where name like '东门%'"))
    operations.recount_cameras(session)
    assert seen()[0] == before


@pytest.mark.parametrize("sort", ["", "id", "name", "-name", "updated_at", "-updated_at"])
def test_pages_join_both_ways(session: Session, filer: Identity, sort: str) -> None:
    """Forward to the end and backward again, with many rows of one name: no row twice, none left out."""
    asked, forward, after = within(session, filer), [], ""
    while True:
        page = read_page(asked, CAMERAS, Wanted(sort=sort, after=after), size=7)
        forward.append([row["row_id"] for row in page.rows])
        after = page.next_cursor
        if not after:
            break
    assert sorted(key for keys in forward for key in keys) == keys_of(asked, CAMERAS, Wanted(), limit=1000)
    backward, before = [forward[-1]], page.previous_cursor
    while before:
        page = read_page(asked, CAMERAS, Wanted(sort=sort, before=before), size=7)
        backward.append([row["row_id"] for row in page.rows])
        assert page.next_cursor
        before = page.previous_cursor
    assert backward == forward[::-1]
    narrow(session, EVERYTHING)


def test_a_word_that_only_far_rows_bear_is_found_in_the_same_order(
    session: Session, world: World, filer: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that a short walk does not fill comes from the index of words: just as it would have been walked."""
    session.execute(text("update camera set updated_at = updated_at - make_interval(days => hashtext(id::text) % 5)"))
    session.execute(text("update camera set secret = true where name = '东门3号'"))
    readers = [(reader, within(session, reader)) for reader in (filer, world.person(Role.REGISTRAR))]
    for sort in ("", "id", "name", "-name", "updated_at", "-updated_at"):
        for reader, asked in readers:
            narrow(session, reader.data_scope)
            wanted = Wanted(sort=sort, conditions={"q": ("东门",)})
            walked = [row["row_id"] for row in read_page(asked, CAMERAS, wanted, size=500).rows]
            assert len(walked) > 10
            with monkeypatch.context() as short:
                short.setattr(walking, "STRETCH", 1)
                short.setattr(walking, "NARROW_STRETCH", 1)
                short.setattr(walking.Hunt, "_out_of_order", lambda _hunt: pytest.fail("every row was sorted"))
                first = read_page(asked, CAMERAS, wanted, size=5)
                second = read_page(asked, CAMERAS, replace(wanted, after=first.next_cursor), size=5)
                again = read_page(asked, CAMERAS, replace(wanted, before=second.previous_cursor), size=4)
            assert [row["row_id"] for row in (*first.rows, *second.rows)] == walked[:10]
            assert [row["row_id"] for row in again.rows] == walked[1:5]
    narrow(session, EVERYTHING)


def test_filings_that_wait_stand_in_the_order_in_which_they_came(
    client: FlaskClient, session: Session, world: World, filer: Identity
) -> None:
    session.execute(
        text(
            "with more as (insert into system select (jsonb_populate_record(null::system, to_jsonb(s) || "
            "jsonb_build_object('id', gen_random_uuid()))).* from system s, generate_series(1, 12) returning *) "
            "insert into filing (id, system_id, unit_id, district, organ_id, kind, status, submitted_at, created_at, version) "
            "select gen_random_uuid(), id, unit_id, district, organ_id, 'new', 'submitted', "
            "now() - random() * interval '90 days', now(), 1 from more"
        )
    )
    registrar = world.person(Role.REGISTRAR)
    asked, waiting = within(session, registrar), Wanted(conditions={"status": ("submitted",)})
    seen, after = [], ""
    while after or not seen:
        page = read_page(asked, LISTS["filings"], replace(waiting, after=after), size=5)
        seen += [row["row_key"] for row in page.rows]
        after = page.next_cursor
    assert seen == sorted(seen)
    assert len(seen) == 12
    session.execute(text("set local enable_seqscan = off; set local enable_sort = off"))
    listed = list_rows(asked, LISTS["filings"], waiting).with_only_columns(LISTS["filings"].model.id)
    ordered = listed.order_by(*order_of(LISTS["filings"], waiting).clauses(backward=False)).limit(5)
    drawn = ordered.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = "\n".join(session.scalars(text(f"explain {drawn}".replace(":", "\\:"))))
    assert "ix_filing_status_submitted_id" in plan
    assert "Sort" not in plan
    narrow(session, EVERYTHING)
    sign_in(client, world.login_of(registrar))
    page = client.get("/filings?status=submitted").text
    assert re.search(r'aria-sort="ascending"><a href="[^"]*sort=-submitted_at', page)


@pytest.mark.usefixtures("no_statistics")
def test_conditions_that_no_b_tree_knows_together_are_found_by_their_signature(
    session: Session, world: World, filer: Identity
) -> None:
    """Under row-level security only what leaks nothing may choose rows by an index."""
    asked = within(session, world.person(Role.REGISTRAR, organ=world.city))
    for way in ("seqscan", "indexscan", "indexonlyscan"):
        session.execute(text(f"set local enable_{way} = off"))
    for conditions in (
        {"maker": ("5",), "encoding": ("2",)},
        {"status": ("repair",), "networked": ("1",), "audio": ("1",)},
        {"camera_type": ("ptz_dome",), "key_point": ("1",), "department": ("保卫处",), "zone": ("entrance",)},
    ):
        drawn = list_rows(asked, CAMERAS, Wanted(conditions=conditions)).with_only_columns(CAMERAS.model.id)
        compiled = drawn.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text(f"explain {compiled}".replace(":", "\\:"))))
        found = plan.split("ix_camera_signature")[1].split("Index Cond")[1].splitlines()[0]
        assert found.count(" = ") >= len(conditions), plan
    narrow(session, EVERYTHING)


def test_a_cursor_of_another_list_is_refused(session: Session, filer: Identity) -> None:
    asked = within(session, filer)
    cursor = read_page(asked, CAMERAS, Wanted(), size=2).next_cursor
    for sort, spec in (("updated_at", CAMERAS), ("due_on", LISTS["filings"])):
        with pytest.raises(Invalid):
            read_page(asked, spec, Wanted(sort=sort, after=cursor))
    narrow(session, EVERYTHING)


def test_everything_a_list_names_has_words() -> None:
    for locale in ("zh_Hans_CN", "en"):
        words = speaker(locale)
        for spec in LISTS.values():
            said = [words.say(column_label(spec, each.key)) for each in spec.columns]
            assert len(set(said)) == len(said), "two columns of one name"
            for each in spec.filters:
                assert words.say(filter_label(spec, each.key))
                assert all(words.option(spec, each, value) for value in each.values)


def test_a_chip_leads_away_and_what_means_nothing_is_left_out(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    sign_in(client, world.login_of(filer))
    assert "录像保存期限（日）" in client.get("/cameras").text
    long = "文峰大道一号院内的一个很长很长的单位名称"
    session.execute(text("update unit set name = :long"), {"long": long})
    assert f'title="{long}">{long}</td>' in client.get("/cameras").text
    page = client.get("/cameras?point_type=1,2&live=nonsense&q=东门&sort=rm&installed_from=1-1&unit=x").text
    chips = page.split('class="chips"')[1].split("</ul>")[0]
    assert chips.count("<li>") == 3
    # Without the first class, without the second, and with both but without the word.
    assert re.findall(r'point_type=([^"&]+)', chips) == ["1%2C2", "2", "1"]
    assert client.get("/cameras?after=zzz").status_code == 422
    # The address shares the columns; one nobody may see here, or that does not exist, is left out.
    shown = client.get("/cameras?cols=model,host,nothing").text.split("<thead>")[1].split("</thead>")[0]
    assert ("型号" in shown, "IPv4" in shown, "县（市、区）" in shown) == (True, True, False)
    world_registrar = world.login_of(world.person(Role.REGISTRAR))
    client.get("/sign-out")
    sign_in(client, world_registrar)
    shown = client.get("/cameras?cols=model,host").text.split("<thead>")[1].split("</thead>")[0]
    assert "IPv4" not in shown


def test_columns_are_kept_for_a_person_and_a_list(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    sign_in(client, world.login_of(filer))
    answer = post(client, "/lists/cameras/columns", {"col": "model", "query": "live=online"})
    assert answer.location == "/cameras?live=online&cols=name%2Cmodel"
    assert "设备型号" in client.get("/cameras").text.split("<thead>")[1].split("</thead>")[0]
    assert "设备型号" not in client.get("/cameras?cols=name,zone").text.split("<thead>")[1].split("</thead>")[0]
    post(client, "/lists/cameras/columns", {"usual": "1", "query": ""})
    assert session.get_one(ListChoice, (filer.person_id, "cameras")).columns == []
    assert client.get("/lists/nothing/views").status_code == 404


def test_columns_stand_in_the_order_they_were_put_in(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    """On the page, in the address, as one's own habit and in a file; a button moves one column by one place."""
    sign_in(client, world.login_of(filer))

    def heads(path: str) -> list[str]:
        """The columns by the keys of their first row's cells."""
        return re.findall(r'name="move" value="up:([a-z_]+)"', client.get(path).text)

    assert heads("/cameras?cols=zone,name,model,live") == ["zone", "model", "live"]
    pressed = {"col": ["zone", "model", "live"], "query": "live=unknown", "move": "up:live"}
    answer = post(client, "/lists/cameras/columns", pressed)
    assert answer.location == "/cameras?live=unknown&cols=name%2Czone%2Clive%2Cmodel#up-live"
    head = client.get("/cameras").text.split("<thead>")[1].split("</thead>")[0]
    assert head.index("区域") < head.index("在线状态") < head.index("设备型号"), "kept for the person"
    assert post(client, "/lists/cameras/columns", {**pressed, "move": "up:zone"}).location.endswith("#down-zone")
    assert moved_by_one(["name", "zone", "live"], "zone", up=False) == (["name", "live", "zone"], "up-zone")
    assert moved_by_one(["name", "zone", "live"], "name", up=False) == (["name", "zone", "live"], "")
    order = ("zone", "live", "model")
    export = Export(
        spec=CAMERAS,
        wanted=Wanted(columns=order),
        format=ExportFormat.CSV,
        layout=ExportLayout.SHOWN,
        locale="zh_Hans_CN",
    )
    assert tuple(each.key for each in export.columns(filer)) == ("name", *order)


def saved(session: Session, actor: Identity, name: str, sharing: Sharing = Sharing.SELF, **more: object):
    order = {"list_key": "cameras", "query": "live=offline&after=x&cols=model&x=1", "opens_list": False, **more}
    return views.save_view(session, actor=actor, name=name, sharing=sharing, now=NOW, **order)


def test_a_view_is_found_by_those_it_is_shared_with(session: Session, world: World) -> None:
    unit, other = world.unit(), world.unit()
    filer, colleague = (world.person(role, unit_id=unit.id) for role in (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD))
    stranger = world.person(Role.UNIT_FILER, unit_id=other.id)
    registrar, inspector = world.person(Role.REGISTRAR), world.person(Role.INSPECTOR)
    far = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    own, ours = saved(session, filer, "离线"), saved(session, filer, "共用", Sharing.UNIT)
    organ = saved(session, registrar, "本局", Sharing.ORGAN)
    assert own.query == "live=offline&cols=model"

    def found(reader: Identity) -> list[str]:
        narrow(session, reader.data_scope)
        names = [view.name for view in views_for(session, reader, "cameras")]
        narrow(session, EVERYTHING)
        return names

    assert found(filer) == ["共用", "离线"]
    assert (found(colleague), found(stranger), found(inspector), found(far)) == (["共用"], [], ["本局"], [])
    with pytest.raises(NotFound):
        views.remove_view(session, actor=colleague, view_id=ours.id)
    with pytest.raises(NotFound):
        views.open_with(session, actor=stranger, list_key="cameras", view_id=organ.id)
    with pytest.raises(Invalid):
        saved(session, filer, "离线")
    with pytest.raises(Invalid):
        saved(session, filer, "本局", Sharing.ORGAN)
    with pytest.raises(NotAllowed):
        saved(session, world.person(Role.AUDITOR), "x")


def test_a_list_opens_with_the_view_chosen(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    view = saved(session, filer, "离线", opens_list=True)
    sign_in(client, world.login_of(filer))
    assert client.get("/cameras").location == f"/cameras?live=offline&cols=model&view={view.id}"
    assert client.get("/cameras?view=all").status_code == 200
    page = client.get("/lists/cameras/views?live=online").text
    assert "离线" in page
    assert "在线" in page
    answer = post(client, "/lists/cameras/views", {"name": "", "sharing": "self", "query": "live=online"})
    assert answer.status_code == 422
    assert post(client, "/lists/cameras/views/remove", {"view": str(view.id)}).status_code == 303
    assert post(client, "/lists/cameras/views/remove", {"view": str(uuid4())}).status_code == 404
    assert client.get("/cameras").status_code == 200


@pytest.mark.parametrize("key", ["units", "systems", "filings"])
def test_the_other_lists_count_what_they_show(session: Session, world: World, filer: Identity, key: str) -> None:
    spec, asked = LISTS[key], within(session, world.person(Role.REGISTRAR))
    found = read_counts(asked, spec, Wanted(conditions={"district": (WENFENG,)}))
    for facet in spec.facets:
        for value, number in counted(found, facet.key).items():
            wanted = Wanted(conditions={"district": (WENFENG,), facet.key: (value,)})
            assert number == len(keys_of(asked, spec, wanted, limit=1000)), (facet.key, value)
    narrow(session, EVERYTHING)


def test_the_cameras_of_a_site_are_those_of_its_systems(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    unit = next(iter(filer.unit_ids))
    site = Site(unit_id=unit, name="东校区", kind="campus", district=WENFENG, address="东门")
    session.add(site)
    session.flush()
    asked = Asked(session=session, identity=filer, today=TODAY)
    wanted = Wanted(conditions={"site": (str(site.id),)})
    assert read_page(asked, CAMERAS, wanted).rows == []
    session.execute(text("update system set site_id = :site where unit_id = :unit"), {"site": site.id, "unit": unit})
    every = {row["row_id"] for row in read_page(asked, CAMERAS, Wanted()).rows}
    assert every
    assert {row["row_id"] for row in read_page(asked, CAMERAS, wanted).rows} == every
    sign_in(client, world.login_of(filer))
    assert "东校区" in client.get(f"/cameras?site={site.id}").text.split('class="chips"')[1].split("</ul>")[0]
    assert f"/cameras?site={site.id}" in client.get(f"/units/{unit}/sites").text
