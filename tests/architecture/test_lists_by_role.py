"""Every list shows a person exactly the rows that the policy grants, compared row by row; every count counts them.

The rows come from the whole database; what is expected of each is asked of `policy.allows` with the row's own scope.
What is shown comes from the list's own query, in a session narrowed as the gate would narrow it.
"""

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from shapely.geometry import MultiPolygon, box
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, visibility
from portal.accounts.values import Identity, Scope
from portal.connections import queries as connected
from portal.connections.models import ConnectionOrder
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.geometry import to_element
from portal.core.paging import Page
from portal.core.scope import EVERYTHING
from portal.desk import queries as desk
from portal.desk.queries.todo import EACH
from portal.evidence.models import CustodyEntry, EquipmentUse, FootageRequest
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import ListFilter, count_todo, request_page, visible_requests
from portal.evidence.queries import equipment as used
from portal.evidence.queries import tally as request_tally
from portal.evidence.queries.cameras import search_cameras
from portal.evidence.queries.ledger import LedgerFilter, ledger_page, ledger_rows
from portal.inspection.models import Acceptance, Finding
from portal.inspection.queries import (
    AcceptanceFilter,
    FindingFilter,
    acceptance_page,
    acceptance_scope,
    acceptance_tally,
    count_overdue,
    finding_page,
    finding_tally,
    handling_scope,
)
from portal.inspection.states import OPEN as OPEN_ACCEPTANCES
from portal.inspection.states import OWED
from portal.mandates.models import (
    InstallOrder,
    MandatedUnit,
    MandateMatch,
    MandateSource,
    OwnerComplaint,
    PublicMove,
    PublicProject,
    RelocationOrder,
)
from portal.mandates.queries import complaints as owner_complaints
from portal.mandates.queries import orders as install_orders
from portal.mandates.queries import projects as public_projects
from portal.mandates.queries import register as must_install
from portal.maps import queries as maps
from portal.maps.values import Reach, Tile
from portal.measures.models import CorrectionOrder, Draw, Measure, SupervisionPlan
from portal.measures.queries import corrections as orders_to_correct
from portal.measures.queries import draws as draws_made
from portal.measures.queries import ladder, plans
from portal.reachability.models import DeviceStatus
from portal.reachability.queries.devices import device_page, device_tally, without_access
from portal.reachability.values import DeviceFilter
from portal.registry import queries as registry
from portal.registry.models import (
    Camera,
    Filing,
    FilingClock,
    Operator,
    PlaceReview,
    ProtectedSite,
    System,
    TipOff,
    Unit,
)
from portal.registry.queries import kind_of, lists
from portal.registry.queries import reviews as points
from portal.registry.queries import zones as premises
from portal.registry.states import LIVE_CODES, LiveState
from portal.registry.values.lists import Wanted
from portal.upkeep.models import PasswordCustody, Workstation, WorkTicket
from portal.upkeep.queries import custody as custodies
from portal.upkeep.queries import operators as operating
from portal.upkeep.queries import tickets
from portal.upkeep.queries import workstations as computers
from portal.upkeep.queries.places import book_scope
from tests.architecture.conftest import MatrixPortal
from tests.support.matrix import Persona
from tests.support.neighbours import WORD
from tests.support.world import NOW

Conditions = Mapping[str, tuple[str, ...]]
CITY_BOX = MultiPolygon([box(113.6, 35.2, 115.0, 36.9)])
CITY = Tile(z=10, x=837, y=401)  # where every camera of the matrix hangs
TODAY = city_day(NOW)
BY_NAME: Conditions = {"q": (WORD,)}
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Listing:
    """A list: what it shows, and which row of which table the policy would show."""

    name: str
    shown: Callable[[Session, Identity], Collection[Any]]
    model: type[Any]
    granted: Callable[[Identity, Any], bool]
    key: str = "id"


def whole(read: Callable[[str | None], Page[Any]]) -> list[Any]:
    """Every row of a list, page by page."""
    rows: list[Any] = []
    after: str | None = None
    while True:
        page = read(after)
        rows += page.items
        after = page.next_cursor
        if after is None:
            return rows


def ids(rows: Collection[Any]) -> list[Any]:
    """The rows' keys; a list, so that a row shown twice is seen."""
    return [row.id for row in rows]


def listed(session: Session, who: Identity, key: str, conditions: Conditions | None = None) -> list[UUID]:
    """Every row of a described list, page by page; nobody else is let in at all."""
    spec = lists.LISTS[key]
    if not may_ever(who, spec.permission):
        return []
    asked, found, after = lists.Asked(session=session, identity=who, today=TODAY), [], ""
    while True:
        page = lists.read_page(asked, spec, Wanted(conditions=conditions or {}, after=after))
        found += [row["row_id"] for row in page.rows]
        after = page.next_cursor
        if not after:
            return found


def taken_out(session: Session, who: Identity, key: str) -> list[UUID]:
    """Every row that goes into a file. This world has no secret system, whose records would stay."""
    spec = lists.LISTS[key]
    if not may_ever(who, spec.permission):
        return []
    asked = lists.Asked(session=session, identity=who, today=TODAY)
    return [row[-1] for row in lists.stream_rows(asked, spec, Wanted(), [spec.columns[0]], extra=[spec.model.id])]


def may_see_camera(identity: Identity, camera: Camera) -> bool:
    return allows(identity, Permission.CAMERA_READ, registry.camera_scope(camera))


def may_see_filing(identity: Identity, filing: Filing) -> bool:
    return allows(identity, Permission.FILING_READ, registry.filing_scope(filing))


def may_see_finding(identity: Identity, finding: Finding) -> bool:
    return allows(identity, Permission.ACCEPTANCE_READ, acceptance_scope(finding))


def may_see_clock(identity: Identity, clock: FilingClock) -> bool:
    where = Scope(
        unit_ids=frozenset({clock.unit_id}), districts=frozenset({clock.district}), kind=kind_of(clock, clock.unit_id)
    )
    return clock.ended_on is None and allows(identity, Permission.FILING_READ, where)


def may_see_open_request(identity: Identity, request: FootageRequest) -> bool:
    """Ordinary matters; drafts are their writer's, and secret ones are compared in tests/evidence/test_reach."""
    own = request.requester_id == identity.person_id and may_ever(identity, Permission.REQUEST_DRAFT)
    return own or (request.status != "draft" and allows(identity, Permission.REQUEST_READ, scope_of(request)))


def entry_scope(entry: CustodyEntry) -> Scope:
    organs = frozenset({entry.requester_organ_id} if entry.requester_organ_id else ())
    return Scope(unit_ids=frozenset({entry.unit_id}), organ_ids=organs)


def status_scope(status: DeviceStatus) -> Scope:
    unit, district = frozenset({status.unit_id}), frozenset({status.district})
    return Scope(unit_ids=unit, districts=district, unit_only=status.secret)


def _granted(permission: Permission, place: Callable[[Any], Scope], who: Identity, row: Any) -> bool:
    return allows(who, permission, place(row))


def tile_cameras(session: Session, identity: Identity) -> Collection[UUID]:
    """The cameras of a tile that shows single ones: their handles stand in it as plain text."""
    database: Database = session.info["database"]
    reach = Reach.of(visibility(identity, Permission.MAP_VIEW))
    if (reach.everything or reach.districts) and not reach.units:
        with database.map_connection() as connection:
            body = maps.camera_tile(connection, CITY, reach)
    else:
        body = maps.camera_tile(session.connection(), CITY, reach)
    with database.session(EVERYTHING) as whole_city:
        return [key for key in whole_city.scalars(select(Camera.id)) if str(key).encode() in body]


def searched(kind: str) -> Callable[[Session, Identity], Collection[Any]]:
    def read(session: Session, identity: Identity) -> Collection[Any]:
        return [hit.id for hit in desk.search(session, identity, WORD, today=TODAY).groups.get(kind, ())]

    return read


# Each list of portal.mandates: its rows, and the permission and the place that open them.
MANDATED = tuple(
    Listing(name, shown, model, partial(_granted, permission, place))
    for name, model, permission, place, shown in (
        (
            "mandated", MandatedUnit, Permission.MANDATE_READ, must_install.entry_scope,
            lambda s, who: [row.entry.id for row in whole(lambda at: must_install.entry_page(s, who, must_install.EntryFilter(), after=at))],
        ),
        (
            "mandated-in-a-file", MandatedUnit, Permission.MANDATE_EXPORT, must_install.entry_scope,
            lambda s, who: taken_out(s, who, "mandated"),
        ),
        (
            "install-orders", InstallOrder, Permission.MANDATE_READ, install_orders.order_scope,
            lambda s, who: ids(whole(lambda at: install_orders.order_page(s, who, install_orders.OrderFilter(), after=at))),
        ),
        (
            "matches", MandateMatch, Permission.MANDATE_EDIT, lambda row: Scope(districts=frozenset({row.district})),
            lambda s, who: ids(must_install.open_matches(s, who, limit=500)[0]),
        ),
        (
            "source-lists", MandateSource, Permission.MANDATE_EDIT, must_install.source_scope,
            lambda s, who: ids(must_install.sources(s, who)),
        ),
        (
            "complaints", OwnerComplaint, Permission.COMPLAINT_READ, owner_complaints.complaint_scope,
            lambda s, who: ids(whole(lambda at: owner_complaints.complaint_page(s, who, owner_complaints.ComplaintFilter(), after=at))),
        ),
        (
            "projects", PublicProject, Permission.PROJECT_READ, public_projects.place_of,
            lambda s, who: ids(whole(lambda at: public_projects.project_page(s, who, public_projects.ProjectFilter(), after=at))),
        ),
        (
            "relocations", RelocationOrder, Permission.PROJECT_READ, public_projects.place_of,
            lambda s, who: ids(whole(lambda at: public_projects.relocation_page(s, who, public_projects.RelocationFilter(), after=at))),
        ),
        (
            "moves", PublicMove, Permission.PROJECT_READ, public_projects.place_of,
            lambda s, who: ids(public_projects.open_moves(s, who, limit=500)[0]),
        ),
    )
)  # fmt: skip

ON_SITE = (
    Listing(
        "equipment-uses",
        lambda s, who: ids(whole(lambda at: used.equipment_page(s, who, used.UseFilter(), after=at))),
        EquipmentUse,
        partial(_granted, Permission.EQUIPMENT_READ, used.use_scope),
    ),
)
JOINED = (
    Listing(
        "connection-orders",
        lambda s, who: ids(
            whole(lambda at: connected.order_page(s, who, connected.OrderFilter(), today=TODAY, after=at))
        ),
        ConnectionOrder,
        partial(_granted, Permission.CONNECTION_ORDER_READ, connected.order_scope),
    ),
)

BOOKED = (
    Listing(
        "password-custody",
        lambda s, who: ids(
            whole(lambda at: custodies.custody_page(s, who, custodies.CustodyFilter(), today=TODAY, after=at))
        ),
        PasswordCustody,
        partial(_granted, Permission.BOOK_READ, book_scope),
    ),
    Listing(
        "workstations",
        lambda s, who: ids(
            whole(lambda at: computers.workstation_page(s, who, computers.WorkstationFilter(), today=TODAY, after=at))
        ),
        Workstation,
        partial(_granted, Permission.BOOK_READ, book_scope),
    ),
    Listing(
        "operators",
        lambda s, who: ids(
            whole(lambda at: operating.operator_page(s, who, operating.OperatorFilter(), today=TODAY, after=at))
        ),
        Operator,
        partial(_granted, Permission.BOOK_READ, book_scope),
    ),
    Listing(
        "tickets",
        lambda s, who: ids(
            [
                row
                for changes in (True, False)
                for row in whole(
                    lambda at, kind=changes: tickets.ticket_page(
                        s, who, tickets.TicketFilter(changes=kind), now=NOW, after=at
                    )
                )
            ]
        ),
        WorkTicket,
        partial(_granted, Permission.BOOK_READ, book_scope),
    ),
)

# Papers against a unit: it reads them once they were served.
MEASURED = tuple(
    Listing(name, shown, model, partial(_granted, Permission.MEASURE_READ, place))
    for name, model, place, shown in (
        (
            "measures", Measure, ladder.measure_scope,
            lambda s, who: ids(whole(lambda at: ladder.measure_page(s, who, ladder.MeasureFilter(), after=at))),
        ),
        (
            "corrections", CorrectionOrder, orders_to_correct.correction_scope,
            lambda s, who: ids(whole(lambda at: orders_to_correct.correction_page(s, who, orders_to_correct.CorrectionFilter(), after=at))),
        ),
    )
) + tuple(
    Listing(name, shown, model, partial(_granted, permission, place))
    for name, model, permission, place, shown in (
        (
            "draws", Draw, Permission.DRAW_READ, draws_made.draw_scope,
            lambda s, who: ids(whole(lambda at: draws_made.draw_page(s, who, after=at))),
        ),
        (
            "plans", SupervisionPlan, Permission.PLAN_READ, plans.plan_scope,
            lambda s, who: ids(whole(lambda at: plans.plan_page(s, who, after=at))),
        ),
    )
)  # fmt: skip

LISTS = (
    Listing(
        "units",
        lambda s, who: listed(s, who, "units"),
        Unit,
        lambda who, row: allows(who, Permission.UNIT_READ, registry.unit_scope(row)),
    ),
    Listing(
        "systems",
        lambda s, who: listed(s, who, "systems"),
        System,
        lambda who, row: allows(who, Permission.SYSTEM_READ, registry.system_scope(row)),
    ),
    Listing("cameras", lambda s, who: listed(s, who, "cameras"), Camera, may_see_camera),
    Listing("cameras-in-a-file", lambda s, who: taken_out(s, who, "cameras"), Camera, may_see_camera),
    Listing(
        "cameras-on-the-ground",
        lambda s, who: ids(s.scalars(registry.cameras_on_ground(who)).all()),
        Camera,
        lambda who, row: allows(who, Permission.CAMERA_READ, registry.ground_scope(row)),
    ),
    Listing(
        "cameras-by-name",
        lambda s, who: listed(s, who, "cameras", BY_NAME),
        Camera,
        lambda who, row: WORD in row.name and may_see_camera(who, row),
    ),
    Listing(
        "places-on-the-map",
        lambda s, who: ids(maps.place_named(s, who, WORD)),
        Camera,
        lambda who, row: WORD in row.name and may_see_camera(who, row),
    ),
    Listing(
        "search-cameras",
        searched("camera"),
        Camera,
        lambda who, row: WORD in row.name and may_see_camera(who, row),
    ),
    Listing(
        "devices-by-name",
        lambda s, who: [
            row.status.camera_id for row in whole(lambda at: device_page(s, who, DeviceFilter(keyword=WORD), after=at))
        ],
        Camera,
        # Only cameras with access data are probed: the ones of this world that bear the word and a number.
        lambda who, row: WORD in row.name and row.name[-1] in "明密" and may_see_camera(who, row),
    ),
    Listing("filings", lambda s, who: listed(s, who, "filings"), Filing, may_see_filing),
    Listing(
        "calls-in-a-file",
        lambda s, who: taken_out(s, who, "calls"),
        CustodyEntry,
        lambda who, row: allows(who, Permission.LEDGER_EXPORT, entry_scope(row)),
    ),
    Listing("filings-in-a-file", lambda s, who: taken_out(s, who, "filings"), Filing, may_see_filing),
    Listing(
        "filing-clocks",
        lambda s, who: ids(
            whole(lambda at: registry.clock_page(s, who, registry.ClockFilter(), today=TODAY, after=at))
        ),
        FilingClock,
        may_see_clock,
    ),
    Listing(
        "acceptances",
        lambda s, who: ids(whole(lambda at: acceptance_page(s, who, AcceptanceFilter(), after=at))),
        Acceptance,
        lambda who, row: allows(who, Permission.ACCEPTANCE_READ, acceptance_scope(row)),
    ),
    Listing(
        "findings",
        lambda s, who: ids(whole(lambda at: finding_page(s, who, FindingFilter(), after=at))),
        Finding,
        may_see_finding,
    ),
    Listing(
        "acceptances-in-a-file",
        lambda s, who: taken_out(s, who, "acceptances"),
        Acceptance,
        lambda who, row: allows(who, Permission.ACCEPTANCE_READ, acceptance_scope(row)),
    ),
    Listing("findings-in-a-file", lambda s, who: taken_out(s, who, "findings"), Finding, may_see_finding),
    Listing(
        "requests",
        lambda s, who: [
            row.id for row in whole(lambda at: request_page(s, who, ListFilter(), after=at or "")) if not row.secret
        ],
        FootageRequest,
        lambda who, row: not row.secret and may_see_open_request(who, row),
    ),
    Listing(
        "ledger",
        lambda s, who: ids(whole(lambda at: ledger_page(s, who, LedgerFilter(), after=at or ""))),
        CustodyEntry,
        lambda who, row: allows(who, Permission.LEDGER_READ, entry_scope(row)),
    ),
    Listing(
        "ledger-export",
        lambda s, who: ids(list(ledger_rows(s, who, LedgerFilter(), limit=10_000))),
        CustodyEntry,
        lambda who, row: allows(who, Permission.LEDGER_EXPORT, entry_scope(row)),
    ),
    Listing(
        "devices",
        lambda s, who: [
            row.status.target_id for row in whole(lambda at: device_page(s, who, DeviceFilter(), after=at))
        ],
        DeviceStatus,
        lambda who, row: allows(who, Permission.REACH_READ, status_scope(row)),
        key="target_id",
    ),
    Listing(
        "area-search",
        lambda s, who: ids(maps.cameras_in(s, who, to_element(CITY_BOX)).cameras),
        Camera,
        may_see_camera,
    ),
    Listing("map-tile", tile_cameras, Camera, may_see_camera),
    Listing(
        "cameras-to-ask-for",
        lambda s, who: ids(search_cameras(s, who, limit=500)),
        Camera,
        may_see_camera,
    ),
    Listing(
        "search-units",
        searched("unit"),
        Unit,
        lambda who, row: WORD in row.name and allows(who, Permission.UNIT_READ, registry.unit_scope(row)),
    ),
    Listing(
        "search-filings",
        # By number; found by the name of the system or the unit, too: tests/desk/test_search.
        lambda s, who: [
            hit.id for hit in desk.search(s, who, WORD, today=TODAY).groups.get("filing", ()) if WORD in hit.code
        ],
        Filing,
        lambda who, row: WORD in (row.number or "") and may_see_filing(who, row),
    ),
    *MANDATED,
    *MEASURED,
    *JOINED,
    *BOOKED,
    *ON_SITE,
    Listing(
        "reviews",
        lambda s, who: [
            line.review.id for line in whole(lambda at: points.review_page(s, who, points.ReviewFilter(), after=at))
        ],
        PlaceReview,
        lambda who, row: allows(who, Permission.REVIEW_READ, points.review_scope(row)),
    ),
    Listing(
        "tip-offs",
        lambda s, who: ids(whole(lambda at: points.tip_page(s, who, points.TipFilter(), after=at))),
        TipOff,
        lambda who, row: allows(who, Permission.TIP_OFF_HANDLE, points.tip_scope(row)),
    ),
    Listing(
        "protected-sites",
        lambda s, who: ids(whole(lambda at: points.site_page(s, who, after=at))),
        ProtectedSite,
        lambda who, row: allows(who, Permission.SITE_KEEP, points.site_scope(row)),
    ),
    Listing(
        "systems-with-gaps",
        lambda s, who: [row.system.id for row in whole(lambda at: premises.short_systems(s, who, after=at))],
        System,
        # The one system of this world whose zones are laid: its gate is covered by nothing that answers.
        lambda who, row: (
            row.name == "校园视频监控系统" and allows(who, Permission.COVERAGE_READ, registry.system_scope(row))
        ),
    ),
    Listing(
        "notices",
        lambda s, who: ids(desk.unread_notices(s, who, limit=1000)),
        Notice,
        lambda who, row: row.person_id == who.person_id,
    ),
)


def signed_in(portal: MatrixPortal) -> Iterator[tuple[Persona, Identity]]:
    """Everybody of the matrix who has an account."""
    for persona in portal.matrix.personas:
        if persona.identity is not None:
            yield persona, persona.identity


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.name)
def test_a_list_shows_what_the_policy_grants(matrix_portal: MatrixPortal, listing: Listing) -> None:
    wrong, seen = [], set[frozenset[Any]]()
    with matrix_portal.database.session(EVERYTHING) as session:
        rows = session.scalars(select(listing.model)).all()
        for persona, identity in signed_in(matrix_portal):
            granted = {getattr(row, listing.key) for row in rows if listing.granted(identity, row)}
            with matrix_portal.database.session(identity.data_scope) as own:
                shown = list(listing.shown(own, identity))
            seen.add(frozenset(granted))
            if set(shown) != granted or len(shown) != len(granted):
                more, less = len(set(shown) - granted), len(granted - set(shown))
                wrong.append(f"{persona.key}: {more} too many, {less} missing, {len(shown)} shown")
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 1, "nobody's list differs from anybody else's: the rows of this world prove nothing"


@dataclass(frozen=True)
class World:
    """Every row there is, for whoever counts by hand."""

    cameras: Sequence[Camera]
    filings: Sequence[Filing]
    acceptances: Sequence[Acceptance]
    requests: Sequence[FootageRequest]
    devices: Sequence[DeviceStatus]
    units: Sequence[Unit]
    clocks: Sequence[FilingClock]
    findings: Sequence[Finding]

    @classmethod
    def of(cls, session: Session) -> "World":
        """Read it whole."""
        kinds = (Camera, Filing, Acceptance, FootageRequest, DeviceStatus, Unit, FilingClock, Finding)
        return cls(*(session.scalars(select(kind)).all() for kind in kinds))


def counts(session: Session, who: Identity, world: World) -> Iterator[tuple[str, object, object]]:
    """Each count's name, what the portal says, and what counting the granted rows one by one says."""
    cameras = [row for row in world.cameras if may_see_camera(who, row)]
    filings = [row for row in world.filings if may_see_filing(who, row)]
    acceptances = [row for row in world.acceptances if allows(who, Permission.ACCEPTANCE_READ, acceptance_scope(row))]
    devices = [row for row in world.devices if allows(who, Permission.REACH_READ, status_scope(row))]
    probed = {row.camera_id for row in world.devices}

    tally: dict[Any, int] = dict(registry.live_tally(session, who))
    yield "cameras by state", tally, {state: sum(LIVE_CODES[state] == row.live for row in cameras) for state in tally}
    for key, rows in (("cameras", cameras), ("filings", filings)):
        if may_ever(who, lists.LISTS[key].permission):
            yield from list_counts(session, who, key, rows)
    clocks = [row for row in world.clocks if may_see_clock(who, row)]
    yield "clocks", sum(registry.clock_tally(session, who, registry.ClockFilter(), today=TODAY).values()), len(clocks)
    by_organ = {key: running for key, _, _, running in registry.clocks_by_organ(session, who, today=TODAY)}
    organs = [row.organ_id for row in clocks]
    yield "clocks by organ", by_organ, {organ: organs.count(organ) for organ in organs}
    tally = dict(acceptance_tally(session, who, AcceptanceFilter()))
    yield "acceptances by status", tally, {state: sum(state == row.status for row in acceptances) for state in tally}
    findings = [row for row in world.findings if may_see_finding(who, row)]
    tally = dict(finding_tally(session, who, FindingFilter()))
    yield "findings by status", tally, {state: sum(state == row.status for row in findings) for state in tally}
    late = [row for row in findings if row.status in OWED]
    yield "overdue", count_overdue(session, who, FindingFilter(), on=TODAY + timedelta(days=99)), len(late)
    tally = dict(device_tally(session, who, DeviceFilter()))
    yield "devices by state", tally, {state: sum(state == row.state for row in devices) for state in tally}
    yield "cameras in an area", maps.cameras_in(session, who, to_element(CITY_BOX)).total, len(cameras)
    ground = [row for row in cameras if allows(who, Permission.CAMERA_READ, registry.ground_scope(row))]
    yield "cameras not probed", without_access(session, who)[0], sum(row.id not in probed for row in ground)
    listed = set(session.scalars(select(FootageRequest.id).where(visible_requests(who))))
    yield "requests", request_tally(session, who, ListFilter())["all"], len(listed)
    yield from figures(session, who, (cameras, filings, acceptances, clocks))
    reviews = set(session.scalars(points.reviews_visible_to(who).with_only_columns(PlaceReview.id)))
    yield "reviews", sum(points.review_tally(session, who, points.ReviewFilter()).values()), len(reviews)
    tips = set(session.scalars(points.tips_visible_to(who).with_only_columns(TipOff.id)))
    yield "tip-offs", sum(points.tip_tally(session, who, points.TipFilter()).values()), len(tips)
    short = premises.short_systems(session, who).total
    yield "systems with gaps", sum(row.systems_short for row in premises.gaps(session, who)), short
    yield from districts(session, who, world)


def list_counts(session: Session, who: Identity, key: str, rows: Sequence[Any]) -> Iterator[tuple[str, object, object]]:
    """The total and every counted condition of a described list; one of cameras may come from the kept sums."""
    asked = lists.Asked(session=session, identity=who, today=TODAY)
    said = lists.read_counts(asked, lists.LISTS[key], Wanted())
    yield f"{key} in all", said.total.number, len(rows)
    by_hand: dict[str, Callable[[Any], str]] = {"district": lambda row: row.district, "status": lambda row: row.status}
    if key == "cameras":
        judged = [row for row in rows if row.status != "dismantled"]
        quality = {name: n for name in ("pass", "fail") if (n := sum(row.passes is (name == "pass") for row in judged))}
        yield "cameras by quality", {name: one.number for name, one in said.facets["quality"].items()}, quality
    for facet, value in by_hand.items():
        counted = {name: one.number for name, one in said.facets[facet].items()}
        yield f"{key} by {facet}", counted, dict(Counter(value(row) for row in rows))


def is_late(clock: FilingClock) -> bool:
    """Whether a system should have been filed by now."""
    return clock.kind in ("new", "existing") and clock.due_on is not None and clock.due_on < TODAY


def figures(
    session: Session,
    who: Identity,
    rows: tuple[Sequence[Camera], Sequence[Filing], Sequence[Acceptance], Sequence[FilingClock]],
) -> Iterator[tuple[str, object, object]]:
    """The numbers of the desk."""
    cameras, filings, acceptances, clocks = rows
    by_hand = {
        "filings_waiting": sum(row.status == "submitted" for row in filings),
        "filings_overdue": sum(is_late(row) for row in clocks),
        "acceptances_open": sum(row.status in OPEN_ACCEPTANCES for row in acceptances),
        "cameras_offline": sum(
            row.live in {LIVE_CODES[LiveState.OFFLINE], LIVE_CODES[LiveState.UNREACHABLE]} for row in cameras
        ),
    }
    for figure in desk.figures(session, who, today=TODAY, now=NOW):
        if figure.key in by_hand:
            yield f"figure {figure.key}", figure.count, by_hand[figure.key]


def districts(session: Session, who: Identity, world: World) -> Iterator[tuple[str, object, object]]:
    """The breakdown of the desk: units, and units with a system that is not filed in time."""
    units = [row for row in world.units if allows(who, Permission.UNIT_READ, registry.unit_scope(row))]
    late = {row.unit_id for row in world.clocks if is_late(row)}
    said = [(count, overdue) for _, count, overdue in desk.by_district(session, who, today=TODAY)]
    by_hand = [
        (len(within), sum(row.id in late for row in within))
        for code in sorted({row.district for row in units})
        for within in [[row for row in units if row.district == code]]
    ]
    yield "districts", said, by_hand


def test_a_count_counts_what_the_policy_grants(matrix_portal: MatrixPortal) -> None:
    wrong = []
    with matrix_portal.database.session(EVERYTHING) as session:
        world = World.of(session)
        for persona, identity in signed_in(matrix_portal):
            with matrix_portal.database.session(identity.data_scope) as own:
                for name, said, by_hand in counts(own, identity, world):
                    if said != by_hand:
                        wrong.append(f"{persona.key}: {name}: {said}, by hand {by_hand}")
    assert not wrong, "\n".join(wrong)


# What a thing to do asks for: the permission of the act and the states in which it waits.
ACTS: dict[str, tuple[type[Any], Permission, frozenset[str]]] = {
    "filing_submit": (Filing, Permission.FILING_SUBMIT, frozenset({"draft", "returned"})),
    "filing_decide": (Filing, Permission.FILING_DECIDE, frozenset({"submitted"})),
    "acceptance_papers": (Acceptance, Permission.ACCEPTANCE_APPLY, frozenset({"returned"})),
    "acceptance_check": (Acceptance, Permission.ACCEPTANCE_CHECK, frozenset({"requested"})),
    "acceptance_schedule": (Acceptance, Permission.VISIT_SCHEDULE, frozenset({"checked"})),
}


def test_what_waits_for_a_person_is_what_they_may_do(matrix_portal: MatrixPortal) -> None:
    """The desk names what the person's role can act on, all of it up to its limit, and nothing they could not open."""
    wrong = []
    with matrix_portal.database.session(EVERYTHING) as session:
        rows = {model: session.scalars(select(model)).all() for model in (Filing, Acceptance)}
        for persona, identity in signed_in(matrix_portal):
            with matrix_portal.database.session(identity.data_scope) as own:
                todos = desk.todos(own, identity, today=TODAY)
                readable = set(own.scalars(select(FootageRequest.id).where(visible_requests(identity))))
                badge, mine = count_todo(own, identity), request_tally(own, identity, ListFilter())["mine"]
            if badge != mine:
                wrong.append(f"{persona.key}: {badge} requests at the menu, {mine} listed")
            for kind, (model, permission, states) in ACTS.items():
                scope = registry.filing_scope if model is Filing else handling_scope
                due = {
                    row.id
                    for row in rows[model]
                    if row.status in states
                    and may_ever(identity, permission)
                    and allows(identity, permission, scope(row))
                }
                named = [todo.id for todo in todos if todo.kind == kind]
                if not set(named) <= due or len(named) != min(len(due), EACH):
                    wrong.append(f"{persona.key}: {kind}: {len(named)} named, {len(due)} due")
            hidden = [todo for todo in todos if todo.kind == "request" and todo.id not in readable]
            if hidden:
                wrong.append(f"{persona.key}: {len(hidden)} requests to do that the person cannot open")
    assert not wrong, "\n".join(wrong)


# Every reading function that is given a person, and where its answer is compared with the policy.
COMPARED = {
    "connections": {"orders_visible_to", "order_page"},
    "desk": {"figures", "by_district", "unread_notices", "search", "todos"},
    "evidence": {
        "count_todo", "search_cameras", "ledger_page", "ledger_rows", "in_reach", "request_page", "tally", "visible_requests",
        "uses_visible_to", "equipment_page",
    },
    "inspection": {
        "acceptance_page", "acceptance_tally", "acceptances_visible_to",
        "finding_page", "finding_tally", "findings_visible_to", "count_overdue",
    },
    "mandates": {
        "entries_visible_to", "entry_page", "orders_visible_to", "order_page", "matches_visible_to", "open_matches",
        "complaints_visible_to", "complaint_page", "projects_visible_to", "project_page", "relocations_visible_to",
        "relocation_page", "open_moves", "sources_visible_to", "sources",
    },
    "maps": {"cameras_in", "place_named"},
    "measures": {
        "measures_visible_to", "measure_page", "corrections_visible_to", "correction_page", "draws_visible_to", "draw_page",
        "plans_visible_to", "plan_page",
    },
    "upkeep": {
        "rows_visible_to", "custody_visible_to", "custody_page", "tickets_visible_to", "ticket_page",
        "workstations_visible_to", "workstation_page", "operators_visible_to", "operator_page",
    },
    "reachability": {"device_page", "device_tally", "without_access"},
    "registry": {
        "units_visible_to", "systems_visible_to", "visible_cameras", "cameras_on_ground", "live_tally", "columns_for",
        "filings_visible_to",
        "clocks_visible_to", "clock_page", "clock_tally", "clocks_by_organ",
        "review_page", "reviews_visible_to", "review_tally",
        "tip_page", "tips_visible_to", "tip_tally", "site_page", "short_systems", "gaps",
    },
}  # fmt: skip
ELSEWHERE = {
    **{
        ("api", f"{kind}_page"): f"{kind} of open_rows by equal columns: tests/api"
        for kind in ("units", "systems", "cameras", "filings")
    },
    ("api", "stays_inside"): "one row: tests/api/test_interface",
    ("webhooks", "hooks_of"): "one's own, by the person: tests/architecture/test_row_security",
    ("webhooks", "get_hook"): "one row: test_routes_by_role",
    ("webhooks", "get_delivery"): "one row: test_routes_by_role",
    ("webhooks", "seen_by"): "open_rows by their keys: tests/api",
    ("desk", "dues"): "what one's own unit owes: tests/desk",
    ("inspection", "get_handled"): "one row: test_routes_by_role",
    ("inspection", "require_handling"): "one row: tests/inspection/test_standard",
    ("registry", "lacking_of_units"): "the running systems of one's own units: tests/desk",
    ("desk", "findings"): "part of todos, over the columns of findings_visible_to: tests/inspection/test_findings",
    ("desk", "campaigns_waiting"): "part of todos: tests/campaigns",
    ("inspection", "sees_within"): "one row, and no list: tests/inspection/test_attacks",
    ("inspection", "handled_by"): "handling_scope as a condition on rows, by what waits for a person: here",
    ("desk", "weekly_filings"): "a chart over filings_visible_to",
    ("desk", "count_unread"): "how many unread_notices there are",
    ("evidence", "cameras_of_system"): "visible_cameras of one system",
    ("evidence", "cameras_near"): "the rows of search_cameras, by where they hang: tests/evidence/test_overwriting",
    ("evidence", "chosen_cameras"): "the rows of search_cameras, by their keys",
    ("evidence", "units_of"): "a filter of the picker: the units whose cameras search_cameras finds",
    ("evidence", "papers_asked"): "rules of one request already opened",
    (
        "evidence",
        "beside_visible",
    ): "what hangs on visible_requests: tests/evidence/test_copies, test_leaks, test_missing",
    ("evidence", "get_beside"): "one row: test_routes_by_role",
    ("evidence", "colleagues_named"): "colleagues, by membership and not by permission: tests/evidence/test_attacked",
    ("evidence", "possible_readers"): "colleagues, by membership and not by permission",
    ("evidence", "may_read_content"): "one row: tests/evidence/test_secret",
    ("evidence", "get_request"): "one row: test_routes_by_role",
    ("evidence", "siblings_of"): "visible_requests of one ask",
    **{
        ("evidence", name): "the copies of visible_requests: tests/evidence/test_copies"
        for name in ("copies_visible_to", "copy_page", "copy_tally", "count_overdue")
    },
    **{
        ("evidence", name): "the leaks of visible_requests: tests/evidence/test_leaks"
        for name in ("leaks_visible_to", "leak_page", "copy_by_serial")
    },
    ("desk", "footage_going"): "a count over visible_requests: tests/evidence/test_overwriting",
    ("desk", "owed_waiting"): "part of todos, over visible_requests: tests/evidence/test_asks",
    **{
        ("evidence", name): "what is owed on visible_requests: tests/evidence/test_asks"
        for name in ("owed_page", "owed_tally")
    },
    **{
        ("evidence", name): "the units' own, by the unit: tests/evidence/test_backups, test_row_security"
        for name in ("backup_page", "lock_backup")
    },
    **{
        ("evidence", name): "the organ's own, or the city's: tests/evidence/test_watching"
        for name in (
            "sign_page",
            "sign_of",
            "volumes",
            "repeats",
            "pairs",
            "question_page",
            "questions_visible_to",
            "year_figures",
            "years_known",
        )
    },
    **{("evidence", name): "one row: tests/evidence/test_receipts" for name in ("receipt_by", "get_receipt")},
    ("evidence", "get_question"): "one row: test_routes_by_role",
    ("desk", "copies_waiting"): "part of todos, over visible_requests: tests/evidence/test_leaks",
    **{
        ("evidence", name): "the findings of visible_requests: tests/evidence/test_missing"
        for name in ("missing_visible_to", "missing_page", "get_missing")
    },
    ("desk", "missing_waiting"): "part of todos, over missing_visible_to: tests/evidence/test_missing",
    ("evidence", "get_leak"): "one row: test_routes_by_role",
    ("evidence", "get_copy"): "one row: test_routes_by_role",
    ("evidence", "answers_for"): "one row: tests/evidence/test_copies",
    ("evidence", "lock_request"): "one row: test_routes_by_role",
    ("evidence", "todo"): "only ever beside visible_requests",
    ("inspection", "get_acceptance"): "one row: test_routes_by_role",
    **{
        ("inspection", name): "one row: test_routes_by_role, tests/measures/test_plans"
        for name in ("get_finding", "handles_finding", "require_finding")
    },
    ("inspection", "proof_of"): "one row: test_routes_by_role",
    **{
        ("inspection", name): "counted over what the lists show: tests/inspection/test_figures"
        for name in ("waits", "passes", "missed_items", "loads", "by_district")
    },
    ("inspection", "get_own_visit"): "one row: test_routes_by_role",
    ("inspection", "own_visits"): "the person's own, by the places held in them: tests/inspection/test_field",
    ("inspection", "field_visit"): "one row: tests/inspection/test_sealing",
    ("inspection", "devices_of"): "the person's own and the organ's: tests/inspection/test_sealing, test_row_security",
    ("inspection", "own_calendar"): "one's own, by the person: test_row_security",
    ("inspection", "get_inspector"): "the organ's own people: tests/inspection/test_sending",
    ("inspection", "week_board"): "the organ's own people: tests/inspection/test_booking, test_row_security",
    **{
        ("campaigns", name): "one row, or what hangs on one: test_routes_by_role"
        for name in ("get_campaign", "get_managed", "schools_of", "standing_of", "coverage_of", "require_of")
    },
    **{
        ("campaigns", name): "whose bureau, district or school: tests/campaigns"
        for name in (
            "campaigns_visible_to",
            "campaign_page",
            "standings",
            "standing_page",
            "bureaus_of",
            "led_campaigns",
            "own_steps",
        )
    },
    **{
        ("mandates", name): "one row: test_routes_by_role"
        for name in (
            "get_entry",
            "get_order",
            "get_source",
            "get_complaint",
            "get_project",
            "get_relocation",
            "get_move",
            "unit_named",
        )
    },
    **{
        ("mandates", name): "counted over what its list shows: tests/mandates"
        for name in (
            "entry_tally",
            "gap_table",
            "open_places",
            "count_unplaced",
            "order_tally",
            "complaint_tally",
            "relocation_tally",
            "totals_by_year",
            "public_systems",
        )
    },
    **{
        ("mandates", name): "offers of a form whose operation asks the policy once more: tests/mandates"
        for name in ("systems_to_link", "police_units", "public_cameras")
    },
    **{("measures", name): "one row: test_routes_by_role" for name in ("get_measure", "get_correction")},
    **{
        ("measures", name): "counted over what its list shows: tests/measures"
        for name in ("measure_tally", "correction_tally")
    },
    **{
        ("measures", name): "the visible papers of one unit or one chain: tests/measures"
        for name in ("measures_of_unit", "corrections_of_unit", "chain_of")
    },
    **{("measures", name): "one row: test_routes_by_role" for name in ("get_draw", "get_plan", "get_planned")},
    **{
        ("measures", name): "units_visible_to, narrowed or frozen: tests/measures/test_plans, test_draws"
        for name in ("population_of", "assessed_units")
    },
    **{
        ("measures", name): "units of a permission of their own, narrowed: tests/measures/test_plans"
        for name in ("commendable_units", "commendation_page", "commendation_counts", "commendable_rows")
    },
    **{
        (
            "measures",
            name,
        ): "the visible papers of a finding, the visible findings of a paper: tests/measures/test_following"
        for name in ("findings_followed", "papers_following", "waiting_units", "waiting_findings")
    },
    ("measures", "revealed_draws"): "draws_visible_to that a plan takes up: tests/measures/test_plans",
    ("connections", "get_order"): "one row: test_routes_by_role",
    **{
        ("upkeep", name): "one row: test_routes_by_role"
        for name in ("get_row", "get_custody", "get_ticket", "get_workstation", "get_operator")
    },
    **{
        ("upkeep", name): "rows_visible_to, counted or narrowed: tests/upkeep"
        for name in (
            "custody_tally",
            "custody_flaws",
            "custody_book",
            "ticket_tally",
            "late_tickets",
            "workstation_counts",
            "operator_counts",
            "operator_book",
        )
    },
    ("upkeep", "homes"): "the person's own units",
    **{
        ("upkeep", name): "openings of one's own unit, as far as footage requests are seen: tests/upkeep"
        for name in ("unregistered", "opened_unlisted")
    },
    ("upkeep", "untold_changes"): "visible_cameras whose parameters changed: tests/upkeep",
    ("desk", "books_waiting"): "by the permission of each act in one's own unit: tests/upkeep",
    **{
        ("connections", name): "orders_visible_to, counted or narrowed: tests/connections"
        for name in ("order_tally", "irregular_tally", "irregular", "wrong_with", "orders_of_unit", "orders_of_system")
    },
    **{
        ("connections", name): "visible_cameras of one order's system: tests/connections"
        for name in ("cameras_of_order", "later_cameras", "cameras_to_cover")
    },
    ("connections", "system_of"): "one name: tests/connections",
    ("connections", "unordered"): "connections of the register by the same reach: tests/connections",
    **{("evidence", name): "one row: test_routes_by_role" for name in ("get_use", "lock_use", "may_read_texts")},
    ("evidence", "equipment_tally"): "counted over what its list shows: tests/evidence/test_equipment",
    ("evidence", "cameras_to_use"): "visible_cameras of one system",
    ("desk", "equipment_waiting"): "uses_visible_to by the permission of each act: tests/evidence/test_equipment",
    ("desk", "connections_waiting"): "by the permission of each act: tests/connections",
    ("desk", "measures_waiting"): "one's own organ's or unit's papers: tests/measures/test_pages",
    ("maps", "camera_bounds"): "the extent of visible_cameras",
    ("reachability", "reasons_in_use"): "the filter of device_page",
    ("reachability", "get_run"): "one row: test_routes_by_role",
    ("registry", "stalled_systems"): "systems_visible_to, narrowed: tests/registry/test_filing_duties",
    ("registry", "get_unit"): "one row: test_routes_by_role",
    ("registry", "get_system"): "one row: test_routes_by_role",
    ("registry", "get_camera"): "one row: test_routes_by_role",
    ("registry", "get_filing"): "one row: test_routes_by_role",
    ("registry", "get_import"): "one row: test_routes_by_role",
    ("registry", "imports_of"): "imports of one system, as get_import opens them: tests/registry/sheets/test_secrecy",
    ("registry", "open_rows"): "a list without what no file may hold: tests/api, registry/test_exports",
    ("registry", "cameras_of"): "visible_cameras by their keys",
    ("registry", "live_of_system"): "counts over visible_cameras of one system",
    **{
        ("registry", name): "counts over visible_cameras: tests/registry/test_camera_file"
        for name in ("standing_of", "standings_by_district", "standings_by_unit", "faults_by_kind", "departments_of")
    },
    ("registry", "best_matches"): "the desk's search, over the visible rows of each kind",
    ("registry", "value_of"): "one column of read_page: tests/registry/test_exports",
    ("registry", "views_for"): "bookmarks, which hold no rows: tests/registry/test_list_pages",
    ("registry", "choice_of"): "one's own habit, by one's own key",
    ("registry", "own_view"): "one's own row: tests/registry/test_list_pages",
    ("registry", "get_list_run"): "one row: test_routes_by_role",
    ("registry", "recent_list_runs"): "one's own rows: tests/registry/test_exports",
    ("registry", "may_see_quality"): "one district: test_routes_by_role",
    ("registry", "contractor_page"): "one register for all who may read it: tests/registry/test_contractors",
    ("registry", "get_contractor"): "one row: test_routes_by_role",
    ("registry", "engagements_with"): "systems_visible_to of one firm: tests/registry/test_contractors",
    ("registry", "paper_of"): "one row: tests/registry/test_contractors",
    ("registry", "papers_of"): "the certificates paper_of opens: tests/registry/test_contractors",
    ("registry", "expiry_page"): "what runs out of systems_visible_to: tests/registry/test_archive",
    ("registry", "may_open"): "one row: test_routes_by_role",
    ("registry", "get_document"): "one row: test_routes_by_role",
    ("registry", "owns_document"): "one row: tests/registry/test_papers",
    **{
        ("registry", name): "visible_cameras of one unit: tests/registry/test_plan"
        for name in ("matched_in", "unplanned_cameras", "candidates")
    },
    ("registry", "get_review"): "one row: test_routes_by_role",
    ("registry", "withheld_cameras"): "the secret cameras that visible_cameras leaves out: tests/registry/test_parts",
    ("registry", "review_lines"): "reviews_visible_to, with the names of visible_cameras: tests/registry/test_premises",
    ("registry", "reviews_of_system"): "reviews of one system, as review_lines names them",
    ("registry", "get_site"): "one row: test_routes_by_role",
    ("registry", "get_tip"): "one row: test_routes_by_role",
    ("registry", "matrix_page"): "visible_cameras of one system",
    ("registry", "cameras_facing_homes"): "visible_cameras of one system",
    ("registry", "camera_called"): "one of visible_cameras",
    **{("workflow", name): "one step: tests/workflow" for name in ("standings", "judged", "acting_for")},
    **{
        ("accounts", name): "one's own unit or organ: tests/workflow/test_delegations"
        for name in ("delegation_page", "homes_with_posts", "get_delegation")
    },
    **{
        ("evidence", name): "the cameras a person may ask for: tests/evidence/test_choosing"
        for name in ("askable", "cameras_within", "cameras_listed", "cameras_named", "is_wide")
    },
    ("evidence", "part_numbers"): "parts of a series the reader sees: tests/evidence/test_breadth",
    ("evidence", "parts_shown"): "parts of a series the reader sees: tests/evidence/test_breadth",
    ("evidence", "may_assign"): "the holder of a post: tests/evidence/test_chains",
    ("desk", "delegations_held"): "one's own appointments: tests/workflow/test_delegations",
    ("workflow", "barriers_for"): "one step: tests/workflow",
    ("workflow", "awaits"): "the SQL twin of barriers_for: tests/workflow",
}


def test_no_reading_function_is_left_out() -> None:
    found = set()
    for path in [*ROOT.glob("portal/*/queries.py"), *ROOT.glob("portal/*/queries/**/*.py")]:
        package = path.relative_to(ROOT / "portal").parts[0]
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
                if "identity" in names:
                    found.add((package, node.name))
    known = {(package, name) for package, names in COMPARED.items() for name in names} | ELSEWHERE.keys()
    assert found - known == set(), "compare what it shows with the policy, or say where that is done"
    assert known - found == set(), "gone: strike it out here"
