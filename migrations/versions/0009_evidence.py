"""Footage requests, preservation holds, execution under two keys, the call register and the files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import append_only, grant, guard_rows

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ORGAN_OR_PERSON = (
    "requester_organ_id = any ((select portal_scope_organs())::uuid[]) or requester_id = (select portal_scope_person())"
)
OF_A_VISIBLE_REQUEST = "exists (select from footage_request r where r.id = request_id)"

# The database holds what no code path may step round: nothing is unlocked before approval nor by anybody but the
# assigned custodian, what was approved is what is carried out, and a sealed set stays as it was sealed.
GUARDS = """
create function footage_unlock_needs_approval() returns trigger language plpgsql as $$
begin
  if not exists (
    select from footage_request r where r.id = new.request_id and r.approved_at is not null
      and r.status in ('assigned', 'executing') and r.custodian_id = new.executor_id
  ) then
    raise exception 'footage request % is not approved and assigned to this person', new.request_id using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_unlock_needs_approval before insert on footage_unlock
  for each row execute function footage_unlock_needs_approval();

create function footage_request_is_frozen() returns trigger language plpgsql as $$
begin
  if old.status not in ('draft', 'returned') and (
    new.unit_id, new.requester_id, new.requester_kind, new.requester_name, new.instrument_kind, new.instrument_number,
    new.purpose, new.act, new.secret, new.case_number, new.case_name, new.summary, new.reason, new.copy_reason,
    new.content_sealed, new.span_from, new.span_to, new.number
  ) is distinct from (
    old.unit_id, old.requester_id, old.requester_kind, old.requester_name, old.instrument_kind, old.instrument_number,
    old.purpose, old.act, old.secret, old.case_number, old.case_name, old.summary, old.reason, old.copy_reason,
    old.content_sealed, old.span_from, old.span_to, old.number
  ) then
    raise exception 'footage request % was submitted: what it asks for is frozen', old.id using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_request_is_frozen before update on footage_request
  for each row execute function footage_request_is_frozen();

create function footage_request_part_is_frozen() returns trigger language plpgsql as $$
declare
  request uuid := case when tg_op = 'DELETE' then old.request_id else new.request_id end;
begin
  if exists (select from footage_request r where r.id = request and r.status not in ('draft', 'returned')) then
    raise exception 'footage request % was submitted: what it names is frozen', request using errcode = 'P0403';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger footage_request_camera_is_frozen before insert or delete on footage_request_camera
  for each row execute function footage_request_part_is_frozen();
create trigger footage_request_officer_is_frozen before insert or update or delete on footage_request_officer
  for each row execute function footage_request_part_is_frozen();

create function footage_set_is_sealed() returns trigger language plpgsql as $$
declare
  request uuid := case when tg_op = 'DELETE' then old.request_id else new.request_id end;
begin
  if tg_op = 'UPDATE' or exists (select from footage_manifest m where m.request_id = request) then
    raise exception 'the files of footage request % are sealed', request using errcode = 'P0403';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger footage_item_is_sealed before insert or update or delete on footage_item
  for each row execute function footage_set_is_sealed();

create function footage_handover_stands() returns trigger language plpgsql as $$
begin
  if old.acknowledged_at is not null or
    (to_jsonb(new) - 'acknowledged_by' - 'acknowledged_name' - 'acknowledged_at') is distinct from
    (to_jsonb(old) - 'acknowledged_by' - 'acknowledged_name' - 'acknowledged_at')
  then
    raise exception 'handover % stands as signed', old.id using errcode = 'P0403';
  end if;
  return new;
end $$;
create trigger footage_handover_stands before update on footage_handover
  for each row execute function footage_handover_stands();
"""
FUNCTIONS = (
    "footage_unlock_needs_approval",
    "footage_request_is_frozen",
    "footage_request_part_is_frozen",
    "footage_set_is_sealed",
    "footage_handover_stands",
)

CHILDREN = (
    "footage_request_camera",
    "footage_request_officer",
    "footage_request_reader",
    "footage_request_document",
    "footage_unlock",
    "footage_item",
    "footage_manifest",
    "footage_handover",
)


def upgrade() -> None:
    op.create_table(
        "footage_request_number",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_footage_request_number")),
    )
    op.create_table(
        "footage_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=True),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("requester_kind", sa.String(length=24), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requester_organ_id", sa.Uuid(), nullable=True),
        sa.Column("requester_name", sa.String(length=120), nullable=False),
        sa.Column("instrument_kind", sa.String(length=24), nullable=False),
        sa.Column("instrument_number", sa.String(length=80), server_default="", nullable=False),
        sa.Column("instrument_on", sa.Date(), nullable=True),
        sa.Column("supply_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_by_phone", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=True),
        sa.Column("secret", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("case_number", sa.String(length=80), nullable=True),
        sa.Column("case_name", sa.String(length=200), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("copy_reason", sa.Text(), nullable=True),
        sa.Column("content_sealed", sa.Text(), nullable=True),
        sa.Column("undertaking_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("span_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retention_days", sa.SmallInteger(), nullable=True),
        sa.Column("camera_count", sa.Integer(), nullable=False),
        sa.Column("rules_used", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("custodian_id", sa.Uuid(), nullable=True),
        sa.Column("custodian_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("archive_place_b", sa.String(length=200), server_default="", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "act in ('live', 'view', 'copy', 'film_screen', 'original')", name=op.f("ck_footage_request_act")
        ),
        sa.CheckConstraint(
            "instrument_kind in ('retrieval_notice', 'administrative_notice', 'procuratorate_notice', 'court_order', 'state_security_notice', 'certificate', 'introduction_letter', 'internal_slip', 'personal_application')",
            name=op.f("ck_footage_request_instrument_kind"),
        ),
        sa.CheckConstraint(
            "purpose in ('criminal_case', 'public_order', 'traffic', 'fire', 'stability', 'judicial', 'law_enforcement', 'emergency', 'food_safety', 'life_or_property')",
            name=op.f("ck_footage_request_purpose"),
        ),
        sa.CheckConstraint(
            "relation is null or relation in ('self', 'close_relative', 'guardian')",
            name=op.f("ck_footage_request_relation"),
        ),
        sa.CheckConstraint(
            "requester_kind <> 'individual' or act in ('live', 'view')",
            name=op.f("ck_footage_request_individual_views_only"),
        ),
        sa.CheckConstraint(
            "requester_kind in ('police_criminal', 'police_administrative', 'procuratorate', 'court', 'state_security', 'other_organ', 'outside_unit', 'resident_unit', 'own_department', 'own_member', 'individual')",
            name=op.f("ck_footage_request_requester_kind"),
        ),
        sa.CheckConstraint(
            "status in ('draft', 'in_approval', 'returned', 'approved', 'assigned', 'executing', 'viewed', 'sealed', 'handed_over', 'received', 'closed', 'not_supplied', 'refused', 'lapsed', 'withdrawn')",
            name=op.f("ck_footage_request_status"),
        ),
        sa.CheckConstraint(
            "status in ('draft', 'withdrawn') or number is not null", name=op.f("ck_footage_request_numbered")
        ),
        sa.CheckConstraint(
            "custodian_id is null or custodian_id <> requester_id", name=op.f("ck_footage_request_custodian")
        ),
        sa.CheckConstraint(
            "not secret or (case_number is null and case_name is null and summary is null and reason is null and copy_reason is null)",
            name=op.f("ck_footage_request_secret_is_sealed"),
        ),
        sa.CheckConstraint("secret or content_sealed is null", name=op.f("ck_footage_request_open_is_not_sealed")),
        sa.CheckConstraint("span_to > span_from", name=op.f("ck_footage_request_span")),
        sa.ForeignKeyConstraint(["custodian_id"], ["person.id"], name=op.f("fk_footage_request_custodian_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_footage_request_requester_id")),
        sa.ForeignKeyConstraint(
            ["requester_organ_id"], ["organ.id"], name=op.f("fk_footage_request_requester_organ_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["approval_run.id"], name=op.f("fk_footage_request_run_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_footage_request_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_request")),
        sa.UniqueConstraint("id", "requester_id", name="uq_footage_request_requester"),
        sa.UniqueConstraint("number", name=op.f("uq_footage_request_number")),
    )
    op.create_index("ix_footage_request_ask", "footage_request", ["ask_id"], unique=False)
    op.create_index(
        "ix_footage_request_organ_status", "footage_request", ["requester_organ_id", "status", "id"], unique=False
    )
    op.create_index("ix_footage_request_requester", "footage_request", ["requester_id", "id"], unique=False)
    op.create_index("ix_footage_request_unit_status", "footage_request", ["unit_id", "status", "id"], unique=False)
    op.create_table(
        "footage_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["footage_request.id"], name=op.f("fk_footage_notice_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_notice")),
        sa.UniqueConstraint("request_id", "person_id", "cause", name="uq_footage_notice_once"),
    )
    op.create_index("ix_footage_notice_person", "footage_notice", ["person_id", "sent_at"], unique=False)
    op.create_table(
        "footage_request_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('retrieval_notice', 'psb_certificate', 'unit_certificate', 'introduction_letter', 'handler_id', 'unit_application', 'department_stamp', 'relation_proof', 'work_id', 'police_id', 'undertaking', 'approval_slip', 'other')",
            name=op.f("ck_footage_request_document_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["footage_request.id"],
            name=op.f("fk_footage_request_document_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["stored_file_id"], ["stored_file.id"], name=op.f("fk_footage_request_document_stored_file_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_footage_request_document_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_request_document")),
    )
    op.create_index("ix_footage_request_document_request", "footage_request_document", ["request_id"], unique=False)
    op.create_table(
        "footage_request_officer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id_kind", sa.String(length=16), nullable=False),
        sa.Column("number_sealed", sa.Text(), nullable=False),
        sa.Column("number_masked", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "id_kind in ('police_number', 'work_id', 'identity_card')", name=op.f("ck_footage_request_officer_id_kind")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_footage_request_officer_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["footage_request.id"],
            name=op.f("fk_footage_request_officer_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "place", name=op.f("pk_footage_request_officer")),
    )
    op.create_table(
        "footage_request_reader",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_footage_request_reader_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["footage_request.id"],
            name=op.f("fk_footage_request_reader_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_footage_request_reader")),
    )
    op.create_table(
        "footage_unlock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("executor_id", sa.Uuid(), nullable=False),
        sa.Column("executor_name", sa.String(length=40), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("second_name", sa.String(length=40), nullable=False),
        sa.Column("workstation", sa.String(length=80), server_default="", nullable=False),
        sa.Column("no_phone_notice", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "executor_id <> requester_id and second_id <> requester_id",
            name=op.f("ck_footage_unlock_not_the_requester"),
        ),
        sa.CheckConstraint("executor_id <> second_id", name=op.f("ck_footage_unlock_two_people")),
        sa.ForeignKeyConstraint(["executor_id"], ["person.id"], name=op.f("fk_footage_unlock_executor_id")),
        sa.ForeignKeyConstraint(
            ["request_id", "requester_id"],
            ["footage_request.id", "footage_request.requester_id"],
            name="fk_footage_unlock_request",
        ),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_footage_unlock_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_unlock")),
    )
    op.create_index("ix_footage_unlock_request", "footage_unlock", ["request_id"], unique=False)
    op.create_table(
        "preservation_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("requester_organ_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), server_default="placed", nullable=False),
        sa.Column("span_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("release_asked_by", sa.Uuid(), nullable=True),
        sa.Column("release_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'released' or release_confirmed_by is not null",
            name=op.f("ck_preservation_hold_released_by_two"),
        ),
        sa.CheckConstraint(
            "status in ('placed', 'acknowledged', 'release_asked', 'released')",
            name=op.f("ck_preservation_hold_status"),
        ),
        sa.CheckConstraint(
            "release_confirmed_by is null or (release_asked_by is not null and release_confirmed_by <> release_asked_by)",
            name=op.f("ck_preservation_hold_two_people"),
        ),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["person.id"], name=op.f("fk_preservation_hold_acknowledged_by")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_preservation_hold_placed_by")),
        sa.ForeignKeyConstraint(
            ["release_asked_by"], ["person.id"], name=op.f("fk_preservation_hold_release_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["release_confirmed_by"], ["person.id"], name=op.f("fk_preservation_hold_release_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["footage_request.id"], name=op.f("fk_preservation_hold_request_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_preservation_hold_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preservation_hold")),
    )
    op.create_index("ix_preservation_hold_unit", "preservation_hold", ["unit_id", "status"], unique=False)
    op.create_index(
        "uq_preservation_hold_request",
        "preservation_hold",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'released'"),
    )
    op.create_table(
        "custody_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("unlock_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_name", sa.String(length=120), nullable=False),
        sa.Column("requester_organ_id", sa.Uuid(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("request_number", sa.String(length=24), nullable=False),
        sa.Column("requester_unit", sa.String(length=120), nullable=False),
        sa.Column("requester_people", sa.String(length=400), nullable=False),
        sa.Column("instrument", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("span_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("operator_name", sa.String(length=40), nullable=False),
        sa.Column("second_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("destination", sa.String(length=200), server_default="", nullable=False),
        sa.Column("note", sa.String(length=400), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "act in ('live_viewed', 'played_back', 'copied', 'screen_filmed', 'original_seized', 'registered', 'master_sealed', 'handed_over', 'received', 'archived', 'not_supplied')",
            name=op.f("ck_custody_entry_act"),
        ),
        sa.CheckConstraint(
            "purpose in ('criminal_case', 'public_order', 'traffic', 'fire', 'stability', 'judicial', 'law_enforcement', 'emergency', 'food_safety', 'life_or_property')",
            name=op.f("ck_custody_entry_purpose"),
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["person.id"], name=op.f("fk_custody_entry_operator_id")),
        sa.ForeignKeyConstraint(["request_id"], ["footage_request.id"], name=op.f("fk_custody_entry_request_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_custody_entry_unit_id")),
        sa.ForeignKeyConstraint(["unlock_id"], ["footage_unlock.id"], name=op.f("fk_custody_entry_unlock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_entry")),
        sa.UniqueConstraint("request_id", "seq", name="uq_custody_entry_seq"),
    )
    op.create_index("ix_custody_entry_at", "custody_entry", ["at", "id"], unique=False)
    op.create_index("ix_custody_entry_organ_at", "custody_entry", ["requester_organ_id", "at", "id"], unique=False)
    op.create_index("ix_custody_entry_unit_at", "custody_entry", ["unit_id", "at", "id"], unique=False)
    op.create_table(
        "footage_request_camera",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("zone", sa.String(length=40), server_default="", nullable=False),
        sa.Column("retention_days", sa.SmallInteger(), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=12), server_default="pending", nullable=False),
        sa.Column("outcome_note", sa.String(length=400), server_default="", nullable=False),
        sa.CheckConstraint(
            "outcome in ('pending', 'supplied', 'never_had', 'overwritten', 'device_down', 'refused')",
            name=op.f("ck_footage_request_camera_outcome"),
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_footage_request_camera_camera_id")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["footage_request.id"],
            name=op.f("fk_footage_request_camera_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "camera_id", name=op.f("pk_footage_request_camera")),
    )
    op.create_index(
        "ix_footage_request_camera_camera", "footage_request_camera", ["camera_id", "request_id"], unique=False
    )
    op.create_table(
        "footage_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("unlock_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("span_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset_seconds", sa.Integer(), nullable=False),
        sa.Column("stored_file_id", sa.Uuid(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_footage_item_sha256")),
        sa.CheckConstraint("size > 0", name=op.f("ck_footage_item_size")),
        sa.CheckConstraint("span_to > span_from", name=op.f("ck_footage_item_span")),
        sa.ForeignKeyConstraint(["entry_id"], ["custody_entry.id"], name=op.f("fk_footage_item_entry_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_footage_item_registered_by")),
        sa.ForeignKeyConstraint(
            ["request_id", "camera_id"],
            ["footage_request_camera.request_id", "footage_request_camera.camera_id"],
            name="fk_footage_item_camera",
        ),
        sa.ForeignKeyConstraint(["stored_file_id"], ["stored_file.id"], name=op.f("fk_footage_item_stored_file_id")),
        sa.ForeignKeyConstraint(["unlock_id"], ["footage_unlock.id"], name=op.f("fk_footage_item_unlock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_item")),
        sa.UniqueConstraint("request_id", "sha256", name="uq_footage_item_sha256"),
    )
    op.create_table(
        "footage_manifest",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed_by", sa.Uuid(), nullable=False),
        sa.Column("sealed_name", sa.String(length=40), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["custody_entry.id"], name=op.f("fk_footage_manifest_entry_id")),
        sa.ForeignKeyConstraint(["request_id"], ["footage_request.id"], name=op.f("fk_footage_manifest_request_id")),
        sa.ForeignKeyConstraint(["sealed_by"], ["person.id"], name=op.f("fk_footage_manifest_sealed_by")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_footage_manifest")),
    )
    op.create_table(
        "footage_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_digest", sa.String(length=64), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("giver_name", sa.String(length=40), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_name", sa.String(length=80), nullable=False),
        sa.Column("witness_id", sa.Uuid(), nullable=False),
        sa.Column("witness_name", sa.String(length=40), nullable=False),
        sa.Column("medium", sa.String(length=20), nullable=False),
        sa.Column("medium_serial", sa.String(length=80), nullable=False),
        sa.Column("copy_serial", sa.String(length=40), nullable=False),
        sa.Column("destination", sa.String(length=200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "medium in ('disc', 'usb_drive', 'hard_disk', 'intranet', 'original_medium')",
            name=op.f("ck_footage_handover_medium"),
        ),
        sa.CheckConstraint(
            "(acknowledged_at is null) = (acknowledged_by is null)", name=op.f("ck_footage_handover_acknowledged")
        ),
        sa.CheckConstraint(
            "acknowledged_by is null or acknowledged_by <> giver_id",
            name=op.f("ck_footage_handover_acknowledged_by_other"),
        ),
        sa.CheckConstraint(
            "receiver_id is null or receiver_id <> giver_id", name=op.f("ck_footage_handover_giver_is_not_receiver")
        ),
        sa.CheckConstraint(
            "receiver_id is null or receiver_id <> witness_id", name=op.f("ck_footage_handover_witness_is_not_receiver")
        ),
        sa.CheckConstraint("witness_id <> giver_id", name=op.f("ck_footage_handover_witness_is_not_giver")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["person.id"], name=op.f("fk_footage_handover_acknowledged_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["custody_entry.id"], name=op.f("fk_footage_handover_entry_id")),
        sa.ForeignKeyConstraint(["giver_id"], ["person.id"], name=op.f("fk_footage_handover_giver_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["person.id"], name=op.f("fk_footage_handover_receiver_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["footage_manifest.request_id"], name=op.f("fk_footage_handover_request_id")
        ),
        sa.ForeignKeyConstraint(["witness_id"], ["person.id"], name=op.f("fk_footage_handover_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_handover")),
        sa.UniqueConstraint("request_id", "copy_serial", name="uq_footage_handover_copy"),
    )

    op.create_foreign_key(op.f("fk_approval_run_unit_id"), "approval_run", "unit", ["unit_id"], ["id"])
    op.execute(GUARDS)
    grant_all()
    for table in ("footage_request", "custody_entry", "preservation_hold"):
        by = ORGAN_OR_PERSON.replace("requester_id", "placed_by") if table == "preservation_hold" else ORGAN_OR_PERSON
        guard_rows(table, district=None, extra=by)
    for table in CHILDREN:
        guard_rows(table, unit=None, district=None, extra=OF_A_VISIBLE_REQUEST)
    for table in ("custody_entry", "footage_unlock", "footage_manifest", "footage_request_document"):
        append_only(table)


def grant_all() -> None:
    for table in ("footage_request", "footage_request_number", "preservation_hold", "footage_handover"):
        grant(table, app="select, insert, update")
    for table in ("footage_request_camera", "footage_request_officer", "footage_request_reader"):
        grant(table)
    for table in ("custody_entry", "footage_unlock", "footage_manifest", "footage_request_document"):
        grant(table, app="select, insert")
    grant("footage_item", app="select, insert, delete")
    # A notice names a person and a request and nothing else: it is its reader's own, and jobs write it.
    grant("footage_notice", app="select, insert")
    guard_rows("footage_notice", unit=None, district=None, extra="person_id = (select portal_scope_person())")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_approval_run_unit_id"), "approval_run", type_="foreignkey")
    op.drop_table("footage_handover")
    op.drop_table("footage_manifest")
    op.drop_table("footage_item")
    op.drop_table("footage_request_camera")
    op.drop_table("custody_entry")
    op.drop_table("preservation_hold")
    op.drop_table("footage_unlock")
    op.drop_table("footage_request_reader")
    op.drop_table("footage_request_officer")
    op.drop_table("footage_request_document")
    op.drop_table("footage_notice")
    op.drop_table("footage_request")
    op.drop_table("footage_request_number")

    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
