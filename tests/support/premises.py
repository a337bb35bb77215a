"""Zones, signs, masks, reviews, protected sites and tip-offs for the worlds of tests, written as plain rows."""

from datetime import timedelta
from uuid import UUID

from portal.core.crypto import row_context
from portal.core.geometry import point, to_element
from portal.core.ids import new_id
from portal.core.services import services
from portal.registry.models import (
    Camera,
    PlaceReview,
    PrivacyMask,
    ProtectedSite,
    Sign,
    System,
    SystemStandard,
    SystemZone,
    TipOff,
    ZoneCamera,
)
from portal.registry.operations.tips import new_reference
from tests.support.world import NOW, World


def a_zone(
    world: World, system: System, key: str = "gate", *, photo: UUID | None = None, **columns: object
) -> SystemZone:
    """A zone laid from the schools' template."""
    values = {"profile": "guannan-schools-2018", "number": 2, "required": True, "full_coverage": True} | columns
    zone = SystemZone(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        key=key,
        photo_file_id=photo,
        created_at=NOW,
        updated_at=NOW,
        **values,
    )
    world.session.add(zone)
    world.session.flush()
    return zone


def a_sign(world: World, system: System, photo: UUID, *, zone_key: str = "gate") -> Sign:
    """A sign that hangs."""
    sign = Sign(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        zone_key=zone_key,
        place="南大门右侧",
        photo_file_id=photo,
        put_up_on=NOW.date() - timedelta(days=30),
        recorded_by_name="李建国",
        recorded_at=NOW,
    )
    world.session.add(sign)
    world.session.flush()
    return sign


def a_mask(world: World, camera: Camera, photo: UUID) -> PrivacyMask:
    """A privacy mask in a camera's view."""
    mask = PrivacyMask(
        camera_id=camera.id,
        unit_id=camera.unit_id,
        district=camera.district,
        masked="三号楼二至六层窗户",
        photo_file_id=photo,
        recorded_by_name="李建国",
        recorded_at=NOW,
    )
    world.session.add(mask)
    world.session.flush()
    return mask


def covers(world: World, zone: SystemZone, camera: Camera) -> None:
    """A further zone of a camera."""
    place = {"unit_id": camera.unit_id, "district": camera.district}
    world.session.add(ZoneCamera(zone_id=zone.id, camera_id=camera.id, **place))
    world.session.flush()


def follows(world: World, system: System, key: str = "gb-50348-2018") -> None:
    """A standard of a system."""
    place = {"unit_id": system.unit_id, "district": system.district}
    world.session.add(SystemStandard(system_id=system.id, key=key, named_at=NOW, **place))
    world.session.flush()


def a_review(
    world: World, camera: Camera, *, photo: UUID | None = None, kind: str = "interior", **columns: object
) -> PlaceReview:
    """A review of a camera's point."""
    review = PlaceReview(
        kind=kind,
        source="entry",
        camera_id=camera.id,
        system_id=camera.system_id,
        unit_id=camera.unit_id,
        district=camera.district,
        place="toilet" if kind == "interior" else "",
        word="卫生间" if kind == "interior" else "",
        opened_at=NOW,
        photo_file_id=photo,
        **columns,
    )
    world.session.add(review)
    world.session.flush()
    return review


def a_site(world: World, organ_id: UUID, district: str, *, name: str = "某涉密单位") -> ProtectedSite:
    """A protected site that an organ keeps, far from every camera of the world."""
    site = ProtectedSite(
        kind="secret_organ",
        name=name,
        position=to_element(point(114.9, 36.3)),
        radius_m=100,
        district=district,
        organ_id=organ_id,
        entered_by_name="民警",
        entered_at=NOW,
        updated_at=NOW,
    )
    world.session.add(site)
    world.session.flush()
    return site


def a_tip(world: World, organ_id: UUID, district: str, *, photo: UUID | None = None, reviewed: bool = True) -> TipOff:
    """A tip-off, with the review it opened."""
    key = new_id()
    context = row_context("tip_off", "contact_sealed", key)
    tip = TipOff(
        id=key,
        reference=new_reference(),
        category="forbidden_place",
        district=district,
        organ_id=organ_id,
        place="某浴池二楼",
        told="更衣室内装有摄像头",
        contact_sealed=services(world.session).envelope.seal(b"13800000001", context=context),
        contact_masked="138****0001",
        photo_file_id=photo,
        sender="-",
        received_at=NOW,
    )
    world.session.add(tip)
    world.session.flush()
    if reviewed:
        review = PlaceReview(kind="tip_off", source="tip_off", tip_off_id=tip.id, district=district, opened_at=NOW)
        world.session.add(review)
        world.session.flush()
    return tip
