"""People, organs, memberships, accounts and sign-in sessions."""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.values import ADMIN_ROLES, AccountPurpose, OrganKind, Post, Role
from portal.core.db import Base, one_of
from portal.core.ids import new_id


class Division(Base):
    """An administrative division of GB/T 2260 with its outline (WGS-84, equal to CGCS2000 at this accuracy)."""

    __tablename__ = "division"
    __audited__ = False

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("division.code"))
    outline: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=True))


class Organ(Base):
    """A state organ: police bureau, education bureau, procuratorate … with the divisions in its jurisdiction."""

    __tablename__ = "organ"
    __table_args__ = (CheckConstraint(one_of("kind", OrganKind), name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="", server_default="")
    code: Mapped[str] = mapped_column(String(12), unique=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    citywide: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    # Kinds of place (unit types) it supervises; its supervisors see these and no others, and none where it has none.
    sectors: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default="{}")
    jurisdiction: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", 4326, spatial_index=True))
    divisions: Mapped[list["OrganDivision"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class OrganDivision(Base):
    """One division in an organ's jurisdiction."""

    __tablename__ = "organ_division"

    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    division_code: Mapped[str] = mapped_column(ForeignKey("division.code"), primary_key=True)


class Person(Base):
    """A person, once, whatever posts they hold. The phone is sealed; the masked form is what pages show."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40))
    police_number: Mapped[str | None] = mapped_column(String(12))
    phone_sealed: Mapped[str | None] = mapped_column(String(400))
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Membership(Base):
    """A role held in a unit or an organ, with the days it runs."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint(f"post is null or {one_of('post', Post)}", name="post"),
        CheckConstraint("(unit_id is null) <> (organ_id is null)", name="one_home"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="period"),
        # Separation of the three administrators (GB/T 22239 8.1.4.2 d): nobody holds two of the posts.
        Index(
            "uq_membership_one_admin_post",
            "person_id",
            unique=True,
            postgresql_where=text(
                f"valid_to is null and role in ({', '.join(repr(str(role)) for role in sorted(ADMIN_ROLES))})"
            ),
        ),
        Index("ix_membership_person_id", "person_id"),
        Index("ix_membership_unit_id", "unit_id"),
        Index("ix_membership_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(30))
    post: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class PostDelegation(Base):
    """A post filled for its holder by a colleague, from day to day. Rows stay: a revoked one says when, by whom and why.

    It lends the post alone. What the stand-in may do at all comes from their own role in the same unit or organ.
    """

    __tablename__ = "post_delegation"
    __table_args__ = (
        CheckConstraint(one_of("post", Post), name="post"),
        CheckConstraint("(unit_id is null) <> (organ_id is null)", name="one_home"),
        CheckConstraint("to_day >= from_day", name="period"),
        CheckConstraint("delegate_id <> holder_id", name="somebody_else"),
        CheckConstraint("appointed_by <> delegate_id", name="not_by_oneself"),
        CheckConstraint("(revoked_at is null) = (revoked_by is null)", name="revoked"),
        Index("ix_post_delegation_delegate_id", "delegate_id"),
        Index("ix_post_delegation_unit_id", "unit_id"),
        Index("ix_post_delegation_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    post: Mapped[str] = mapped_column(String(40))
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    holder_name: Mapped[str] = mapped_column(String(40))
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    delegate_name: Mapped[str] = mapped_column(String(40))
    from_day: Mapped[date] = mapped_column(Date)
    to_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(400))
    appointed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    appointed_name: Mapped[str] = mapped_column(String(40))
    appointed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    revoked_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    revoke_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")

    def state(self, today: date) -> str:
        """Where it stands that day: `planned`, `running`, `over` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        if today < self.from_day:
            return "planned"
        return "running" if today <= self.to_day else "over"


class Account(Base):
    """A login. Lock-out lives here, so that no restart of a cache forgives guesses."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("login = lower(login)", name="login_lower"),
        CheckConstraint(one_of("purpose", AccountPurpose), name="purpose"),
        CheckConstraint("(purpose = 'viewing') = (cardinality(zones) > 0)", name="zones"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    must_change: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    totp_sealed: Mapped[str | None] = mapped_column(String(400))
    totp_last_counter: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    locale: Mapped[str | None] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(12), default=AccountPurpose.GENERAL, server_default="general")
    zones: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    person: Mapped[Person] = relationship(lazy="raise")


class PasswordRecord(Base):
    """A past password hash: the last five may not come back."""

    __tablename__ = "password_record"
    __audited__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LoginSession(Base):
    """A signed-in browser. Only the token's SHA-256 is kept; deleting or revoking the row signs out at once."""

    __tablename__ = "login_session"
    __audited__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200))


class ConcurrentUse(Base):
    """One account in use from two devices at the same time: which, seen when. Once for each pair of sign-ins."""

    __tablename__ = "concurrent_use"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("earlier_id", "later_id", name="uq_concurrent_use_pair"),
        CheckConstraint("earlier_id <> later_id", name="two_sessions"),
        Index("ix_concurrent_use_account_id_id", "account_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    earlier_id: Mapped[UUID] = mapped_column(ForeignKey("login_session.id", ondelete="CASCADE"))
    later_id: Mapped[UUID] = mapped_column(ForeignKey("login_session.id", ondelete="CASCADE"))
    earlier_address: Mapped[str] = mapped_column(String(45))
    earlier_agent: Mapped[str] = mapped_column(String(200))
    later_address: Mapped[str] = mapped_column(String(45))
    later_agent: Mapped[str] = mapped_column(String(200))
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    account: Mapped[Account] = relationship(lazy="raise")


class ApiToken(Base):
    """A personal token for programs. Only its SHA-256 is kept and its last characters; it ends with its account.

    Issuing and revoking are recorded; last use and the count of the running minute are bookkeeping.
    """

    __tablename__ = "api_token"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    ending: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(60)))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_from: Mapped[str] = mapped_column(String(45), default="", server_default="")
    minute: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    minute_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    account: Mapped[Account] = relationship(lazy="raise")


class AddressThrottle(Base):
    """Failed sign-ins from one address: the second lock, beside the one on the account."""

    __tablename__ = "address_throttle"
    __audited__ = False

    address: Mapped[str] = mapped_column(String(45), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    window_start: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AccountProposal(Base):
    """The two-key rule: the system administrator proposes an account, the security administrator decides."""

    __tablename__ = "account_proposal"
    __table_args__ = (
        CheckConstraint("status in ('proposed','approved','refused')", name="status"),
        CheckConstraint("decided_by is null or decided_by <> proposed_by", name="two_persons"),
        Index("uq_account_proposal_open", "login", unique=True, postgresql_where=text("status = 'proposed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(40))
    person_name: Mapped[str] = mapped_column(String(40))
    police_number: Mapped[str | None] = mapped_column(String(12))
    memberships: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(String(400))
    status: Mapped[str] = mapped_column(String(10), default="proposed", server_default="proposed")
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_reason: Mapped[str | None] = mapped_column(String(400))


class Notice(Base):
    """Something awaits a person: what kind of thing and which one, never its content (reliability.md 7.6)."""

    __tablename__ = "notice"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "subject_id", "occasion"),
        Index("ix_notice_person_id_id", "person_id", "id", postgresql_where=text("read_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID] = mapped_column()
    occasion: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
