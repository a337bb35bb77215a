"""Cameras with access data, over simulated devices or over addresses nobody answers at."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import OrganKind, Role
from portal.core.crypto import row_context
from portal.core.db import mark_audited
from portal.core.services import services
from portal.demo.plan import DevicePlan
from portal.reachability import operations
from portal.reachability.models import DeviceStateChange, DeviceStatus, ProbeChunk, ProbeRound, ProbeTarget
from portal.reachability.probes.base import Reason
from portal.reachability.rules import Level, Observation
from portal.registry.models import Camera, CameraAccess
from tests.support.world import NOW, World

UP = Observation(Level.UP, Reason.OK, 0.0)
DOWN = Observation(Level.DOWN, Reason.TIMEOUT)


@dataclass
class Site:
    """A unit with one system, its people, and a clock that the test moves."""

    session: Session
    name: str = "第一中学"
    now: datetime = NOW
    world: World | None = None

    def __post_init__(self) -> None:
        self.world = self.world or World(self.session)
        self.organ = self.world.organ(f"{self.name}所在分局", OrganKind.POLICE_BRANCH, "410502")
        self.unit = self.world.unit(self.name)
        self.system = self.world.system(self.unit, self.organ)
        self.filer = self.world.person(f"filer.{self.unit.id.hex[-8:]}", Role.UNIT_FILER, unit=self.unit)
        self.registrar = self.world.person(f"registrar.{self.unit.id.hex[-8:]}", Role.REGISTRAR, organ=self.organ)

    def camera(self, name: str, device: DevicePlan | None = None, *, host: str = "", login: str = "right") -> Camera:
        """A camera with the access data of a device, or of a bare address."""
        camera = self.world.camera(self.system, name)
        access = CameraAccess(
            camera_id=camera.id,
            unit_id=camera.unit_id,
            district=camera.district,
            host=device.address if device else host,
            rtsp_port=device.rtsp_port if device else 18554,
            onvif_port=device.onvif_port if device else 18899,
            updated_at=self.now,
        )
        if device and login:
            self.seal(access, device, login)
        self.session.add(access)
        self.session.flush()
        return camera

    def seal(self, access: CameraAccess, device: DevicePlan, login: str) -> None:
        """Put a login into the access data as the registry does."""
        password = device.password if login == "right" else "wrong"
        context = row_context("camera_access", "credentials_sealed", access.camera_id)
        secret = json.dumps({"user": device.username, "password": password}).encode()
        access.credentials_sealed = services(self.session).envelope.seal(secret, context=context)

    def commit(self) -> None:
        """Commit what the test set up by hand; the guard wants a record for that, too."""
        mark_audited(self.session)
        self.session.commit()

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    def reconcile(self):
        return operations.reconcile_targets(self.session, now=self.now)

    def status(self, camera: Camera) -> DeviceStatus:
        self.session.expire_all()
        return self.session.scalars(select(DeviceStatus).where(DeviceStatus.camera_id == camera.id)).one()

    def target(self, camera: Camera) -> ProbeTarget:
        self.session.expire_all()
        return self.session.scalars(select(ProbeTarget).where(ProbeTarget.camera_id == camera.id)).one()

    def history(self, camera: Camera) -> list[tuple[str, str, str | None]]:
        rows = self.session.scalars(
            select(DeviceStateChange)
            .where(DeviceStateChange.camera_id == camera.id)
            .order_by(DeviceStateChange.at, DeviceStateChange.id)
        )
        return [(row.old_state, row.new_state, row.reason) for row in rows]

    def round(self, answers: dict[Camera, Observation] | None = None, default: Observation = UP) -> list[ProbeRound]:
        """Whatever is due now, answered as told, settled."""
        numbers = operations.start_rounds(self.session, now=self.now)
        by_camera = {camera.id: seen for camera, seen in (answers or {}).items()}
        for number in numbers:
            for chunk in self.session.scalars(select(ProbeChunk).where(ProbeChunk.round_id == number)).all():
                self.answer(number, chunk.number, by_camera, default)
            operations.settle_round(self.session, round_id=number, now=self.now)
        self.session.expire_all()
        return [self.session.get(ProbeRound, number) for number in numbers]

    def answer(self, round_id, number, by_camera, default, lag_ms=0) -> bool:
        claim = operations.claim_chunk(self.session, round_id=round_id, number=number, now=self.now)
        rows = self.session.execute(
            select(ProbeTarget.id, ProbeTarget.camera_id).where(ProbeTarget.id.in_(claim.endpoints))
        )
        results = {target: (by_camera.get(camera, default), 12) for target, camera in rows}
        return operations.record_chunk(
            self.session,
            round_id=round_id,
            number=number,
            claim=claim,
            results=results,
            lag_ms=lag_ms,
            now=self.now,
        )

    def bring_up(self, *cameras: Camera) -> None:
        """Two good answers: online."""
        self.reconcile()
        self.round()
        self.later(seconds=30)
        self.round()
        for camera in cameras:
            assert self.status(camera).state == "online"
