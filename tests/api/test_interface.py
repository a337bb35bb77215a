"""The interface for programs: tokens, the same permissions as pages, problems at their fields, keys that repeat nothing."""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import Account, ApiToken
from portal.accounts.operations import issue_token, revoke_token
from portal.accounts.operations.tokens import digest_of
from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.values import Identity, Role
from portal.api.bodies import CAMERA_SHOWN, CameraEntered
from portal.app import PortalApp
from portal.core.clock import real_now
from portal.core.errors import Invalid, NotFound
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.rules import TYPED
from portal.web.openapi import ProblemAnswer
from tests.people import BEIGUAN, NOW, PASSWORD, World, make_world, post, sign_in
from tests.registry.test_filing import a_system, papers

YEAR = timedelta(days=365)
CAMERA = {"name": "南门东侧", "lon": "114.3924", "lat": 36.0976, "datum": "wgs84", "position_types": [8], "maker": 1}


@dataclass
class Program:
    """Something that holds a token."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or secrets.token_urlsafe(18)
        content = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **content, **more)


@dataclass
class Ground:
    """A unit's clerk with a system, a registrar, and another unit's clerk elsewhere."""

    world: World
    filer: Identity
    system: System
    registrar: Identity
    stranger: Identity


@pytest.fixture
def ground(session: Session) -> Ground:
    world = make_world(session)
    filer, system = a_system(session, world)
    far = world.unit("北关幼儿园", district=BEIGUAN)
    return Ground(
        world=world, filer=filer, system=system, registrar=world.person(Role.REGISTRAR),
        stranger=world.person(Role.UNIT_FILER, unit_id=far.id),
    )  # fmt: skip


def issued(session: Session, who: Identity, *scopes: Permission, **more: Any) -> tuple[ApiToken, str]:
    asked: dict[str, Any] = {
        "name": "夜间比对", "scopes": scopes or TOKEN_SCOPES, "lifetime": timedelta(days=30), "longest": YEAR,
        "current": PASSWORD, "code": "", "now": real_now(),
    }  # fmt: skip
    found = issue_token(session, actor=who, **{**asked, **more})
    session.flush()
    return found


def program(client: FlaskClient, session: Session, who: Identity, *scopes: Permission) -> Program:
    """A token by its row: issuing one costs the time of a password."""
    secret = f"vrp_{secrets.token_urlsafe(32)}"
    now = real_now()
    session.add(
        ApiToken(
            account_id=who.account_id, name="夜间比对", token_sha256=digest_of(secret), ending=secret[-4:],
            scopes=sorted(map(str, scopes or TOKEN_SCOPES)), created_at=now, expires_at=now + timedelta(days=30),
        )
    )  # fmt: skip
    session.flush()
    return Program(client, secret)


READS = (Permission.UNIT_READ, Permission.SYSTEM_READ, Permission.CAMERA_READ, Permission.FILING_READ)


# ---- tokens ----


def test_a_token_is_kept_as_a_digest_and_asks_for_the_password(session: Session, ground: Ground) -> None:
    row, secret = issued(session, ground.filer, *READS)
    kept = session.execute(text("select t::text from api_token t where id = :id"), {"id": row.id}).scalar_one()
    assert secret not in kept
    assert secret.encode().hex() not in kept
    for wrong in (
        {"current": "nope"},
        {"scopes": ()},
        {"name": " "},
        {"lifetime": YEAR * 2},
        {"lifetime": timedelta(0)},
    ):
        with pytest.raises(Invalid):
            issued(session, ground.filer, *READS, **wrong)
    with pytest.raises(Invalid, match="token_scope"):
        issued(session, ground.registrar, Permission.SYSTEM_EDIT)
    with pytest.raises(Invalid, match="token_scope"):
        issued(session, ground.filer, Permission.ACCOUNT_DECIDE)


def test_a_token_ends_with_expiry_revocation_and_account(client: FlaskClient, session: Session, ground: Ground) -> None:
    row, secret = issued(session, ground.filer, *READS)
    held = Program(client, secret)
    assert held.ask("GET", "/me").status_code == 200
    session.refresh(row)
    assert row.used_at is not None
    assert row.used_from == "127.0.0.1"
    for ended in (
        {"expires_at": real_now() - timedelta(minutes=1), "created_at": real_now() - YEAR},
        {"revoked_at": real_now()},
    ):
        with session.begin_nested() as point:
            session.execute(update(ApiToken).where(ApiToken.id == row.id).values(**ended))
            answer = held.ask("GET", "/me")
            point.rollback()
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        session.expire_all()
    session.execute(update(Account).where(Account.id == ground.filer.account_id).values(disabled_at=real_now()))
    assert held.ask("GET", "/me").status_code == 401
    session.execute(
        update(Account).where(Account.id == ground.filer.account_id).values(disabled_at=None, must_change=True)
    )
    assert held.ask("GET", "/me").status_code == 403


def test_only_its_owner_and_the_security_administrator_revoke(session: Session, ground: Ground) -> None:
    row, _ = issued(session, ground.filer, *READS)
    for other in (ground.stranger, ground.registrar, ground.world.person(Role.SYSTEM_ADMIN, organ=ground.world.city)):
        with pytest.raises(NotFound):
            revoke_token(session, actor=other, token_id=row.id, now=real_now())
    admin = ground.world.person(Role.SECURITY_ADMIN, organ=ground.world.city)
    assert revoke_token(session, actor=admin, token_id=row.id, now=real_now()).revoked_by == admin.person_id


def test_scopes_narrow_what_the_roles_carry(client: FlaskClient, session: Session, ground: Ground) -> None:
    reader = program(client, session, ground.filer, Permission.CAMERA_READ)
    assert reader.ask("GET", "/cameras").status_code == 200
    refused = reader.ask("GET", "/units")
    assert (refused.status_code, refused.json["type"]) == (403, "urn:portal:problem:scope_missing")
    assert str(Permission.UNIT_READ) in refused.json["detail"]
    # Where the person's own roles do not reach either, no scope is named.
    bureau = program(client, session, ground.world.person(Role.SECTOR_SUPERVISOR), Permission.UNIT_READ)
    without = bureau.ask("GET", "/cameras")
    assert (without.status_code, without.json["type"]) == (403, "urn:portal:problem:permission")
    assert str(Permission.CAMERA_READ) not in without.text
    assert reader.ask("POST", f"/systems/{ground.system.id}/cameras", CAMERA).status_code == 403
    assert reader.ask("GET", "/me").json["scopes"] == [str(Permission.CAMERA_READ)]
    # A token opens nothing but the interface, and no page whatever cookie comes with it.
    assert client.get("/cameras", headers={"Authorization": f"Bearer {reader.token}"}).status_code == 302
    sign_in(client, ground.world.login_of(ground.registrar))
    assert reader.ask("GET", "/units").status_code == 403, "the token speaks, not the cookie beside it"
    assert Program(client, "vrp_wrong").ask("GET", "/units").status_code == 401


def test_a_cookie_needs_the_form_token_that_a_bearer_does_not(
    client: FlaskClient, session: Session, ground: Ground
) -> None:
    sign_in(client, ground.world.login_of(ground.filer))
    path = f"/api/v1/systems/{ground.system.id}/cameras"
    key = {"Idempotency-Key": secrets.token_urlsafe(18)}
    assert client.get("/api/v1/cameras").status_code == 200
    assert client.post(path, json=CAMERA, headers=key).status_code == 400
    assert session.scalar(select(func.count()).select_from(Camera)) == 1


def test_requests_are_counted_by_the_minute(
    app: PortalApp, client: FlaskClient, session: Session, ground: Ground
) -> None:
    held = program(client, session, ground.filer, *READS)
    first = held.ask("GET", "/units")
    limit = int(first.headers["RateLimit-Limit"])
    assert int(first.headers["RateLimit-Remaining"]) == limit - 1
    session.execute(update(ApiToken).values(minute_count=limit))
    over = held.ask("GET", "/units")
    assert over.status_code == 429
    assert 1 <= int(over.headers["Retry-After"]) <= 60
    session.execute(update(ApiToken).values(minute=real_now() - timedelta(seconds=61)))
    assert held.ask("GET", "/units").status_code == 200


def test_the_pages_show_a_token_once(client: FlaskClient, session: Session, ground: Ground, caplog) -> None:
    sign_in(client, ground.world.login_of(ground.filer))
    asked = {"name": "夜间比对", "scopes": [str(Permission.CAMERA_READ)], "days": "30", "current": PASSWORD, "code": ""}
    wrong = post(client, "/account/tokens/new", {**asked, "current": "nope"})
    assert wrong.status_code == 422
    made = post(client, "/account/tokens/new", asked)
    assert made.status_code == 200
    secret = made.text.split("vrp_")[1][:43]
    assert Program(client, f"vrp_{secret}").ask("GET", "/cameras").status_code == 200
    page = client.get("/account/tokens").text
    assert "夜间比对" in page
    assert secret not in page
    row = session.scalars(select(ApiToken)).one()
    assert secret not in caplog.text
    assert post(client, f"/account/tokens/{row.id}/revoke").status_code == 303
    assert Program(client, f"vrp_{secret}").ask("GET", "/cameras").status_code == 401
    assert client.get("/account/interface").status_code == 200


# ---- reading ----


def test_lists_page_by_page_and_stay_in_reach(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    for number in range(5):
        made = filer.ask("POST", f"/systems/{ground.system.id}/cameras", {**CAMERA, "name": f"走廊{number}"})
        assert made.status_code == 201, made.text
    seen, after = [], None
    while True:
        page = filer.ask("GET", "/cameras", query_string={"limit": 2, **({"after": after} if after else {})}).json
        seen += [row["name"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen[:5] == [f"走廊{number}" for number in reversed(range(5))]
    assert len(seen) == 6
    stranger = program(client, session, ground.stranger)
    assert stranger.ask("GET", "/cameras").json["items"] == []
    key = session.scalars(select(Camera.id)).first()
    for path in (f"/cameras/{key}", f"/systems/{ground.system.id}", f"/units/{ground.system.unit_id}"):
        assert stranger.ask("GET", path).status_code == 404
        assert filer.ask("GET", path).status_code == 200
    assert stranger.ask("PATCH", f"/cameras/{key}", {"version": 1, "name": "x"}).status_code == 404
    for filters in (
        {"limit": 0},
        {"limit": 1000},
        {"colour": "red"},
        {"unit_id": "x"},
        {"live": "maybe"},
        {"after": "zz"},
    ):
        refused = filer.ask("GET", "/cameras", query_string=filters)
        assert refused.status_code == 422, filters
        ProblemAnswer.model_validate(refused.json)


def test_a_secret_camera_is_its_units_own(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer, police = program(client, session, ground.filer), program(client, session, ground.registrar, *READS)
    made = filer.ask("POST", f"/systems/{ground.system.id}/cameras", CAMERA).json
    assert police.ask("GET", f"/cameras/{made['id']}").status_code == 200
    session.execute(update(Camera).values(secret=True))
    assert police.ask("GET", f"/cameras/{made['id']}").status_code == 404
    assert police.ask("GET", "/cameras").json["items"] == []
    assert filer.ask("GET", f"/cameras/{made['id']}").status_code == 200


def test_what_no_file_may_hold_is_given_to_no_program(client: FlaskClient, session: Session, ground: Ground) -> None:
    """A secret system, its cameras and its filings: to programs of its own unit's people alone."""
    filer, police = program(client, session, ground.filer), program(client, session, ground.registrar)
    camera = filer.ask("POST", f"/systems/{ground.system.id}/cameras", CAMERA).json
    filing = filer.ask("POST", f"/systems/{ground.system.id}/filings", {"kind": "new"}).json
    session.execute(update(Filing).values(status="submitted", submitted_at=NOW))
    rows = {"systems": str(ground.system.id), "cameras": camera["id"], "filings": filing["id"]}
    for secret in (False, True):
        session.execute(update(System).values(secret=secret))
        session.expire_all()
        for reader in (filer, police):
            hidden = secret and reader is police
            for name, key in rows.items():
                listed = {one["id"] for one in reader.ask("GET", f"/{name}").json["items"]}
                assert (key in listed) != hidden, name
                assert (reader.ask("GET", f"/{name}/{key}").status_code == 404) == hidden, name
    change = {"version": camera["version"], "azimuth": 90}
    assert police.ask("PATCH", f"/cameras/{camera['id']}", change).status_code == 404
    assert police.ask("POST", f"/systems/{ground.system.id}/cameras", CAMERA).status_code == 404


# ---- writing ----


def test_a_camera_is_entered_and_changed_field_by_field(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    made = filer.ask("POST", f"/systems/{ground.system.id}/cameras", {**CAMERA, "managing_phone": "0372 592 1234"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/cameras/{made.json['id']}"
    shown = made.json
    assert (shown["lon"], shown["lat"], shown["datum"]) == ("114.3924", "36.0976", "wgs84")
    assert shown["managing_phone_masked"] == "037****1234"
    assert shown["maker"] == 1
    changed = filer.ask("PATCH", f"/cameras/{shown['id']}", {"version": shown["version"], "azimuth": 90, "maker": None})
    assert changed.status_code == 200, changed.text
    assert {**changed.json, "version": 0, "updated_at": "", "fault_keys": []} == {
        **shown, "azimuth": 90, "maker": None, "version": 0, "updated_at": "", "fault_keys": [],
    }  # fmt: skip
    stale = filer.ask("PATCH", f"/cameras/{shown['id']}", {"version": shown["version"], "azimuth": 91})
    assert stale.status_code == 409
    row = session.execute(
        text("select session_id, tag from audit_stage where subject_id = :id order by id"), {"id": shown["id"]}
    ).all()
    token = session.scalars(select(ApiToken.id)).one()
    assert [tuple(each) for each in row] == [(token, "registry:camera:create"), (token, "registry:camera:change")]


FAULTS = [
    ({"name": ""}, "name", "required"),
    ({"name": None}, "name", "api_shape"),
    ({"name": "长" * 121}, "name", "too_long"),
    ({"name": 7}, "name", "api_shape"),
    ({"datum": "mars"}, "datum", "api_choice"),
    ({"lon": 200}, "lon", "api_most"),
    ({"lon": "114.1", "lat": "34"}, "lon", "outside_city"),
    ({"lat": "NaN"}, "lat", "api_shape"),
    ({"gb_code": "123"}, "gb_code", "device_code_length"),
    ({"position_types": [8, 4711]}, "position_types.1", "api_choice"),
    ({"retention_days": 9999}, "retention_days", "api_most"),
    ({"installed_on": "31/12/2020"}, "installed_on", "api_shape"),
    ({"managing_phone": "12345"}, "managing_phone", "phone_shape"),
    ({"zone": "moon"}, "zone", "api_zone"),
    ({"secret": True}, "secret", "api_unknown_field"),
    ({"district": "410502"}, "district", "api_unknown_field"),
]


def test_a_fault_is_named_with_its_field(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    for change, field, code in FAULTS:
        refused = filer.ask("POST", f"/systems/{ground.system.id}/cameras", {**CAMERA, **change})
        assert refused.status_code == 422, change
        assert refused.content_type == "application/problem+json"
        problem = ProblemAnswer.model_validate(refused.json)
        assert [(one.field, one.code) for one in problem.problems or ()] == [(field, code)], change
    assert session.scalar(select(func.count()).select_from(Camera)) == 1


def test_what_is_no_json_is_refused(client: FlaskClient, session: Session, ground: Ground) -> None:
    held = program(client, session, ground.filer)
    path = f"/api/v1/systems/{ground.system.id}/cameras"
    surrogate, deep = b'{"name": "\\ud800"}', b'{"name":' * 3000
    for raw in (b"", b"{", b"[]", b'"x"', b"\xff", surrogate, b"[" * 5000, deep, b"NaN"):
        headers = {"Authorization": f"Bearer {held.token}", "Idempotency-Key": secrets.token_urlsafe(18)}
        assert client.post(path, data=raw, content_type="application/json", headers=headers).status_code == 422
        assert client.post(path, data=raw, content_type="text/plain", headers=headers).status_code == 415


def test_a_nul_character_never_reaches_the_database(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    made = filer.ask(
        "POST", f"/systems/{ground.system.id}/cameras", {**CAMERA, "name": "南\x00门", "address": "\u202e路"}
    )
    assert made.status_code == 201
    assert (made.json["name"], made.json["address"]) == ("南门", "路")


def test_the_same_key_repeats_nothing(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    path, key = f"/systems/{ground.system.id}/cameras", "a-key-of-the-callers-own"
    first = filer.ask("POST", path, CAMERA, key=key)
    again = filer.ask("POST", path, CAMERA, key=key)
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replay"] == "true"
    assert session.scalar(select(func.count()).select_from(Camera)) == 2
    other = filer.ask("POST", path, {**CAMERA, "name": "北门"}, key=key)
    assert other.status_code == 422
    assert other.json["type"].endswith("idempotency_key_reused")
    stranger = program(client, session, ground.stranger)
    assert stranger.ask("POST", path, CAMERA, key=key).status_code == 404, "a key is its caller's own"
    bare = client.post(f"/api/v1{path}", json=CAMERA, headers={"Authorization": f"Bearer {filer.token}"})
    assert bare.status_code == 422
    assert bare.json["type"].endswith("idempotency_key_missing")


def test_a_system_and_its_filing_through_the_interface(client: FlaskClient, session: Session, ground: Ground) -> None:
    filer = program(client, session, ground.filer)
    unit = session.get(Unit, ground.system.unit_id)
    assert unit is not None
    entered = {
        "name": "宿舍区系统", "kind": "unit_internal", "regime": ground.system.regime, "district": unit.district,
        "address": "文峰大道", "retention_days": 90, "parties": {"user": "实验小学"},
    }  # fmt: skip
    assert filer.ask("POST", f"/units/{unit.id}/systems", {**entered, "district": "110101"}).status_code == 422
    made = filer.ask("POST", f"/units/{unit.id}/systems", entered)
    assert made.status_code == 201, made.text
    assert made.json["parties"] == {"user": "实验小学"}
    changed = filer.ask(
        "PATCH", f"/systems/{made.json['id']}", {"version": made.json["version"], "department": "保卫处"}
    )
    assert (changed.json["department"], changed.json["parties"]) == ("保卫处", {"user": "实验小学"})
    opened = filer.ask("POST", f"/systems/{made.json['id']}/filings", {"kind": "new"})
    assert opened.status_code == 201
    lacking = filer.ask(
        "POST", f"/filings/{opened.json['id']}/submit", {"version": opened.json["version"], "declared_by": "李建国"}
    )
    assert lacking.status_code == 422
    assert {"no_cameras"} <= {each["code"] for each in lacking.json["problems"]}
    assert all(each["message"] for each in lacking.json["problems"])
    papers(session, ground.world, ground.filer, ground.system)
    ready = filer.ask("POST", f"/systems/{ground.system.id}/filings", {"kind": "new"}).json
    handed_in = filer.ask(
        "POST", f"/filings/{ready['id']}/submit", {"version": ready["version"], "declared_by": "李建国"}
    )
    assert handed_in.status_code == 200, handed_in.text
    assert handed_in.json["status"] == "submitted"
    police = program(client, session, ground.registrar, *READS)
    assert [row["id"] for row in police.ask("GET", "/filings?status=submitted").json["items"]] == [ready["id"]]
    assert police.ask("GET", f"/filings/{opened.json['id']}").status_code == 404, "a draft is its unit's own"


# ---- the description ----


def test_the_description_is_whole(app: PortalApp, client: FlaskClient) -> None:
    found = client.get("/api/v1/openapi.json").json
    assert found["openapi"] == "3.1.0"
    described = {operation["operationId"] for path in found["paths"].values() for operation in path.values()}
    routes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
    }
    assert described == routes
    scopes = {operation["x-permission"] for path in found["paths"].values() for operation in path.values()}
    assert scopes - {str(Permission.TOKEN_OWN)} == {str(scope) for scope in TOKEN_SCOPES}
    names = found["components"]["schemas"]
    written = json.dumps(found)
    for reference in {part.split('"')[0] for part in written.split("#/components/schemas/")[1:]}:
        assert reference in names
        assert reference.replace("_", "").replace("-", "").isalnum()
    entered = names["CameraEntered"]["properties"]
    assert set(entered) == {each.key for each in TYPED} == set(CameraEntered.model_fields)
    assert {each.key for each in CAMERA_SHOWN} - {"managing_phone", "maintenance_phone"} <= set(
        names["CameraShown"]["properties"]
    )
    assert entered["name"]["title"] == "摄像机名称"
    english = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json
    assert english["components"]["schemas"]["CameraEntered"]["properties"]["name"]["title"] != "摄像机名称"
    assert names["Maker"]["x-labels"]["1"]
