"""Named people for tests: organs, units and whoever acts in them, made through the real operations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Division, Organ
from portal.accounts.operations import create_account, create_organ, create_person, grant_membership
from portal.accounts.queries import identity_of
from portal.accounts.values import Identity, MembershipFact, OrganKind, Post, Role, system_identity
from portal.core.geometry import to_element
from portal.core.ids import new_id
from portal.registry.models import Unit
from portal.vault.models import StoredFile
from portal.vault.values import FileKind, FileType, Secrecy

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
PASSWORD = "Correct-Horse-9"
SYSTEM = system_identity("tests")
WENFENG, BEIGUAN = "410502", "410503"


@dataclass
class World:
    """Two districts with a police branch each, the city bureau over both."""

    session: Session
    city: Organ
    branches: dict[str, Organ]
    count: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def unit(self, name: str = "", *, district: str = WENFENG, unit_type: str = "school", **more: Any) -> Unit:
        """A unit by its own row: tests of entering units go through the operation."""
        self.count += 1
        more.setdefault("duty_phone_masked", "0372****0100")
        unit = Unit(
            name=name or f"第{self.count}实验小学",
            unit_type=unit_type,
            district=district,
            address="文峰大道1号",
            created_at=NOW,
            updated_at=NOW,
            **more,
        )
        self.session.add(unit)
        self.session.flush()
        return unit

    def person(
        self,
        role: Role,
        *,
        unit_id: UUID | None = None,
        organ: Organ | None = None,
        post: Post | None = None,
        name: str = "",
    ) -> Identity:
        """A person with one role; without a home, in the Wenfeng branch, or the education bureau there."""
        self.count += 1
        if unit_id is None and organ is None:
            organ = self.education() if role is Role.SECTOR_SUPERVISOR else self.branches[WENFENG]
        person = create_person(self.session, actor=SYSTEM, name=name or f"王{self.count}", now=NOW)
        account = create_account(
            self.session,
            actor=SYSTEM,
            person=person,
            login=f"{role}{self.count}".replace("_", ""),
            password=PASSWORD,
            must_change=False,
            now=NOW,
        )
        fact = MembershipFact(role=role, post=post, unit_id=unit_id, organ_id=organ.id if organ else None)
        grant_membership(self.session, actor=SYSTEM, person_id=person.id, fact=fact, valid_from=TODAY, now=NOW)
        self.session.flush()
        account.person = person
        return identity_of(self.session, account, now=NOW)

    def education(self, *, sectors: Sequence[str] | None = None) -> Organ:
        """An education bureau of Wenfeng, with the sectors of its kind unless told others."""
        self.count += 1
        return create_organ(
            self.session,
            actor=SYSTEM,
            kind=OrganKind.EDUCATION,
            code=f"4105021{self.count:05d}",
            name="文峰区教育局",
            divisions=[WENFENG],
            sectors=sectors,
            now=NOW,
        )

    def stored_file(self) -> UUID:
        """A file in the vault, by its row alone."""
        key = new_id()
        digest = f"{self.count:064x}"
        self.session.add(
            StoredFile(
                id=key,
                kind=FileKind.FILING_DOCUMENT,
                type=FileType.PDF,
                declared_name="授权书.pdf",
                sha256=digest,
                sm3=digest,
                size=1,
                secrecy=Secrecy.INTERNAL,
                created_by_name="tests",
                created_at=NOW,
            )
        )
        self.session.flush()
        return key

    def over(self, session: Session) -> "World":
        """The same world through another session."""
        branches = {code: session.get_one(Organ, organ.id) for code, organ in self.branches.items()}
        return replace(self, session=session, city=session.get_one(Organ, self.city.id), branches=branches)

    def login_of(self, identity: Identity) -> str:
        """The login name of a person made here."""
        account = self.session.get(Account, identity.account_id)
        assert account is not None
        return account.login


def make_world(session: Session) -> World:
    """Divisions and police organs; everything else is added by the test."""
    from portal.core.divisions import load_divisions

    if session.get(Division, "410500") is None:
        session.add(_city())
        session.flush()
        for shape in load_divisions("4105"):
            session.add(
                Division(
                    code=shape.code,
                    name=shape.name,
                    name_en=shape.code,
                    level="district",
                    parent_code="410500",
                    outline=to_element(shape.outline if hasattr(shape, "outline") else shape.geometry),
                )
            )
        session.flush()
    city = create_organ(
        session,
        actor=SYSTEM,
        kind=OrganKind.POLICE_CITY,
        code="410500000000",
        name="安阳市公安局",
        divisions=[WENFENG, BEIGUAN],
        citywide=True,
        now=NOW,
    )
    branches = {
        code: create_organ(
            session,
            actor=SYSTEM,
            kind=OrganKind.POLICE_BRANCH,
            code=f"{code}000000",
            name=name,
            divisions=[code],
            parent_id=city.id,
            now=NOW,
        )
        for code, name in ((WENFENG, "文峰分局"), (BEIGUAN, "北关分局"))
    }
    return World(session=session, city=city, branches=branches)


def _city() -> Division:
    from shapely.geometry import MultiPolygon, box

    outline = to_element(MultiPolygon([box(113.6, 35.2, 115.0, 36.4)]))
    return Division(code="410500", name="安阳市", name_en="Anyang", level="city", parent_code=None, outline=outline)


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> Any:
    """Sign a test client in through the real form."""
    return post(client, "/sign-in", {"login": login, "password": password})


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
    """POST a form with its tokens, as a page would."""
    import secrets

    with client.session_transaction() as cookie:
        cookie.setdefault("csrf_token", "0" * 40)
    token = _csrf(client)
    fields = {"_key": key or secrets.token_urlsafe(18), "csrf_token": token, **(data or {})}
    return client.post(url, data=fields)


def _csrf(client: FlaskClient) -> str:
    from flask_wtf.csrf import generate_csrf

    with client.session_transaction() as cookie:
        raw = cookie.get("csrf_token")
    app = client.application
    with app.test_request_context():
        from flask import session as current

        current["csrf_token"] = raw
        return str(generate_csrf())
