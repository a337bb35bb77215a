"""What a story acts with: the session, the people, the model units and their systems."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.queries import identity_of
from portal.accounts.values import Identity
from portal.core.copying import copy_into
from portal.core.services import services
from portal.demo.camera_rows import access_row, add_network_cards, camera_row
from portal.demo.cameras import CameraMaker
from portal.demo.cast import Cast
from portal.demo.codes import stable_id
from portal.demo.documents import paper
from portal.demo.equipment import Connection
from portal.demo.files import FileClerk, Shelf, shelf_of
from portal.demo.pictures import Box, picture
from portal.demo.residents import Residents
from portal.demo.timeline import days_ago
from portal.demo.units import UnitPlan
from portal.registry.models import System
from portal.registry.operations import attach_document
from portal.registry.queries import lock_system
from portal.regulation.calendar import WorkCalendar
from portal.vault.models import StoredFile
from portal.vault.operations import keep_again, keep_paper, store_upload
from portal.vault.values import FileKind

_EXAMINED_DAYS = 3


@dataclass
class Stage:
    """Everything a story may touch. Acts are dated by the story; who acts is always a person of the cast."""

    session: Session
    seed: int
    today: date
    moment: datetime  # of the loading: what is to be tried afterwards is planned from here
    residents: Residents
    units: Mapping[str, UUID]
    plans: Mapping[str, UnitPlan]
    maker: CameraMaker
    connections: Iterator[Connection]
    clerk: FileClerk
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    sites: dict[str, UUID] = field(default_factory=dict)
    systems: dict[str, UUID] = field(default_factory=dict)
    cameras: dict[str, list[UUID]] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    pictures: dict[Sequence[Box], StoredFile] = field(default_factory=dict)

    @property
    def cast(self) -> Cast:
        """Who there is."""
        return self.residents.cast

    def who(self, login: str, now: datetime) -> Identity:
        """The person behind a login. Posts hardly change during the stories: each is looked up once, until forgotten."""
        if login not in self.identities:
            account = self.residents.accounts[login]
            address = f"10.41.{5 + len(login) % 7}.{20 + sum(map(ord, login)) % 200}"
            self.identities[login] = identity_of(self.session, account, address=address, request_id="demo", now=now)
        return self.identities[login]

    def forget(self, login: str) -> None:
        """Somebody's posts have changed: they are looked up anew."""
        self.identities.pop(login, None)

    def photo(self, actor: Identity, boxes: Sequence[Box], unit_id: UUID, district: str, now: datetime) -> StoredFile:
        """A picture: the first of a kind through the vault's own door, which takes its time; the others are the same."""
        drawn = tuple(boxes)
        if drawn in self.pictures:
            first = self.pictures[drawn]
            return keep_again(self.session, first, actor=actor.actor, unit_id=unit_id, district=district, now=now)
        self.pictures[drawn] = store_upload(
            self.session,
            actor=actor.actor,
            stream=io.BytesIO(picture(drawn)),
            filename="现场照片.png",
            kind=FileKind.PHOTO,
            unit_id=unit_id,
            district=district,
            now=now,
        )
        return self.pictures[drawn]

    def ago(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """A moment some days before today, in the city's time."""
        return days_ago(self.today, days, hour, minute)

    def system(self, key: str) -> System:
        """A system the stories entered, held for change."""
        return lock_system(self.session, self.systems[key])

    def hang_cameras(self, key: str, unit: str, count: int, *, wired: bool, now: datetime) -> None:
        """Enter a system's cameras in bulk, as an import does; `wired` ones answer on simulated devices."""
        system = self.system(key)
        number = self.plans[unit].number * 10 + len(self.cameras)
        plan = replace(self.plans[unit], number=number, cameras=count, in_use_on=now.date())
        links = list(islice(self.connections, count)) if wired else []
        drawn = list(self.maker.of_unit(plan))
        rows = [
            camera_row(
                camera,
                key=stable_id(self.seed, f"camera:{key}", i, now),
                system_id=system.id,
                unit_id=system.unit_id,
                district=system.district,
                entered=now,
            )
            for i, camera in enumerate(drawn)
        ]
        self.clerk.fill(rows, drawn, self._shelf(key, system), links)
        copy_into(self.session, "camera", rows, order_by="position")
        if wired:
            envelope = services(self.session).envelope
            reached = [access_row(row, link, envelope) for row, link in zip(rows, links, strict=False)]
            copy_into(self.session, "camera_access", reached)
            add_network_cards(self.session, system.id)
        self.cameras[key] = [stable_id(self.seed, f"camera:{key}", i, now) for i in range(count)]

    def _shelf(self, key: str, system: System) -> Shelf:
        organ = self.session.get_one(Organ, system.organ_id)
        return shelf_of(
            key=key,
            today=self.today,
            kind=system.kind,
            regime=system.regime,
            records_audio=system.records_audio,
            unit_type=system.unit.unit_type,
            unit_has_phone=True,
            organ_code=organ.code,
            unit_name=system.unit.name,
            department=system.department,
            maintainer="河南安视智能科技有限公司",
            phase="",
            networked=system.networked,
        )

    def attach(self, key: str, login: str, slots: Sequence[str], *, now: datetime, **keeping: Any) -> list[UUID]:
        """Upload a paper into each slot of a system's file, through the vault's own door."""
        kept = []
        system = self.system(key)
        actor = self.who(login, now)
        for slot in slots:
            title, content = paper(slot, system.name, now)
            stored = self.store(
                content,
                actor=actor,
                filename=f"{title}.pdf",
                kind=FileKind.FILING_DOCUMENT,
                unit_id=system.unit_id,
                district=system.district,
                now=now,
            )
            document = attach_document(
                self.session,
                actor=actor,
                system_id=system.id,
                slot=slot,
                title=title,
                stored_file_id=stored.id,
                custodian=actor.name,
                now=now,
                **keeping,
            )
            kept.append(document.id)
        return kept

    def store(
        self,
        content: bytes,
        *,
        actor: Identity,
        filename: str,
        kind: FileKind,
        unit_id: UUID,
        district: str,
        now: datetime,
    ) -> StoredFile:
        """Put a PDF into the vault. The recent ones go through the whole examination; for the others, which this
        package has typeset itself, a process each would only make the first start slow."""
        if now < self.ago(_EXAMINED_DAYS):
            return keep_paper(
                self.session,
                actor=actor.actor,
                content=content,
                filename=filename,
                unit_id=unit_id,
                district=district,
                organ_id=actor.organ_id,
                now=now,
            )
        return store_upload(
            self.session,
            actor=actor.actor,
            stream=io.BytesIO(content),
            filename=filename,
            kind=kind,
            unit_id=unit_id,
            district=district,
            organ_id=actor.organ_id,
            now=now,
        )
