"""Who asks: plain values, made once per request from the signed-in person's memberships."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from portal.audit.values import Actor, audit_tag
from portal.core.scope import DataScope, SectorScope


class Role(StrEnum):
    """What a membership lets a person do; where it reaches stands in `policy.GRANTS`."""

    UNIT_FILER = "unit_filer"
    UNIT_SECURITY_HEAD = "unit_security_head"
    UNIT_CUSTODIAN = "unit_custodian"
    UNIT_APPROVER = "unit_approver"
    REGISTRAR = "registrar"
    INSPECTOR = "inspector"
    INVESTIGATOR = "investigator"
    CASE_HEAD = "case_head"
    BUREAU_LEADER = "bureau_leader"
    SECTOR_SUPERVISOR = "sector_supervisor"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


UNIT_ROLES = frozenset({Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD, Role.UNIT_CUSTODIAN, Role.UNIT_APPROVER})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Roles that reach the places of their organ's sectors and nothing else in its jurisdiction (decision 22).
SECTOR_ROLES = frozenset({Role.SECTOR_SUPERVISOR})
SECOND_FACTOR_ROLES = frozenset(Role) - UNIT_ROLES


class AccountPurpose(StrEnum):
    """What an account is opened for. A dedicated one does that and nothing else, whatever roles its person holds."""

    GENERAL = "general"
    VIEWING = "viewing"  # 002 art. 12: footage of its zones
    INSPECTION = "inspection"  # 002 art. 14: checks and maintenance, never footage


class Post(StrEnum):
    """A standing post that approval chains name: the posts of regulation/profiles/vocabulary.toml, word for word.

    Held through a membership; not a right by itself.
    """

    DEPARTMENT_HEAD = "department_head"
    UNIT_PRINCIPAL = "unit_principal"
    UNIT_SECURITY_HEAD = "unit_security_head"
    PUBLIC_ORDER_LEADER = "public_order_leader"
    PUBLIC_ORDER_SECTION_CHIEF = "public_order_section_chief"
    SECURITY_DIRECTOR = "security_director"
    SCHOOL_LEADER_SAFETY = "school_leader_safety"
    POLICE_OFFICE_HEAD = "police_office_head"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    LOGISTICS_DEPUTY_SECURITY = "logistics_deputy_security"
    LOGISTICS_DEPUTY_CANTEEN = "logistics_deputy_canteen"
    LOGISTICS_DEPUTY = "logistics_deputy"
    LOGISTICS_DIRECTOR = "logistics_director"
    CENTRE_DEPUTY_DIRECTOR = "centre_deputy_director"
    CENTRE_PRINCIPAL = "centre_principal"
    RESIDENT_UNIT_HEAD = "resident_unit_head"
    CASE_DEPARTMENT_HEAD = "case_department_head"
    BUREAU_LEADER = "bureau_leader"


class OrganKind(StrEnum):
    """Kinds of organ outside the units."""

    POLICE_CITY = "police_city"
    POLICE_BRANCH = "police_branch"
    POLICE_STATION = "police_station"
    EDUCATION = "education"
    PROCURATORATE = "procuratorate"
    COURT = "court"
    STATE_SECURITY = "state_security"
    DEPARTMENT = "department"


# The kinds of place that a kind of organ supervises from the start; an organ of another kind is given its own, or none.
SUPERVISED: Mapping[OrganKind, frozenset[str]] = {
    OrganKind.EDUCATION: frozenset({"kindergarten", "school", "college"}),
}

POLICE_KINDS = frozenset({OrganKind.POLICE_CITY, OrganKind.POLICE_BRANCH, OrganKind.POLICE_STATION})


@dataclass(frozen=True, kw_only=True)
class ActingPost:
    """A post somebody fills for its holder for some days, by appointment. It lends the post and no right beside it."""

    delegation_id: UUID
    post: Post
    holder_id: UUID
    holder_name: str
    appointed_by: UUID

    @property
    def behind(self) -> frozenset[UUID]:
        """Whose wish an act in this post may be: the holder's, and that of whoever chose the stand-in."""
        return frozenset({self.holder_id, self.appointed_by})


@dataclass(frozen=True, kw_only=True)
class MembershipFact:
    """One membership as the policy sees it. `districts` are the organ's jurisdiction; `citywide` covers them all.

    `sectors` are the kinds of place its organ supervises; they bound a role that reaches by sector, and no other.
    """

    role: Role
    post: Post | None = None
    unit_id: UUID | None = None
    organ_id: UUID | None = None
    districts: frozenset[str] = frozenset()
    citywide: bool = False
    sectors: frozenset[str] = frozenset()
    acting: tuple[ActingPost, ...] = ()  # posts of the same unit or organ filled for their holders on this day

    @property
    def sector(self) -> SectorScope | None:
        """What a role that reaches by sector reaches; nothing where the organ has none."""
        if self.role not in SECTOR_ROLES or not self.sectors or not (self.citywide or self.districts):
            return None
        return SectorScope(everywhere=self.citywide, districts=self.districts, kinds=self.sectors)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The person asking, as a plain value. It comes from the gate, never from a request's body."""

    account_id: UUID | None
    person_id: UUID | None
    name: str
    memberships: tuple[MembershipFact, ...] = ()
    organ_id: UUID | None = None
    organ_name: str = ""
    session_id: UUID | None = None
    request_id: str = ""
    address: str = ""
    token_id: UUID | None = None
    scopes: frozenset[str] | None = None  # what a personal token may be used for; None: everything the roles carry
    must: str = ""  # "", "change_password" or "enrol_totp": what stands before everything else
    is_system: bool = False
    purpose: AccountPurpose = AccountPurpose.GENERAL
    zones: frozenset[str] = frozenset()  # of a viewing account: the only zones whose footage it opens

    @property
    def standing(self) -> "Identity":
        """The same person with the same rights, without what differs from one request to the next."""
        return replace(self, session_id=None, request_id="", address="", token_id=None)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held in any membership."""
        return frozenset(fact.role for fact in self.memberships)

    @property
    def unit_ids(self) -> frozenset[UUID]:
        """Units the person belongs to."""
        return frozenset(fact.unit_id for fact in self.memberships if fact.unit_id)

    @property
    def organ_ids(self) -> frozenset[UUID]:
        """Organs the person belongs to."""
        return frozenset(fact.organ_id for fact in self.memberships if fact.organ_id)

    @property
    def districts(self) -> frozenset[str]:
        """Divisions in the jurisdiction of the person's organs."""
        return frozenset(code for fact in self.memberships for code in fact.districts)

    def holds_post(self, post: Post | str, *, unit_id: UUID | None = None, organ_id: UUID | None = None) -> bool:
        """Whether a membership carries the post in that very unit or organ."""
        return any(
            fact.post == post
            and (unit_id is None or fact.unit_id == unit_id)
            and (organ_id is None or fact.organ_id == organ_id)
            for fact in self.memberships
        )

    def acts_as(
        self, post: Post | str, *, unit_id: UUID | None = None, organ_id: UUID | None = None
    ) -> tuple[ActingPost, ...]:
        """The appointments by which the person fills the post in that very unit or organ, each once."""
        found = {
            acting.delegation_id: acting
            for fact in self.memberships
            if (unit_id is None or fact.unit_id == unit_id) and (organ_id is None or fact.organ_id == organ_id)
            for acting in fact.acting
            if acting.post == post
        }
        return tuple(found[key] for key in sorted(found))

    @property
    def data_scope(self) -> DataScope:
        """Rows the database lets this person's sessions touch: the union over all permissions."""
        wide = [fact for fact in self.memberships if fact.role not in SECTOR_ROLES]
        return DataScope(
            everything=self.is_system or any(fact.citywide for fact in wide),
            units=self.unit_ids,
            districts=frozenset(code for fact in wide for code in fact.districts),
            sectors=frozenset(fact.sector for fact in self.memberships if fact.sector),
            organs=self.organ_ids,
            person=self.person_id,
        )

    @property
    def actor(self) -> Actor:
        """The same person as the audit log names them."""
        return Actor(
            account_id=self.account_id,
            person_id=self.person_id,
            name=self.name,
            organ_id=self.organ_id,
            organ_name=self.organ_name,
            roles=tuple(sorted(self.roles)),
            # A token is a standing way in: the log names it where it names a sign-in otherwise.
            session_id=self.session_id or self.token_id,
            request_id=self.request_id,
            address=self.address,
        )


def system_identity(part: str) -> Identity:
    """The portal itself, acting by schedule or job; `part` says which, for example `reachability`."""
    return Identity(account_id=None, person_id=None, name=f"system:{part}", is_system=True)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a row stands, so that the policy can say who reaches it."""

    unit_ids: frozenset[UUID] = field(default_factory=frozenset)
    districts: frozenset[str] = field(default_factory=frozenset)
    organ_ids: frozenset[UUID] = field(default_factory=frozenset)
    person_ids: frozenset[UUID] = field(default_factory=frozenset)
    named_only: frozenset[UUID] | None = None  # a secret row: these persons and nobody else
    unit_only: bool = False  # the unit's own business: no district, no organ, not even the whole city's reach
    organ_only: bool = False  # addressed to one organ: no district's reach, not even the whole city's
    # What kind of place it is, asked only of who reaches by sector: it may cost a look at the unit's row.
    kind: Callable[[], str | None] | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Home:
    """The unit or the organ a post belongs to: one of the two."""

    unit_id: UUID | None = None
    organ_id: UUID | None = None

    @property
    def key(self) -> UUID:
        """Whichever it is."""
        key = self.unit_id or self.organ_id
        assert key is not None  # noqa: S101 - one of the two
        return key

    @property
    def scope(self) -> Scope:
        """Where what is lent in it stands."""
        return Scope(
            unit_ids=frozenset({self.unit_id} if self.unit_id else ()),
            organ_ids=frozenset({self.organ_id} if self.organ_id else ()),
        )


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """The same rule as a value that `queries.visible` turns into SQL."""

    everything: bool = False
    units: frozenset[UUID] = field(default_factory=frozenset)
    districts: frozenset[str] = field(default_factory=frozenset)
    sectors: frozenset[SectorScope] = field(default_factory=frozenset)
    organs: frozenset[UUID] = field(default_factory=frozenset)
    person: UUID | None = None

    @property
    def nothing(self) -> bool:
        """No row at all can be visible."""
        return not (self.everything or self.units or self.districts or self.sectors or self.organs or self.person)


SIGN_IN = audit_tag("accounts:session:sign_in", "Signed in")
SIGN_IN_FAILED = audit_tag("accounts:session:sign_in_failed", "Sign-in failed")
SIGN_OUT = audit_tag("accounts:session:sign_out", "Signed out")
SESSIONS_REVOKED = audit_tag("accounts:session:revoke", "Sign-ins revoked")
ACCOUNT_LOCKED = audit_tag("accounts:account:lock", "Account locked after failures")
DELEGATION_MADE = audit_tag("accounts:delegation:make", "Post delegated")
DELEGATION_REVOKED = audit_tag("accounts:delegation:revoke", "Delegation of a post revoked")
CODE_REFUSED = audit_tag("accounts:totp:refuse", "One-time code wrong")
PASSWORD_REFUSED = audit_tag("accounts:password:refuse", "Present password wrong")
PASSWORD_CHANGED = audit_tag("accounts:password:change", "Password changed")
TOTP_STARTED = audit_tag("accounts:totp:start", "Second factor set up started")
TOTP_CONFIRMED = audit_tag("accounts:totp:confirm", "Second factor confirmed")
SECOND_PERSON_FAILED = audit_tag("accounts:second_person:fail", "Second person not verified")
LANGUAGE_CHOSEN = audit_tag("accounts:profile:language", "Language chosen")
PERSON_CREATED = audit_tag("accounts:person:create", "Person entered")
ORGAN_CREATED = audit_tag("accounts:organ:create", "Organ entered")
ACCOUNT_CREATED = audit_tag("accounts:account:create", "Account created")
ACCOUNT_DEDICATED = audit_tag("accounts:account:dedicate", "Purpose of an account set")
CONCURRENT_USE = audit_tag("accounts:session:concurrent", "Account used from two devices at once")
ACCOUNT_DISABLED = audit_tag("accounts:account:disable", "Account disabled")
MEMBERSHIP_GRANTED = audit_tag("accounts:membership:grant", "Role granted")
MEMBERSHIP_ENDED = audit_tag("accounts:membership:end", "Role ended")
TOKEN_ISSUED = audit_tag("accounts:token:issue", "Personal token issued")
TOKEN_REVOKED = audit_tag("accounts:token:revoke", "Personal token revoked")
ACCOUNT_PROPOSED = audit_tag("accounts:proposal:propose", "Account proposed")
ACCOUNT_DECIDED = audit_tag("accounts:proposal:decide", "Account proposal decided")
