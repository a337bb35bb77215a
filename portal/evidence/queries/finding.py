"""Finding the cameras of a request by where they stand or by what they are called; never more than can be asked for.

A wide reader's search by place runs as the map role, with the permission in its SQL: a row policy would switch the spatial
index off (decision 2). What it finds is read again under the reader's own rows before it is shown.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from geoalchemy2 import Geography
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy import Connection, Select, String, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.core.geometry import LonLat, distance_m, to_element
from portal.core.paging import COUNT_CAP
from portal.evidence.queries.cameras import askable
from portal.evidence.values.breadth import Drawn, Via
from portal.registry.models import Camera, Filing
from portal.registry.queries.lists import CAMERAS, Asked, Kind, keys_of
from portal.registry.states import IN_FORCE, CameraStatus
from portal.registry.values.lists import Wanted

MOST_WORDS = 500
_LEG_M = 400.0  # a longer leg is searched in pieces: the box about each stays small


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the cameras where they fit, and how many there are, counted up to a bound."""

    ids: Sequence[UUID]
    total: int

    @property
    def capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > COUNT_CAP


@dataclass(frozen=True, slots=True)
class Named:
    """What a list of codes and names came to, each word that needs a look by name."""

    ids: Sequence[UUID]
    unknown: Sequence[str] = ()
    closed: Sequence[str] = ()
    unfiled: Sequence[str] = ()
    several: Sequence[str] = ()


def is_wide(identity: Identity) -> bool:
    """Whether the reader's cameras are those of districts or the whole city, which only the map role finds quickly."""
    seen = visibility(identity, Permission.CAMERA_READ)
    return bool(seen.everything or seen.districts) and not seen.units


def cameras_within(by: Session | Connection, identity: Identity, drawn: Drawn, *, room: int) -> Found:
    """The cameras in an outline or along a route."""
    inside = _along(identity, drawn) if drawn.via is Via.ROUTE else _inside(identity, drawn)
    return _bounded(by, inside, room)


def cameras_named(session: Session, identity: Identity, words: Sequence[str]) -> Named:
    """The cameras of these device codes or exact names. What the reader may not see is as unknown as what is not there."""
    wanted = list(dict.fromkeys(words))
    filed = exists().where(Filing.system_id == Camera.system_id, Filing.status.in_(IN_FORCE))
    statement = select(Camera.id, Camera.gb_code, Camera.name, Camera.status, filed).where(
        or_(Camera.gb_code.in_(wanted), Camera.name.in_(wanted)), *askable(identity, closed_too=True)
    )
    by_word: dict[str, list[tuple[UUID, bool]]] = {}
    closed: set[str] = set()
    for camera_id, code, name, status, has_filing in session.execute(statement.limit(MOST_WORDS * 4)):
        for word in {code or "", name} & set(wanted):
            if status == CameraStatus.DISMANTLED:
                closed.add(word)
            else:
                by_word.setdefault(word, []).append((camera_id, has_filing))
    one_each = {word: rows[0] for word, rows in by_word.items() if len(rows) == 1}
    return Named(
        ids=list(dict.fromkeys(camera_id for camera_id, _filed in one_each.values())),
        unknown=[word for word in wanted if word not in by_word and word not in closed],
        closed=[word for word in wanted if word in closed and word not in by_word],
        unfiled=[word for word in wanted if word in one_each and not one_each[word][1]],
        several=[word for word in wanted if len(by_word.get(word, ())) > 1],
    )


def cameras_listed(session: Session, identity: Identity, address: str, *, room: int, today: date) -> Found | None:
    """The cameras that the list of cameras shows under the conditions of an address; None where it states none."""
    query = urlsplit(address).query if "?" in address else address
    given = dict(parse_qsl(query[:4000], max_num_fields=200))
    conditions = {}
    for each in CAMERAS.filters:
        raw = given.get(each.key, "").replace("\x00", "").strip()
        texts = each.understood(raw.split(",") if each.kind is Kind.CHOICE else [raw])
        if texts:
            conditions[each.key] = texts
    if not conditions:
        return None
    asked = Asked(session=session, identity=identity, today=today)
    ids = keys_of(asked, CAMERAS, Wanted(conditions=conditions), limit=COUNT_CAP + 1)
    if len(ids) > room:
        return Found(ids=(), total=len(ids))
    allowed = set(session.scalars(select(Camera.id).where(Camera.id.in_(ids), *askable(identity))))
    return Found(ids=[one for one in ids if one in allowed], total=len(allowed))


def _inside(identity: Identity, drawn: Drawn) -> Select[UUID]:
    area = to_element(MultiPolygon([Polygon(drawn.rings[0], drawn.rings[1:])]))
    return select(Camera.id).where(
        Camera.position.op("&&")(area), func.ST_Intersects(Camera.position, area), *askable(identity)
    )


def _along(identity: Identity, drawn: Drawn) -> Select[UUID]:
    """Each piece of the way is looked up in the spatial index by its own box; the distance is that on the ellipsoid."""
    pieces = [f"LINESTRING({a[0]} {a[1]},{b[0]} {b[1]})" for a, b in _pieces(drawn.rings[0])]
    middle = sum(lat for _lon, lat in drawn.rings[0]) / len(drawn.rings[0])
    tall = drawn.buffer_m / 110_000
    broad = tall / max(math.cos(math.radians(middle)) - 0.01, 0.1)
    legs = func.unnest(cast(pieces, ARRAY(String))).table_valued("leg", name="legs").render_derived()
    line = func.ST_GeomFromText(legs.c.leg, 4326)
    near = func.ST_DWithin(cast(Camera.position, Geography), cast(line, Geography), drawn.buffer_m)
    return (
        select(Camera.id)
        .select_from(legs)
        .join(Camera, Camera.position.op("&&")(func.ST_Expand(line, broad, tall)))
        .where(near, *askable(identity))
        .distinct()
    )


def _pieces(line: Sequence[LonLat]) -> Iterator[tuple[LonLat, LonLat]]:
    for begins, ends in pairwise(line):
        count = max(1, math.ceil(distance_m(begins, ends) / _LEG_M))
        stops = [
            (begins[0] + (ends[0] - begins[0]) * at / count, begins[1] + (ends[1] - begins[1]) * at / count)
            for at in range(count + 1)
        ]
        yield from pairwise(stops)


def _bounded(by: Session | Connection, found: Select[UUID], room: int) -> Found:
    total = by.execute(select(func.count()).select_from(found.limit(COUNT_CAP + 1).subquery())).scalar_one()
    ids = by.execute(found.limit(room)).scalars().all() if total <= room else ()
    return Found(ids=ids, total=total)
